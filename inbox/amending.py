"""Messages that come in parts: the items of an album, the pieces of a long SMS.

The first part makes the message, whichever it is; the others amend it as they come, in any order,
and are counted as nothing new. So no part waits for another, and none can be lost by waiting.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from inbox.content import GAP, preview_of
from infra.clock import now
from infra.db import Writes
from infra.tables import Json


LOCK = """
SELECT c.id, c.last_public_seq FROM conversation AS c
 WHERE c.id = (SELECT conversation_id FROM message WHERE id = $1) FOR NO KEY UPDATE
"""  # before the message, as everybody does

LOAD = """
SELECT seq, thread_id, account_id, text, reply_text, folds::text, spans::text, parts::text,
       meta::text, edited_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'filename', filename)
               ORDER BY position), '[]')::text FROM attachment WHERE message_id = m.id) AS files
  FROM message AS m WHERE id = $1 FOR NO KEY UPDATE
"""

WRITE = """
UPDATE message SET text = $2, reply_text = $3, folds = $4::jsonb, spans = $5::jsonb,
       parts = $6::jsonb, meta = $7::jsonb, rev = rev + 1
 WHERE id = $1
"""

ADD_FILES = """
INSERT INTO attachment (id, message_id, position, kind, filename, mime, size, blob, content_id,
                        is_inline, unavailable, duration, handle, handle_until)
SELECT f.id, $1, f.ordinality - 1 + (SELECT coalesce(max(position) + 1, 0) FROM attachment
                                      WHERE message_id = $1),
       f.kind, f.filename, f.mime, f.size, f.blob, f.content_id, f.inline, f.unavailable,
       f.duration, f.handle, f.handle_until
  FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (
           id uuid, kind text, filename text, mime text, size bigint, blob text, content_id text,
           inline bool, unavailable text, duration float8, handle text, handle_until timestamptz))
       WITH ORDINALITY AS f
"""

REMEMBER = """
INSERT INTO message_ref (account_id, ref_hash, thread_id, message_id, kind, at)
SELECT $1, one.hash, $2, $3, 'seen', $4
  FROM (VALUES (thread_ref_hash($2, $5)), (decode($6, 'hex'))) AS one (hash)
ON CONFLICT DO NOTHING
"""

RETELL = """
UPDATE conversation SET preview = CASE WHEN last_public_seq = $2 THEN $3 ELSE preview END,
       last_activity_at = $4, rev = rev + 1
 WHERE id = $1
"""


async def amend(tx: Writes, message_id: UUID, item: Json) -> None:
    """Add a part to a message that has the same album or is of the same long text.

    Args:
        item: What ``inbox.ingest.item_of`` made of the part.
    """
    case = await tx.fetchrow(LOCK, message_id)
    row = await tx.fetchrow(LOAD, message_id)
    if case is None or row is None:
        return
    amended = _with_piece(row, item) if item["piece"] else _with_item(row, item)
    preview = preview_of(amended["reply_text"], _files(row) + item["attachments"])
    await tx.execute(
        WRITE,
        message_id,
        amended["text"],
        amended["reply_text"],
        *(_json(amended[name]) for name in ("folds", "spans", "parts", "meta")),
    )
    await tx.execute(ADD_FILES, message_id, _json(item["attachments"]))
    await tx.execute(
        REMEMBER,
        row["account_id"],
        row["thread_id"],
        message_id,
        now(),
        item["external_id"],
        item["dedup_hash"],
    )
    await tx.execute("UPDATE activity SET summary = $2 WHERE ref = $1", message_id, preview)
    await tx.execute("INSERT INTO search_queue VALUES ($1) ON CONFLICT DO NOTHING", message_id)
    await tx.execute(RETELL, case["id"], row["seq"], preview, now())
    await tx.execute("SELECT publish_message($1)", message_id)
    await tx.execute("SELECT publish_conversation($1)", case["id"])
    tx.wrote()


def pieced(pieces: Json) -> str:
    """Return a long text as far as it is here; what is missing is marked in its place.

    Args:
        pieces: ``{"total": 3, "texts": {"1": ...}}``.
    """
    total, texts = pieces["total"], pieces["texts"]
    return "".join(texts.get(str(n), f" […{n}/{total}…] ") for n in range(1, total + 1)).strip()


def _with_piece(row: Any, item: Json) -> Json:
    meta = _decoded(row["meta"])
    pieces = meta["pieces"]
    text = item["meta"]["pieces"]["texts"][item["piece"]]
    meta["pieces"] = {**pieces, "texts": pieces["texts"] | {item["piece"]: text}}
    whole = pieced(meta["pieces"])
    return {
        "text": whole,
        "reply_text": whole,
        "folds": [],
        "spans": [],
        "parts": [],
        "meta": meta,
    }


def _with_item(row: Any, item: Json) -> Json:
    meta = _decoded(row["meta"])
    meta["captions"] = [*meta.get("captions", ()), *item["meta"]["captions"]]
    text, spans = captioned(meta["captions"])
    return {
        "text": text,
        "reply_text": text,
        "folds": [],
        "spans": spans,
        "parts": [],
        "meta": meta,
    }


def captioned(captions: Sequence[Sequence[Any]]) -> tuple[str, list[Json]]:
    """Return the text of an album and its formatting.

    Args:
        captions: ``[name of the item, its text, its spans]`` of each item, in order.
    """
    text = ""
    spans: list[Json] = []
    for _, words, marks in captions:
        if words:
            text += GAP if text else ""
            by = len(text)
            text += words
            spans += [{**one, "start": one["start"] + by, "end": one["end"] + by} for one in marks]
    return text, spans


def _files(row: Any) -> list[Json]:
    files: list[Json] = _decoded(row["files"])
    return files


def _decoded(text: str) -> Any:
    return msgspec.json.decode(text)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
