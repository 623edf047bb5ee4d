"""Forgetting what has served its purpose: events and jobs that nobody can need any more."""

from datetime import timedelta

from infra.clock import now
from infra.db import Database


EVENTS = timedelta(hours=72)  # a browser that slept longer starts from a snapshot
JOBS = timedelta(days=7)
BATCH = 5_000  # rows of one commit: a long transaction would hold the feed back


async def forget_old(db: Database) -> None:
    """Delete events and finished jobs past their time, in short transactions."""
    moment = now()
    for sql, before in (
        (
            "DELETE FROM event WHERE (xid, id) IN (SELECT xid, id FROM event WHERE at < $1"
            " ORDER BY xid, id LIMIT $2)",
            moment - EVENTS,
        ),
        (
            "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE done_at < $1 LIMIT $2)",
            moment - JOBS,
        ),
    ):
        while True:
            async with db.transaction() as tx:
                done = await tx.execute(sql, before, BATCH)
            if int(done.split()[1]) < BATCH:
                break
