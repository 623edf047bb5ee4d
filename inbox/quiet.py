"""Quiet hours: when an SMS account writes to nobody, but to who has just written.

The hours are the account's (``quiet_from``, ``quiet_to``), on the clock of its branch.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.clock import now
from infra.db import Raw, Transaction


AWAKE = timedelta(minutes=30)
"""Who wrote so recently is awake and waits for an answer."""

HOURS = """
SELECT a.config ->> 'quiet_from' AS quiet_from, a.config ->> 'quiet_to' AS quiet_to,
       coalesce(b.timezone, 'UTC') AS zone
  FROM channel_account AS a LEFT JOIN branch AS b ON b.id = a.branch_id
 WHERE a.id = $1 AND a.kind = 'sms' AND a.config ->> 'quiet_from' <> ''
"""

LAST_HEARD = """
SELECT at FROM message WHERE thread_id = $1 AND kind = 'inbound' ORDER BY n DESC LIMIT 1
"""


def ends_at(quiet_from: str, quiet_to: str, zone: str, at: datetime) -> datetime | None:
    """Return when the quiet hours that hold at a moment end; None when none hold.

    Args:
        quiet_from: ``HH:MM``; hours that begin after they end go over midnight.
        quiet_to: The first minute that is not quiet.
        zone: IANA name; one that is unknown is UTC.
        at: The moment, with its zone.
    """
    begin, end = _time(quiet_from), _time(quiet_to)
    if begin is None or end is None or begin == end:
        return None
    local = at.astimezone(_zone(zone))
    clock = local.time().replace(tzinfo=None)
    over_midnight = begin > end
    is_quiet = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begin else 0)
    return datetime.combine(day, end, local.tzinfo).astimezone(at.tzinfo)


async def until(
    tx: Raw | Transaction, *, account_id: UUID, thread_id: UUID | None, at: datetime
) -> datetime | None:
    """Return when a message that is due ``at`` may go out; None when it may at once.

    Who wrote within the half hour before is answered at any time.
    """
    hours = await tx.fetchrow(HOURS, account_id)
    if hours is None:
        return None
    end = ends_at(hours["quiet_from"], hours["quiet_to"] or "", hours["zone"], at)
    if end is None:
        return None
    heard = await tx.fetchval(LAST_HEARD, thread_id) if thread_id else None
    return None if heard is not None and at - heard <= AWAKE else end


async def first_hour(
    tx: Raw | Transaction, *, account_id: UUID, thread_id: UUID, due: datetime
) -> datetime:
    """Return when a message that is due may go out: then, or when the quiet hours end."""
    at = max(due, now())
    return await until(tx, account_id=account_id, thread_id=thread_id, at=at) or due


def quiet_until(
    config: Mapping[str, Any], *, zone: str | None, heard_at: datetime | None, at: datetime
) -> datetime | None:
    """Return until when a text account does not write to a client; None when it does.

    Args:
        config: The account's settings.
        zone: Of the account's branch.
        heard_at: When the client's last text came.
        at: The moment.
    """
    hours = str(config.get("quiet_from", "")), str(config.get("quiet_to", ""))
    end = ends_at(*hours, zone or "UTC", at)
    return None if end is None or (heard_at is not None and at - heard_at <= AWAKE) else end


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
