"""Office hours: whether somebody should be there, and when they will be next."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from channels.webchat.account import DAYS, Hours, clock_of


AHEAD = 400  # days looked ahead for the next opening: holidays may be a year's


def is_open(hours: Hours, moment: datetime) -> bool:
    """Say whether the office is open at ``moment``."""
    if hours.always:
        return True
    local = moment.astimezone(ZoneInfo(hours.zone))
    return any(start <= local < end for start, end in _spans(hours, local))


def opens_at(hours: Hours, moment: datetime) -> datetime | None:
    """Return when the office opens next; None when it is open, or never opens again."""
    if is_open(hours, moment):
        return None
    local = moment.astimezone(ZoneInfo(hours.zone))
    for days in range(AHEAD):
        for start, _ in _spans(hours, local + timedelta(days=days)):
            if start > local:
                return start
    return None


def _spans(hours: Hours, day: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when the office is open on the day of ``day``, in its own zone."""
    if day.date().isoformat() in hours.holidays:
        return
    for start, end in sorted(hours.week.get(DAYS[day.weekday()], ())):
        first, last = clock_of(start), clock_of(end)
        if first is None:
            continue
        opening = datetime.combine(day.date(), first, day.tzinfo)
        if last is None:
            closing = datetime.combine(day.date() + timedelta(days=1), first.min, day.tzinfo)
        else:
            closing = datetime.combine(day.date(), last, day.tzinfo)
        yield opening, closing
