"""A sender that runs: it wakes, shares its slots fairly and ends what it has begun."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from inbox import sending
from inbox.contract import AccountId, Fault, Receipt, SendError, ThreadRef
from inbox.sending import PER_ACCOUNT, Sender
from infra.bus import LocalBus
from infra.db import Database
from tests.usecase.inbox.office import Address, Office
from tests.usecase.inbox.provider import Context, Post, sender, took


@pytest.fixture
async def bus():
    return LocalBus()


@pytest.fixture
async def db(url, bus) -> AsyncIterator[Database]:
    database = Database(url, bus)
    yield database
    await database.close()


@pytest.fixture
async def agent(office):
    return await office.agent()


@asynccontextmanager
async def running(office: Office, bus: LocalBus, adapter_of) -> AsyncIterator[asyncio.Task[None]]:
    async def line(account):
        return adapter_of(account), Context()

    worker = Sender(office.db, bus, line, lease=timedelta(seconds=60))
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(office, message_id, state):
    async with asyncio.timeout(20):
        while (found := await state_of(office, message_id)) != state:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def state_of(office, message_id):
    return await office.value("SELECT state FROM delivery WHERE message_id = $1", message_id)


async def test_it_wakes_when_an_answer_is_queued(office, agent, bus, monkeypatch):
    monkeypatch.setattr(sending, "POLL", 60.0)
    async with running(office, bus, lambda _account: Post()):
        await asyncio.sleep(0.1)
        message = await office.answer(await office.case(), agent)
        await until(office, message, "sent")


async def test_it_wakes_when_the_undo_window_ends(office, agent, bus, monkeypatch):
    office.caps["email.imap"] = Post().capabilities()
    monkeypatch.setattr(sending, "POLL", 60.0)
    async with running(office, bus, lambda _account: Post()):
        soon = sending.now() + timedelta(seconds=0.5)
        message = await office.answer(await office.case(), agent, not_before=soon)
        await until(office, message, "sent")


async def test_an_account_that_hangs_leaves_the_others_their_turn(office, agent, bus):
    never = asyncio.Event()

    class Hanging(Post):
        async def send(self, ctx, op):
            self.calls.append(op)
            await never.wait()
            return took(op)

    hanging, quick = Hanging(), Post()
    chat = office.chat_id
    async with running(office, bus, lambda account: quick if account == chat else hanging):
        for n in range(PER_ACCOUNT + 3):
            await office.answer(
                await office.case(sender=Address("email", f"c{n}@example.ro")), agent
            )
        message = await office.answer(await office.place_of(await office.chat()), agent)
        await until(office, message, "sent")
        assert len(hanging.calls) == PER_ACCOUNT
        never.set()


async def test_a_stop_waits_for_the_call_under_way(office, agent, bus):
    begun, may_end = asyncio.Event(), asyncio.Event()

    class Slow(Post):
        async def send(self, ctx, op):
            begun.set()
            await may_end.wait()
            return took(op)

    message = await office.answer(await office.case(), agent)
    async with running(office, bus, lambda _account: Slow()) as task:
        await begun.wait()
        task.cancel()
        await asyncio.sleep(0.05)
        may_end.set()
        await asyncio.wait([task])
        assert await state_of(office, message) == "sent"


async def test_a_call_that_takes_long_keeps_its_lease(office, agent):
    class Slow(Post):
        async def send(self, ctx, op):
            await asyncio.sleep(1.2)
            return took(op)

    message = await office.answer(await office.case(), agent)
    slow = asyncio.create_task(sender(office.db, Slow(), owner="slow", lease=0.6).run_due())
    await asyncio.sleep(0.9)
    await sender(office.db, Post(), owner="other").run_due()
    assert await state_of(office, message) == "sending"
    await slow
    assert await state_of(office, message) == "sent"


async def test_a_call_nobody_understands_is_unknown(office, agent, monkeypatch):
    class Wild(Post):
        async def send(self, ctx, op):
            raise ZeroDivisionError

    message = await office.answer(await office.case(), agent)
    await sender(office.db, Wild()).run_due()
    assert await state_of(office, message) == "unknown"
    monkeypatch.setattr(sending, "CALL_LIMIT", 0.05)

    class Endless(Post):
        async def send(self, ctx, op):
            await asyncio.Event().wait()
            raise AssertionError

    message = await office.answer(await office.case(), agent)
    await sender(office.db, Endless()).run_due()
    code = await office.value("SELECT error_code FROM delivery WHERE message_id = $1", message)
    assert code == "send.timeout"


async def test_a_thread_that_moved_is_followed_at_once(office, agent):
    case = await office.place_of(await office.chat())
    there = ThreadRef(AccountId(office.chat_id), "chat-100")

    def moved(op):
        if len(post.calls) == 1:
            return SendError(fault=Fault.MOVED, code="chat.moved", moved_to=there)
        return Receipt(external_ids=("1",))

    post = Post(moved)
    message = await office.answer(case, agent)
    await sender(office.db, post).run_due()
    assert await state_of(office, message) == "sent"
    key = await office.value("SELECT key FROM thread WHERE conversation_id = $1", case)
    assert key == "chat-100"


async def test_a_dead_workers_lease_does_not_keep_a_message_waiting(office, agent, bus):
    message = await office.answer(await office.case(), agent)
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE delivery SET lease_owner = 'gone', lease_until = $1",
            sending.now() + timedelta(hours=1),
        )

    async def line(_account):
        return Post(), Context()

    worker = Sender(office.db, bus, line, is_dead=lambda owner: owner == "gone")
    task = asyncio.create_task(worker.run())
    try:
        await until(office, message, "sent")
    finally:
        task.cancel()
        await asyncio.wait([task])
