"""The tables whose rows belong to cards: what a merge moves and an undo brings back.

A test compares this list with the database: every column that refers to ``card`` is here, with
its sibling ``origin_card_id``, or is named in ``NOT_MOVED`` with the reason.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from infra.db import Transaction


REFERENCES: Mapping[str, str] = {
    "conversation": "card_id = $2, rev = rev + 1",
    "card_identity": "card_id = $2",
    "activity": "card_id = $2",
    "task": "card_id = $2, rev = rev + 1",
}
"""Table and what moving a row of it writes, in the order they are locked and moved: whoever
stores a message locks its conversation first."""

NOT_MOVED = {
    ("card", "merged_into"): "the merge itself",
    ("card_merge", "winner_id"): "history: it names the cards that were merged",
    ("card_merge", "loser_id"): "history: it names the cards that were merged",
    ("deep_link", "card_id"): "whoever opens the link follows the merges to the card of that day",
}

TOLD = 200  # conversations announced at once; the others are read when the card is opened

MOVE = "UPDATE {table} SET {change} WHERE card_id = $1 RETURNING id"
BRING_BACK = """
UPDATE {table} SET {change} WHERE origin_card_id = ANY($1::uuid[]) AND card_id <> $2 RETURNING id
"""
COUNT = "SELECT count(*) FROM {table} WHERE card_id = $1"
LOCK = """
SELECT id FROM conversation WHERE card_id = ANY($1::uuid[]) OR origin_card_id = ANY($1::uuid[])
 ORDER BY id FOR UPDATE
"""
TELL = """
SELECT publish_conversation(id) FROM (
    SELECT id FROM conversation WHERE id = ANY($1::uuid[])
     ORDER BY last_activity_at DESC LIMIT $2) AS latest
"""


async def lock_conversations(tx: Transaction, card_ids: Sequence[UUID]) -> None:
    """Keep messages out of the conversations of these cards until the transaction ends."""
    await tx.fetch(LOCK, list(card_ids))


async def count_rows(tx: Transaction, card_id: UUID) -> dict[str, int]:
    """Return how many rows of each table a card shows."""
    return {
        table: int(await tx.fetchval(COUNT.format(table=table), card_id)) for table in REFERENCES
    }


async def move(tx: Transaction, from_id: UUID, to_id: UUID) -> dict[str, int]:
    """Show every row of one card on another; return how many of each table."""
    return await _re_point(tx, MOVE, from_id, to_id)


async def bring_back(tx: Transaction, origins: Sequence[UUID], to_id: UUID) -> dict[str, int]:
    """Show every row that belongs to ``origins`` on a card; return how many of each table."""
    return await _re_point(tx, BRING_BACK, list(origins), to_id)


async def _re_point(
    tx: Transaction, sql: str, which: UUID | list[UUID], to_id: UUID
) -> dict[str, int]:
    counts = {}
    for table, change in REFERENCES.items():
        rows = await tx.fetch(sql.format(table=table, change=change), which, to_id)
        counts[table] = len(rows)
        if table == "conversation":
            await _tell(tx, rows)
    return counts


async def _tell(tx: Transaction, rows: Sequence[asyncpg.Record]) -> None:
    await tx.execute(TELL, [row["id"] for row in rows], TOLD)
    tx.wrote()
