"""``punte backup``: everything a hub needs to come back, in one file, while it runs."""

import asyncio
import hashlib
import tempfile
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from hub import archive
from hub.archive import BadArchive, Manifest
from hub.pgtools import connect, run_tool
from infra.blobs import Blobs
from infra.clock import now
from infra.settings import Settings
from infra.vault import KEY_FILE


BLOBS = """
SELECT sha256 FROM blob
UNION SELECT blob FROM attachment WHERE blob IS NOT NULL
UNION SELECT blob FROM journal WHERE blob IS NOT NULL
ORDER BY 1
"""


async def backup(settings: Settings, path: Path) -> Manifest:
    """Write the hub's whole state to ``path`` and prove that it can be read back.

    One snapshot of the database says which blobs belong to it. Blobs never change, so copying
    them afterwards gives the state of that one moment, whatever the hub does meanwhile.

    Args:
        settings: With the URL of a running database.
        path: Replaced when it exists, but only by a complete and verified backup.

    Raises:
        BadArchive: A blob that the database refers to is missing or damaged.
        ToolFailed: The database could not be dumped.
    """
    draft = path.with_name(f".{path.name}.partial")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".punte-dump-") as folder:
            dump = Path(folder) / archive.DUMP
            revision, blobs = await _dump(settings.database, dump)
            await asyncio.to_thread(_write, settings, draft, dump, revision, blobs)
        manifest = await asyncio.to_thread(archive.verify, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def hub_version() -> str:
    """Return the version of this hub."""
    try:
        return version_of("punte")
    except PackageNotFoundError:  # run from a clone
        return "0.1.0"


async def _dump(url: str, dump: Path) -> tuple[str, list[str]]:
    """Dump the database; return its revision and the blobs it refers to at that moment."""
    connection = await connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            revision = await connection.fetchval("SELECT version_num FROM alembic_version")
            rows = await connection.fetch(BLOBS)
            options = ("--format=custom", "--no-owner", "--no-privileges", "--schema=public")
            files = (f"--snapshot={snapshot}", f"--file={dump}")
            await asyncio.to_thread(run_tool, "pg_dump", *options, *files, url=url)
    finally:
        await connection.close()
    return str(revision), [row["sha256"] for row in rows]


def _write(settings: Settings, draft: Path, dump: Path, revision: str, names: list[str]) -> None:
    blobs = Blobs(settings.data / "blobs")
    missing = [name for name in names if not blobs.exists(name)]
    if missing:
        raise BadArchive(f"{len(missing)} attachments are missing, the first is {missing[0]}")
    key = settings.data / KEY_FILE
    has_key = settings.secret_key is None and key.exists()
    with dump.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = Manifest(
        format=archive.FORMAT,
        version=hub_version(),
        created_at=now(),
        revision=revision,
        dump_sha256=sha256,
        dump_size=dump.stat().st_size,
        blobs=len(names),
        has_key=has_key,
    )
    with archive.Writer.open(draft) as writer:
        writer.add_manifest(manifest)
        writer.add_file(archive.DUMP, dump)
        if has_key:
            writer.add_bytes(archive.KEY, key.read_bytes())
        for name in names:
            writer.add_file(archive.BLOBS + name, blobs.path(name))
