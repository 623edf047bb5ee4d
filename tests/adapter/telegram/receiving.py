"""A bot's account in memory, and running it for a while."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from channels.telegram.adapter import TelegramAdapter
from channels.telegram.polling import Pace
from inbox.accounts import AccountContext
from inbox.contract import Raw
from inbox.processing import Processor
from infra.db import Database
from tests.servers.context import MemoryContext
from tests.servers.telegram.server import TelegramServer


HASTY = Pace(wait=1, slack=5.0, report=0.0, look=0.05, first=0.05, longest=0.1, pauses=False)


def settings(server: TelegramServer, **more: Any) -> dict[str, Any]:
    """Return the settings of the stand-in's bot."""
    return {"address": "@punte_bot", "api_base": server.url, "allow_private": True} | more


def context(server: TelegramServer, **more: Any) -> MemoryContext:
    """Return what an adapter is given to run the stand-in's bot."""
    return MemoryContext(settings(server, **more), bot_token=server.bot.token)


@asynccontextmanager
async def running(adapter: TelegramAdapter, ctx: MemoryContext) -> AsyncIterator[None]:
    """Run an account while the block runs."""
    task = asyncio.create_task(adapter.run(ctx))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def came(ctx: MemoryContext, count: int, *, within: float = 20.0) -> list[dict[str, Any]]:
    """Wait until the journal has so many updates, and return them in the order they came."""
    async with asyncio.timeout(within):
        while len(ctx.journal) < count:  # noqa: ASYNC110 - the journal is a dictionary
            await asyncio.sleep(0.01)
    return [update_of(raw) for raw in ctx.journal.values()]


def update_of(raw: Raw) -> dict[str, Any]:
    """Return what a payload says."""
    update: dict[str, Any] = json.loads(raw.body)
    return update


def texts(ctx: MemoryContext) -> list[str]:
    """Return the texts of the messages in the journal."""
    return [update_of(raw)["message"]["text"] for raw in ctx.journal.values()]


class Line:
    """A bot of a hub: its account, its journal, and what works that off."""

    def __init__(self, db: Database, processor: Processor, ctx: AccountContext) -> None:
        self.db = db
        self.processor = processor
        self.ctx = ctx

    async def states(self) -> dict[str, int]:
        async with self.db.read() as sql:
            rows = await sql.fetch("SELECT state, count(*) AS n FROM journal GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    async def texts(self) -> list[str]:
        async with self.db.read() as sql:
            rows = await sql.fetch("SELECT text FROM message ORDER BY at, id")
        return [row["text"] for row in rows]


async def received(line: Line, adapter: TelegramAdapter, count: int) -> None:
    """Run the account until the journal has so many updates, and work them off."""
    task = asyncio.create_task(adapter.run(line.ctx))
    async with asyncio.timeout(30):
        while sum((await line.states()).values()) < count:  # noqa: ASYNC110 - rows of a table
            await asyncio.sleep(0.02)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await line.processor.run_due()
