"""A long answer over Telegram that breaks off goes on where it broke."""

import asyncio
from pathlib import Path

import pytest

from inbox.sending import Sender
from infra.blobs import Blobs
from infra.bus import LocalBus
from tests.conformance.telegram import ION, Telegram
from tests.conformance.test_through_the_hub import Desk, make_due, states
from tests.servers.telegram.scenarios import BROKEN, Cut, Slow
from tests.usecase.inbox.office import Office


LONG = "".join(f"Propoziția cu numărul {n}. " for n in range(400))


@pytest.fixture
async def desk(db, tmp_path: Path):
    made = Desk(await Office(db).open(), Blobs(tmp_path), Telegram().open())
    await made.connect()
    await made.receive(Telegram.payloads["text"])
    return made


async def answer(desk, line):
    """Let an agent write a long answer; return its id and who sends it."""
    office = desk.office
    office.caps[line.adapter.provider] = line.adapter.capabilities()
    case = await office.value("SELECT id FROM conversation")
    message = await office.answer(case, await office.agent(), LONG)

    async def open_line(_account):
        return line.adapter, line.ctx

    await make_due(office)
    return message, Sender(office.db, LocalBus(), open_line)


@pytest.mark.parametrize(("trouble", "state"), [(BROKEN, "queued"), (Cut("not_done"), "unknown")])
async def test_the_second_part_fails_and_the_first_is_not_sent_again(desk, trouble, state):
    async with Telegram().line() as line:
        telegram, chat = line.server, line.server.bot.chats[ION.id]
        message, sender = await answer(desk, line)
        telegram.plan(Slow(0.3), method="sendMessage")
        sending = asyncio.create_task(sender.run_due())
        await telegram.until(lambda: telegram.done("sendMessage"))
        telegram.plan(trouble, method="sendMessage")
        await sending
        assert len(chat.said()) == 1
        assert {"sent", state} <= await states(desk.office, message)
        if state == "unknown":  # a person decides: nothing goes out by itself
            await make_due(desk.office)
            await sender.run_due()
            assert len(chat.said()) == 1
            return
        async with asyncio.timeout(20):  # a chat takes one message a second
            while "".join(chat.said()) != LONG:
                await make_due(desk.office)
                await sender.run_due()
                await asyncio.sleep(0.2)
        assert await states(desk.office, message) == {"sent"}
        assert len(telegram.done("sendMessage")) == len(chat.said()) == 3
