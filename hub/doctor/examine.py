"""Everything ``punte doctor`` looks at, in the order it is told."""

from collections.abc import AsyncIterator

import asyncpg

from hub.doctor import channels, database, machine
from hub.doctor.finding import Finding, Level, problem
from hub.pgtools import connect
from infra.bus import LocalBus
from infra.db import Database
from infra.settings import Settings


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what each look finds; later looks are left out when they need what failed.

    Args:
        settings: With the URL of the database, which may be down.
    """
    yield machine.disk(settings)
    yield await machine.port(settings)
    yield machine.address(settings)
    yield machine.pages()
    yield await machine.redis(settings)
    finding, vault = machine.key(settings)
    yield finding
    try:
        connection = await connect(settings.database)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        yield problem("database", str(error) or "no answer", "start it, or correct DATABASE_URL")
        return
    try:
        usable = True
        for look in (
            await database.server(connection),
            await database.tables(connection, settings.database),
        ):
            usable &= look.level is not Level.PROBLEM
            yield look
        yield await database.clock(connection)
        yield await database.feed(connection)
        if not usable:
            return
        yield await database.journal(connection)
    finally:
        await connection.close()
    if vault is None:
        return
    db = Database(settings.database, LocalBus())
    try:
        yield await channels.secrets(db, vault)
        for found in await channels.accounts(db, vault, settings.data):
            yield found
    finally:
        await db.close()
