"""The journal: what providers hand over is written down first and understood afterwards.

An adapter acknowledges to its provider once ``take`` has committed, so nothing is lost when the
hub stops, and a payload nobody can read stops nothing: it is kept, tried again and set aside.
Every row ends ``processed``, ``ignored``, ``duplicate`` or ``quarantined``, and can be replayed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from inbox.contract import LeaseLost, Raw
from inbox.tables import JournalState
from infra.blobs import Blobs
from infra.clock import now
from infra.db import Database, Transaction, Writes
from infra.db import Raw as Sql
from infra.errors import Conflict, NotFound
from infra.jobs import backoff


MAX_ATTEMPTS = 5  # with the backoff of infra.jobs: at most a few minutes of trying
LEASE = timedelta(seconds=10)  # a claimed row falls due again when its hub died; that is harmless
WAIT = timedelta(minutes=10)  # for a message that a report, an edit or a reaction is about
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=60)  # between looks
INLINE_LIMIT = 64 * 1024  # bytes; larger payloads go to the blob store

TAKE = """
INSERT INTO journal (account_id, key, kind, headers, body, blob, size, received_at, state,
                     attempts, next_try_at)
SELECT $1, key, kind, headers::jsonb, body, blob, size, received_at, 'received', 0, $9
  FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bigint[],
              $8::timestamptz[])
       AS new (key, kind, headers, body, blob, size, received_at)
