"""The outbox: which copies a worker may send now, and who is sending them.

A claim is a lease on queued copies: it keeps other workers off and says nothing to anybody. The
point of no return is ``begin``: only copies still queued go over to ``sending``, in a commit that
ends before the provider is called. A worker that dies before it leaves copies queued; one that
dies after it leaves a lease that runs out, and copies nobody knows the fate of.

Copies to one address in one thread keep their order; nothing else waits for anything: not another
address, another thread, another account, nor what is scheduled for later.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from inbox.changes import message_changed
from inbox.clearance import cleared
from inbox.contract import WireOp
from inbox.delivery import RANK
from inbox.ingest import ref_hash
from inbox.tables import DeliveryAttemptRow, DeliveryRow, MessageRow
from infra.clock import now
from infra.db import Raw, Transaction


IN_LANE = """EXISTS (
    SELECT FROM delivery AS e JOIN message AS em ON em.id = e.message_id
     WHERE e.identity_id = d.identity_id AND e.state IN ('queued', 'sending')
       AND em.thread_id = m.thread_id AND em.n < m.n
       AND (e.state = 'sending' OR e.is_held OR e.attempts > 0 OR e.not_before <= $1)
) OR EXISTS (
    SELECT FROM delivery AS e
     WHERE e.message_id = d.message_id AND e.identity_id = d.identity_id
       AND e.part < d.part AND e.rank < 3)"""
"""Something before the copy ``d`` has to go first."""

DUE = f"""
SELECT m.id, m.account_id, m.thread_id, m.conversation_id
  FROM delivery AS d
  JOIN message AS m ON m.id = d.message_id
  JOIN channel_account AS a ON a.id = m.account_id
 WHERE d.state = 'queued' AND d.not_before <= $1
   AND (d.lease_until IS NULL OR d.lease_until < $1)
   AND a.is_enabled AND a.removed_at IS NULL
   AND (a.paused_until IS NULL OR a.paused_until <= $1)
   AND m.account_id <> ALL($2)
   AND NOT ({IN_LANE})
 ORDER BY d.not_before, d.id LIMIT 1
   FOR NO KEY UPDATE OF m SKIP LOCKED
"""  # noqa: S608 - constants

LEASE_ALL = f"""
UPDATE delivery AS d SET lease_owner = $3, lease_until = $4
  FROM message AS m
 WHERE m.id = d.message_id AND d.message_id = $2 AND d.state = 'queued' AND d.not_before <= $1
   AND (d.lease_until IS NULL OR d.lease_until < $1)
   AND NOT ({IN_LANE})
"""  # noqa: S608 - constants

WANTED = """
SELECT EXISTS (SELECT FROM delivery AS d JOIN unnest($3::uuid[], $4::int[]) AS p (who, part)
                 ON d.identity_id = p.who AND d.part = p.part
                WHERE d.message_id = $1 AND d.lease_owner = $2 AND d.state = 'queued')
"""

OWNERS = """
SELECT DISTINCT lease_owner FROM delivery
 WHERE state IN ('queued', 'sending') AND lease_owner IS NOT NULL AND lease_until > $1
"""

NEXT_DUE = """
SELECT min(d.not_before) FROM delivery AS d WHERE d.state = 'queued' AND d.not_before > $1
"""

RUN_OUT = """
SELECT d.message_id, d.op_key, array_agg(d.id) AS ids, array_agg(d.identity_id) AS identity_ids,
       max(d.attempts) AS tries, min(d.first_failed_at) AS first_failed_at,
       (SELECT count(*) FROM delivery_attempt AS a
         WHERE a.message_id = d.message_id AND a.op_key = d.op_key) AS attempt
  FROM delivery AS d
 WHERE d.id IN (SELECT id FROM delivery WHERE state = 'sending' AND lease_until < $1
                 ORDER BY lease_until LIMIT 100 FOR UPDATE SKIP LOCKED)
 GROUP BY d.message_id, d.op_key
"""

LOCK_CASE = "SELECT 1 FROM conversation WHERE id = $1 FOR NO KEY UPDATE"

CLAIMED = "SELECT id, account_id, thread_id, conversation_id FROM message WHERE id = $1"

OWN_NAME = """
INSERT INTO message_ref (account_id, ref_hash, thread_id, message_id, kind, at)
SELECT a.id, one.hash, $3, $4, 'own', $5
  FROM channel_account AS a,
       (VALUES ($2::bytea, true), (thread_ref_hash($3, $6), false)) AS one (hash, in_account)
 WHERE a.id = $1 AND (one.in_account OR a.kind <> 'email')
ON CONFLICT (account_id, ref_hash) DO UPDATE
   SET kind = 'own', message_id = excluded.message_id, thread_id = excluded.thread_id
 WHERE message_ref.kind = 'referenced'
