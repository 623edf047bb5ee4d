"""Reports of providers on what we sent and whom we reach: late, twice, in any order."""

from uuid import UUID

import msgspec

from inbox.contract import Address, Cost, DeliveryChanged, ExternalRef, Reachability, ReadUpTo
from inbox.delivery import Fate, settle
from inbox.naming import find_message, find_thread
from inbox.verdicts import PROCESSED, STRANGER, Verdict, ignored
from infra.clock import now
from infra.db import Transaction


STATE = {
    "accepted": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "bounced": "bounced",
    "expired": "failed",
    "unknown": "unknown",
}
"""What a report's word makes of a copy."""

STATUS = {
    "blocked": "blocked_us",
    "unblocked": "ok",
    "opt_out": "opted_out",
    "opt_in": "ok",
    "left": "unreachable",
    "deactivated": "unreachable",
}
"""What a report makes of an address."""

UNREAD = """
SELECT d.id, d.message_id FROM message AS m JOIN delivery AS d ON d.message_id = m.id
 WHERE m.thread_id = $1 AND m.external_id IS NOT NULL AND m.kind = 'outbound'
   AND d.rank BETWEEN 1 AND 4
   AND m.n <= (SELECT n FROM message WHERE id = $2)
 ORDER BY m.n, d.id
"""

KEEP_COST = """
UPDATE message SET meta = jsonb_set(
       meta || jsonb_build_object('costs', coalesce(meta -> 'costs', '{}')),
       ARRAY['costs', $2], $3::jsonb)
 WHERE id = $1
"""
"""A price per name and segment: a report that comes twice is counted once."""

COPIES = """
SELECT d.id FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id
 WHERE d.message_id = $1
   AND ($2::text IS NULL OR (i.kind = $2 AND i.compare = lower($3)))
   AND ($4::text IS NULL OR d.provider_id = $4 OR NOT EXISTS (
        SELECT FROM delivery AS other WHERE other.message_id = $1 AND other.provider_id = $4))
"""

REACHABLE = """
UPDATE identity SET status = $3, status_reason = $4, last_seen_at = coalesce(last_seen_at, $5)
 WHERE kind = $1 AND compare = lower($2) AND scope IN ('', $6) AND status <> $3
"""


async def apply_delivery_changed(tx: Transaction, event: DeliveryChanged) -> Verdict:
    """Apply a provider's report to the copies it is about; it may be here before its message."""
    name = event.ref.message_id
    message_id = await find_message(tx, event.ref, anywhere=True)
    kind = await tx.fetchval("SELECT kind FROM message WHERE id = $1", message_id)
    if message_id is None or kind != "outbound":
        return STRANGER
    copies = await _copies(tx, message_id, event.recipient, name)
    fate = Fate(state=STATE[event.state], error=event.error)
    await settle(tx, message_id, dict.fromkeys(copies, fate))
    if event.cost is not None:
        await keep_cost(tx, message_id, name, event.cost, segment=event.segment or 0)
    return PROCESSED


async def keep_cost(
    tx: Transaction, message_id: UUID, name: str, cost: Cost, *, segment: int = 0
) -> None:
    """Keep what a message cost, per name and segment; a later word replaces an earlier one."""
    price = msgspec.json.encode(cost).decode()
    await tx.execute(KEEP_COST, message_id, f"{name}/{segment}", price)


async def apply_read_up_to(tx: Transaction, event: ReadUpTo) -> Verdict:
    """Note that everything of ours up to a message of a thread was read."""
    thread = await find_thread(tx, event.thread)
    upto = await find_message(tx, ExternalRef(event.thread, event.message_id))
    if thread is None or upto is None:
        return STRANGER
    unread: dict[UUID, list[UUID]] = {}
    for row in await tx.fetch(UNREAD, thread.id, upto):
        unread.setdefault(row["message_id"], []).append(row["id"])
    for message_id, copies in unread.items():
        await settle(tx, message_id, dict.fromkeys(copies, Fate(state="read")))
    return PROCESSED if unread else ignored("unchanged")


async def apply_reachability(tx: Transaction, event: Reachability) -> Verdict:
    """Note whether an address can be written to from now on."""
    done = await tx.execute(
        REACHABLE,
        event.address.kind,
        event.address.value,
        STATUS[event.reason],
        event.reason,
        now(),
        str(event.account),
    )
    return ignored("unchanged") if done == "UPDATE 0" else PROCESSED


async def _copies(
    tx: Transaction, message_id: UUID, recipient: Address | None, name: str
) -> list[UUID]:
    kind, value = (recipient.kind, recipient.value) if recipient else (None, None)
    rows = await tx.fetch(COPIES, message_id, kind, value, name)
    return [row["id"] for row in rows]
