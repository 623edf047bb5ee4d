"""Signing in at a provider: tokens that end, rotate and are taken back, at a real Dovecot."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.email.account import read_account
from channels.email.errors import SignInNeeded
from channels.email.oauth import Tokens
from inbox.contract import HealthState, SendFailed
from tests.adapter.email.conftest import letter, running, settings
from tests.servers.context import MemoryContext


@pytest.fixture
def ctx(dovecot, user, tokens):
    """An account that signs in with tokens."""
    tokens.user = user
    tokens.refresh = {"refresh-0"}
    tokens.rotates = False
    tokens.lifetime = 3600
    config = settings(
        dovecot,
        user,
        auth="oauth",
        oauth={
            "provider": "custom",
            "client_id": "hub",
            "token_url": f"{tokens.url}/token",
            "authorize_url": f"{tokens.url}/authorize?tenant=1",
        },
    )
    return MemoryContext(config, client_secret="hush", refresh_token="refresh-0")


async def test_a_token_opens_the_mailbox(adapter, ctx, dovecot, user):
    await dovecot.deliver(letter("with a token"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(1)


async def test_a_refused_token_is_renewed_once(adapter, ctx, dovecot, user, tokens):
    async with running(adapter, ctx):
        await ctx.connected()
        renewals = tokens.renewals
        tokens.expire()
        await dovecot.cut(user)
        await dovecot.deliver(letter("after the token ended"), user)
        await ctx.mails_came(1)
    assert tokens.renewals == renewals + 1


async def test_a_rotated_refresh_token_is_kept(adapter, ctx, dovecot, user, tokens):
    tokens.rotates = True
    async with running(adapter, ctx):
        await ctx.connected()
        first = ctx.secrets["refresh_token"]
        tokens.expire()
        await dovecot.cut(user)
        ctx.told.clear()
        await ctx.connected()
    assert first != "refresh-0"
    assert ctx.secrets["refresh_token"] not in {"refresh-0", first}
    assert tokens.refresh == {ctx.secrets["refresh_token"]}


async def test_a_task_with_older_secrets_uses_the_newest_token(ctx, tokens):
    tokens.rotates = True
    account = read_account(ctx.config)
    older = MemoryContext(ctx.config, **ctx.secrets)
    older.account = ctx.account
    keeper = Tokens()
    first = await keeper.access(ctx, account)
    assert await keeper.access(older, account, refused=first) in tokens.good
    assert older.secrets["refresh_token"] in tokens.refresh


async def test_consent_that_was_taken_back_asks_for_a_person(adapter, ctx, tokens):
    tokens.revoke()
    async with running(adapter, ctx):
        told = await ctx.is_told(HealthState.BAD_CREDENTIALS)
    assert (told.code, told.remedy) == ("auth.sign_in_again", "sign_in_again")


async def test_one_renewal_serves_everybody_who_waits(ctx, tokens):
    account = read_account(ctx.config)
    keeper = Tokens()
    before = tokens.renewals
    got = await asyncio.gather(*(keeper.access(ctx, account) for _ in range(20)))
    assert len(set(got)) == 1
    assert tokens.renewals == before + 1


async def test_a_token_about_to_end_is_renewed_before(ctx, tokens):
    tokens.lifetime = 60
    account = read_account(ctx.config)
    keeper = Tokens()
    assert await keeper.access(ctx, account) != await keeper.access(ctx, account)


async def test_nobody_signed_in_yet_is_said(ctx):
    ctx.secrets["refresh_token"] = ""
    with pytest.raises(SignInNeeded):
        await Tokens().access(ctx, read_account(ctx.config))


async def test_a_consent_is_exchanged_for_a_refresh_token(adapter, ctx, tokens):
    page = adapter.consent_url(
        ctx.config, state="s1", redirect_uri="https://hub.test/oauth/callback", login="a@hub.test"
    )
    query = parse_qs(urlsplit(page).query)
    assert query["state"] == ["s1"]
    assert query["tenant"] == ["1"]
    assert query["login_hint"] == ["a@hub.test"]
    tokens.codes = {"code-0"}
    secrets = await adapter.exchange(
        ctx.config, ctx.secrets, code="code-0", redirect_uri="https://hub.test/oauth/callback"
    )
    assert secrets["refresh_token"] in tokens.refresh
    with pytest.raises(SendFailed) as failed:
        await adapter.exchange(ctx.config, ctx.secrets, code="code-0", redirect_uri="x")
    assert failed.value.error.code == "auth.sign_in_again"


async def test_a_token_server_inside_the_network_is_not_asked(ctx):
    ctx.config["allow_private"] = False
    with pytest.raises(Exception, match="public Internet"):
        await Tokens().access(ctx, read_account(ctx.config))


def test_the_big_providers_have_their_own_pages(adapter, ctx):
    for provider, host in (
        ("google", "accounts.google.com"),
        ("microsoft", "login.microsoftonline.com"),
    ):
        config = {**ctx.config, "oauth": {"provider": provider, "client_id": "hub"}}
        page = urlsplit(
            adapter.consent_url(config, state="s", redirect_uri="https://hub.test/cb", login=None)
        )
        assert page.hostname == host
        assert parse_qs(page.query)["scope"]


async def test_mail_is_submitted_with_a_token_too(adapter, ctx, dovecot, tokens):
    ctx.config["smtp"] = {"host": "127.0.0.1", "port": dovecot.submission, "security": "plain"}
    assert "smtp" in (await adapter.check(ctx)).steps
    renewals = tokens.renewals
    tokens.expire()
    assert "smtp" in (await adapter.check(ctx)).steps
    assert tokens.renewals == renewals + 1
