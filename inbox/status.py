"""Open, waiting, snoozed, closed: the moves between them and what each leaves behind."""

from datetime import datetime
from typing import Literal

from inbox.case import Case, open_any
from infra.clock import now
from infra.db import Transaction
from infra.errors import Invalid


Status = Literal["open", "waiting", "snoozed", "closed"]

DUE = """
SELECT id FROM conversation
 WHERE status = 'snoozed' AND snoozed_until <= $1
 ORDER BY snoozed_until LIMIT $2 FOR UPDATE SKIP LOCKED
"""


def set_status(
    case: Case, status: Status, *, until: datetime | None = None, reason: str = ""
) -> None:
    """Move a conversation to a status, with an entry when that changes something.

    Args:
        until: When a snoozed conversation comes back; only and always with ``snoozed``.
        reason: Why, in the agent's words or as a stable code.

    Raises:
        Invalid: Snoozed without a time in the future, or a time without snoozing.
    """
    row = case.row
    if (status == "snoozed") != (until is not None):
        raise Invalid("snoozing needs a time to come back, and nothing else has one")
    if until is not None and until <= now():
        raise Invalid("the time to come back has passed already")
    if status == row.status and until == row.snoozed_until:
        return
    case.add_entry(
        "snoozed" if status == "snoozed" else "status",
        **{"from": row.status, "to": status},
        **({"until": until} if until else {}),
        **({"reason": reason} if reason else {}),
    )
    move(case, status, until=until)


def move(case: Case, status: Status, *, until: datetime | None = None) -> None:
    """Move a conversation to a status without an entry: something else tells of it."""
    row = case.row
    row.status = status
    row.snoozed_until = until
    row.closed_at = now() if status == "closed" else None
    if status == "closed":
        row.waiting_since = None
        row.failed_count = 0  # whoever closes it has decided about them


def reopen(case: Case, *, reason: str) -> None:
    """Bring a conversation back to the agents' queue."""
    if case.row.status != "open":
        set_status(case, "open", reason=reason)


async def wake_due(tx: Transaction, *, limit: int = 100) -> int:
    """Open the snoozed conversations whose time has come; return how many.

    Several nodes may call it at once: each takes other rows.
    """
    due = await tx.fetch(DUE, now(), limit)
    for found in due:
        case = await open_any(tx, found["id"])
        case.add_entry("woken", until=case.row.snoozed_until)
        move(case, "open")
        case.touch()
        await case.announce()
    return len(due)
