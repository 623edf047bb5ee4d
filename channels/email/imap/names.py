"""Strings as IMAP wants them."""

import re
from base64 import b64decode, b64encode


CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
PRINTABLE = re.compile(r"[^\x20-\x7e]+|&")


def quoted(text: str) -> str:
    """Return a quoted string (RFC 3501 section 4.3).

    Raises:
        ValueError: It has a control character, which would end the line or worse.
    """
    if CONTROL.search(text):
        raise ValueError("control characters cannot be quoted")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def mailbox(name: str) -> str:
    """Return a mailbox name quoted in modified UTF-7 (RFC 3501 section 5.1.3)."""
    return quoted(PRINTABLE.sub(_shift, name))


def _shift(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    coded = b64encode(match[0].encode("utf-16-be"), b"+,").decode().rstrip("=")
    return f"&{coded}-"


def decoded(name: str) -> str:
    """Return a mailbox name read from modified UTF-7; broken shifts stay as they are."""
    return SHIFTED.sub(_unshift, name)


def _unshift(match: re.Match[str]) -> str:
    if not match[1]:
        return "&"
    try:
        padded = match[1] + "=" * (-len(match[1]) % 4)
        return b64decode(padded, b"+,").decode("utf-16-be")
    except ValueError:
        return match[0]
