"""Announcing what changed: each call writes one event that carries the new state.

The shapes are made by the SQL functions in ``inbox/sql``; call these after the change, in the
same transaction, so the event and the change commit together.
"""

from uuid import UUID

import msgspec

from infra.clock import now
from infra.db import Transaction
from infra.tables import Json


async def audience_of(tx: Transaction, conversation_id: UUID) -> str:
    """Return who sees the conversation now, as JSON text; ask before a change of audience."""
    return str(
        await tx.fetchval(
            "SELECT conversation_audience(c)::text FROM conversation AS c WHERE c.id = $1",
            conversation_id,
        )
    )


async def conversation_changed(
    tx: Transaction, conversation_id: UUID, *, before: str | None = None
) -> None:
    """Announce a conversation; ``before`` is its ``audience_of`` before the change."""
    await tx.execute("SELECT publish_conversation($1, $2::jsonb)", conversation_id, before)
    tx.wrote()


async def message_changed(tx: Transaction, message_id: UUID) -> None:
    """Announce a new or changed message; a change has raised its ``rev``."""
    await tx.execute("SELECT publish_message($1)", message_id)
    tx.wrote()


async def account_changed(tx: Transaction, account_id: UUID) -> None:
    """Announce a channel account."""
    await tx.execute("SELECT publish_account($1)", account_id)
    tx.wrote()


async def add_entry(
    tx: Transaction,
    conversation_id: UUID,
    type_: str,
    data: Json,
    *,
    actor_kind: str = "system",
    actor_id: UUID | None = None,
) -> int:
    """Add an entry to a conversation's timeline and announce it; return its ``seq``.

    The caller announces the conversation itself, whose ``last_seq`` and ``rev`` grew.
    """
    seq = await tx.fetchval(
        "UPDATE conversation SET last_seq = last_seq + 1, rev = rev + 1 WHERE id = $1"
        " RETURNING last_seq",
        conversation_id,
    )
    await tx.execute(
        "INSERT INTO conversation_event (conversation_id, seq, at, type, actor_kind, actor_id,"
        " data) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)",
        conversation_id,
        seq,
        now(),
        type_,
        actor_kind,
        actor_id,
        msgspec.json.encode(data).decode(),
    )
    await tx.execute("SELECT publish_entry($1, $2)", conversation_id, seq)
    tx.wrote()
    return int(seq)
