"""Filling the search index: in the background, so that storing a message never waits for it."""

import asyncio
from collections import Counter

import asyncpg
import msgspec
import structlog

from crm_core.folding import words as folded_words
from inbox.lexemes import bucket_marks, lexemes_of
from infra.bus import Bus
from infra.db import DATABASE_AWAY, Database, Transaction


log = structlog.get_logger()

BATCH = 500  # messages of one commit
POLL = 2.0  # seconds between looks when nothing wakes us

ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('search-index', 0))"
"""Two indexers at once would only wait for each other's rows."""

TAKE = "SELECT message_id FROM search_queue ORDER BY message_id LIMIT $1 FOR UPDATE SKIP LOCKED"

LOAD = """
SELECT m.id, m.n, m.conversation_id, m.text, m.subject, m.deleted_at IS NOT NULL AS is_deleted,
       CASE WHEN m.seq = (SELECT min(f.seq) FROM message AS f
                           WHERE f.conversation_id = m.conversation_id)
            THEN c.subject END AS opens,
       ARRAY(SELECT f.filename FROM attachment AS f WHERE f.message_id = m.id) AS filenames
  FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
 WHERE m.id = ANY($1)
"""

STORE = """
INSERT INTO message_search (n, message_id, conversation_id, words)
SELECT r.n, r.message_id, r.conversation_id, array_to_tsvector(ARRAY(
           SELECT DISTINCT w FROM unnest(
               r.words || tsvector_to_array(to_tsvector('russian', r.other))
                       || tsvector_to_array(to_tsvector('romanian', r.romanian))) AS w
            WHERE w <> ''))
  FROM jsonb_to_recordset($1::jsonb) AS r (n bigint, message_id uuid, conversation_id uuid,
                                          words text[], other text, romanian text)
ON CONFLICT (n) DO UPDATE SET words = excluded.words, conversation_id = excluded.conversation_id
"""

COUNT = """
INSERT INTO lexeme (word, ndoc)
SELECT * FROM unnest($1::text[], $2::int[]) AS w (word, ndoc) ORDER BY word
ON CONFLICT (word) DO UPDATE SET ndoc = lexeme.ndoc + excluded.ndoc
"""


class Indexer:
    """Keeps the search index up with what was stored."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def run(self) -> None:
        """Index until cancelled."""
        async with self._bus.listen() as listener:
            while True:
                try:
                    indexed = await self.run_due()
                except DATABASE_AWAY as error:
                    log.warning("indexing.database_away", error=repr(error))
                    await asyncio.sleep(1)
                else:
                    if indexed < BATCH:
                        await listener.wait(POLL)
                        await asyncio.sleep(0.1)  # what follows closely is indexed in one go

    async def run_due(self) -> int:
        """Index one batch of what waits; return how many messages."""
        async with self._db.transaction() as tx:
            return await index_batch(tx)


async def index_batch(tx: Transaction, *, limit: int = BATCH) -> int:
    """Index up to ``limit`` messages that wait; return how many."""
    if not await tx.fetchval(ALONE):
        return 0
    taken = [row["message_id"] for row in await tx.fetch(TAKE, limit)]
    if not taken:
        return 0
    rows = await tx.fetch(LOAD, taken)
    counts: Counter[str] = Counter()
    items = []
    for row in rows:
        if row["is_deleted"]:
            continue
        item, words = _item(row)
        items.append(item)
        counts.update(words)
    gone = [row["n"] for row in rows if row["is_deleted"]]
    await tx.execute("DELETE FROM message_search WHERE n = ANY($1)", gone)
    await tx.execute(STORE, msgspec.json.encode(items).decode())
    await tx.execute(COUNT, list(counts), list(counts.values()))
    await tx.execute("DELETE FROM search_queue WHERE message_id = ANY($1)", taken)
    return len(taken)


def _item(row: asyncpg.Record) -> tuple[dict[str, object], list[str]]:
    said = " \n".join(filter(None, (row["subject"], row["text"], *row["filenames"])))
    lexemes = lexemes_of(said)
    subject = [f"s:{word}" for word in folded_words(row["opens"] or "")]
    marks = [*lexemes.marks, *subject, *bucket_marks(row["n"])]
    item = {
        "n": row["n"],
        "message_id": row["id"],
        "conversation_id": row["conversation_id"],
        "words": [*lexemes.words, *marks],
        "other": lexemes.other,
        "romanian": lexemes.romanian,
    }
    return item, [word for word in lexemes.words if not word.isdigit()]
