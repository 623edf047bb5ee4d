"""Message ids and dates: RFC 5322 sections 3.3 and 3.6.4."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from channels.email.headers import Headers, decode_header, unfold
from channels.email.limits import REFERENCES


BRACKETED = re.compile(rb"<\s*([^<>]{1,990}?)\s*>")
BARE = re.compile(rb"[^\s<>,;]{1,500}@[^\s<>,;]{1,490}")
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
DATE_CHARS = 200
DATE = re.compile(
    r"(?:[a-z]{3},?\s*)?\d{1,2}\s+[a-z]{3,9}\s+\d{2,4}\s+\d{1,2}:\d\d(?::\d\d)?"
    r"(?:\s*(?:[+-]\d{4}|[a-z]{1,5}\b))?",
    re.IGNORECASE,
)


def message_ids(raw: bytes) -> list[str]:
    """Return the ids in a field, each in angle brackets, in their order."""
    line = unfold(raw)
    found = _bracketed(line)
    if not found and b"=?" in line:
        # RFC 2047 section 5 forbids it, and Python's own library does it to a long In-Reply-To
        found = _bracketed(decode_header(raw).encode("utf-8", "replace"))
    if not found:
        found = BARE.findall(line)
    return [f"<{one.decode('utf-8', 'replace')}>" for one in found if one]


def _bracketed(line: bytes) -> list[bytes]:
    return [re.sub(rb"\s+", b"", match[1]) for match in BRACKETED.finditer(line)]


def message_id(headers: Headers) -> str | None:
    """Return the id of a mail; None when it has none."""
    for raw in headers.raws("message-id"):
        if ids := message_ids(raw):
            return ids[0]
        if bare := unfold(raw).strip():
            return f"<{bare.decode('utf-8', 'replace').strip('<>')}>"
    return None


def references(headers: Headers) -> list[str]:
    """Return the ids of References as sent, oldest first; the middle of a long list is cut."""
    ids = [one for raw in headers.raws("references") for one in message_ids(raw)]
    if len(ids) > REFERENCES:
        return [ids[0], *ids[1 - REFERENCES :]]
    return ids


def read_date(raw: bytes) -> datetime | None:
    """Return an aware time; None when the field says none. An unknown zone is read as UTC."""
    line = unfold(raw).decode("ascii", "replace").strip()[:DATE_CHARS]
    if not line:
        return None
    return _iso(line) or _beginning(line) or _rfc(line)


def _beginning(line: str) -> datetime | None:
    """Read a date that something else was written behind."""
    found = DATE.match(line)
    return _rfc(found[0]) if found else None


def _rfc(line: str) -> datetime | None:
    try:
        parts = parsedate_tz(line)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if parts is None:
        return None
    year, month, day, hour, minute, second, *_, offset = parts
    try:
        zone = timezone(timedelta(seconds=offset)) if offset else UTC
    except (ValueError, OverflowError):
        zone = UTC
    try:
        # a leap second is the last second of its minute
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, OverflowError, TypeError):
        return None


def _iso(line: str) -> datetime | None:
    found = ISO.match(line)
    if not found:
        return None
    try:
        time = datetime.fromisoformat(found[0])
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
