import io
import tarfile
from pathlib import Path

import asyncpg
import pytest

from hub import archive
from hub.archive import BadArchive, Manifest, Writer
from hub.backup import backup
from hub.pgtools import ToolFailed, connect, run_tool, tool
from hub.restore import NotEmpty, restore
from infra.blobs import Blobs
from infra.settings import Settings
from infra.vault import KEY_FILE, key_file


AGENT = """
INSERT INTO branch (id, name, code, timezone, phone_region, currency)
VALUES ('00000000-0000-7000-8000-000000000001', 'Centru', 'C', 'UTC', 'MD', 'MDL');
INSERT INTO agent (id, login, login_key, name, branch_id, status, locale, signature,
                   recovery_codes, preferences, created_at, rev)
VALUES ('00000000-0000-7000-8000-000000000002', 'ana', 'ana', 'Ștefana',
        '00000000-0000-7000-8000-000000000001', 'active', 'ro', '', '{}', '{}', now(), 1);
"""

DELIVERIES = """
ALTER TABLE delivery DROP CONSTRAINT delivery_message_id_fkey;
ALTER TABLE delivery DROP CONSTRAINT delivery_identity_id_fkey;
INSERT INTO delivery (id, message_id, identity_id, role, part, state, not_before, attempts,
                      updated_at)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'to', 0, state, at, 0, now()
  FROM (VALUES ('queued', now() - interval '1 minute'), ('queued', now() + interval '1 day'),
               ('sent', now() - interval '1 day')) AS v (state, at);
"""


@pytest.fixture
async def hub(url: str, tmp_path: Path) -> Settings:
    """A hub at rest with an agent, an attachment, deliveries and an event."""
    settings = Settings(data=tmp_path / "one", database_url=url)
    key_file(settings.data)
    sha256 = Blobs(settings.data / "blobs").put_bytes(b"plan of a kitchen")
    connection = await connect(url)
    async with connection.transaction():
        await connection.execute(AGENT)
        await connection.execute("INSERT INTO blob (sha256, size) VALUES ($1, 17)", sha256)
        await connection.execute("INSERT INTO event (type, data) VALUES ('x', '{}')")
        await connection.execute(DELIVERIES)
    await connection.close()
    return settings


@pytest.fixture
async def elsewhere(admin: asyncpg.Connection, server: Path, tmp_path: Path, worker_id: str):
    """An empty database and data folder on the same server."""
    name = f"elsewhere_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    data = tmp_path / "two"
    data.mkdir()
    yield Settings(data=data, database_url=f"postgresql+asyncpg://postgres@/{name}?host={server}")
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def ask(settings: Settings, question: str) -> list:
    connection = await connect(settings.database)
    try:
        return [tuple(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


async def test_everything_comes_back_elsewhere(hub, elsewhere, tmp_path):
    file = tmp_path / "hub.backup"
    manifest = await backup(hub, file)
    assert (manifest.blobs, manifest.has_key) == (1, True)
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []

    await restore(elsewhere, file)
    assert await ask(elsewhere, "SELECT name FROM agent") == [("Ștefana",)]
    ((sha256,),) = await ask(elsewhere, "SELECT sha256 FROM blob")
    assert Blobs(elsewhere.data / "blobs").get_bytes(sha256) == b"plan of a kitchen"
    key = (elsewhere.data / KEY_FILE).read_bytes()
    assert key == (hub.data / KEY_FILE).read_bytes()
    assert (elsewhere.data / KEY_FILE).stat().st_mode & 0o077 == 0


async def test_the_feed_starts_a_new_epoch(hub, elsewhere, tmp_path):
    await backup(hub, tmp_path / "b")
    await restore(elsewhere, tmp_path / "b")
    assert await ask(elsewhere, "SELECT count(*) FROM event") == [(0,)]
    before, after = [await ask(each, "SELECT epoch FROM feed_epoch") for each in (hub, elsewhere)]
    assert len(after) == 1
    assert after != before


async def test_what_was_waiting_may_have_left_and_is_not_sent_again(hub, elsewhere, tmp_path):
    await backup(hub, tmp_path / "b")
    await restore(elsewhere, tmp_path / "b")
    states = await ask(elsewhere, "SELECT state, error_code FROM delivery ORDER BY not_before")
    assert states == [("sent", None), ("unknown", "restore.uncertain"), ("queued", None)]


async def test_data_is_given_up_only_by_force(hub, tmp_path):
    await backup(hub, tmp_path / "b")
    await ask(hub, "UPDATE agent SET name = 'Later' RETURNING name")
    with pytest.raises(NotEmpty, match="--force"):
        await restore(hub, tmp_path / "b")
    assert await ask(hub, "SELECT name FROM agent") == [("Later",)]
    await restore(hub, tmp_path / "b", force=True)
    assert await ask(hub, "SELECT name FROM agent") == [("Ștefana",)]


async def test_nothing_is_restored_under_a_running_hub(hub, db, tmp_path):
    await backup(hub, tmp_path / "b")
    async with db.read():
        with pytest.raises(NotEmpty, match="running"):
            await restore(hub, tmp_path / "b", force=True)


async def test_a_failed_restore_leaves_the_old_state(hub, tmp_path):
    manifest = await backup(hub, tmp_path / "b")
    bad = tmp_path / "bad"
    rewrite(tmp_path / "b", bad, manifest, dump=b"no dump at all")
    with pytest.raises(ToolFailed, match="pg_restore"):
        await restore(hub, bad, force=True)
    assert await ask(hub, "SELECT name FROM agent") == [("Ștefana",)]


async def test_a_damaged_backup_is_refused(hub, tmp_path):
    file = tmp_path / "b"
    await backup(hub, file)
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"plan of a kitchen", b"plan of a kitchem"))
    with pytest.raises(BadArchive, match="damaged"):
        await restore(hub, file, force=True)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadArchive):
        archive.verify(file)


