"""Reports of providers on what we sent and whom we reach: late, twice, in any order."""

from uuid import UUID

from inbox.contract import Address, DeliveryChanged, Reachability
from inbox.delivery import Fate, settle
from inbox.ingest import ref_hash
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

REPORTED = """
SELECT coalesce(
    (SELECT m.id FROM message_ref AS r JOIN message AS m ON m.id = r.message_id
      WHERE r.account_id = $1 AND r.ref_hash = $2 AND m.kind = 'outbound'),
    (SELECT m.id FROM delivery AS d JOIN message AS m ON m.id = d.message_id
      WHERE d.provider_id = $3 AND m.account_id = $1 LIMIT 1))
"""

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


async def apply_delivery_changed(tx: Transaction, event: DeliveryChanged) -> None:
    """Apply a provider's report to the copies it is about; reports of strangers do nothing."""
    name = event.ref.message_id
    message_id = await tx.fetchval(REPORTED, event.account, ref_hash(name), name)
    if message_id is None:
        return
    copies = await _copies(tx, message_id, event.recipient, name)
    fate = Fate(state=STATE[event.state], error=event.error)
    await settle(tx, message_id, dict.fromkeys(copies, fate))


async def apply_reachability(tx: Transaction, event: Reachability) -> None:
    """Note whether an address can be written to from now on."""
    await tx.execute(
        REACHABLE,
        event.address.kind,
        event.address.value,
        STATUS[event.reason],
        event.reason,
        now(),
        str(event.account),
    )


async def _copies(
    tx: Transaction, message_id: UUID, recipient: Address | None, name: str
) -> list[UUID]:
    kind, value = (recipient.kind, recipient.value) if recipient else (None, None)
    rows = await tx.fetch(COPIES, message_id, kind, value, name)
    return [row["id"] for row in rows]
