"""PostgreSQL's own programs, run against the hub's database."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from infra.db import driver_url
from infra.errors import HubError
from infra.postgres_files import PostgresFailed, programs


NEWEST = "18"  # its pg_dump reads every server since 9.2


class ToolFailed(HubError):
    """One of PostgreSQL's programs failed; the message is its own."""

    code = "postgres.tool_failed"
    title = "PostgreSQL's own program failed"


def tool(name: str) -> Path:
    """Return the program ``name``: the embedded one, else the one on the PATH.

    Raises:
        ToolFailed: There is neither.
    """
    with suppress(PostgresFailed):
        embedded = programs(NEWEST) / name
        if embedded.exists():
            return embedded
    found = shutil.which(name)
    if found is None:
        raise ToolFailed(f"{name} is not installed")
    return Path(found)


def run_tool(name: str, *arguments: str, url: str) -> str:
    """Run ``name`` against the database at ``url`` and return what it printed.

    The password goes by environment, where other users of the machine do not see it.

    Raises:
        ToolFailed: It did not end well.
    """
    done = subprocess.run(  # noqa: S603 - our own programs
        [tool(name), "--no-password", *arguments],
        env={**os.environ, **libpq(make_url(url))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolFailed(f"{name}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def libpq(url: URL) -> dict[str, str]:
    """Return ``url`` as the environment variables of PostgreSQL's programs.

    Source: PostgreSQL 18, 32.15 "Environment Variables".
    """
    query = {name: str(value) for name, value in url.query.items()}
    found = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("ssl"),
        "PGOPTIONS": "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0",
    }
    return {name: str(value) for name, value in found.items() if value}


async def connect(url: str) -> asyncpg.Connection:
    """Connect to the database of a SQLAlchemy ``url``, with no limits on time."""
    return await asyncpg.connect(
        driver_url(url),
        timeout=10,
        server_settings={"idle_in_transaction_session_timeout": "0", "statement_timeout": "0"},
    )
