"""Bringing a database to this version: tables by Alembic, functions by their files."""

import asyncio
import re
import threading
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

import crm_core
import inbox
import infra
from hub import migrations
from infra.db import driver_url
from infra.errors import HubError


FUNCTIONS_LOCK = 7_305_531_208_444  # arbitrary: one node replaces functions, the others wait


ONE_AT_A_TIME = threading.Lock()  # Alembic's context is global to the process


class UnusableDatabase(HubError):
    """The database cannot hold a hub: wrong encoding, locale or version."""

    code = "database.unusable"
    title = "The database cannot be used"


async def migrate(url: str) -> None:
    """Create or upgrade the tables and replace the SQL functions; safe on several nodes at once.

    Raises:
        UnusableDatabase: Encoding, locale or version do not fit.
    """
    connection = await asyncpg.connect(driver_url(url), timeout=10)
    try:
        await check_database(connection)
    finally:
        await connection.close()
    await asyncio.to_thread(_upgrade, url)
    await install_functions(url)


async def install_functions(url: str) -> None:
    """Replace every SQL function by the one in the packages' ``sql`` folders."""
    connection = await asyncpg.connect(driver_url(url), timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", FUNCTIONS_LOCK)
            for file in sql_files():
                await connection.execute(file.read_text(encoding="utf-8"))
    finally:
        await connection.close()


def sql_files() -> list[Path]:
    """Return the files of SQL functions in the order they are installed."""
    packages = (infra, crm_core, inbox)
    folders = [Path(p.__path__[0]) / "sql" for p in packages]
    return [file for folder in folders for file in sorted(folder.glob("*.sql"))]


async def check_database(connection: asyncpg.Connection) -> None:
    """Make sure that the database can hold a hub.

    Raises:
        UnusableDatabase: It says what is wrong and how the database has to be created.
    """
    version = connection.get_server_version().major
    if not 15 <= version <= 18:
        raise UnusableDatabase(f"PostgreSQL {version} is not supported: use 15 to 18")
    encoding = await connection.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise UnusableDatabase(
            f"the database is encoded in {encoding}: create it with ENCODING 'UTF8'"
        )
    if not await connection.fetchval("SELECT lower('Ж') = 'ж' AND lower('Ș') = 'ș'"):
        raise UnusableDatabase(
            "the database's locale does not know letters beyond ASCII: create it with "
            "LOCALE 'C.UTF-8' or another UTF-8 locale"
        )


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", re.sub("%", "%%", url))
    return config


def _upgrade(url: str) -> None:
    with ONE_AT_A_TIME:
        command.upgrade(alembic_config(url), "head")
