import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from hub.demo.company import found
from hub.doctor import channels, database, machine
from hub.doctor.examine import examine
from hub.doctor.finding import Level
from hub.health import measure
from hub.pgtools import connect
from infra import clock, metrics
from infra.settings import Settings
from infra.vault import Vault, key_file


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    """A hub at rest, on a port nobody listens on."""
    return Settings(data=tmp_path / "data", database_url=url, port=0)


@pytest.fixture
async def connection(url: str):
    opened = await connect(url)
    yield opened
    await opened.close()


async def test_a_healthy_hub_has_no_problem(settings):
    found = [finding async for finding in examine(settings)]
    troubled = {each.subject for each in found if each.level is Level.PROBLEM}
    assert troubled <= {"pages"}  # only there once the browser app was built
    assert {"disk", "port", "database", "tables", "clock", "secrets"} <= {f.subject for f in found}


async def test_every_problem_comes_with_a_remedy(settings, tmp_path):
    nowhere = settings.model_copy(
        update={
            "database_url": f"postgresql+asyncpg://postgres@/x?host={tmp_path}",
            "redis_url": "redis://127.0.0.1:1/0",
        }
    )
    problems = [f async for f in examine(nowhere) if f.level is Level.PROBLEM]
    assert {"database", "redis"} <= {finding.subject for finding in problems}
    assert all(finding.remedy for finding in problems)


async def test_a_stranger_on_the_port_is_told_of():
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        finding = await machine.port(Settings(port=port))
    assert finding.level is Level.PROBLEM
    assert "PUNTE_PORT" in finding.remedy


def test_plain_http_to_others_is_warned_of():
    assert machine.address(Settings()).level is Level.OK
    assert machine.address(Settings(public_url="https://hub.example.com")).level is Level.OK
    assert machine.address(Settings(host="192.0.2.1")).level is Level.WARNING
    assert machine.address(Settings(public_url="http://hub.example.com")).level is Level.WARNING


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path):
    (tmp_path / "file").write_text("")
    assert machine.disk(Settings(data=tmp_path / "file")).level is Level.PROBLEM
    assert machine.disk(Settings(data=tmp_path)).level is not Level.PROBLEM


def test_a_key_that_others_can_read_is_told_of(tmp_path):
    path = key_file(tmp_path)
    path.chmod(0o644)
    finding, vault = machine.key(Settings(data=tmp_path))
    assert finding.level is Level.PROBLEM
    assert finding.remedy == f"chmod 600 {path}"
    assert vault is None
    path.write_text("short")
    path.chmod(0o600)
    assert machine.key(Settings(data=tmp_path))[0].level is Level.PROBLEM


async def test_a_clock_that_is_off_is_told_of(connection):
    assert (await database.clock(connection)).level is Level.OK
    with clock.moved(clock.now() - timedelta(minutes=3)):
        assert (await database.clock(connection)).level is Level.PROBLEM


async def test_tables_of_another_release_are_told_of(connection, url):
    await connection.execute("UPDATE alembic_version SET version_num = '0000'")
    finding = await database.tables(connection, url)
    assert finding.level is Level.PROBLEM
    assert "punte migrate" in finding.remedy


async def test_mail_in_quarantine_is_told_of(connection, db):
    company = await found(db, password="a long enough password")
    mailbox = company.mailboxes["sales"]
    await connection.execute(
        "INSERT INTO journal (account_id, key, kind, headers, size, received_at, state, attempts,"
        " next_try_at) VALUES ($1, 'k', 'event', '{}', 0, now(), 'quarantined', 5, now())",
        mailbox.id,
    )
    finding = await database.journal(connection)
    assert finding.level is Level.PROBLEM
    assert finding.text.startswith("1 messages")


async def test_mail_that_waits_too_long_is_told_of(connection, db):
    company = await found(db, password="a long enough password")
    await connection.execute(
        "INSERT INTO journal (account_id, key, kind, headers, size, received_at, state, attempts,"
        " next_try_at) VALUES ($1, 'k', 'event', '{}', 0, now() - interval '1 hour', 'received',"
        " 0, now())",
        company.mailboxes["sales"].id,
    )
    assert (await database.journal(connection)).level is Level.PROBLEM


async def test_secrets_of_another_key_are_told_of(db):
    company = await found(db, password="a long enough password")
    mailbox = company.mailboxes["sales"]
    place = f"account/{mailbox.id}"
    sealed = Vault(bytes(32)).seal("{}", place=place)
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET secrets = $1", sealed)
    assert (await channels.secrets(db, Vault(bytes(32)))).level is Level.PROBLEM  # of others
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET secrets = '' WHERE id <> $1", mailbox.id)
    assert (await channels.secrets(db, Vault(bytes(32)))).level is Level.OK
    finding = await channels.secrets(db, Vault(bytes(range(32))))
    assert finding.level is Level.PROBLEM
    assert place in finding.text


async def test_accounts_are_counted_by_how_they_do(db):
    await found(db, password="a long enough password")
    await measure(db)
    assert 'punte_accounts{kind="email",state="connected"} 3.0' in metrics.render().decode()


async def test_every_account_is_tried(db, tmp_path):
    await found(db, password="a long enough password")
    looked = await channels.accounts(db, Vault(bytes(32)), tmp_path)
    async with db.read() as sql:
        enabled = await sql.fetchval("SELECT count(*) FROM channel_account WHERE is_enabled")
    assert len(looked) == enabled > 3
    assert {finding.level for finding in looked} == {Level.OK}
