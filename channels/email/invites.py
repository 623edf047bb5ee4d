"""Invitations: iCalendar (RFC 5545) as sent by RFC 5546 methods."""

from typing import Any

from icalendar import Calendar

from channels.email.headers import show
from channels.email.limits import CALENDAR_BYTES
from inbox.contract import CalendarEvent


EVENTS = 20  # events shown of one calendar


def read_invites(data: bytes, method: str, warnings: set[str]) -> tuple[CalendarEvent, ...]:
    """Return the events of a calendar; empty when it cannot be read.

    Args:
        data: The calendar.
        method: The ``method`` parameter of its part; the calendar's own wins.
        warnings: Receives ``calendar.broken``.
    """
    if len(data) > CALENDAR_BYTES:
        warnings.add("calendar.too_big")
        return ()
    try:
        calendar = Calendar.from_ical(data)
        method = str(calendar.get("METHOD") or method or "PUBLISH").upper()
        return tuple(_event(one, method) for one in calendar.walk("VEVENT")[:EVENTS])
    except Exception:  # noqa: BLE001 - the library raises its parsers' errors of all kinds
        warnings.add("calendar.broken")
        return ()


def _event(event: Any, method: str) -> CalendarEvent:
    return CalendarEvent(
        method=show(method),
        summary=show(str(event.get("SUMMARY") or "")),
        starts_at=_time(event.get("DTSTART")),
        ends_at=_time(event.get("DTEND")),
        place=_line(event.get("LOCATION")),
        organizer=_organizer(event.get("ORGANIZER")),
        uid=_line(event.get("UID")),
    )


def _time(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0]
    moment = getattr(value, "dt", None)
    return None if moment is None else str(moment.isoformat())


def _line(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0]
    return show(str(value)) or None if value is not None else None


def _organizer(value: Any) -> str | None:
    line = _line(value)
    if line is None:
        return None
    return line[7:] if line[:7].lower() == "mailto:" else line
