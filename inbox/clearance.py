"""The last look before a message leaves: to whom it may not go, and when not.

Whoever queued it, an agent, a rule or the hub itself, and however long ago, it passes here, in
the commit that begins the call.
"""

from collections.abc import Sequence

from inbox import quiet
from inbox.changes import message_changed
from inbox.delivery import Fate, settle
from inbox.optout import OPTED_OUT, POLICY, shut_out
from inbox.tables import DeliveryRow, MessageRow
from infra.clock import now
from infra.db import Transaction


async def cleared(
    tx: Transaction, message: MessageRow, rows: Sequence[DeliveryRow]
) -> list[DeliveryRow]:
    """Return the copies that may leave now; others fail for good or wait for the morning."""
    if not rows or message.meta.get(POLICY):
        return list(rows)
    out = await shut_out(tx, [row.identity_id for row in rows])
    refused = [row for row in rows if row.identity_id in out]
    if refused:
        fate = Fate(state="failed", error=OPTED_OUT)
        await settle(tx, message.id, {row.id: fate for row in refused})
    left = [row for row in rows if row.identity_id not in out]
    if not left or message.channel != "sms" or message.account_id is None:
        return left
    until = await quiet.until(
        tx, account_id=message.account_id, thread_id=message.thread_id, at=now()
    )
    if until is None:
        return left
    for row in left:
        row.not_before = until
        row.lease_owner = row.lease_until = None
        row.updated_at = now()
    message.rev += 1
    await message_changed(tx, message.id)
    return []
