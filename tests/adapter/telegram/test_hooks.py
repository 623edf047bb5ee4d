"""Being called by Telegram: only its calls are believed, and how that goes is told."""

import asyncio
from typing import Any

import pytest

from channels.telegram.account import CLOUD
from channels.telegram.hooking import HEADER, secret_of
from inbox.contract import Forged, HealthState, Request
from tests.adapter.telegram.receiving import context, running
from tests.servers.context import MemoryContext


BODY = b'{"update_id":7,"message":{"message_id":1}}'


def call(secret: str | None, body: bytes = BODY) -> Request:
    headers = {"content-type": "application/json"}
    return Request(
        method="POST",
        path="",
        url="https://hub.test/hook/key-of-the-account",
        headers=headers if secret is None else headers | {HEADER: secret},
        query={},
        body=body,
        peer="149.154.167.220",
    )


@pytest.fixture
def hooked(telegram):
    return context(telegram, mode="webhook")


def test_call_with_the_secret_is_taken_as_it_is(adapter, hooked):
    request = call(secret_of(hooked))
    adapter.authenticate(hooked, request)
    [raw], reply = adapter.accept(hooked, request)
    assert (raw.body, raw.key.partition("/")[0], reply.status) == (BODY, "7", 200)


@pytest.mark.parametrize("secret", [None, "", "wrong", "ü", "x" * 43])
def test_call_without_the_secret_is_forged(adapter, hooked, secret):
    with pytest.raises(Forged):
        adapter.authenticate(hooked, call(secret))


def test_secret_is_of_one_account_and_one_token(hooked):
    other = MemoryContext(hooked.config, **hooked.secrets)
    before = secret_of(hooked)
    assert secret_of(other) != before
    hooked.secrets["bot_token"] = "42:another-token-0123456789"
    assert secret_of(hooked) != before
    assert hooked.secrets["bot_token"].partition(":")[2] not in before


def test_account_without_a_token_believes_nobody(adapter, hooked):
    secret = secret_of(hooked)
    hooked.secrets.clear()
    with pytest.raises(Forged):
        adapter.authenticate(hooked, call(secret))


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}", b'{"update_id":"x"}', b"[" * 100_000])
def test_what_is_no_update_is_kept_and_answered_with_200(adapter, hooked, body):
    [raw], reply = adapter.accept(hooked, call(secret_of(hooked), body))
    assert (raw.body, reply.status) == (body, 200)
    assert len(adapter.normalize(hooked.account, raw)) == 1


async def test_hook_is_set_with_secret_and_kinds_and_dropping_nothing(adapter, hooked, telegram):
    async with running(adapter, hooked):
        await hooked.is_told(HealthState.CONNECTED)
    [done] = telegram.done("setWebhook")
    assert done.params["url"] == hooked.hook_url
    assert done.params["secret_token"] == secret_of(hooked)
    assert "message_reaction" in done.params["allowed_updates"]
    assert done.params["drop_pending_updates"] is False


async def test_setting_and_taking_away_twice_is_as_once(adapter, hooked, telegram):
    for _ in range(2):
        await adapter.provision(hooked, hooked.hook_url)
    assert telegram.bot.hook.url == hooked.hook_url
    for _ in range(2):
        await adapter.deprovision(hooked)
    assert telegram.bot.hook is None


async def test_account_that_polls_is_not_called(adapter, ctx, telegram):
    await adapter.provision(ctx, ctx.hook_url)
    assert telegram.called("setWebhook") == []


async def test_hook_of_another_program_is_neither_set_nor_taken_away(adapter, hooked, telegram):
    elsewhere = context(telegram, mode="webhook")
    elsewhere.hook_url = "https://elsewhere.test/hook/another-key"
    await adapter.provision(elsewhere, elsewhere.hook_url)
    await adapter.provision(hooked, hooked.hook_url)
    await adapter.deprovision(hooked)
    assert telegram.bot.hook.url == elsewhere.hook_url
    async with running(adapter, hooked):
        health = await hooked.is_told(HealthState.CONFLICT)
    assert health.code == "telegram.webhook_elsewhere"


async def test_hook_taken_by_another_program_later_is_a_conflict(adapter, hooked, telegram):
    async with running(adapter, hooked):
        await hooked.is_told(HealthState.CONNECTED)
        elsewhere = context(telegram, mode="webhook", take_over=True)
        elsewhere.hook_url = "https://elsewhere.test/hook/another-key"
        await adapter.provision(elsewhere, elsewhere.hook_url)
        await hooked.is_told(HealthState.CONFLICT)
    assert telegram.bot.hook.url == elsewhere.hook_url


async def test_calls_that_fail_are_told_with_the_backlog(adapter, hooked, telegram):
    hooked.hook_url = "http://127.0.0.1:9/hook/key-of-the-account"
    async with running(adapter, hooked):
        await hooked.is_told(HealthState.CONNECTED)
        telegram.client().writes("nobody hears this")
        health = await hooked.is_told(HealthState.DEGRADED)
    assert (health.code, health.remedy) == ("telegram.hook_failing", "check_public_address")
    assert health.backlog == 1
    assert health.text


async def test_hub_without_a_public_address_says_so(adapter, hooked):
    hooked.hook_url = ""
    async with running(adapter, hooked):
        health = await hooked.is_told(HealthState.UNCONFIGURED)
    assert (health.code, health.remedy) == ("telegram.no_public_address", "use_polling")


async def test_pushed_updates_come_with_the_secret(adapter, hooked, telegram):
    """The stand-in's own push, through a socket, is believed."""
    from aiohttp import web  # noqa: PLC0415 - as the hub's own server does it

    taken: list[Any] = []

    async def receive(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = Request(
            method="POST",
            path="",
            url=str(request.url),
            headers=headers,
            query={},
            body=await request.read(),
            peer="127.0.0.1",
        )
        adapter.authenticate(hooked, sent)
        raws, reply = adapter.accept(hooked, sent)
        await hooked.ingest(raws)
        taken.extend(raws)
        return web.Response(status=reply.status)

    app = web.Application()
    app.router.add_post("/hook/key-of-the-account", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hooked.hook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/key-of-the-account"
    try:
        async with running(adapter, hooked):
            await hooked.is_told(HealthState.CONNECTED)
            telegram.client().writes("bună")
            async with asyncio.timeout(10):
                while not taken:  # noqa: ASYNC110 - a list of the test's own
                    await asyncio.sleep(0.01)
            await telegram.until(lambda: not telegram.bot.updates.waiting)
    finally:
        await runner.cleanup()
    [event] = adapter.normalize(hooked.account, taken[0])
    assert event.parts[0].text == "bună"
    assert CLOUD not in hooked.hook_url
