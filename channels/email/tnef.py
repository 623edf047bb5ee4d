"""winmail.dat: what Outlook packs when it believes the reader to be Exchange."""

import logging

import msgspec
from tnefparse import TNEF

from channels.email.charsets import decode_bytes
from channels.email.limits import TNEF_BYTES


logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)

SIGNATURE = b"\x78\x9f\x3e\x22"
TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


class Unpacked(msgspec.Struct, frozen=True):
    """The content of a winmail.dat."""

    files: tuple[tuple[str, bytes], ...]
    text: str = ""
    html: str = ""


def is_tnef(mime: str, name: str, data: bytes) -> bool:
    """Tell a winmail.dat by its type, or by its name when the type says nothing."""
    named = mime in TYPES or name.lower() in ("winmail.dat", "win.dat")
    return named and data.startswith(SIGNATURE)


def unpack(data: bytes, warnings: set[str]) -> Unpacked | None:
    """Return what is inside; None when it cannot be opened and stays a file."""
    if len(data) > TNEF_BYTES:
        warnings.add("tnef.too_big")
        return None
    try:
        tnef = TNEF(data, do_checksum=False)
        files = tuple(
            (_text(attachment.long_filename()), bytes(attachment.data or b""))
            for attachment in tnef.attachments
            if attachment.data
        )
        return Unpacked(files, _text(tnef.body), _text(tnef.htmlbody))
    except Exception:  # noqa: BLE001 - the library trusts every length it reads
        warnings.add("tnef.broken")
        return None


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else b""
    if isinstance(value, bytes):
        value = decode_bytes(value)
    return str(value or "").replace("\0", "").strip()
