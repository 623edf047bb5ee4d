"""The database under the hub: what it is, whether it is up to date, what waits in it."""

import asyncpg
from alembic.script import ScriptDirectory

from hub.doctor.finding import Finding, ok, problem, warning
from hub.migrate import UnusableDatabase, alembic_config, check_database
from infra.clock import now


SKEW = 5.0  # seconds between our clock and the database's before codes and leases go wrong
SLOW_JOURNAL = 300.0  # seconds a payload may wait
LONG = 60.0  # seconds a transaction may stay open, holding live events back

WAITING = """
SELECT count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
       count(*) FILTER (WHERE state = 'received') AS waiting,
       coalesce(extract(epoch FROM now() - min(received_at) FILTER (WHERE state = 'received')), 0)
           AS oldest
  FROM journal WHERE state IN ('quarantined', 'received')
"""
OPEN = """
SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL
"""


async def server(connection: asyncpg.Connection) -> Finding:
    """Look at version, encoding and locale."""
    try:
        await check_database(connection)
    except UnusableDatabase as error:
        return problem("database", str(error), "docs/install.md tells how to create one")
    version = connection.get_server_version()
    return ok("database", f"PostgreSQL {version.major}.{version.minor}, UTF8")


async def tables(connection: asyncpg.Connection, url: str) -> Finding:
    """Compare the tables' revision with the one of this release."""
    newest = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return problem("tables", "there are none yet", "run `punte migrate` or `punte run`")
    present = await connection.fetchval("SELECT version_num FROM alembic_version")
    if present != newest:
        return problem("tables", f"of revision {present}, not {newest}", "run `punte migrate`")
    return ok("tables", f"of this release ({present})")


async def clock(connection: asyncpg.Connection) -> Finding:
    """Compare our clock with the database's, half a round trip allowed for."""
    before = now()
    theirs = await connection.fetchval("SELECT clock_timestamp()")
    after = now()
    skew = abs((theirs - (before + (after - before) / 2)).total_seconds())
    if skew > SKEW:
        return problem(
            "clock", f"{skew:.0f} s apart from the database's", "set both by a time server (NTP)"
        )
    return ok("clock", f"{skew * 1000:.0f} ms apart from the database's")


async def journal(connection: asyncpg.Connection) -> Finding:
    """Look for messages that came in and are not in any conversation."""
    (row,) = await connection.fetch(WAITING)
    quarantined, waiting, oldest = row["quarantined"], row["waiting"], float(row["oldest"])
    if quarantined:
        return problem(
            "journal",
            f"{quarantined} messages could not be read and are in quarantine",
            "look at Settings > Journal, upgrade, and replay them there",
        )
    if oldest > SLOW_JOURNAL:
        return problem(
            "journal",
            f"{waiting} messages wait, the oldest for {oldest:.0f} s",
            "see that a node with the role `channels` runs",
        )
    return ok("journal", f"{waiting} messages wait")


async def feed(connection: asyncpg.Connection) -> Finding:
    """Look for a transaction that holds the live events of everybody back."""
    oldest = float(await connection.fetchval(OPEN))
    if oldest > LONG:
        return warning(
            "feed",
            f"a transaction has been open for {oldest:.0f} s: live events wait for it",
            "end it: SELECT pid, query FROM pg_stat_activity ORDER BY xact_start",
        )
    return ok("feed", "nothing holds live events back")
