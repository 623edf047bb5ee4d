"""Reactions to messages: everybody's whole set, the newest one counts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_core.linking import known_identity
from inbox.changes import message_changed
from inbox.contract import ReactionChanged
from inbox.ingest import SCOPED
from inbox.naming import find_message
from inbox.verdicts import PROCESSED, STRANGER, Verdict, ignored
from infra.db import Transaction


US = "us"
MOST = 20  # reactions of one person to one message

SET = """
INSERT INTO reaction AS r (message_id, who, identity_id, agent_id, emojis, at)
SELECT $1, $2, $3, $4, $5, $6
 WHERE $5 <> '{}'::text[] OR EXISTS (SELECT FROM reaction WHERE message_id = $1 AND who = $2)
ON CONFLICT (message_id, who) DO UPDATE
   SET emojis = excluded.emojis, at = excluded.at, agent_id = excluded.agent_id
 WHERE r.at <= excluded.at AND r.emojis <> excluded.emojis
RETURNING 1
"""


async def apply_reaction(tx: Transaction, event: ReactionChanged) -> Verdict:
    """Note a client's reactions to a message."""
    message_id = await find_message(tx, event.ref)
    if message_id is None:
        return STRANGER
    sender = event.sender
    identity = await known_identity(
        tx,
        kind=sender.kind,
        value=sender.value,
        scope=str(event.account) if sender.kind in SCOPED else "",
        display=sender.display or "",
    )
    changed = await set_reactions(
        tx,
        message_id,
        who=f"i:{identity.id}",
        identity_id=identity.id,
        emojis=event.emojis,
        at=event.at,
    )
    return PROCESSED if changed else ignored("unchanged")


async def set_reactions(
    tx: Transaction,
    message_id: UUID,
    *,
    who: str,
    emojis: Sequence[str],
    at: datetime,
    identity_id: UUID | None = None,
    agent_id: UUID | None = None,
) -> bool:
    """Make ``emojis`` somebody's reactions to a message; False when that changes nothing."""
    kept = list(dict.fromkeys(one.replace("\0", "")[:64] for one in emojis))[:MOST]
    changed = await tx.fetchval(SET, message_id, who, identity_id, agent_id, kept, at)
    if changed:
        await tx.execute("UPDATE message SET rev = rev + 1 WHERE id = $1", message_id)
        await message_changed(tx, message_id)
    return bool(changed)
