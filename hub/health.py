"""Whether the hub lives, whether it can do its work, and its figures."""

import asyncio

from aiohttp import web

from infra import metrics
from infra.db import DATABASE_AWAY, Database


PATIENCE = 3.0  # seconds the database may take to answer before the hub is not ready


def add_health(app: web.Application, db: Database) -> None:
    """Add ``/healthz`` (the process lives), ``/readyz`` (it can work) and ``/metrics``."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(PATIENCE), db.read() as sql:
                await sql.fetchval("SELECT 1")
        except DATABASE_AWAY:
            return web.Response(status=503, text="the database does not answer\n")
        return web.Response(text="ready\n")

    async def figures(_request: web.Request) -> web.Response:
        await measure(db)
        return web.Response(body=metrics.render(), headers={"Content-Type": metrics.CONTENT_TYPE})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", figures)


async def measure(db: Database) -> None:
    """Set the gauges that are read from the database."""
    async with db.read() as sql:
        journal = await sql.fetch(
            "SELECT state, count(*) AS n FROM journal"
            " WHERE state IN ('received', 'quarantined') GROUP BY state"
        )
        deliveries = await sql.fetch(
            "SELECT state, count(*) AS n FROM delivery"
            " WHERE state IN ('queued', 'sending', 'unknown') GROUP BY state"
        )
        jobs = await sql.fetchrow(
            "SELECT count(*) AS n, coalesce(extract(epoch FROM now() - min(due_at)), 0) AS age"
            "  FROM job WHERE done_at IS NULL AND due_at <= now()"
        )
        lag = await sql.fetchval(
            "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)"
            "  FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
        )
        accounts = await sql.fetch(
            "SELECT kind, coalesce(health ->> 'state', 'connecting') AS state, count(*) AS n"
            "  FROM channel_account WHERE is_enabled AND removed_at IS NULL GROUP BY 1, 2"
        )
    metrics.ACCOUNTS.clear()
    for row in accounts:
        metrics.ACCOUNTS.labels(row["kind"], row["state"]).set(row["n"])
    states = {row["state"]: row["n"] for row in journal}
    metrics.JOURNAL_BACKLOG.labels("pending").set(states.get("received", 0))
    metrics.JOURNAL_BACKLOG.labels("quarantined").set(states.get("quarantined", 0))
    counts = {row["state"]: row["n"] for row in deliveries}
    for state in ("queued", "sending", "unknown"):
        metrics.DELIVERIES.labels(state).set(counts.get(state, 0))
    if jobs is not None:
        metrics.JOB_BACKLOG.set(jobs["n"])
        metrics.JOB_AGE.set(float(jobs["age"]))
    metrics.FEED_LAG.set(float(lag))
