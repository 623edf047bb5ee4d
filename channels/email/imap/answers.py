"""Reading the answers of an IMAP server."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from channels.email.imap.framer import Parts
from channels.email.imap.names import decoded


UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
INTERNALDATE = re.compile(rb'\bINTERNALDATE "([^"]+)"', re.IGNORECASE)
UIDVALIDITY = re.compile(rb"\bUIDVALIDITY (\d+)", re.IGNORECASE)
UIDNEXT = re.compile(rb"\bUIDNEXT (\d+)", re.IGNORECASE)
EXISTS = re.compile(rb"^(\d+) EXISTS", re.IGNORECASE)
BODY = re.compile(rb'\bBODY\[[^\]]*\](?:<\d+>)? (?:NIL|"((?:[^"\\]|\\.)*)")', re.IGNORECASE)
LIST = re.compile(rb'^LIST \(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)$', re.IGNORECASE)


class Selected(msgspec.Struct, frozen=True):
    """What the server says of a mailbox when it is selected."""

    uidvalidity: int
    uidnext: int | None
    exists: int


class Folder(msgspec.Struct, frozen=True):
    """A mailbox of the account, with its flags in lower case."""

    name: str
    flags: frozenset[str]


class Fetched(msgspec.Struct, frozen=True):
    """One mail, or the part of it that was asked for; no body when none was sent."""

    uid: int
    size: int
    at: datetime | None
    body: bytes | bytearray | None


def selected(lines: Sequence[bytes]) -> Selected:
    """Read the answer to SELECT."""
    text = b"\n".join(lines)
    return Selected(
        _number(UIDVALIDITY, text) or 0,
        _number(UIDNEXT, text),
        next((int(found[1]) for line in lines if (found := EXISTS.match(line))), 0),
    )


def uidnext_of(lines: Sequence[bytes]) -> int | None:
    """Read UIDNEXT from the answer to STATUS."""
    return _number(UIDNEXT, b"\n".join(lines))


def found_uids(lines: Iterable[bytes]) -> list[int]:
    """Read the answer to UID SEARCH, which may come in several lines; ascending."""
    numbers = {
        int(word)
        for line in lines
        if line[:6].upper() == b"SEARCH"
        for word in line[6:].split()
        if word.isdigit()
    }
    return sorted(numbers)


def folders(lines: Sequence[bytes | bytearray]) -> list[Folder]:
    """Read the answer to LIST; a name may be an atom, quoted, or a literal on its own."""
    found = []
    for index, line in enumerate(lines):
        match = LIST.match(line)
        if match is None:
            continue
        name = match[2]
        if name.endswith(b"}") and index + 1 < len(lines):
            name = bytes(lines[index + 1])
        elif name.startswith(b'"'):
            name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
        flags = frozenset(match[1].decode("ascii", "replace").lower().split())
        found.append(Folder(decoded(name.decode("utf-8", "replace")), flags))
    return found


def fetched(parts: Parts) -> Fetched | None:
    """Read a FETCH response with at most one literal; None without a UID.

    A body may also come as a quoted string, or as NIL when it is empty.
    """
    text = b" ".join(bytes(part) for part in (parts[0], *parts[2:]))
    uid = _number(UID, text)
    if uid is None:
        return None
    date = INTERNALDATE.search(text)
    body = parts[1] if len(parts) > 1 else _quoted_body(text)
    return Fetched(uid, _number(SIZE, text) or 0, _date(date[1]) if date else None, body)


def _quoted_body(text: bytes) -> bytes | None:
    match = BODY.search(text)
    if match is None:
        return None
    return re.sub(rb"\\(.)", rb"\1", match[1] or b"")


def _number(pattern: re.Pattern[bytes], text: bytes) -> int | None:
    match = pattern.search(text)
    return int(match[1]) if match else None


def _date(text: bytes) -> datetime | None:
    try:
        return datetime.strptime(text.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None
