"""Forgetting visitors: the inbox keeps its conversations, the widget's own data has its time."""

from infra.clock import now
from infra.db import Database


BATCH = 500  # visitors of one commit

OLD = """
SELECT v.id FROM webchat_visitor AS v JOIN channel_account AS a ON a.id = v.account_id
 WHERE v.live_at < $1::timestamptz
                   - make_interval(days => coalesce((a.config ->> 'keep_days')::int, 365))
   AND NOT EXISTS (SELECT FROM webchat_visitor AS o WHERE o.merged_into = v.id)
 ORDER BY v.live_at LIMIT $2
"""
PARTS = ("webchat_session", "webchat_code", "webchat_file", "webchat_entry")
SPENT = "DELETE FROM webchat_code WHERE expires_at < $1"


async def forget_old(db: Database) -> int:
    """Forget visitors who were not here for long, and codes past their time; return how many."""
    gone = 0
    async with db.lane(via="channel") as tx:
        await tx.execute(SPENT, now())
    while True:
        async with db.lane(via="channel") as tx:
            rows = await tx.fetch(OLD, now(), BATCH)
            ids = [row["id"] for row in rows]
            for table in PARTS:
                await tx.execute(f"DELETE FROM {table} WHERE visitor_id = ANY($1)", ids)  # noqa: S608 - names of ours
            await tx.execute("DELETE FROM webchat_visitor WHERE id = ANY($1)", ids)
        gone += len(ids)
        if len(ids) < BATCH:
            return gone
