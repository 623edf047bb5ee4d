"""Forgetting what has served its purpose: events and jobs that nobody can need any more."""

from datetime import datetime, timedelta

from infra.clock import now
from infra.db import Database


EVENTS = timedelta(hours=72)  # a browser that slept longer starts from a snapshot
JOBS = timedelta(days=7)
BATCH = 5_000  # rows of one commit: a long transaction would hold the feed back

# Only the head of the feed is looked at: it is ordered by time, near enough.
OLD_EVENTS = """
DELETE FROM event WHERE (xid, id) IN (
    SELECT xid, id FROM (SELECT xid, id, at FROM event ORDER BY xid, id LIMIT $2) AS head
     WHERE at < $1)
"""

OLD_JOBS = "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE done_at < $1 LIMIT $2)"


async def forget_old(db: Database) -> None:
    """Delete events and finished jobs past their time, in short transactions."""
    moment = now()
    await _forget(db, OLD_EVENTS, moment - EVENTS)
    await _forget(db, OLD_JOBS, moment - JOBS)


async def _forget(db: Database, sql: str, before: datetime) -> None:
    while True:
        async with db.transaction() as tx:
            done = await tx.execute(sql, before, BATCH)
        if int(done.split()[1]) < BATCH:
            return
