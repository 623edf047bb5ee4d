"""A visitor's log: numbered without gaps, each thing once, whoever writes and however often."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from infra.clock import now
from infra.db import Raw, Writes


PAGE = 500  # entries read at once

LOCK = "SELECT seq, merged_into FROM webchat_visitor WHERE id = $1 FOR NO KEY UPDATE"

KNOWN = """
SELECT cid, op_key, seq, id FROM webchat_entry WHERE visitor_id = $1 AND cid = ANY($2)
 UNION ALL
SELECT NULL, op_key, seq, id FROM webchat_entry WHERE op_key = ANY($3)
"""

ADD = """
INSERT INTO webchat_entry (visitor_id, seq, id, thread, kind, cid, op_key, frame, at)
SELECT $1, seq, id, thread, kind, cid, op_key, frame::jsonb, at
  FROM unnest($2::int[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::timestamptz[])
       AS new (seq, id, thread, kind, cid, op_key, frame, at)
"""

COUNT = """
UPDATE webchat_visitor SET seq = $2, spoke = spoke OR $3, live_at = greatest(live_at, $4)
 WHERE id = $1
"""

AFTER = """
SELECT seq, (frame || jsonb_build_object('seq', seq))::text AS frame FROM webchat_entry
 WHERE visitor_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
"""

BEFORE = """
SELECT (frame || jsonb_build_object('seq', seq))::text AS frame FROM webchat_entry
 WHERE visitor_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
"""

Kind = Literal["in", "out", "amend", "note"]


class New(msgspec.Struct, frozen=True, kw_only=True):
    """An entry to add; see ``tables.EntryRow``."""

    id: str
    kind: Kind
    frame: Mapping[str, Any]
    cid: str | None = None
    op_key: str | None = None
    thread: UUID | None = None


class Placed(msgspec.Struct, frozen=True):
    """Where an entry is; ``is_new`` is false when it was there before."""

    seq: int
    id: str
    is_new: bool


class Sent(msgspec.Struct, frozen=True):
    """An entry as it goes over the wire."""

    seq: int
    text: bytes


async def root_of(tx: Writes, visitor_id: UUID) -> tuple[UUID, int]:
    """Lock a visitor, or whom they turned out to be; return the id and the newest number.

    Raises:
        LookupError: There is no such visitor.
    """
    while True:
        row = await tx.fetchrow(LOCK, visitor_id)
        if row is None:
            raise LookupError(f"no visitor {visitor_id}")
        if row["merged_into"] is None:
            return visitor_id, row["seq"]
        visitor_id = row["merged_into"]


async def append(tx: Writes, visitor_id: UUID, new: Sequence[New]) -> tuple[UUID, list[Placed]]:
    """Add entries to a visitor's log, each once; the visitor is locked until the commit.

    Returns:
        Whose log it is, and the places of all of ``new``, also of those that were there.
    """
    owner, seq = await root_of(tx, visitor_id)
    cids = [one.cid for one in new if one.cid]
    ops = [one.op_key for one in new if one.op_key]
    rows = await tx.fetch(KNOWN, owner, cids, ops)
    by_cid = {row["cid"]: Placed(row["seq"], row["id"], is_new=False) for row in rows}
    by_op = {row["op_key"]: Placed(row["seq"], row["id"], is_new=False) for row in rows}
    placed: list[Placed] = []
    fresh: list[tuple[int, New]] = []
    moment = now()
    for one in new:
        known = (by_cid.get(one.cid) if one.cid else None) or (
            by_op.get(one.op_key) if one.op_key else None
        )
        if known is None:
            seq += 1
            fresh.append((seq, one))
            known = Placed(seq, one.id, is_new=True)
            if one.cid:
                by_cid[one.cid] = Placed(seq, one.id, is_new=False)
        placed.append(known)
    if fresh:
        await _add(tx, owner, visitor_id, fresh, moment)
    return owner, placed


async def _add(
    tx: Writes,
    owner: UUID,
    thread: UUID,
    fresh: Sequence[tuple[int, New]],
    moment: datetime,
) -> None:
    await tx.execute(
        ADD,
        owner,
        [seq for seq, _ in fresh],
        [one.id for _, one in fresh],
        [one.thread or thread for _, one in fresh],
        [one.kind for _, one in fresh],
        [one.cid for _, one in fresh],
        [one.op_key for _, one in fresh],
        [msgspec.json.encode(one.frame).decode() for _, one in fresh],
        [moment for _ in fresh],
    )
    speaks = any(one.kind == "in" for _, one in fresh)
    await tx.execute(COUNT, owner, fresh[-1][0], speaks, moment)


async def after(raw: Raw, visitor_id: UUID, seq: int, limit: int = PAGE) -> list[Sent]:
    """Return the entries after ``seq``, in order."""
    rows = await raw.fetch(AFTER, visitor_id, seq, limit)
    return [Sent(row["seq"], row["frame"].encode()) for row in rows]


async def before(raw: Raw, visitor_id: UUID, seq: int, limit: int) -> list[bytes]:
    """Return the entries before ``seq``, oldest first."""
    rows = await raw.fetch(BEFORE, visitor_id, seq, limit)
    return [row["frame"].encode() for row in reversed(rows)]
