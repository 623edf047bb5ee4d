"""From Telegram through the journal into conversations: nothing is lost or stops the next."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

import pytest

from channels.telegram.adapter import TelegramAdapter
from inbox.accounts import Account, AccountContext
from inbox.contract import AccountId, Adapter, Event, Raw
from inbox.processing import Processor
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.db import Database
from infra.vault import Vault, new_key
from tests import seed
from tests.adapter.telegram.receiving import settings
from tests.adapter.telegram.test_normalize import POISON


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


@pytest.fixture
async def line(db, tmp_path, telegram, adapter) -> Line:
    account_id = await seed.account(db, kind="telegram", provider="telegram", address="@punte_bot")
    vault, blobs, bus = Vault.parse(new_key()), Blobs(tmp_path / "blobs"), LocalBus()
    account = Account(
        account_id, "telegram", "telegram", "Bot", "@punte_bot", settings(telegram), "", True
    )
    ctx = AccountContext(db, vault, blobs, account)
    await ctx.keep_secret("bot_token", telegram.bot.token)

    async def adapter_of(_provider: str) -> Adapter:
        return adapter

    async def isolate(
        _adapter: Adapter, _account: AccountId, _raws: Sequence[Raw]
    ) -> Sequence[Sequence[Event] | Exception]:
        raise NotImplementedError

    return Line(db, Processor(db, bus, blobs, adapter_of, isolate), ctx)


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


async def test_poison_is_stored_and_the_messages_around_it_too(line, adapter, telegram):
    ion = telegram.client()
    ion.writes("before")
    for content in POISON.values():
        frame = {"message_id": 5000 + len(telegram.bot.updates.waiting), "date": 1_766_000_000}
        who = {"chat": ion.chat.info, "from": ion.person.as_user()}
        telegram.bot.updates.add("message", frame | who | content["message"])
    telegram.bot.updates.add("teleportation", {"speed": 3})
    ion.writes("after")
    await received(line, adapter, len(POISON) + 3)
    states = await line.states()
    assert set(states) == {"processed", "ignored"}
    assert states["ignored"] == 1
    texts = await line.texts()
    assert len(texts) == len(POISON) + 2
    assert {"before", "after"} <= set(texts)
    assert not telegram.bot.updates.waiting


async def test_journal_row_that_nobody_can_read_does_not_stop_the_next(line):
    frame = {"message_id": 1, "date": 1_766_000_000, "chat": {"id": 5, "type": "private"}}
    good = {"update_id": 2, "message": frame | {"text": "next", "from": {"id": 5}}}
    bodies = [b"\xff" * 50, b"[" * 100_000, b"", json.dumps(good).encode()]
    await line.ctx.ingest([Raw(key=str(n), body=body) for n, body in enumerate(bodies)])
    await line.processor.run_due()
    assert await line.texts() == ["next"]
    assert await line.states() == {"ignored": 3, "processed": 1}


async def test_restart_in_the_middle_loses_and_doubles_nothing(line, adapter, telegram):
    ion = telegram.client()
    for n in range(150):
        ion.writes(f"{n:03}")
    await received(line, adapter, 100)
    for n in range(150, 200):
        ion.writes(f"{n:03}")
    await received(line, adapter, 200)
    assert sorted(await line.texts()) == [f"{n:03}" for n in range(200)]


async def test_message_pushed_and_polled_is_one(line, adapter, telegram):
    """While a bot changes from web hook to polling, an update may come both ways."""
    telegram.client().writes("once")
    [update] = telegram.bot.updates.waiting
    await line.ctx.ingest([Raw(key="pushed", body=json.dumps(update).encode())])
    await received(line, adapter, 2)
    assert await line.texts() == ["once"]
