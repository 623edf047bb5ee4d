"""A bot's settings, trying them, and saying how the bot does."""

import pytest

from channels.telegram.account import CLOUD, CLOUD_FILE, LOCAL_FILE, read_account, validated
from channels.telegram.checking import STEPS
from inbox.contract import Fault, HealthState, SendFailed
from tests.adapter.telegram.receiving import context, settings
from tests.servers.context import MemoryContext
from tests.servers.telegram.scenarios import UNAUTHORIZED, Page


# ---------------------------------------------------------------- settings


def test_defaults_are_filled_in():
    assert validated({"address": "punte_bot"}) == {
        "address": "@punte_bot",
        "mode": "polling",
        "api_base": CLOUD,
        "local_mode": False,
        "take_over": False,
        "allow_private": False,
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("@punte_bot", "@punte_bot"),
        ("https://t.me/punte_bot", "@punte_bot"),
        (" t.me/punte_bot ", "@punte_bot"),
        ("123456789", "123456789"),
    ],
)
def test_address_is_a_name_or_an_id(typed, kept):
    assert validated({"address": typed})["address"] == kept


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "address"),
        ({"address": ""}, "address"),
        ({"address": "a b"}, "address"),
        ({"address": "@x_bot", "mode": "telepathy"}, "mode"),
        ({"address": "@x_bot", "api_base": "api.telegram.org"}, "api_base"),
        ({"address": "@x_bot", "api_base": "ftp://api.telegram.org"}, "api_base"),
        ({"address": "@x_bot", "api_base": "https://u:p@api.telegram.org"}, "api_base"),
        ({"address": "@x_bot", "api_base": "https://api.telegram.org/?x=1"}, "api_base"),
        ({"address": "@x_bot", "api_base": "https://[::1"}, "api_base"),
        ({"address": "@x_bot", "api_base": "https://a b/"}, "api_base"),
        ({"address": "@x_bot", "api_base": "http://10.0.0.5:8081"}, "api_base"),
        ({"address": "@x_bot", "local_mode": True}, "local_mode"),
    ],
)
def test_setting_that_breaks_a_rule_is_named(config, field):
    with pytest.raises(ValueError, match=field):
        validated(config)


def test_local_server_may_be_inside_and_has_bigger_files():
    config = {"address": "@x_bot", "api_base": "http://10.0.0.5:8081/", "allow_private": True}
    assert read_account(validated(config)).largest_file == CLOUD_FILE
    local = read_account(validated(config | {"local_mode": True}))
    assert (local.api_base, local.largest_file) == ("http://10.0.0.5:8081", LOCAL_FILE)


# ---------------------------------------------------------------- trying


async def test_good_settings_pass_every_step(adapter, ctx, telegram):
    info = await adapter.check(ctx)
    assert info.steps == (*STEPS, "privacy_mode")
    assert info.external_id == str(telegram.bot.id)
    assert info.address is not None
    assert info.address.value == "@punte_bot"


async def test_bot_that_reads_its_groups_says_so(adapter, ctx, telegram):
    telegram.bot.about["can_read_all_group_messages"] = True
    assert (await adapter.check(ctx)).steps[-1] == "reads_groups"


async def test_trying_changes_nothing(adapter, ctx, telegram):
    await adapter.check(ctx)
    await adapter.probe(ctx)
    assert {call.method for call in telegram.calls} == {"getMe", "getWebhookInfo"}


async def failing(adapter, ctx):
    with pytest.raises(SendFailed) as caught:
        await adapter.check(ctx)
    error = caught.value.error
    return error.code, error.scope, error.fault


async def test_wrong_token_is_told(adapter, ctx, telegram):
    telegram.plan(UNAUTHORIZED, method="getMe")
    assert await failing(adapter, ctx) == ("telegram.token_refused", "settings", Fault.AUTH)


async def test_token_of_a_bot_nobody_knows_is_told(adapter, telegram):
    ctx = MemoryContext(settings(telegram), bot_token="5:AAunknown-bot-token")
    assert (await failing(adapter, ctx))[0] == "telegram.token_refused"


async def test_token_of_another_bot_is_told(adapter, telegram):
    ctx = context(telegram, address="@another_bot")
    assert (await failing(adapter, ctx))[:2] == ("telegram.other_bot", "settings")


async def test_id_names_the_bot_as_well(adapter, telegram):
    assert await adapter.check(context(telegram, address=str(telegram.bot.id)))


async def test_server_that_is_no_bot_api_is_told(adapter, ctx, telegram):
    telegram.plan(Page(200, "hello"), method="getMe")
    assert (await failing(adapter, ctx))[0] == "telegram.not_bot_api"


async def test_settings_nobody_can_read_are_told(adapter, telegram):
    ctx = MemoryContext({"address": 5}, bot_token="1:x")
    assert (await failing(adapter, ctx))[0] == "settings.invalid"


async def test_bot_of_another_program_is_told_unless_it_is_to_be_taken_over(adapter, telegram):
    theirs = context(telegram, mode="webhook")
    theirs.hook_url = "https://elsewhere.test/hook/another-key"
    await adapter.provision(theirs, theirs.hook_url)
    code, scope, _ = await failing(adapter, context(telegram))
    assert (code, scope) == ("telegram.webhook_elsewhere", "settings,sign_in")
    assert await adapter.check(context(telegram, take_over=True))


async def test_web_hook_needs_an_address_from_outside(adapter, telegram):
    ctx = context(telegram, mode="webhook")
    ctx.hook_url = ""
    assert (await failing(adapter, ctx))[0] == "telegram.no_public_address"


# ---------------------------------------------------------------- how it does


async def test_bot_that_works_says_what_waits_for_it(adapter, ctx, telegram):
    for n in range(3):
        telegram.client().writes(str(n))
    health = await adapter.probe(ctx)
    assert (health.state, health.backlog) == (HealthState.CONNECTED, 3)
    assert health.details == {"username": "punte_bot", "groups": "privacy_mode", "business": "yes"}


async def test_bot_that_does_not_work_says_why(adapter, ctx, telegram):
    telegram.plan(UNAUTHORIZED, method="getMe")
    health = await adapter.probe(ctx)
    assert (health.state, health.code, health.remedy) == (
        HealthState.BAD_CREDENTIALS,
        "telegram.token_refused",
        "check_token",
    )
