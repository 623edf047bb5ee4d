"""Signing what is sent, for servers that do not sign themselves (RFC 6376)."""

from dkim import DKIM, DKIMException

from channels.email.account import Dkim


HEADERS = (
    b"from",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
)
OVERSIGNED = HEADERS  # nobody can add a second one of them


class BadKey(Exception):
    """The DKIM key cannot be used."""


def sign(raw: bytes, settings: Dkim, key: str) -> bytes:
    """Return the mail with a signature in front; it takes milliseconds, so call it in a thread.

    Raises:
        BadKey: The key is not a private key in PEM.
    """
    signer = DKIM(raw)
    present = [name for name in HEADERS for field, _ in signer.headers if field.lower() == name]
    try:
        signature = signer.sign(
            settings.selector.encode(),
            settings.domain.encode(),
            key.encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*present, *OVERSIGNED],
        )
    except (DKIMException, ValueError) as error:
        raise BadKey(str(error)) from error
    return bytes(signature) + raw
