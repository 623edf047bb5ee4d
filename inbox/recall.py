"""Second thoughts: taking an answer back before it leaves, trying a failed one again."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from crm_core.staff.visibility import Viewer
from inbox.case import Case, open_case
from inbox.changes import message_changed
from inbox.delivery import TROUBLE
from inbox.drafts import restore_draft
from inbox.posting import message_json
from inbox.status import move
from inbox.tables import DeliveryRow, MessageRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, NotFound


UNANSWERED_SINCE = """
SELECT min(m.created_at) FROM message AS m
 WHERE m.conversation_id = $1 AND m.kind = 'inbound' AND m.visibility = 'public'
   AND coalesce(m.meta ->> 'automatic', '') NOT IN ('auto_reply', 'receipt')
   AND m.seq > coalesce((
       SELECT max(o.seq) FROM message AS o
        WHERE o.conversation_id = $1 AND o.kind = 'outbound' AND NOT EXISTS (
              SELECT FROM delivery AS d WHERE d.message_id = o.id AND d.state = 'cancelled')), 0)
"""


class TooLate(Conflict):
    """The message has left already, or is leaving."""

    code = "message.too_late"
    title = "Too late"


class NothingToRetry(Conflict):
    """None of the copies failed."""

    code = "message.nothing_to_retry"
    title = "Nothing to try again"


async def cancel_message(tx: Transaction, message_id: UUID, *, viewer: Viewer) -> str:
    """Take an answer back and return it as JSON text; its author's draft comes back.

    Raises:
        NotFound: There is no such answer the viewer may see.
        Forbidden: The viewer may not answer in that conversation.
        TooLate: A copy of it is not queued any more.
    """
    case, message = await _open(tx, message_id, viewer)
    rows = await _copies(tx, message_id)
    if any(row.state != "queued" or row.attempts for row in rows):
        raise TooLate("it is on its way already")
    for row in rows:
        row.state = "cancelled"
        row.lease_owner = row.lease_until = None
        row.updated_at = now()
    message.rev += 1
    await tx.session.flush()
    waiting_since = await tx.fetchval(UNANSWERED_SINCE, case.row.id)
    if waiting_since is not None:
        case.row.waiting_since = waiting_since
        if case.row.status == "waiting":
            move(case, "open")
    if message.agent_id is not None:
        await restore_draft(tx, case.row.id, kind="reply", agent_id=message.agent_id)
    await message_changed(tx, message_id)
    await case.announce()
    return await message_json(tx, message_id)


async def retry_message(
    tx: Transaction, message_id: UUID, *, viewer: Viewer, delivery_ids: Collection[UUID] = ()
) -> str:
    """Queue failed copies of an answer again and return it as JSON text.

    It is a new attempt; what the earlier ones met stays in their log.

    Args:
        delivery_ids: Which copies; empty is every one that failed or is unknown.

    Raises:
        NotFound: There is no such answer the viewer may see.
        Forbidden: The viewer may not answer in that conversation.
        NothingToRetry: None of the copies is in trouble.
    """
    case, message = await _open(tx, message_id, viewer)
    rows = [
        row
        for row in await _copies(tx, message_id)
        if row.state in TROUBLE and (not delivery_ids or row.id in delivery_ids)
    ]
    if not rows:
        raise NothingToRetry("none of these copies failed")
    for row in rows:
        row.state = "queued"
        row.not_before = row.updated_at = now()
        row.first_failed_at = None
        row.attempts = 0
    case.row.failed_count = max(0, case.row.failed_count - len(rows))
    message.rev += 1
    await message_changed(tx, message_id)
    await case.announce()
    return await message_json(tx, message_id)


async def _open(tx: Transaction, message_id: UUID, viewer: Viewer) -> tuple[Case, MessageRow]:
    place = await tx.fetchval(
        "SELECT conversation_id FROM message WHERE id = $1 AND kind = 'outbound'", message_id
    )
    if place is None:
        raise NotFound(f"no answer {message_id}")
    case = await open_case(tx, place, viewer=viewer, action="reply")
    message = await tx.session.get_one(MessageRow, message_id, with_for_update=True)
    return case, message


async def _copies(tx: Transaction, message_id: UUID) -> list[DeliveryRow]:
    rows = await tx.session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.message_id == message_id)
        .order_by(DeliveryRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(rows)
