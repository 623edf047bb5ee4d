"""Telegram calls the hub's own web server: what it says is stored, what others say is not."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from channels.telegram.hooking import HEADER, secret_of
from hub.hooks import add_hooks
from inbox.accounts import Account, AccountContext
from inbox.adapters import Adapters
from infra.blobs import Blobs
from infra.http.guard import guard
from infra.http.site import Site
from infra.vault import Vault
from tests import seed
from tests.adapter.telegram.receiving import settings


VAULT = Vault(b"k" * 32)
KEY = "k3y-of-the-account"
GOOD = b'{"update_id":7,"message":{"message_id":1,"date":1,"text":"x","chat":{"id":5}}}'


class Post:
    """A hub's web server with one bot."""

    def __init__(self, db, ctx, url):
        self.db, self.ctx, self.url = db, ctx, url

    async def rows(self):
        async with self.db.read() as sql:
            return await sql.fetchval("SELECT count(*) FROM journal")

    async def call(self, headers, body=GOOD):
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.text()


@pytest.fixture
async def post(db, tmp_path, telegram, adapter) -> AsyncIterator[Post]:
    account_id = await seed.account(db, kind="telegram", provider="telegram", address="@punte_bot")
    config = settings(telegram, mode="webhook")
    port = 0

    def context_of(account: Account) -> AccountContext:
        public_url = f"http://127.0.0.1:{port}"
        return AccountContext(db, VAULT, Blobs(tmp_path / "b"), account, public_url=public_url)

    app = web.Application()
    add_hooks(app, db, Adapters({"telegram": lambda: adapter}), context_of)
    guard(app, Site())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel_account SET hook_key = $1, config = $2::jsonb",
            KEY,
            json.dumps(config),
        )
    account = Account(
        account_id, "telegram", "telegram", "Bot", "@punte_bot", config, "", True, hook_key=KEY
    )
    ctx = context_of(account)
    await ctx.keep_secret("bot_token", telegram.bot.token)
    yield Post(db, ctx, f"http://127.0.0.1:{port}/hook/{KEY}")
    await runner.cleanup()


async def test_what_telegram_pushes_is_in_the_journal_once(post, adapter, telegram):
    await adapter.provision(post.ctx, post.ctx.hook_url)
    ion = telegram.client()
    for n in range(20):
        ion.writes(str(n))
    async with asyncio.timeout(20):
        while telegram.bot.updates.waiting:  # noqa: ASYNC110 - a list of the stand-in
            await asyncio.sleep(0.02)
    assert await post.rows() == 20


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "guess"}, {HEADER: "x" * 43}])
async def test_forged_call_is_refused_and_leaves_no_row(post, headers):
    status, text = await post.call(headers)
    assert status == 403
    assert post.ctx.secret("bot_token") not in text
    assert await post.rows() == 0


async def test_call_with_the_secret_of_another_token_is_forged(post):
    before = secret_of(post.ctx)
    assert (await post.call({HEADER: before}))[0] == 200
    await post.ctx.keep_secret("bot_token", "4242:another-token-0123456789")
    assert (await post.call({HEADER: before}))[0] == 403
    assert (await post.call({HEADER: secret_of(post.ctx)}))[0] == 200


async def test_call_that_is_repeated_leaves_one_row(post):
    headers = {HEADER: secret_of(post.ctx)}
    for _ in range(3):
        assert (await post.call(headers))[0] == 200
    assert await post.rows() == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff" * 100, b"[" * 200_000])
async def test_body_nobody_understands_never_holds_up_a_chat(post, body):
    """Telegram would send it again and again, before everything else of that chat."""
    assert (await post.call({HEADER: secret_of(post.ctx)}, body))[0] == 200
