"""Trying a bot's settings step by step, and saying how a bot does; nothing is changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from channels.telegram.account import CLOUD, BotAccount, read_account
from channels.telegram.fields import Object, name_of, obj, text, whole
from channels.telegram.hooking import health_of
from channels.telegram.polling import is_ours
from channels.telegram.troubles import (
    Elsewhere,
    NoPublicAddress,
    NotThisBot,
    problem_of,
    text_of,
)
from channels.telegram.wire import CallFailed, Wire
from inbox.contract import (
    AccountInfo,
    Address,
    Health,
    HealthState,
    RunContext,
    SendFailed,
)


STEPS = ("settings", "sign_in", "web_hook")
READS_GROUPS, PRIVACY = "reads_groups", "privacy_mode"
"""One of them is the last step: whether the bot sees everything in its groups."""
PATIENCE = 30.0  # seconds for everything
EXPECTED = (CallFailed, Elsewhere, NoPublicAddress, NotThisBot, TimeoutError)


async def check(ctx: RunContext, wire: Wire) -> AccountInfo:
    """Return what Telegram says of the bot, with the steps that were taken.

    Raises:
        SendFailed: A step did not work; ``error.scope`` names those that did, with commas between.
    """
    steps: list[str] = []
    async with asyncio.timeout(PATIENCE):
        with _step("settings", steps):
            account = _account_of(ctx)
        with _step("sign_in", steps):
            me = obj(await wire.call(ctx, "getMe"))
            _expect_this_bot(account, me)
        with _step("web_hook", steps):
            hook = obj(await wire.call(ctx, "getWebhookInfo"))
            _expect_free(ctx, account, text(hook.get("url")))
    steps.append(READS_GROUPS if me.get("can_read_all_group_messages") is True else PRIVACY)
    name, username = name_of(me), text(me.get("username"))
    bot = str(whole(me.get("id")) or "")
    return AccountInfo(
        external_id=bot,
        name=name or username,
        address=Address("external_id", f"@{username}" if username else bot, display=name or None),
        steps=tuple(steps),
    )


async def probe(ctx: RunContext, wire: Wire) -> Health:
    """Say whether the bot works right now, and what waits for it."""
    try:
        async with asyncio.timeout(PATIENCE):
            account = _account_of(ctx)
            me = obj(await wire.call(ctx, "getMe"))
            _expect_this_bot(account, me)
            hook = obj(await wire.call(ctx, "getWebhookInfo"))
            _expect_free(ctx, account, text(hook.get("url")))
    except EXPECTED as error:
        return problem_of(error).as_health(text_of(error))
    sees_all = me.get("can_read_all_group_messages") is True
    details = {
        "username": text(me.get("username"))[:64],
        "groups": "all" if sees_all else "privacy_mode",
        "business": "yes" if me.get("can_connect_to_business") is True else "no",
    }
    if account.mode == "webhook":
        health = health_of(hook)
        if health.state is HealthState.CONNECTED and not text(hook.get("url")):
            health = msgspec.structs.replace(health, state=HealthState.CONNECTING)
        return msgspec.structs.replace(health, details={**health.details, **details})
    backlog = whole(hook.get("pending_update_count"))
    return Health(state=HealthState.CONNECTED, backlog=backlog, details=details)


def _account_of(ctx: RunContext) -> BotAccount:
    try:
        return read_account(ctx.config)
    except msgspec.ValidationError as error:
        raise CallFailed("settings", str(error), trouble="settings.invalid") from error


def _expect_this_bot(account: BotAccount, me: Object) -> None:
    """Compare the settings with whose token it is."""
    if account.address.isdecimal():
        found = str(whole(me.get("id")) or "")
    else:
        found = f"@{text(me.get('username'))}"
    if found.lower() != account.address.lower():
        raise NotThisBot(f"the token is of {found}, the account is {account.address}")


def _expect_free(ctx: RunContext, account: BotAccount, url: str) -> None:
    needed = "https://" if account.api_base == CLOUD else "http"
    if account.mode == "webhook" and not ctx.hook_url.startswith(needed):
        raise NoPublicAddress(f"PUNTE_PUBLIC_URL says where Telegram reaches the hub: {needed}")
    if url and not account.take_over and not is_ours(ctx, url):
        raise Elsewhere(url)


@contextmanager
def _step(name: str, steps: list[str]) -> Iterator[None]:
    try:
        yield
    except EXPECTED as error:
        said = problem_of(error).as_send_error(text_of(error))
        raise SendFailed(msgspec.structs.replace(said, scope=",".join(steps))) from error
    steps.append(name)
