"""Files of a mail: their names, their kind, and whether they are shown inside the text."""

import hashlib
import re
from mimetypes import guess_extension, guess_type

import msgspec

from channels.email.entities import Entity
from channels.email.headers import Headers, split_headers
from channels.email.parameters import safe_filename


class Attachment(msgspec.Struct, frozen=True):
    """A file of a mail.

    Attributes:
        mime: The type it was sent as, in lower case.
        size: Bytes of the decoded content.
        sha256: Lower-case hex digest of the decoded content.
        content_id: Without angle brackets.
        disposition: ``inline`` when it is shown inside the text.
        data: The decoded content.
    """

    filename: str
    mime: str
    size: int
    sha256: str
    content_id: str | None
    disposition: str
    data: bytes


EXTENSIONS = {
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
NAMES = {
    "application/pgp-signature": "signature",
    "application/pkcs7-mime": "smime",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-mime": "smime",
    "application/x-pkcs7-signature": "smime",
    "message/delivery-status": "delivery-status",
    "message/disposition-notification": "read-receipt",
    "text/calendar": "invite",
    "text/html": "document",
    "text/plain": "document",
    "text/rfc822-headers": "headers",
}
FILE = re.compile(r"[^/\\\s]{1,100}\.[A-Za-z0-9]{2,5}")
MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})


def make_attachment(
    data: bytes, mime: str, name: str, *, content_id: str | None = None, disposition: str = ""
) -> Attachment:
    """Return a file, named for what it is when it has no name."""
    return Attachment(
        filename=safe_filename(name) or _default_name(mime),
        mime=mime or "application/octet-stream",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        content_id=content_id,
        disposition=disposition or "attachment",
        data=data,
    )


def filename_of(entity: Entity, hint: str | None = None) -> str:
    """Return the name a part was sent with: RFC 2231, then RFC 2047 in quotes, then ``name``."""
    return (
        entity.disposition.text("filename", hint)
        or entity.disposition.text("name", hint)
        or entity.content_type.text("name", hint)
        or entity.content_type.text("filename", hint)
    )


def likely_name(entity: Entity, hint: str | None = None) -> str:
    """Return a name from what else a part says of itself; empty when it says nothing."""
    location = entity.headers.text("content-location", hint)
    if location and FILE.fullmatch(location.rpartition("/")[2]):
        return location.rpartition("/")[2]
    local = (content_id_of(entity.headers) or "").partition("@")[0]
    if FILE.fullmatch(local):
        return local
    described = entity.headers.text("content-description", hint)
    if described and not FILE.fullmatch(described):
        return described + extension_of(entity.type)
    return described


def type_of(name: str) -> str:
    """Return the media type a file name stands for."""
    return guess_type(name)[0] or "application/octet-stream"


def extension_of(mime: str) -> str:
    """Return the usual extension of a media type; empty for bytes of any kind."""
    if mime == "application/octet-stream":
        return ""
    return EXTENSIONS.get(mime) or guess_extension(mime) or ""


def content_id_of(headers: Headers) -> str | None:
    """Return a part's Content-ID without angle brackets."""
    raw = headers.raw("content-id").decode("utf-8", "replace")
    value = "".join(raw.split()).strip("<>")
    return value[:500] or None


def name_of_message(content: bytes) -> str:
    """Return a file name for a forwarded mail: its subject."""
    start = len(content) - len(content.lstrip())
    headers, _ = split_headers(content, start, len(content), set())
    subject = headers.text("subject")
    return f"{subject}.eml" if subject else "message.eml"


def _default_name(mime: str) -> str:
    main = mime.partition("/")[0]
    stem = NAMES.get(mime) or (main if main in ("image", "audio", "video", "message") else "file")
    return stem + extension_of(mime)
