"""``punte restore``: bring a hub back from the file that ``punte backup`` wrote."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory

from hub import archive
from hub.archive import BadArchive, Manifest, Reader
from hub.migrate import alembic_config, migrate
from hub.pgtools import connect, run_tool
from infra.blobs import Blobs
from infra.clock import new_id
from infra.errors import Conflict
from infra.settings import Settings
from infra.vault import KEY_FILE, Vault


ASIDE = "before_restore"  # schema that keeps the old state until the new one is complete

# Positions of another server's feed would hide above the transaction ids of this one.
NEW_HISTORY = "TRUNCATE event, feed_epoch"
NEW_EPOCH = "INSERT INTO feed_epoch (epoch) VALUES ($1)"

NOBODYS = "UPDATE channel_account SET lease_owner = NULL, lease_until = NULL"

NEVER_TWICE = """
UPDATE delivery
   SET state = 'unknown', error_code = 'restore.uncertain',
       error_text = 'It was waiting when the backup was made and may have been sent since.'
 WHERE state IN ('queued', 'sending') AND not_before <= now()
"""


class NotEmpty(Conflict):
    """The hub to restore into has data, or is running."""

    code = "restore.not_empty"
    title = "The backup was not restored"


async def restore(settings: Settings, path: Path, *, force: bool = False) -> Manifest:
    """Replace the hub's state by the one in ``path``.

    The old tables are set aside first and dropped last: when anything fails, they are back.
    Clients start anew from a snapshot, for the feed begins a new epoch; messages that were
    waiting to be sent become ``unknown``, since they may have left after the backup.

    Args:
        settings: With the URL of a running database.
        path: What ``backup`` wrote.
        force: Give up the data that is there.

    Raises:
        BadArchive: The file is damaged, or newer than this hub.
        NotEmpty: There is data and no ``force``, or a hub is running.
        KeyWrong: The key of the environment is unusable.
    """
    manifest = await asyncio.to_thread(archive.verify, path)
    check_revision(manifest, settings.database)
    connection = await connect(settings.database)
    try:
        await _check_target(connection, force=force)
        with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
            dump = await asyncio.to_thread(_unpack, path, Path(folder), settings)
            await _replace(connection, settings.database, dump)
        await migrate(settings.database)
        await _start_anew(connection)
    finally:
        await connection.close()
    return manifest


def check_revision(manifest: Manifest, url: str) -> None:
    """Make sure that this hub knows the tables of the backup.

    Raises:
        BadArchive: They are of a newer release.
    """
    known = ScriptDirectory.from_config(alembic_config(url)).walk_revisions()
    if manifest.revision not in {script.revision for script in known}:
        raise BadArchive(
            f"its tables are of Punte {manifest.version}, newer than this one: upgrade first"
        )


async def _check_target(connection: asyncpg.Connection, *, force: bool) -> None:
    others = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'punte'"
    )
    if others:
        raise NotEmpty("a hub is running on this database: stop it first")
    if force or not await connection.fetchval("SELECT to_regclass('public.agent') IS NOT NULL"):
        return
    used = "SELECT EXISTS (SELECT FROM agent) OR EXISTS (SELECT FROM journal)"
    if await connection.fetchval(used):
        raise NotEmpty("this hub has data; --force replaces it for good")


def _unpack(path: Path, folder: Path, settings: Settings) -> Path:
    """Put blobs and key in their places; return the file of the database's dump."""
    blobs = Blobs(settings.data / "blobs")
    dump = folder / archive.DUMP
    with Reader.open(path) as backup:
        for name, content in backup.members():
            if name == archive.KEY:
                _put_key(settings, content.read())
                continue
            with (dump if name == archive.DUMP else folder / "blob").open("wb") as file:
                shutil.copyfileobj(content, file)
            if name != archive.DUMP:
                blobs.put_file(folder / "blob")
    return dump


def _put_key(settings: Settings, key: bytes) -> None:
    """Use the backup's key; one that is here already stays, to open what it sealed."""
    Vault.parse(key.decode("ascii"))
    path = settings.data / KEY_FILE
    if path.exists() and path.read_bytes() != key:
        path.replace(path.with_suffix(".key.before-restore"))
    path.touch(mode=0o600)
    path.write_bytes(key)


async def _replace(connection: asyncpg.Connection, url: str, dump: Path) -> None:
    await connection.execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE")
    await connection.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
    try:
        await asyncio.to_thread(
            run_tool,
            "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            f"--dbname={await connection.fetchval('SELECT current_database()')}",
            str(dump),
            url=url,
        )
    except BaseException:
        await connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        await connection.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    await connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")


async def _start_anew(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute(NEW_HISTORY)
        await connection.execute(NEW_EPOCH, str(new_id()))
        await connection.execute(NEVER_TWICE)
        await connection.execute(
            "UPDATE channel_account SET lease_owner = NULL, lease_until = NULL"
        )
