"""What became of each recipient's copy: the moves of its state and what they mean for the case.

``queued -> sending -> sent -> delivered -> read`` is the way up; ``failed``, ``bounced`` and
``cancelled`` end it. ``unknown`` is a state of its own: the connection broke, or the process died,
after the provider may have taken the message. Reports may come late, twice and in any order, so
they only move up in rank.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from crm_core.tables import IdentityRow
from inbox.case import Case, open_any
from inbox.changes import message_changed
from inbox.contract import Fault, SendError
from inbox.status import reopen
from inbox.tables import DeliveryRow, MessageRow
from infra.clock import now
from infra.db import Transaction


RANK = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "delivered": 4,
    "read": 5,
    "failed": 9,
    "bounced": 9,
    "cancelled": 9,
}
"""As the table computes it."""

TROUBLE = {"unknown", "failed", "bounced"}
"""States a person must look at."""

LONGEST_ERROR = 500  # characters of a provider's text that are kept

REFUSED_FOR_GOOD = {"failed", "bounced"}

ADDRESS_IS_DEAD = {Fault.RECIPIENT: "bounced", Fault.REFUSED: "blocked_us"}
"""What a fault says of the address itself."""


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one copy in one attempt or report.

    Attributes:
        retry_at: With ``queued``: when it is tried again.
        burnt: The attempt counts; it does not when the account or its bucket was to blame.
    """

    state: str
    provider_id: str | None = None
    error: SendError | None = None
    retry_at: datetime | None = None
    burnt: bool = True


def may_move(state: str, new: str) -> bool:
    """Whether a copy in ``state`` may become ``new`` on somebody's word."""
    if new in REFUSED_FOR_GOOD:
        return RANK[state] <= RANK["sent"]
    return RANK[new] > RANK[state]


async def settle(
    tx: Transaction, message_id: UUID, fates: Mapping[UUID, Fate], *, owner: str | None = None
) -> None:
    """Write down what became of copies of a message, by delivery id, and tell who must know.

    A failure that a person must look at brings the conversation back to the queue.

    Args:
        owner: Worker whose attempt it was. It may not undo what happened since its lease ran
            out, but that the provider took the message stays true.
    """
    place = await tx.fetchval("SELECT conversation_id FROM message WHERE id = $1", message_id)
    case = await open_any(tx, place)  # locks go conversation, message, copies: everywhere
    message = await tx.session.get_one(MessageRow, message_id, with_for_update=True)
    rows = await tx.session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.id.in_(fates))
        .order_by(DeliveryRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    moved = [
        Move(row, before, fates[row.id])
        for row, before in [(row, row.state) for row in rows.all()]
        if _apply(row, fates[row.id], owner)
    ]
    if not moved:
        return
    for move in moved:
        await _judge_address(case, message, move)
    await _tell_case(case, message, moved)
    message.rev += 1
    await message_changed(tx, message_id)


class Move(NamedTuple):
    """A copy that changed its state."""

    row: DeliveryRow
    before: str
    fate: Fate


def _apply(row: DeliveryRow, fate: Fate, owner: str | None) -> bool:
    mine = owner is not None and row.state == "sending" and row.lease_owner == owner
    is_late = owner is not None and not mine
    if not mine and (not may_move(row.state, fate.state) or (is_late and not _is_good(fate))):
        return False
    at = now()
    row.state = fate.state
    row.attempts += int(mine and fate.burnt)
    row.provider_id = fate.provider_id or row.provider_id
    row.error_code = fate.error.code if fate.error else None
    row.error_text = fate.error.text[:LONGEST_ERROR] if fate.error else None
    row.lease_owner = row.lease_until = None
    row.updated_at = at
    if fate.retry_at is not None:
        row.not_before = fate.retry_at
        row.is_held = True
        if fate.burnt:
            row.first_failed_at = row.first_failed_at or at
    return True


def _is_good(fate: Fate) -> bool:
    return RANK["sent"] <= RANK[fate.state] <= RANK["read"]


async def _judge_address(case: Case, message: MessageRow, move: Move) -> None:
    """Mark an address that turned out to be dead, so the next agent is warned.

    An SMS provider that refuses an address for good was told STOP by its owner.
    """
    if move.row.state not in REFUSED_FOR_GOOD:
        return
    error = move.fate.error
    fault = error.fault if error else Fault.RECIPIENT if move.row.state == "bounced" else None
    status = ADDRESS_IS_DEAD.get(fault) if fault else None
    if status is None:
        return
    identity = await case.tx.session.get_one(IdentityRow, move.row.identity_id)
    if identity.status not in {"ok", "unverified"}:
        return
    reason = error.code if error else "bounced"
    identity.status, identity.status_reason = status, reason
    if fault is Fault.REFUSED and message.channel == "sms":
        identity.status = "opted_out"
        case.add_entry(
            "opt_out",
            identity_id=str(identity.id),
            address=identity.value,
            how="provider",
            reason=reason,
        )


async def _tell_case(case: Case, message: MessageRow, moved: Sequence[Move]) -> None:
    """Keep the case's count of troubles, and bring it back when there is a new one."""
    new = [one for one in moved if one.row.state in TROUBLE and one.before not in TROUBLE]
    over = [one for one in moved if one.row.state not in TROUBLE and one.before in TROUBLE]
    if not new and not over:
        return
    case.row.failed_count = max(0, case.row.failed_count + len(new) - len(over))
    if new:
        case.add_entry(
            "delivery_failed",
            message_id=message.id,
            seq=message.seq,
            deliveries=[
                {"id": one.row.id, "state": one.row.state, "code": one.row.error_code}
                for one in new
            ],
        )
        reopen(case, reason="delivery_failed")
        case.touch()
    await case.announce()