"""

NAME_IT = """
UPDATE message SET external_id = $2 WHERE id = $1 AND external_id IS NULL AND NOT EXISTS (
       SELECT FROM message AS o WHERE o.thread_id = $3 AND o.external_id = $2)
"""

NAME_ALL = """
UPDATE message SET meta = meta || jsonb_build_object('names', $2::text[]) WHERE id = $1
"""


class Claimed(msgspec.Struct, frozen=True):
    """A message some of whose copies this worker may send."""

    message_id: UUID
    account_id: UUID
    thread_id: UUID
    conversation_id: UUID


class Begun(msgspec.Struct, frozen=True):
    """Copies that are being sent by one provider call.

    Attributes:
        copies: Delivery ids by identity.
        attempt: Number of the call among those for the same operation.
        tries: How often the copies were tried before.
        first_failed_at: When the first of those tries failed.
    """

    copies: Mapping[UUID, UUID]
    attempt: int
    tries: int
    first_failed_at: datetime | None


class Interrupted(msgspec.Struct, frozen=True):
    """Copies whose worker vanished during a provider call."""

    message_id: UUID
    op_key: str
    begun: Begun


async def claim(
    tx: Transaction, *, owner: str, lease: timedelta, busy: Collection[UUID] = ()
) -> Claimed | None:
    """Take the message that is due longest, leaving out accounts that are ``busy``."""
    at = now()
    while (row := await tx.fetchrow(DUE, at, list(busy))) is not None:
        leased = await tx.execute(LEASE_ALL, at, row["id"], owner, at + lease)
        if leased != "UPDATE 0":  # else another worker was quicker: look again
            return Claimed(*row)
    return None


async def next_due(tx: Transaction) -> datetime | None:
    """Return when the next copy falls due that is not due yet."""
    due: datetime | None = await tx.fetchval(NEXT_DUE, now())
    return due


async def add_parts(tx: Transaction, message_id: UUID, parts: int, *, owner: str) -> None:
    """Make rows for the parts a message turned out to be sent in, for those who lack them."""
    rows = await tx.session.scalars(
        select(DeliveryRow).where(DeliveryRow.message_id == message_id).with_for_update()
    )
    have = list(rows)
    known = {(row.identity_id, row.part) for row in have}
    for row in [row for row in have if row.part == 0 and row.state == "queued"]:
        tx.session.add_all(
            DeliveryRow(
                message_id=message_id,
                identity_id=row.identity_id,
                role=row.role,
                part=part,
                not_before=row.not_before,
                lease_owner=owner,
                lease_until=row.lease_until,
            )
            for part in range(1, parts)
            if (row.identity_id, part) not in known
        )


async def is_wanted(
    tx: Transaction, claimed: Claimed, parts: Mapping[UUID, int], *, owner: str
) -> bool:
    """Whether a call for these parts of a message has still something to send."""
    wanted = await tx.fetchval(WANTED, claimed.message_id, owner, list(parts), [*parts.values()])
    return bool(wanted)


async def begin(
    tx: Transaction,
    claimed: Claimed,
    op: WireOp,
    parts: Mapping[UUID, int],
    *,
    owner: str,
    lease: timedelta,
    names: Sequence[str] = (),
) -> Begun | None:
    """Move the copies one call carries to ``sending``; from the commit on there is no way back.

    Args:
        parts: Which part of the message the call carries, by identity.
        names: What the provider will call it, when that is known before.

    Returns:
        None when there is nothing left to send: taken back, sent, or another worker's.
    """
    at = now()
    await tx.fetchval(LOCK_CASE, claimed.conversation_id)  # before the message, as everybody does
    message = await tx.session.get_one(MessageRow, claimed.message_id, with_for_update=True)
    rows = await cleared(tx, message, await _sendable(tx, message.id, parts, owner, at))
    if not rows:
        return None
    for row in rows:
        row.state = "sending"
        row.op_key = op.key
        row.lease_until = at + lease
        row.updated_at = at
    attempt = await tx.fetchval(
        "SELECT count(*) + 1 FROM delivery_attempt WHERE message_id = $1 AND op_key = $2",
        message.id,
        op.key,
    )
    tx.session.add(
        DeliveryAttemptRow(
            message_id=message.id,
            op_key=op.key,
            n=attempt,
            identity_ids=[row.identity_id for row in rows],
        )
    )
    await keep_names(tx, claimed, names)
    message.rev += 1
    await message_changed(tx, message.id)
    failed = [row.first_failed_at for row in rows if row.first_failed_at is not None]
    return Begun(
        copies={row.identity_id: row.id for row in rows},
        attempt=attempt,
        tries=max(row.attempts for row in rows),
        first_failed_at=min(failed, default=None),
    )


async def keep_names(tx: Transaction, claimed: Claimed, names: Sequence[str]) -> None:
    """Remember what the provider calls a message of ours, so what refers to it is understood."""
    for name in names:
        await tx.execute(
            OWN_NAME,
            claimed.account_id,
            ref_hash(name),
            claimed.thread_id,
            claimed.message_id,
            now(),
            name,
        )
    if names:
        await tx.execute(NAME_IT, claimed.message_id, names[0], claimed.thread_id)
    if len(names) > 1:
        await tx.execute(NAME_ALL, claimed.message_id, list(names))


async def end_attempt(
    tx: Transaction, message_id: UUID, op_key: str, n: int, *, outcome: str, response: str
) -> None:
    """Log how a provider call ended."""
    attempt = await tx.session.get(DeliveryAttemptRow, (message_id, op_key, n))
    if attempt is not None:
        attempt.ended_at = now()
        attempt.outcome = outcome
        attempt.response = response[:2000]


async def renew(tx: Transaction, claimed: Claimed, *, owner: str, lease: timedelta) -> None:
    """Keep the copies of a message while a call takes its time."""
    await tx.execute(
        "UPDATE delivery SET lease_until = $3 WHERE message_id = $1 AND lease_owner = $2",
        claimed.message_id,
        owner,
        now() + lease,
    )


async def release(tx: Transaction, message_id: UUID, *, owner: str) -> None:
    """Let go of queued copies that were claimed and not sent."""
    await tx.execute(
        "UPDATE delivery SET lease_owner = NULL, lease_until = NULL"
        " WHERE message_id = $1 AND lease_owner = $2 AND state = 'queued'",
        message_id,
        owner,
    )


async def take_interrupted(tx: Transaction, *, owner: str, lease: timedelta) -> list[Interrupted]:
    """Take over the copies whose worker vanished in the middle of a call, to find out."""
    at = now()
    rows = await tx.fetch(RUN_OUT, at)
    for row in rows:
        await tx.execute(
            "UPDATE delivery SET lease_owner = $2, lease_until = $3 WHERE id = ANY($1)",
            row["ids"],
            owner,
            at + lease,
        )
    return [
        Interrupted(
            row["message_id"],
            row["op_key"],
            Begun(
                copies=dict(zip(row["identity_ids"], row["ids"], strict=True)),
                attempt=row["attempt"],
                tries=row["tries"],
                first_failed_at=row["first_failed_at"],
            ),
        )
        for row in rows
    ]


async def end_leases(tx: Transaction, is_dead: Callable[[str], bool]) -> None:
    """End the leases of workers that are gone, as if their time were over."""
    owners = [row["lease_owner"] for row in await tx.fetch(OWNERS, now())]
    dead = [owner for owner in owners if is_dead(owner)]
    if dead:
        await tx.execute(
            "UPDATE delivery SET lease_until = $2 WHERE lease_owner = ANY($1)"
            " AND state IN ('queued', 'sending')",
            dead,
            now() - timedelta(seconds=1),
        )


async def claimed_of(raw: Raw, message_id: UUID) -> Claimed:
    """Return what a claim of a message would hold."""
    row = await raw.fetchrow(CLAIMED, message_id)
    if row is None:
        raise LookupError(f"no message {message_id}")
    return Claimed(*row)


async def postpone(
    tx: Transaction, account_id: UUID, until: datetime, *, thread_id: UUID | None
) -> None:
    """Close a rate bucket: nothing of the account, or of one thread, goes out before ``until``."""
    await tx.execute(
        "UPDATE delivery AS d SET not_before = $2, is_held = d.is_held OR d.not_before <= $4"
        "  FROM message AS m"
        " WHERE m.id = d.message_id AND d.state = 'queued' AND d.not_before < $2"
        "   AND m.account_id = $1 AND ($3::uuid IS NULL OR m.thread_id = $3)",
        account_id,
        until,
        thread_id,
        now(),
    )


async def _sendable(
    tx: Transaction, message_id: UUID, parts: Mapping[UUID, int], owner: str, at: datetime
) -> list[DeliveryRow]:
    found = await tx.session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.message_id == message_id)
        .order_by(DeliveryRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = found.all()
    unsent = [(row.identity_id, row.part) for row in rows if row.rank < RANK["sent"]]
    return [
        row
        for row in rows
        if row.state == "queued"
        and row.lease_owner == owner
        and row.lease_until is not None
        and row.lease_until > at >= row.not_before
        and parts.get(row.identity_id) == row.part
        and not any(who == row.identity_id and part < row.part for who, part in unsent)
    ]
