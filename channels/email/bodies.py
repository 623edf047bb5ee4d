"""Walks the tree of a mail and sorts it into what is read, what is shown and what is a file."""

import re

import msgspec

from channels.email.attachments import (
    MESSAGES,
    Attachment,
    content_id_of,
    filename_of,
    likely_name,
    make_attachment,
    name_of_message,
    type_of,
)
from channels.email.charsets import decode_bytes
from channels.email.entities import Entity
from channels.email.html import from_text
from channels.email.invites import read_invites
from channels.email.tnef import is_tnef, unpack
from channels.email.transfer import UU_BLOCK, decode_uu
from inbox.contract import CalendarEvent


class Block(msgspec.Struct):
    """A stretch of the text: as plain text, as HTML, or as both when they are alternatives."""

    plain: str | None = None
    html: str | None = None


class Content(msgspec.Struct):
    """A mail taken apart.

    Attributes:
        blocks: What is read, in order.
        messages: Forwarded mails, raw.
        referenced: Parts that can only be placed once the HTML is known.
    """

    blocks: list[Block] = []
    files: list[Attachment] = []
    events: list[CalendarEvent] = []
    messages: list[bytes] = []


READABLE = frozenset(
    {"text/plain", "text/html", "text/enriched", "text/richtext", "text/x-markdown"}
)
SIGNATURES = {
    "application/pgp-signature": "signed.pgp",
    "application/pkcs7-signature": "signed.smime",
    "application/x-pkcs7-signature": "signed.smime",
}
ENCRYPTED = {
    "application/pgp-encrypted": "encrypted.pgp",
    "application/pkcs7-mime": "encrypted.smime",
    "application/x-pkcs7-mime": "encrypted.smime",
}
IGNORED_ALTERNATIVES = frozenset({"text/x-amp-html", "text/watch-html"})
META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
ENRICHED = re.compile(r"</?[a-zA-Z-]{1,60}>")


def body_charset(root: Entity) -> str | None:
    """Return the first charset a text part declares: a hint for 8-bit header fields."""
    for entity in root.walk():
        if entity.main_type == "text" and (label := entity.content_type.label("charset")):
            return label
    return None


class Collector:
    """One walk over the tree of a mail."""

    def __init__(self, warnings: set[str], hint: str | None) -> None:
        self.warnings = warnings
        self.hint = hint
        self.content = Content()

    def visit(self, entity: Entity) -> None:
        """Sort a part and everything below it."""
        if entity.children:
            self._visit_multipart(entity)
        elif entity.main_type == "multipart":
            # too deep or empty: kept as it came
            self._add_file(entity, entity.body())
        elif entity.type in MESSAGES:
            self._visit_message(entity)
        else:
            self._visit_leaf(entity)

    def _visit_multipart(self, entity: Entity) -> None:
        if entity.type == "multipart/alternative":
            self._visit_alternative(entity)
            return
        if entity.type == "multipart/encrypted":
            self.warnings.add("encrypted.pgp")
        for child in entity.children:
            self.visit(child)

    def _visit_alternative(self, entity: Entity) -> None:
        """Take the plain and the HTML reading as one block."""
        before = self.content.blocks
        plains: list[str] = []
        htmls: list[str] = []
        for child in entity.children:
            if child.type in IGNORED_ALTERNATIVES:
                continue
            self.content.blocks = []
            self.visit(child)
            inner = self.content.blocks
            if any(block.html is not None for block in inner):
                htmls.append(html_of(inner))
                if child.children:  # an alternative inside: its plain reading counts as well
                    plains += [block.plain for block in inner if block.plain]
            else:
                plains += [block.plain for block in inner if block.plain]
        self.content.blocks = before
        if plains or htmls:
            plain = next((one for one in plains if one.strip()), plains[0] if plains else None)
            self.content.blocks.append(Block(plain, htmls[-1] if htmls else None))

    def _visit_message(self, entity: Entity) -> None:
        content = entity.content()
        name = filename_of(entity, self.hint) or name_of_message(content)
        self.content.files.append(make_attachment(content, entity.type, name))
        self.content.messages.append(content)

    def _visit_leaf(self, entity: Entity) -> None:
        name = filename_of(entity, self.hint)
        if self._is_read(entity, name):
            self._add_text(entity)
            return
        data = entity.content()
        kind = SIGNATURES.get(entity.type) or ENCRYPTED.get(entity.type)
        if entity.content_type.label("smime-type").lower() in ("signed-data", "certs-only"):
            kind = "signed.smime"
        if kind:
            self.warnings.add(kind)
        if is_tnef(entity.type, name, data) and self._add_unpacked(data):
            return
        if entity.type == "text/calendar" or name.lower().endswith(".ics"):
            method = entity.content_type.label("method")
            self.content.events += read_invites(data, method, self.warnings)
        self._add_file(entity, data, name)

    def _is_read(self, entity: Entity, name: str) -> bool:
        """Tell a part of the text from a file that happens to be text."""
        if entity.main_type != "text" and "/" in entity.type:
            return False
        if entity.disposition.value == "attachment":
            return False
        if entity.type not in READABLE:
            known = ("text/calendar", "text/rfc822-headers", "text/csv", "text/vcard")
            return not name and entity.type not in known and "vcard" not in entity.type
        return not (name and self.content.blocks)

    def _add_text(self, entity: Entity) -> None:
        data = entity.content()
        label = entity.content_type.label("charset")
        if entity.type == "text/html":
            found = META_CHARSET.search(data[:2048]) if not label else None
            text = decode_bytes(data, found[1].decode("ascii") if found else label, self.hint)
            self.content.blocks.append(Block(html=text))
            return
        text = decode_bytes(self._without_uu(data), label, self.hint)
        if entity.type in ("text/enriched", "text/richtext"):
            text = ENRICHED.sub("", text)
        self.content.blocks.append(Block(plain=text))

    def _without_uu(self, data: bytes) -> bytes:
        """Take files out that are uuencoded inside the text."""
        if b"begin " not in data:
            return data
        for found in list(UU_BLOCK.finditer(data))[:100]:
            name = found[1].decode("utf-8", "replace")
            self.content.files.append(make_attachment(decode_uu(found[2]), type_of(name), name))
        return UU_BLOCK.sub(b"", data)

    def _add_unpacked(self, data: bytes) -> bool:
        unpacked = unpack(data, self.warnings)
        if unpacked is None:
            return False
        for name, content in unpacked.files:
            self.content.files.append(make_attachment(content, type_of(name), name))
        if not self.content.blocks and (unpacked.text or unpacked.html):
            self.content.blocks.append(Block(unpacked.text or None, unpacked.html or None))
        return bool(unpacked.files or unpacked.text or unpacked.html)

    def _add_file(self, entity: Entity, data: bytes, name: str = "") -> None:
        content_id = content_id_of(entity.headers)
        name = name or likely_name(entity, self.hint)
        self.content.files.append(
            make_attachment(
                data,
                entity.type,
                name,
                content_id=content_id,
                disposition=entity.disposition.value
                if entity.disposition.value == "inline"
                else "",
            )
        )


def html_of(blocks: list[Block]) -> str:
    """Return blocks as one HTML document, plain ones as preformatted text."""
    pieces = []
    for block in blocks:
        if block.html is not None:
            pieces.append(block.html)
        elif block.plain and block.plain.strip():
            pieces.append(from_text(block.plain.strip("\n")))
    return "\n".join(pieces)