ON CONFLICT (account_id, key) DO NOTHING
RETURNING id
"""

CLAIM = """
UPDATE journal AS j SET attempts = attempts + 1, next_try_at = $2
  FROM (SELECT id FROM journal
         WHERE state = 'received' AND next_try_at <= $1
         ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE j.id = due.id
RETURNING j.id, j.account_id, j.key, j.kind, j.headers::text AS headers, j.body, j.blob, j.size,
          j.received_at, j.attempts, j.reason
"""


class JournalItem(msgspec.Struct, frozen=True):
    """A row that is due, with its payload."""

    id: int
    account_id: UUID
    raw: Raw
    attempts: int
    reason: str | None


async def take(
    tx: Writes,
    blobs: Blobs,
    account_id: UUID,
    batch: Sequence[Raw],
    *,
    epoch: int | None = None,
    cursor: str | None = None,
) -> int:
    """Write down what a provider handed over.

    Args:
        tx: The unit of work; the adapter acknowledges after it commits.
        blobs: Where large payloads go.
        account_id: The account they came in through.
        batch: The payloads; a key that is known is counted out.
        epoch: The lease the caller holds; None for accounts that need none.
        cursor: The adapter's own mark, stored with them; None leaves it.

    Returns:
        How many were new.

    Raises:
        LeaseLost: Another node runs the account now; nothing was written.
    """
    await _fence(tx, account_id, epoch, cursor)
    if not batch:
        return 0
    moment = now()
    names = [blobs.put_bytes(r.body) if len(r.body) > INLINE_LIMIT else None for r in batch]
    new = await tx.fetch(
        TAKE,
        account_id,
        [raw.key for raw in batch],
        [raw.kind for raw in batch],
        [msgspec.json.encode(raw.headers).decode() for raw in batch],
        [None if name else raw.body for raw, name in zip(batch, names, strict=True)],
        names,
        [len(raw.body) for raw in batch],
        [raw.received_at or moment for raw in batch],
        moment,
    )
    tx.wrote()  # wakes the processors, here and on other nodes
    return len(new)


async def known_keys(sql: Sql, account_id: UUID, prefix: str) -> set[str]:
    """Return the keys of an account that begin with ``prefix``."""
    rows = await sql.fetch(
        "SELECT key FROM journal WHERE account_id = $1 AND starts_with(key, $2)",
        account_id,
        prefix,
    )
    return {row["key"] for row in rows}


async def claim(db: Database, blobs: Blobs, *, limit: int) -> list[JournalItem]:
    """Return the rows that are due, oldest first, and count an attempt for each.

    The attempt is counted, and the next one dated, before the work: a payload that takes the
    whole process down is set aside too.
    """
    moment = now()
    async with db.lane(via="channel") as tx:
        rows = await tx.fetch(CLAIM, moment, moment + LEASE, limit)
        worn_out = [row["id"] for row in rows if row["attempts"] > MAX_ATTEMPTS]
        if worn_out:
            await tx.execute(
                "UPDATE journal SET state = 'quarantined', processed_at = $2, reason ="
                " coalesce(reason, 'the hub stopped while processing it') WHERE id = ANY($1)",
                worn_out,
                moment,
            )
    due = [row for row in rows if row["attempts"] <= MAX_ATTEMPTS]
    return [_item(row, blobs) for row in sorted(due, key=lambda row: row["id"])]


async def settle(tx: Writes, row_id: int, state: JournalState, reason: str | None = None) -> None:
    """Say what became of a row that became no message."""
    await tx.execute(
        "UPDATE journal SET state = $2, reason = $3, processed_at = $4"
        " WHERE id = $1 AND state <> 'processed'",
        row_id,
        state.value,
        reason,
        now(),
    )


async def wait(tx: Writes, item: JournalItem, reason: str) -> bool:
    """Try a row again soon, for what it is about is not here yet; it counts as no failure.

    Returns:
        False when it waited long enough: it is for the caller to settle.
    """
    moment = now()
    age = moment - (item.raw.received_at or moment)
    if age >= WAIT:
        return False
    pause = min(max(age / 2, SHORTEST_WAIT), LONGEST_WAIT)
    await tx.execute(
        "UPDATE journal SET state = 'received', processed_at = NULL, reason = $2,"
        " next_try_at = $3, attempts = 0 WHERE id = $1",  # a message of the payload settled it
        item.id,
        reason,
        moment + pause,
    )
    return True


async def put_off(tx: Writes, item: JournalItem, error: str) -> bool:
    """Try a row again later, or set it aside when it was tried often enough.

    Returns:
        True when it was set aside.
    """
    aside = item.attempts >= MAX_ATTEMPTS
    moment = now()
    await tx.execute(
        "UPDATE journal SET reason = $2, next_try_at = $3, state = $4, processed_at = $5"
        " WHERE id = $1 AND state = 'received'",
        item.id,
        error[:2000].replace("\0", ""),
        _later(moment, item.attempts),
        JournalState.QUARANTINED.value if aside else JournalState.RECEIVED.value,
        moment if aside else None,
    )
    return aside


async def replay(tx: Transaction, row_id: int) -> None:
    """Process a row again from the start, such as after its parser was mended.

    Raises:
        NotFound: There is no such row.
        Conflict: It became a message; there is nothing left to do.
    """
    state = await tx.fetchval("SELECT state FROM journal WHERE id = $1 FOR UPDATE", row_id)
    if state is None:
        raise NotFound(f"no journal row {row_id}")
    if state in {JournalState.PROCESSED, JournalState.DUPLICATE}:
        raise Conflict(f"journal row {row_id} is {state}: nothing is left to do")
    await tx.execute(
        "UPDATE journal SET state = 'received', reason = NULL, attempts = 0, next_try_at = $2,"
        " processed_at = NULL WHERE id = $1",
        row_id,
        now(),
    )
    tx.wrote()


async def _fence(tx: Writes, account_id: UUID, epoch: int | None, cursor: str | None) -> None:
    """Make sure, until the commit, that the caller still holds the account's lease."""
    if cursor is not None:
        held = await tx.fetchval(
            "UPDATE channel_account SET cursor = $3"
            " WHERE id = $1 AND ($2::bigint IS NULL OR lease_epoch = $2) RETURNING 1",
            account_id,
            epoch,
            cursor,
        )
    else:
        held = await tx.fetchval(
            "SELECT 1 FROM channel_account"
            " WHERE id = $1 AND ($2::bigint IS NULL OR lease_epoch = $2) FOR KEY SHARE",
            account_id,
            epoch,
        )
    if held is None:
        raise LeaseLost(f"account {account_id} is run by another node")


def _item(row: Any, blobs: Blobs) -> JournalItem:
    body = row["body"] if row["blob"] is None else blobs.get_bytes(row["blob"])
    raw = Raw(
        key=row["key"],
        body=body,
        headers=msgspec.json.decode(row["headers"]),
        kind=row["kind"],
        received_at=row["received_at"],
    )
    return JournalItem(row["id"], row["account_id"], raw, row["attempts"], row["reason"])


def _later(moment: datetime, attempt: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() + backoff(attempt), tz=moment.tzinfo)
