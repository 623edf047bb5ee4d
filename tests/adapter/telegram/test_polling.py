"""Receiving by long polling: every update once, whatever breaks."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from channels.telegram import polling
from channels.telegram.polling import WANTED, Cursor
from inbox.contract import HealthState, LeaseLost
from infra.clock import now
from tests.adapter.telegram.receiving import came, context, running, settings, texts
from tests.servers.context import MemoryContext
from tests.servers.telegram.scenarios import BROKEN, UNAUTHORIZED, Page, Refuse, too_many
from tests.servers.telegram.world import Bot


async def test_what_waited_and_what_comes_is_received_in_order(adapter, ctx, telegram):
    ion = telegram.client()
    for n in range(250):
        ion.writes(str(n))
    async with running(adapter, ctx):
        await came(ctx, 250)
        ion.writes("new")
        await came(ctx, 251)
    assert texts(ctx) == [*map(str, range(250)), "new"]


async def test_every_kind_that_is_wanted_is_asked_for(adapter, ctx, telegram):
    async with running(adapter, ctx):
        await ctx.is_told(HealthState.CONNECTED)
        message = telegram.client().writes("bună")
        await came(ctx, 1)
        telegram.client().reacts(message, "👍")
        await came(ctx, 2)
    assert telegram.bot.updates.allowed == frozenset(WANTED)


async def test_update_is_not_confirmed_before_the_journal_has_it(adapter, ctx, telegram):
    telegram.client().writes("important")
    ctx.fail_next = OSError("the disk is full")
    async with running(adapter, ctx):
        await ctx.is_told(HealthState.DISCONNECTED)
        assert [one["message"]["text"] for one in telegram.bot.updates.waiting] == ["important"]
        assert ctx.told[-1].code == "telegram.not_stored"
        await came(ctx, 1)
    assert texts(ctx) == ["important"]


async def test_restart_goes_on_where_the_journal_ends(adapter, ctx, telegram):
    ion = telegram.client()
    ion.writes("first")
    async with running(adapter, ctx):
        await came(ctx, 1)
    ion.writes("second")
    async with running(adapter, ctx):
        await came(ctx, 2)
        await telegram.until(lambda: not telegram.bot.updates.waiting)
    assert texts(ctx) == ["first", "second"]


async def test_update_that_is_handed_out_twice_is_kept_once(adapter, ctx, telegram):
    telegram.client().writes("once")
    async with running(adapter, ctx):
        await came(ctx, 1)
    forgetful = MemoryContext(ctx.config, **ctx.secrets)
    forgetful.journal = ctx.journal
    async with running(adapter, forgetful):
        await forgetful.is_told(HealthState.CONNECTED)
        telegram.client().writes("another")
        await came(ctx, 2)
    assert texts(ctx) == ["once", "another"]


async def test_ids_that_begin_anew_after_a_silent_week_lose_nothing(adapter, ctx, telegram):
    long_ago = Cursor(900_000, now() - timedelta(days=8))
    await ctx.ingest([], msgspec.json.encode(long_ago).decode())
    telegram.bot.updates.jump(17)
    telegram.client().writes("after the silence")
    async with running(adapter, ctx):
        await came(ctx, 1)


async def test_same_id_with_other_content_is_another_update(adapter, ctx, telegram):
    ion = telegram.client()
    ion.writes("old")
    async with running(adapter, ctx):
        await came(ctx, 1)
    [first] = ctx.journal
    long_ago = Cursor(int(first.partition("/")[0]) + 1, now() - timedelta(days=8))
    await ctx.ingest([], msgspec.json.encode(long_ago).decode())
    telegram.bot.updates.waiting.clear()
    telegram.bot.updates.jump(int(first.partition("/")[0]))
    ion.writes("new")
    async with running(adapter, ctx):
        await came(ctx, 2)
    assert texts(ctx) == ["old", "new"]


async def test_nothing_is_received_after_the_lease_is_lost(adapter, ctx, telegram):
    telegram.client().writes("not ours")
    ctx.is_leased = False
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(adapter.run(ctx), 10)
    assert len(telegram.bot.updates.waiting) == 1


async def test_update_nobody_can_read_does_not_stop_the_next(adapter, ctx, telegram):
    def nested(depth):
        value = "deep"
        for _ in range(depth):
            value = {"type": "bold", "text": value}
        return value

    deep = {"update_id": 5001, "message": {"rich_message": {"blocks": [nested(300)]}}}
    telegram.bot.updates.put(deep)
    telegram.bot.updates.put({"update_id": 5002, "hologram": "?"})
    telegram.bot.updates.put({"update_id": 5003, "message": "\ud83d"})
    telegram.client().writes("next")
    async with running(adapter, ctx):
        await came(ctx, 4)
        await telegram.until(lambda: not telegram.bot.updates.waiting)
    events = [adapter.normalize(ctx.account, raw) for raw in ctx.journal.values()]
    assert events[-1][0].parts[0].text == "next"


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        (UNAUTHORIZED, (HealthState.BAD_CREDENTIALS, "telegram.token_refused")),
        (Refuse(404, "Not Found"), (HealthState.BAD_CREDENTIALS, "telegram.token_refused")),
        (Page(), (HealthState.DISCONNECTED, "telegram.not_bot_api")),
        (BROKEN, (HealthState.DISCONNECTED, "telegram.server_error")),
        (Refuse(500, ""), (HealthState.DISCONNECTED, "telegram.server_error")),
        (too_many(3), (HealthState.DEGRADED, "telegram.throttled")),
        (too_many(0), (HealthState.DEGRADED, "telegram.throttled")),
    ],
)
async def test_trouble_is_told_and_over_when_it_is_over(adapter, ctx, telegram, scenario, told):
    telegram.plan(scenario, method="getUpdates")
    async with running(adapter, ctx):
        health = await ctx.is_told(told[0])
        telegram.client().writes("after it")
        await came(ctx, 1)
        await ctx.is_told(HealthState.CONNECTED)
    assert (health.state, health.code) == told


async def test_another_program_that_polls_is_told_as_a_conflict(adapter, ctx, telegram):
    async with running(adapter, ctx):
        await ctx.is_told(HealthState.CONNECTED)
        await asyncio.sleep(0.1)
        await telegram.bot.updates.poll(seconds=0)
        health = await ctx.is_told(HealthState.CONFLICT)
    assert (health.code, health.remedy) == ("telegram.other_poller", "stop_other_program")


async def test_web_hook_of_another_program_is_left_alone(adapter, ctx, telegram):
    await hooked(telegram, "https://elsewhere.test/telegram/7")
    async with running(adapter, ctx):
        health = await ctx.is_told(HealthState.CONFLICT)
    assert (health.code, health.remedy) == ("telegram.webhook_elsewhere", "take_over")
    assert telegram.bot.hook is not None


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("https://elsewhere.test/telegram/7", {"take_over": True}),
        ("https://old-address.test/hook/key-of-the-account", {}),
    ],
)
async def test_web_hook_that_may_go_goes_without_dropping_updates(adapter, telegram, url, more):
    await hooked(telegram, url)
    telegram.client().writes("kept")
    ctx = context(telegram, **more)
    async with running(adapter, ctx):
        await came(ctx, 1)
    assert telegram.bot.hook is None


async def hooked(telegram, url):
    from aiohttp import ClientSession  # noqa: PLC0415 - as somebody else's program

    async with ClientSession() as session:
        call = f"{telegram.url}/bot{telegram.bot.token}/setWebhook"
        assert (await session.post(call, json={"url": url})).status == 200


async def test_two_bots_of_one_process_share_connections_and_nothing_else(adapter, telegram):
    other = telegram.add_bot(Bot("43:AAother-bot-token-0123456789abcdefghi", "other_bot"))
    mine = context(telegram)
    theirs = MemoryContext(settings(telegram, address="@other_bot"), bot_token=other.token)
    telegram.client().writes("for mine")
    other.updates.put({"update_id": 1, "message": {"text": "for theirs"}})
    async with running(adapter, mine), running(adapter, theirs):
        await came(mine, 1)
        await came(theirs, 1)
    assert (texts(mine), texts(theirs)) == (["for mine"], ["for theirs"])
    assert next(iter(mine.journal.values())).headers["bot"] == str(telegram.bot.id)


def test_cursor_of_another_time_is_forgotten():
    assert polling.read_cursor(None) is None
    assert polling.read_cursor("12345") is None
    assert polling.read_cursor('{"offset":"x"}') is None