async def test_a_backup_of_a_newer_hub_is_refused(hub, tmp_path):
    manifest = await backup(hub, tmp_path / "b")
    newer = tmp_path / "newer"
    rewrite(tmp_path / "b", newer, manifest, revision="9999")
    with pytest.raises(BadArchive, match="upgrade first"):
        await restore(hub, newer, force=True)
    rewrite(tmp_path / "b", newer, manifest, format=99)
    with pytest.raises(BadArchive, match="newer version"):
        archive.verify(newer)


async def test_a_missing_attachment_stops_the_backup(hub, tmp_path):
    blobs = Blobs(hub.data / "blobs")
    for name in list(blobs.names()):
        blobs.delete(name)
    (tmp_path / "b").write_text("the last good backup")
    with pytest.raises(BadArchive, match="1 attachments are missing"):
        await backup(hub, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "the last good backup"


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 10240])
def test_what_is_no_backup_is_refused(tmp_path, content):
    (tmp_path / "b").write_bytes(content)
    with pytest.raises(BadArchive):
        archive.verify(tmp_path / "b")


def test_a_member_that_leads_elsewhere_is_refused(tmp_path):
    manifest = Manifest(
        format=1, version="1", created_at="2026-01-01T00:00:00Z", revision="1", dump_sha256="",
        dump_size=0, blobs=0, has_key=False,
    )  # fmt: skip
    with Writer.open(tmp_path / "b") as writer:
        writer.add_manifest(manifest)
        writer.add_bytes("../../etc/passwd", b"x")
    with pytest.raises(BadArchive, match="does not belong"):
        archive.verify(tmp_path / "b")


async def test_a_key_that_is_here_already_is_kept_aside(hub, elsewhere, tmp_path):
    old = key_file(elsewhere.data).read_bytes()
    await backup(hub, tmp_path / "b")
    await restore(elsewhere, tmp_path / "b")
    assert (elsewhere.data / "secret.key.before-restore").read_bytes() == old


def test_postgres_own_programs_say_why_they_fail(server):
    with pytest.raises(ToolFailed, match="nowhere"):
        run_tool("psql", "-c", "", url=f"postgresql://postgres@/nowhere?host={server}")
    with pytest.raises(ToolFailed, match="not installed"):
        tool("pg_nothing")


def rewrite(source: Path, target: Path, manifest: Manifest, **changed) -> None:
    """Write ``source`` anew with another manifest, and another dump if one is given."""
    import hashlib  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    dump = changed.pop("dump", None)
    if dump is not None:
        changed["dump_sha256"] = hashlib.sha256(dump).hexdigest()
    with tarfile.open(source) as tar, Writer.open(target) as writer:
        writer.add_manifest(msgspec.structs.replace(manifest, **changed))
        for member in tar:
            data = tar.extractfile(member).read()
            if member.name == archive.DUMP and dump is not None:
                data = dump
            if member.name != archive.MANIFEST:
                writer.add_bytes(member.name, io.BytesIO(data).read())
