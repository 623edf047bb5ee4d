"""Names of mails in the journal, and the account's mark of how far it has read.

A journal key is ``<folder>/<UIDVALIDITY>/<UID>/<fingerprint of the header>``. The fingerprint
tells, when a server has numbered a folder anew, which mails are known without fetching them.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import msgspec


FIELDS = ("message-id", "date", "from", "subject")
HEADER = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS).upper()})]"
FIELD = re.compile(
    rb"^(message-id|date|from|subject)[ \t]*:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE
)
HEADER_LIMIT = 256 << 10  # bytes of a mail searched for its header


class Key(msgspec.Struct, frozen=True):
    """A journal key, taken apart."""

    folder: str
    uidvalidity: int
    uid: int
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.folder}/{self.uidvalidity}/{self.uid}/{self.fingerprint}"


class Known(msgspec.Struct):
    """What the journal has of one folder.

    Attributes:
        uids: UIDs under the present UIDVALIDITY.
        now: How often each fingerprint is among them.
        before: How often each fingerprint was there under any earlier UIDVALIDITY.
    """

    uids: set[int]
    now: Counter[str]
    before: Counter[str]

    def add(self, uid: int, fingerprint: str) -> None:
        """Note a mail that is in the journal now."""
        self.uids.add(uid)
        self.now[fingerprint] += 1


def read_key(text: str) -> Key | None:
    """Take a journal key apart; None when it is none of a mail."""
    parts = text.rsplit("/", 3)
    if len(parts) != 4 or not (parts[1].isdigit() and parts[2].isdigit()):
        return None
    return Key(parts[0], int(parts[1]), int(parts[2]), parts[3])


def known_mails(keys: Iterable[str], folder: str, uidvalidity: int) -> Known:
    """Return what the journal has of a folder, from keys that begin with its name."""
    known = Known(set(), Counter(), Counter())
    earlier: dict[int, Counter[str]] = {}
    for text in keys:
        key = read_key(text)
        if key is None or key.folder != folder:
            continue
        if key.uidvalidity == uidvalidity:
            known.add(key.uid, key.fingerprint)
        else:
            earlier.setdefault(key.uidvalidity, Counter())[key.fingerprint] += 1
    for counter in earlier.values():
        known.before |= counter
    return known


def fingerprint(mail: bytes | bytearray) -> str:
    """Return the fingerprint of a mail, or of the four fields of its header it is made of."""
    head = bytes(mail[:HEADER_LIMIT]).replace(b"\r\n", b"\n")
    head = head.partition(b"\n\n")[0]
    found: dict[bytes, list[bytes]] = {}
    for match in FIELD.finditer(head):
        found.setdefault(match[1].lower(), []).append(b" ".join(match[2].split()))
    text = b"\0".join(b"\1".join(found.get(name.encode(), [])) for name in FIELDS)
    return sha256(text).hexdigest()[:16]


class FolderMark(msgspec.Struct):
    """How far a folder was read.

    Attributes:
        uid: The highest UID looked at.
        first_uid: Mails before it are not wanted; None after the folder was numbered anew.
        since: Mails before it are not wanted; None when all are.
    """

    uidvalidity: int
    uid: int
    first_uid: int | None = None
    since: datetime | None = None


class Cursor(msgspec.Struct):
    """The account's cursor: a mark per folder. It is a hint; the journal knows what is there."""

    folders: dict[str, FolderMark] = msgspec.field(default_factory=dict)

    def dump(self) -> str:
        """Return it as text."""
        return msgspec.json.encode(self).decode()


def read_cursor(text: str | None) -> Cursor:
    """Return a stored cursor; a new one when there is none that can be read."""
    try:
        return msgspec.json.decode(text or "{}", type=Cursor)
    except msgspec.DecodeError:
        return Cursor()
