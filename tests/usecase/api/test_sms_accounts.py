"""SMS accounts over HTTP: what the form is made of, trying one, connecting it, counting a text."""

import pytest

from channels.sms.gateway.adapter import SmsGateway, gateway_of
from inbox.adapters import Adapters
from inbox.views import Account
from tests.desks import serving
from tests.servers.sms_gateway import sms_provider
from tests.shapes import strictly
from tests.unit.sms.calls import SECRETS, SENDER, SETTINGS
from tests.unit.sms.test_settings import PRESET


@pytest.fixture
async def desk(db, office, tmp_path):
    adapters = Adapters({"sms.twilio": gateway_of("twilio"), "sms.custom": SmsGateway})
    async with serving(db, tmp_path, adapters=adapters, guarded=False) as served:
        yield served


@pytest.fixture
async def provider():
    async with sms_provider() as provider:
        provider.answer = (200, {"status": "active", "friendly_name": "Magazin"}, {})
        yield provider


def new(provider, **config):
    settings = {"address": SENDER, "region": "RO", **SETTINGS["twilio"], **config}
    settings |= {"base_url": provider.url, "allow_private": True}
    return {
        "provider": "sms.twilio",
        "name": "SMS",
        "config": settings,
        "secrets": SECRETS["twilio"],
    }


async def test_the_form_knows_settings_and_secrets(browser):
    kinds = {one["provider"]: one for one in (await browser.get("/api/account-kinds")).json}
    twilio = kinds["sms.twilio"]
    assert twilio["secrets"] == ["auth_token"]
    assert twilio["schema"]["required"] == ["address", "account_sid"]
    assert twilio["schema"]["x-secrets"][0]["title"] == "Auth token"
    assert "preset" in kinds["sms.custom"]["schema"]["properties"]


async def test_trying_shows_the_request_and_sends_nothing(browser, provider):
    wanted = {key: new(provider)[key] for key in ("provider", "config", "secrets")}
    tried = (await browser.post("/api/accounts/test", wanted)).json
    assert tried["ok"], tried
    steps = {one["step"]: one["text"] for one in tried["steps"]}
    assert list(steps) == ["settings", "sign_in", "request"]
    assert "Body=Punte: test" in steps["request"]
    assert SECRETS["twilio"]["auth_token"] not in str(tried)
    assert [method for method, *_ in provider.asked] == ["GET"]
    provider.answer = (401, {"code": 20003, "message": "Authenticate"}, {})
    failed = (await browser.post("/api/accounts/test", wanted)).json
    assert [one["ok"] for one in failed["steps"]] == [True, False]
    assert failed["steps"][1]["code"] == "sms.sign_in_refused"


async def test_an_account_is_connected_and_a_slip_is_said(browser, provider):
    account = strictly(await browser.post("/api/accounts", new(provider)), Account)
    assert (account.provider, account.address) == ("sms.twilio", SENDER)
    wrong = await browser.post("/api/accounts", new(provider, account_sid="AC1", address="1234"))
    assert (wrong.status, wrong.code) == (422, "account.invalid_settings")
    assert "account_sid: this is no Account SID" in wrong.text
    custom = {
        "provider": "sms.custom",
        "name": "Own",
        "config": {
            "address": "Punte",
            "base_url": "https://sms.example.com",
            "values": {"team": "x"},
            "preset": {**PRESET, "send": {**PRESET["send"], "url": "nowhere"}},
        },
        "secrets": {"token": "t"},
    }
    wrong = await browser.post("/api/accounts", custom)
    assert "preset.send.url: begin it with https" in wrong.text
    custom["config"]["preset"] = PRESET
    account = strictly(await browser.post("/api/accounts", custom), Account)
    assert account.address == "Punte"


async def test_a_text_is_counted_and_priced_as_the_account_would_send_it(browser, provider):
    prices = [{"prefix": "+40", "price": "0.035"}, {"price": "0.09"}]
    account = (await browser.post("/api/accounts", new(provider, prices=prices))).json
    text = "Bună ziua! " * 10
    said = (
        await browser.post(
            "/api/estimate",
            {"account_id": account["id"], "identity_id": None, "text": text},
        )
    ).json
    assert (said["parts"], said["encoding"], said["unit_max"]) == (2, "ucs2", 67)
    assert said["suggestion"] == {"text": "Buna ziua! " * 10, "parts": 1}
    assert said["cost"]["amount"] == "0.18"
