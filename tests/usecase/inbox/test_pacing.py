"""Rates of providers: nobody is held who need not wait, and nothing is sent too fast."""

import asyncio
from datetime import timedelta

import msgspec

from inbox.contract import Fault, Rate, WireOp
from inbox.pacing import forget_buckets, take
from infra.clock import now
from tests.usecase.inbox.office import ANA, BOB
from tests.usecase.inbox.provider import Post, error, sender, took


class Slow(Post):
    """A provider that takes one call per chat in ten seconds."""

    def rates(self, _config):
        return {"acct": Rate(per_second=100, burst=100), "chat": Rate(per_second=0.1, burst=2)}

    def render(self, message, caps):
        rendered = super().render(message, caps)
        ops = [
            msgspec.structs.replace(op, bucket=("acct", f"chat:{op.bucket[1]}"))
            for op in rendered.ops
        ]
        return msgspec.structs.replace(rendered, ops=tuple(ops))


async def rewind(office, seconds: float) -> None:
    """Let time pass: what waits is due earlier, and buckets have filled longer."""
    async with office.db.transaction() as tx:
        by = timedelta(seconds=seconds)
        await tx.execute("UPDATE rate_bucket SET at = at - $1::interval", by)
        await tx.execute("UPDATE delivery SET not_before = not_before - $1::interval", by)


async def test_a_chat_over_its_rate_waits_and_delays_no_other(office):
    agent = await office.agent()
    ana = await office.case(sender=ANA)
    bob = await office.case(sender=BOB)
    for n in range(3):
        await office.answer(ana, agent, text=f"a{n}")
    await office.answer(bob, agent, text="b0")
    post = Slow()
    worker = sender(office.db, post)
    await worker.run_due()
    assert sorted(op.payload["text"] for op in post.calls) == ["a0", "a1", "b0"]
    await rewind(office, 11)
    await worker.run_due()
    assert [op.payload["text"] for op in post.calls][-1] == "a2"


async def test_a_message_of_many_parts_gets_on_with_every_token(office):
    agent = await office.agent()
    await office.answer(await office.case(sender=ANA), agent)
    post = Slow(parts=5)
    worker = sender(office.db, post)
    for _ in range(4):
        await worker.run_due()
        await rewind(office, 11)
    await worker.run_due()
    assert [op.payload["n"] for op in post.calls] == [0, 1, 2, 3, 4]


async def test_two_workers_draw_from_one_bucket(office):
    agent = await office.agent()
    ana = await office.case(sender=ANA)
    for n in range(4):
        await office.answer(ana, agent, text=f"a{n}")
    posts = Slow(), Slow()
    workers = [sender(office.db, post, owner=f"w{n}") for n, post in enumerate(posts)]
    await asyncio.gather(*(worker.run_due() for worker in workers))
    assert sum(len(post.calls) for post in posts) == 2


async def test_a_big_call_owes_what_the_bucket_did_not_hold(office):
    rates = {"chat": Rate(per_second=1, burst=3)}
    album = WireOp(key="1/0", method="send", payload={}, weight=10, bucket=("chat:1",))
    async with office.db.transaction() as tx:
        assert await take(tx, office.chat_id, album, rates) is None
        wait = await take(tx, office.chat_id, album, rates)
    assert wait is not None
    assert 9 < wait.seconds <= 10.1


async def test_full_buckets_are_forgotten_and_owing_ones_kept(office):
    rates = {"acct": Rate(per_second=1, burst=3), "chat": Rate(per_second=1, burst=3)}
    small = WireOp(key="1/0", method="send", payload={}, bucket=("acct",))
    big = WireOp(key="2/0", method="send", payload={}, weight=10, bucket=("chat:1",))
    async with office.db.transaction() as tx:
        await take(tx, office.chat_id, small, rates)
        await take(tx, office.chat_id, big, rates)
    await rewind(office, 3700)
    async with office.db.transaction() as tx:
        await forget_buckets(tx)
    assert await office.value("SELECT array_agg(scope) FROM rate_bucket") == ["chat:1"]


async def test_an_answer_written_while_its_chat_waits_does_not_overtake(office):
    agent = await office.agent()
    ana = await office.case(sender=ANA)
    for n in range(3):
        await office.answer(ana, agent, text=f"a{n}")
    post = Slow()
    worker = sender(office.db, post)
    await worker.run_due()
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE rate_bucket SET tokens = 2")
    await office.answer(ana, agent, text="a3")
    await worker.run_due()
    await rewind(office, 60)
    await worker.run_due()
    assert [op.payload["text"] for op in post.calls] == ["a0", "a1", "a2", "a3"]


async def test_an_answer_written_while_the_provider_is_busy_does_not_overtake(office):
    agent = await office.agent()
    ana = await office.case(sender=ANA)
    await office.answer(ana, agent, text="a0")
    post = Post(error(Fault.THROTTLED, retry_after=60))
    worker = sender(office.db, post)
    await worker.run_due()
    post.script = took
    await office.answer(ana, agent, text="a1")
    await worker.run_due()
    assert len(post.calls) == 1
    await rewind(office, 61)
    await worker.run_due()
    assert [op.payload["text"] for op in post.calls] == ["a0", "a0", "a1"]


async def test_a_scheduled_answer_delays_no_other(office):
    agent = await office.agent()
    ana = await office.case(sender=ANA)
    await office.answer(ana, agent, text="later", not_before=now() + timedelta(hours=1))
    await office.answer(ana, agent, text="now")
    post = Post()
    await sender(office.db, post).run_due()
    assert [op.payload["text"] for op in post.calls] == ["now"]
