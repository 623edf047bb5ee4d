"""Calls to the Bot API: what is known after one that failed, and what is never told."""

import asyncio
import json
import logging
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from channels.telegram.wire import CallFailed, FilePart, Wire, redacted
from inbox.contract import Fault, SendFailed
from tests.adapter.telegram.conftest import png
from tests.adapter.telegram.receiving import context, settings
from tests.servers.context import MemoryContext
from tests.servers.ports import free_port
from tests.servers.telegram.scenarios import (
    BLOCKED,
    BROKEN,
    Cut,
    Page,
    Refuse,
    Slow,
    migrated,
    too_many,
)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    yield wire
    await wire.close()


async def failure_of(
    wire: Wire, ctx: MemoryContext, method: str = "getMe", **more: Any
) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await wire.call(ctx, method, **more)
    return caught.value


async def test_result_is_plain_json(wire, ctx, telegram):
    me = await wire.call(ctx, "getMe")
    assert me["username"] == telegram.bot.username


async def test_answer_with_deeply_nested_text_is_read(wire, ctx, telegram):
    depth = 2000
    deep = '{"a":' * depth + "1" + "}" * depth
    telegram.plan(Page(200, '{"ok":true,"result":%s}' % deep), method="getMe")  # noqa: UP031
    found = await wire.call(ctx, "getMe")
    assert "a" in found


async def test_file_goes_with_its_name_and_with_empty_texts(wire, ctx, telegram):
    ion = telegram.client()

    async def chunks() -> AsyncIterator[bytes]:
        yield png()

    name = 'schiță "nr. 1"\r\nX-Evil: 1.png'
    sent = await wire.call(
        ctx,
        "sendDocument",
        {
            "chat_id": ion.id,
            "document": "attach://f0",
            "caption": "",
            "disable_notification": True,
        },
        {"f0": FilePart(name, "image/png", chunks)},
    )
    [call] = telegram.done("sendDocument")
    assert call.files["f0"].data == png()
    assert call.params["caption"] == ""
    assert call.params["disable_notification"] is True
    assert sent["document"]["file_name"] == "schiță _nr. 1___X-Evil: 1.png"


@pytest.mark.parametrize(
    ("scenario", "known"),
    [
        (BLOCKED, (403, False)),
        (BROKEN, (500, False)),
        (Refuse(500, ""), (500, False)),
        (too_many(7), (429, False)),
        (Page(), (0, True)),
        (Page(200, "<html>captive portal</html>"), (0, True)),
        (Page(302, "moved"), (0, True)),
        (Cut("before_read"), (0, True)),
        (Cut("after_read"), (0, True)),
        (Slow(5), (0, True)),
    ],
)
async def test_what_is_known_of_a_call_that_failed(wire, ctx, telegram, scenario, known):
    telegram.plan(scenario, method="getMe")
    failed = await failure_of(wire, ctx, timeout=0.5)
    assert (failed.error_code, failed.after_write) == known


async def test_call_that_never_left_is_certainly_not_carried_out(wire, telegram):
    ctx = MemoryContext(
        settings(telegram, api_base=f"http://127.0.0.1:{free_port()}"), bot_token="1:x"
    )
    failed = await failure_of(wire, ctx)
    assert (failed.trouble, failed.after_write) == ("host.refused", False)


async def test_host_without_an_address_is_told(wire, telegram):
    ctx = MemoryContext(settings(telegram, api_base="http://nowhere.invalid"), bot_token="1:x")
    failed = await failure_of(wire, ctx)
    assert (failed.trouble, failed.after_write) == ("host.not_found", False)


async def test_refusals_carry_their_parameters(wire, ctx, telegram):
    telegram.plan(too_many(7), method="getMe")
    assert (await failure_of(wire, ctx)).retry_after == 7
    telegram.plan(too_many(0), method="getMe")
    assert (await failure_of(wire, ctx)).retry_after == 1
    telegram.plan(migrated(-1005), method="getMe")
    assert (await failure_of(wire, ctx)).migrate_to == -1005


async def test_server_inside_the_network_is_only_for_administrators_who_say_so(wire, telegram):
    ctx = context(telegram, allow_private=False)
    failed = await failure_of(wire, ctx)
    assert (failed.trouble, failed.after_write) == ("host.private", False)
    assert telegram.calls == []


async def test_copy_of_a_hub_speaks_to_nobody_outside(telegram):
    wire = Wire(sandbox=True)
    ctx = MemoryContext({"address": "@punte_bot"}, bot_token=telegram.bot.token)
    assert (await failure_of(wire, ctx)).trouble == "sandbox"
    assert await wire.call(context(telegram), "getMe")
    await wire.close()


@pytest.mark.parametrize(
    "token", ["", "x", "1:", "1:a b", "1:../../x", "1:a/getMe?", "é:a", "1:a\n2"]
)
async def test_what_is_no_token_goes_nowhere(wire, telegram, token):
    ctx = MemoryContext(settings(telegram), bot_token=token)
    assert (await failure_of(wire, ctx)).error_code == 401
    assert telegram.calls == []


async def test_many_polls_do_not_keep_calls_waiting(wire, ctx, telegram):
    """A hundred connections wait for news; a call goes at once."""
    telegram.plan(Slow(3), method="getUpdates", times=150)
    polls = [
        asyncio.create_task(wire.updates(ctx, {"timeout": 1}, patience=10)) for _ in range(150)
    ]
    await asyncio.sleep(0.5)
    async with asyncio.timeout(2):
        await wire.call(ctx, "getMe")
    for poll in polls:
        poll.cancel()
    await asyncio.gather(*polls, return_exceptions=True)


