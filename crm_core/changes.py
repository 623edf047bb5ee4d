"""Announcing cards: each call writes one event that carries the card's new state."""

from uuid import UUID

from infra.db import Transaction


async def card_audience_of(tx: Transaction, card_id: UUID) -> str:
    """Return who sees the card now, as JSON text; ask before a change of audience."""
    return str(
        await tx.fetchval("SELECT card_audience(c)::text FROM card AS c WHERE c.id = $1", card_id)
    )


async def card_changed(tx: Transaction, card_id: UUID, *, before: str | None = None) -> None:
    """Announce a card; ``before`` is its ``card_audience_of`` before the change."""
    await tx.execute("SELECT publish_card($1, $2::jsonb)", card_id, before)
    tx.wrote()
