"""Taking values out of an update, whatever is really there."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias


Object: TypeAlias = Mapping[str, Any]
NOTHING: Object = {}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = 32503680000  # the year 3000
NAME = 200  # characters of a name
LONE = re.compile("[\ud800-\udfff]")


def obj(value: Any) -> Object:
    """Return an object; an empty one when it is something else."""
    return value if isinstance(value, dict) else NOTHING


def items(value: Any) -> Sequence[Any]:
    """Return a list; an empty one when it is something else."""
    return value if isinstance(value, list) else ()


def whole(value: Any) -> int | None:
    """Return a whole number; Telegram's ids have 52 bits, dates and sizes fewer."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: Any) -> float | None:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e12 else None


def text(value: object) -> str:
    """Return a text without what no database holds; "" when it is something else.

    What is replaced keeps its place, for offsets refer to it.
    """
    if not isinstance(value, str):
        return ""
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return LONE.sub("\ufffd", value)
    return value


def word(value: Any) -> str:
    """Return a short text or a number as text."""
    found = whole(value)
    return str(found) if found is not None else text(value)[:NAME]


def moment(value: Any) -> datetime | None:
    """Return a time that was given in seconds since 1970; 0 is none."""
    seconds = whole(value)
    if seconds is None or not 0 < seconds < LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def length_of(value: Any) -> timedelta | None:
    """Return a duration that was given in seconds."""
    seconds = whole(value)
    return timedelta(seconds=seconds) if seconds is not None and 0 <= seconds < 1e8 else None


def name_of(someone: Object) -> str:
    """Return what a user or a chat is called."""
    parts = (text(someone.get("first_name")), text(someone.get("last_name")))
    called = " ".join(filter(None, parts)) or text(someone.get("title"))
    if not called and (username := text(someone.get("username"))):
        called = f"@{username}"
    return called.strip()[:NAME]