# ---------------------------------------------------------------- files


async def test_file_of_a_client_is_fetched(adapter, ctx, telegram):
    message = telegram.client().sends_file("document", png(), name="plan.png", mime="image/png")
    chunks, mime = await adapter.fetch_media(ctx, message["document"]["file_id"], 1 << 20)
    assert b"".join([chunk async for chunk in chunks]) == png()
    assert mime == "image/png"


async def test_file_over_the_limit_is_told_before_it_is_fetched(adapter, ctx, telegram):
    message = telegram.client().sends_file("document", b"x" * 1000)
    with pytest.raises(SendFailed) as caught:
        await adapter.fetch_media(ctx, message["document"]["file_id"], 999)
    assert (caught.value.error.fault, caught.value.error.code) == (
        Fault.CONTENT,
        "telegram.file_too_big",
    )


async def test_file_longer_than_it_says_ends_at_the_limit(adapter, ctx, telegram):
    message = telegram.client().sends_file("document", b"x" * 500_000)
    handle = message["document"]["file_id"]
    telegram.bot.files[handle].info["file_size"] = 10
    chunks, _ = await adapter.fetch_media(ctx, handle, 100_000)
    with pytest.raises(SendFailed) as caught:
        await drained(chunks, most=100_000)
    assert caught.value.error.code == "telegram.file_too_big"


async def test_file_that_is_gone_is_gone_for_ever(adapter, ctx, telegram):
    message = telegram.client().sends_file("document", b"x")
    handle = message["document"]["file_id"]
    del telegram.bot.files[handle]
    with pytest.raises(SendFailed) as caught:
        await adapter.fetch_media(ctx, handle, 100)
    assert (caught.value.error.fault, caught.value.error.code) == (
        Fault.CONTENT,
        "telegram.file_gone",
    )


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/var/lib/telegram-bot-api/{token}/photos/a.jpg", "photos/a.jpg"),
        ("C:\\bots\\{windows}\\photos\\a.jpg", "photos/a.jpg"),
        ("photos/a.jpg", "photos/a.jpg"),
    ],
)
async def test_path_on_the_disk_of_a_local_server_is_asked_for_below_the_bot(
    wire, ctx, telegram, path, asked
):
    token = telegram.bot.token
    message = telegram.client().sends_file("document", b"content")
    stored = telegram.bot.files[message["document"]["file_id"]]
    object.__setattr__(stored, "path", asked)
    whole = path.format(token=token, windows=token.replace(":", "~"))
    assert b"".join([c async for c in wire.download(ctx, whole, 100)]) == b"content"


# ---------------------------------------------------------------- secrets


async def test_token_is_in_no_log_and_in_no_exception(adapter, telegram, caplog):
    caplog.set_level(logging.DEBUG)
    token = telegram.bot.token
    ctx = context(telegram)
    told: list[str] = []
    message = telegram.client().sends_file("document", b"x")
    handle = message["document"]["file_id"]
    with structlog.testing.capture_logs() as logs:
        for scenario in (Page(502, f"<html>{token}</html>"), Refuse(400, f"bad {token}"), Slow(9)):
            telegram.plan(scenario, method="getMe")
            told += await texts_of(adapter.check(ctx))
        telegram.plan(Refuse(400, f"no {token}"), method="getFile")
        told += await texts_of(adapter.fetch_media(ctx, handle, 10))
        chunks, _ = await adapter.fetch_media(ctx, handle, 10)
        telegram.bot.files.clear()
        told += await texts_of(drained(chunks))
        closed = MemoryContext(
            settings(telegram, api_base=f"http://127.0.0.1:{free_port()}"), bot_token=token
        )
        told += await texts_of(adapter.check(closed))
    assert len(told) == 6
    secret = token.partition(":")[2]
    assert secret not in "\n".join([*told, json.dumps(logs, default=str), caplog.text])


async def drained(chunks: AsyncIterator[bytes], *, most: int = 1 << 20) -> None:
    got = 0
    async for chunk in chunks:
        got += len(chunk)
        assert got <= most


async def texts_of(call: Any) -> list[str]:
    """Return everything that anybody could log of a failed call."""
    try:
        async with asyncio.timeout(1):
            await call
    except (SendFailed, CallFailed, TimeoutError) as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=False)
        causes = []
        one: BaseException | None = error
        while one is not None:
            causes.append(repr(one))
            one = one.__cause__ or one.__context__
        return ["".join([*shown.format(), *causes])]
    return []


def test_any_token_is_taken_out_of_any_text():
    token = "123456:AAF-secret_part"
    for text in (
        f"GET /bot{token}/getMe",
        f"/file/bot{token}/a.pdf",
        "bot123456%3AAAF-secret_part",
    ):
        assert "secret" not in redacted(text, "1:x")
        assert "secret" not in redacted(text, token)
    assert redacted("at 12:30 we met", "1:x") == "at 12:30 we met"


def test_first_call_costs_little_memory():
    """aiogram as it comes takes 135 MiB."""
    code = (
        "import resource, sys, aiohttp, channels.telegram.adapter\n"
        "def mib(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "before = mib()\n"
        "import channels.telegram.bot_api\n"
        "print(mib() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert float(done.stdout) < 70
