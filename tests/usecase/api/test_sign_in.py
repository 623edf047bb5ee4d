"""Becoming the owner, signing in and out, as a browser does it."""

import re

import pyotp
import pytest
from websockets.exceptions import InvalidStatus

from agents_ui.api.session import Session
from agents_ui.api.setup import Link
from crm_core.staff.setup import setup_link
from crm_core.views import Me
from tests.company import PASSWORD
from tests.desks import serving
from tests.live_client import dial
from tests.shapes import strictly


OWNER = {"name": "Olga", "login": "olga", "password": PASSWORD, "locale": "ro"}


@pytest.fixture
async def empty(db, tmp_path):
    """A hub without an owner."""
    async with serving(db, tmp_path) as served:
        yield served


async def founding(db):
    async with db.transaction() as tx:
        return await setup_link(tx)


async def test_the_first_owner_comes_in_by_the_printed_token_and_nobody_after(empty, db):
    async with empty.browser() as browser:
        assert (await browser.get("/api/setup")).json == {"needed": True}
        token = await founding(db)
        wrong = await browser.post("/api/setup", {**OWNER, "token": "guess"})
        assert (wrong.status, wrong.code) == (404, "link.gone")
        weak = await browser.post("/api/setup", {**OWNER, "token": token, "password": "12345"})
        assert weak.status == 422
        answer = await browser.post("/api/setup", {**OWNER, "token": token})
        me = strictly(answer, Me)
        assert me.permissions["agent.manage"] == "all"
        assert me.locale == "ro"
        (cookie,) = answer.headers.getall("Set-Cookie")
        assert re.match(r"punte=[\w-]{43};", cookie)
        for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert (await browser.get("/api/me")).status == 200
        assert (await browser.get("/api/setup")).json == {"needed": False}
        again = await browser.post("/api/setup", {**OWNER, "token": token})
        assert (again.status, again.code) == (404, "setup.done")


async def test_over_tls_the_cookie_is_bound_to_the_host(db, tmp_path):
    token = await founding(db)
    public = {"public_url": "https://hub.test"}
    async with serving(db, tmp_path, **public) as desk, desk.browser() as browser:
        here = await browser.post("/api/setup", {**OWNER, "token": token})
        assert (here.status, here.code) == (403, "hub.foreign_origin")
        answer = await browser.post(
            "/api/setup", {**OWNER, "token": token}, headers={"Origin": "https://hub.test"}
        )
        (cookie,) = answer.headers.getall("Set-Cookie")
        assert cookie.startswith("__Host-punte=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"]


async def test_a_second_factor_is_asked_for_and_works_once(empty, db):
    async with empty.browser() as browser:
        await browser.post("/api/setup", {**OWNER, "token": await founding(db)})
        begun = await browser.post("/api/me/totp")
        assert begun.json["svg"].startswith("<svg")
        app = pyotp.TOTP(begun.json["secret"])
        wrong = await browser.put("/api/me/totp", {"code": "000000"})
        assert wrong.status == 422
        codes = (await browser.put("/api/me/totp", {"code": app.now()})).json["recovery_codes"]
        assert len(codes) >= 8
    said = {"login": "OLGA", "password": PASSWORD}
    async with empty.browser() as browser:
        wrong = await browser.post("/api/session", {**said, "password": "wrong"})
        assert (wrong.status, wrong.code) == (401, "session.wrong")
        asked = await browser.post("/api/session", said)
        assert (asked.status, asked.code) == (401, "session.code_needed")
        used = await browser.post("/api/session", {**said, "code": app.now()})
        assert (used.status, used.code) == (401, "session.code_wrong")
        answer = await browser.post("/api/session", {**said, "code": codes[0]})
        assert strictly(answer, Me).has_totp
        assert (await browser.delete("/api/me/totp", json={"password": PASSWORD})).status == 204


async def test_signing_out_everywhere_ends_every_session(empty, db):
    async with empty.browser() as one, empty.browser() as two:
        await one.post("/api/setup", {**OWNER, "token": await founding(db)})
        await two.post("/api/session", {"login": "olga", "password": PASSWORD})
        listed = strictly(await one.get("/api/sessions"), list[Session])
        assert [session.current for session in listed].count(True) == 1
        other = next(session.id for session in listed if not session.current)
        assert (await one.delete(f"/api/sessions/{other}")).status == 204
        assert (await two.get("/api/me")).status == 401
        await two.post("/api/session", {"login": "olga", "password": PASSWORD})
        gone = await two.delete("/api/sessions")
        assert gone.status == 204
        assert "Max-Age=0" in gone.headers["Set-Cookie"]
        assert (await one.get("/api/me")).status == 401


async def test_an_invitation_works_once(empty, db):
    async with empty.browser() as owner, empty.browser() as guest:
        await owner.post("/api/setup", {**OWNER, "token": await founding(db)})
        invited = await owner.post(
            "/api/agents", {"name": "Ion", "login": "ion", "role_keys": ["manager"]}
        )
        token = invited.json["link"].partition("#token=")[2]
        link = strictly(await guest.get(f"/api/links/{token}"), Link)
        assert (link.purpose, link.name) == ("invite", "Ion")
        me = strictly(await guest.post(f"/api/links/{token}", {"password": PASSWORD}), Me)
        assert me.status == "active"
        again = await guest.post(f"/api/links/{token}", {"password": PASSWORD})
        assert (again.status, again.code) == (404, "link.gone")


async def test_guessing_is_slowed_down(empty, db):
    async with empty.browser() as browser:
        await browser.post("/api/setup", {**OWNER, "token": await founding(db)})
        for _ in range(30):
            answer = await browser.post("/api/session", {"login": "olga", "password": "guess"})
            if answer.status == 429:
                break
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json["retry_after"] > 0


async def test_the_socket_needs_the_hubs_own_page(db, tmp_path):
    async with serving(db, tmp_path, public_url="https://hub.test") as desk:
        with pytest.raises(InvalidStatus):
            async with dial(desk.host):
                pass
        async with dial(desk.host, origin="https://hub.test"):
            pass
