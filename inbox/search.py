"""Finding messages and conversations: any word, any spelling, newest first, only what one may see.

PostgreSQL's planner cannot be trusted with "the newest fifty that match": for a rare word it walks
the table backwards for seconds, for a common one it sorts a million rows. So every message carries
marks of the time it is from, and a search asks the newest bucket first, then a larger one, then
all: each step only when the one before found too little. The figures are in ``bench/``.
"""

from uuid import UUID

import asyncpg
import msgspec

from crm_core.folding import fold
from crm_core.staff.visibility import Viewer
from inbox.lexemes import FAR, NEAR, any_of, quoted
from inbox.lists import ITEM
from inbox.query import Query, parse_query
from inbox.snippets import has_phrase, snippet
from infra.db import Raw, Transaction


COMPLETIONS = 8  # words an unfinished word may stand for
PHRASE_CANDIDATES = 200  # messages looked through for a phrase

STEMS = """
SELECT w.word, tsvector_to_array(to_tsvector('russian', w.raw))
            || tsvector_to_array(to_tsvector('romanian', w.word)) AS stems
  FROM unnest($1::text[], $2::text[]) AS w (word, raw)
"""

COMPLETE = "SELECT word FROM lexeme WHERE word LIKE $1 ORDER BY ndoc DESC, word LIMIT $2"

NEWEST = "SELECT coalesce(max(n), 0) FROM message_search"

HITS = """
SELECT s.message_id, s.conversation_id
  FROM (SELECT n + 0 AS place, message_id, conversation_id FROM message_search
         WHERE words @@ $1::text::tsquery ORDER BY n + 0 DESC OFFSET 0) AS s
 WHERE {seen} ORDER BY s.place DESC LIMIT $2
"""
"""``n + 0`` forbids the walk along the primary key; who may see a match is asked from the newest
on, until there are enough."""

SEEN = """EXISTS (
    SELECT FROM conversation AS c WHERE c.id = s.conversation_id AND {rule} OFFSET 0)"""
"""``OFFSET 0`` asks for each match; else the planner reads every conversation one may see."""

SHOW = """
SELECT m.id, m.conversation_id, m.seq, m.kind, m.at, left(m.text, 20000) AS text, c.number,
       c.subject, k.display_name AS card_name
  FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
  JOIN card AS k ON k.id = c.card_id
 WHERE m.id = ANY($1) AND m.deleted_at IS NULL AND c.folder <> 'trash'
 ORDER BY m.n DESC
"""


class MessageHit(msgspec.Struct, frozen=True):
    """A message that was found; U+0002 and U+0003 stand around what matched."""

    message_id: UUID
    conversation_id: UUID
    seq: int
    number: int
    subject: str
    card_name: str
    at: object
    kind: str
    snippet: str


async def search_messages(
    raw: Raw | Transaction, text: str, *, viewer: Viewer, limit: int = 20
) -> list[MessageHit]:
    """Return the newest messages that have every word of ``text``, among those one may see."""
    query = parse_query(text)
    asked = await _asked(raw, query)
    if not asked.tsquery:
        return []
    wanted = PHRASE_CANDIDATES if query.phrases else limit
    hits = await _tiers(raw, asked.tsquery, viewer, wanted)
    rows = await raw.fetch(SHOW, [hit["message_id"] for hit in hits])
    found = [row for row in rows if has_phrase(row["text"], query.phrases)]
    return [_shown(row, asked) for row in found[:limit]]


async def search_conversations(
    raw: Raw | Transaction, text: str, *, viewer: Viewer, limit: int = 5
) -> list[msgspec.Raw]:
    """Return the conversations with that number or with every word in the subject, as JSON."""
    query = parse_query(text)
    seen, args = viewer.where("conversation", "read", "c", 5)
    ids = []
    if query.words:
        *whole, last = query.words
        parts = [quoted(f"s:{word.folded}") for word in whole]
        parts.append(f"{quoted(f's:{last.folded}')}{':*' if query.is_open else ''}")
        hits = await _tiers(raw, " & ".join(parts), viewer, limit)
        ids = [hit["conversation_id"] for hit in hits]
    rows = await raw.fetch(
        f"SELECT ({ITEM.format(c='c')})::text AS item FROM conversation AS c"  # noqa: S608 - constants
        f" WHERE (c.number = $2 OR c.id = ANY($3)) AND {seen}"
        " ORDER BY (c.number = $2) DESC, c.last_activity_at DESC LIMIT $4",
        viewer.agent_id,
        query.number,
        ids,
        limit,
        *args,
    )
    return [msgspec.Raw(row["item"].encode()) for row in rows]


class Asked(msgspec.Struct, frozen=True):
    """A query as the index is asked it, and by what its matches are recognised in a text."""

    tsquery: str
    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()


async def _asked(raw: Raw | Transaction, query: Query) -> Asked:
    parts: list[str] = []
    words: set[str] = set()
    beginnings: set[str] = set()
    stems = {
        row["word"]: row["stems"]
        for row in await raw.fetch(
            STEMS, [word.folded for word in query.words], [word.raw for word in query.words]
        )
    }
    for place, word in enumerate(query.words):
        forms = [word.folded, *stems.get(word.folded, ())]
        if query.is_open and place == len(query.words) - 1:
            forms += await _completed(raw, word.folded)
            beginnings.add(word.folded)
        parts.append(any_of(forms))
        words.update(forms)
        beginnings.update(fold(form) for form in forms[1:] if len(form) > 3)
    text = " & ".join(parts)
    if query.marks:
        marks = " & ".join(f"{quoted(mark)}:*" for mark in query.marks)
        text = f"({text}) | ({marks})" if text else marks
    return Asked(text, frozenset(words), tuple(beginnings))


async def _completed(raw: Raw | Transaction, beginning: str) -> list[str]:
    if len(beginning) < 2:
        return []
    pattern = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await raw.fetch(COMPLETE, f"{pattern}%", COMPLETIONS)
    return [row["word"] for row in rows]


async def _tiers(
    raw: Raw | Transaction, tsquery: str, viewer: Viewer, limit: int
) -> list[asyncpg.Record]:
    rule, args = viewer.where("conversation", "read", "c", 3)
    seen = rule if rule in {"true", "false"} else SEEN.format(rule=rule)
    sql = HITS.format(seen=seen)
    newest = await raw.fetchval(NEWEST)
    found: list[asyncpg.Record] = []
    for name, bits in (("B", NEAR), ("b", FAR), ("", 0)):
        part = tsquery
        if name:
            buckets = any_of(f"{name}~{(newest >> bits) - back}" for back in (0, 1))
            part = f"({tsquery}) & {buckets}"
        found = list(await raw.fetch(sql, part, limit, *args))
        if len(found) >= limit:
            break
    return found


def _shown(row: asyncpg.Record, asked: Asked) -> MessageHit:
    return MessageHit(
        message_id=row["id"],
        conversation_id=row["conversation_id"],
        seq=row["seq"],
        number=row["number"],
        subject=row["subject"],
        card_name=row["card_name"],
        at=row["at"],
        kind=row["kind"],
        snippet=snippet(row["text"], asked.words, asked.beginnings),
    )
