"""The tables and the migrations say the same, in both directions."""

import asyncio

import asyncpg
from alembic import command

from hub.migrate import alembic_config, migrate
from tests.conftest import url_of


async def test_the_migrations_make_the_tables_and_can_be_undone(admin, server, worker_id):
    name = f"migrations_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    url = url_of(server, name)
    config = alembic_config(url)
    await asyncio.to_thread(command.upgrade, config, "head")
    await asyncio.to_thread(command.check, config)
    await asyncio.to_thread(command.downgrade, config, "base")
    await migrate(url)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_migrating_twice_at_once_is_harmless(admin, server, worker_id):
    name = f"twice_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    url = url_of(server, name)
    await asyncio.gather(migrate(url), migrate(url))
    connection = await asyncpg.connect(host=str(server), user="postgres", database=name)
    assert await connection.fetchval("SELECT count(*) FROM feed_epoch") == 1
    await connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
