"""Accounts over HTTP, and signing them in at their provider."""

from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from inbox.adapters import Adapters
from inbox.contract import Configures, Fault, SendError, SendFailed, SignsIn
from inbox.views import Account
from tests.desks import serving
from tests.shapes import strictly
from tests.usecase.inbox.provider import Post


class Consenting(Post):
    """A mailbox that signs in at its provider's page."""

    redact = ("client_secret", "refresh_token")
    presets: ClassVar[dict[str, dict[str, str]]] = {}

    def validated(self, config):
        if "host" not in config:
            raise ValueError("host: say where the mailbox is")
        return config

    def consent_url(self, config, *, state, redirect_uri, login):
        said = {"state": state, "redirect_uri": redirect_uri, "login_hint": login or ""}
        return f"https://provider.test/?{urlencode(said)}"

    async def exchange(self, config, secrets, *, code, redirect_uri):
        if code != "good":
            raise SendFailed(SendError(fault=Fault.AUTH, code="oauth.refused"))
        assert secrets["client_secret"] == "hidden"
        return {"refresh_token": "fresh"}


@pytest.fixture
async def desk(db, office, tmp_path):
    adapter = Consenting()
    assert isinstance(adapter, SignsIn)
    assert isinstance(adapter, Configures)
    async with serving(db, tmp_path, adapters=Adapters({"email.imap": lambda: adapter})) as served:
        yield served


NEW = {
    "provider": "email.imap",
    "name": "Vânzări",
    "config": {"address": "sales@hub.test", "host": "mail.test"},
    "secrets": {"client_secret": "hidden"},
}


async def test_an_account_is_tried_connected_changed_and_removed(browser):
    tried = await browser.post(
        "/api/accounts/test", {key: NEW[key] for key in ("provider", "config", "secrets")}
    )
    assert tried.json["ok"], tried.text
    wrong = await browser.post("/api/accounts", {**NEW, "config": {"address": "x@hub.test"}})
    assert (wrong.status, wrong.code) == (422, "account.invalid_settings")
    account = strictly(await browser.post("/api/accounts", NEW), Account)
    assert "hidden" not in (await browser.get("/api/accounts")).text
    again = await browser.post("/api/accounts", NEW)
    assert (again.status, again.code) == (409, "account.address_taken")
    path = f"/api/accounts/{account.id}"
    changed = strictly(await browser.patch(path, {"is_enabled": False}), Account)
    assert not changed.is_enabled
    assert (await browser.delete(path)).status == 204
    assert account.id not in {a["id"] for a in (await browser.get("/api/accounts")).json}
    assert [kind["provider"] for kind in (await browser.get("/api/account-kinds")).json] == [
        "email.imap"
    ]


async def test_an_account_signs_in_at_its_provider(browser, desk, office):
    account = strictly(await browser.post("/api/accounts", NEW), Account)
    began = await browser.post("/api/accounts/oauth/start", {"account_id": str(account.id)})
    state = parse_qs(urlsplit(began.json["url"]).query)["state"][0]

    async def returning(as_=browser, **query):
        answer = await as_.get("/oauth/callback", params=query, allow_redirects=False)
        assert answer.status == 303, answer.text
        return answer.headers["Location"].partition("?oauth=")[2]

    assert await returning(code="bad", state=state) == "oauth.refused"
    assert await returning(error="access_denied", state=state) == "hub.forbidden"
    assert await returning(code="good", state="forged") == "vault.sealed"
    async with desk.browser() as other:
        await other.enter(await office.agent(role="owner"))
        assert await returning(as_=other, code="good", state=state) == "hub.forbidden"
    assert await returning(code="good", state=state, session_state="x") == "done"
    sealed = await office.value("SELECT secrets FROM channel_account WHERE id = $1", account.id)
    opened = desk.mounted.desk.services.vault.open(sealed, place=f"account/{account.id}")
    assert "fresh" in opened
