"""What everybody who knocks is told."""

import io
import itertools
import re

import pytest
from openapi_spec_validator import validate
from websockets.exceptions import InvalidStatus

from agents_ui.api.catalog import ROUTES, openapi
from infra.clock import new_id
from tests.live_client import dial


PUBLIC = {
    ("GET", "/api/setup"),
    ("POST", "/api/setup"),
    ("POST", "/api/session"),
    ("GET", "/api/links/{token}"),
    ("POST", "/api/links/{token}"),
}
"""Everything that may be asked without a session; each line here is a decision."""


def filled(path):
    return re.sub(
        r"\{(\w+)\}", lambda m: "1" if m[1] in {"number", "entry_id"} else str(new_id()), path
    )


def foreign_origins(host):
    name, port = host.split(":")
    return [
        "null",
        "https://evil.test",
        f"http://evil.test:{port}",
        f"http://sub.{name}:{port}",
        f"http://{name}:{int(port) + 1}",
        f"http://{name}",
        f"https://{host}",
        f"http://{host}.evil.test",
        f"http://evil.test/{host}",
        f"http://{host}@evil.test",
        f"ws://{host}",
        f"http://localhost:{port}",
    ]


def test_the_description_is_valid_openapi():
    described = openapi()
    validate(described)
    operations = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    assert len({operation["operationId"] for *_, operation in operations}) == len(operations)
    for path, method, operation in operations:
        assert operation["summary"], path
        assert "default" in operation["responses"]
        if (method.upper(), path) not in PUBLIC:
            assert "401" in operation["responses"], path


async def test_a_route_is_public_by_decision_or_asks_to_sign_in(desk):
    assert {(r.method, r.path) for r in ROUTES if r.public} == PUBLIC
    async with desk.browser() as browser:
        for route in (r for r in ROUTES if not r.public):
            answer = await browser.send(route.method, filled(route.path))
            assert (answer.status, answer.code) == (401, "session.needed"), route.path
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_pages_of_other_sites_can_neither_write_nor_listen(desk, browser):
    for origin in foreign_origins(desk.host):
        answer = await browser.post("/api/tags", {"name": "x"}, headers={"Origin": origin})
        assert (answer.status, answer.code) == (403, "hub.foreign_origin"), origin
        with pytest.raises(InvalidStatus) as refused:
            async with dial(desk.host, browser.cookie, origin=origin):
                pass
        assert refused.value.response.status_code == 403, origin
    assert (await browser.get("/api/tags")).json == []


async def test_a_browser_that_hides_its_origin_is_refused(desk, browser):
    async with browser.http.post(
        "/api/tags", json={"name": "x"}, skip_auto_headers=["Origin"], headers={"Origin": ""}
    ) as answer:
        assert answer.status == 403


async def test_every_answer_carries_safe_headers(browser):
    for path in ("/api/state", "/api/nothing", "/", "/openapi.json"):
        headers = (await browser.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Request-Id"]


async def test_what_is_not_there_is_a_problem_and_not_a_page(browser):
    for method, path, status in (
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/tags", 405),
        ("GET", "/m/nothing", 404),
        ("GET", f"/api/conversations/{new_id()}", 404),
        ("GET", "/api/conversations/not-an-id", 422),
        ("GET", "/api/conversations?limit=0", 422),
        ("GET", "/api/conversations?limit=1&extra=1", 422),
        ("GET", "/api/conversations?before=%00%FF", 422),
    ):
        answer = await browser.send(method, path)
        assert (answer.status, answer.json["status"]) == (status, status), path
        assert answer.code


async def test_a_body_that_is_too_large_or_no_json_is_refused(browser):
    big = await browser.post("/api/tags", data=io.BytesIO(bytes(2 << 20)))
    assert (big.status, big.code, big.json["limit"]) == (413, "hub.too_large", 1 << 20)
    for body in (b"", b"{", b"\xff", b"[]", b'"x"', b"null", b"[" * 5000):
        answer = await browser.post("/api/tags", data=body)
        assert (answer.status, answer.code) == (422, "hub.invalid"), body[:10]


async def test_odd_bodies_never_break_the_hub(browser):
    odd = [{}, [], None, 0, "x", {"__proto__": {}}, {"id": None}, {"name": {}}, {"text": 1e308}]
    writing = [r for r in ROUTES if r.body is not None]
    for route, body, key in itertools.product(writing, odd, (None, str(new_id()))):
        headers = {"Idempotency-Key": key} if key else {}
        answer = await browser.send(route.method, filled(route.path), json=body, headers=headers)
        assert answer.status < 500 or answer.status == 501, (route.path, body, answer.text)


async def test_an_api_key_can_do_what_its_scopes_say(desk, browser, office):
    case = await office.case()
    made = await browser.post("/api/api-keys", {"name": "bot", "scopes": ["conversation.read"]})
    assert made.status == 201, made.text
    key = {"Authorization": f"Bearer {made.json['secret']}"}
    async with desk.browser() as bot:
        assert (await bot.get(f"/api/conversations/{case}", headers=key)).status == 200
        noted = await bot.post(
            f"/api/conversations/{case}/messages",
            {"kind": "note", "text": "x"},
            headers={**key, "Idempotency-Key": str(new_id())},
        )
        assert noted.status == 403
        assert (await bot.get("/api/sessions", headers=key)).status == 403
        assert (
            await bot.delete(f"/api/api-keys/{made.json['key']['id']}", headers=key)
        ).status == 403
        assert (await browser.delete(f"/api/api-keys/{made.json['key']['id']}")).status == 204
        gone = await bot.get(f"/api/conversations/{case}", headers=key)
        assert (gone.status, gone.code) == (401, "session.needed")


async def test_proxy_headers_of_strangers_are_ignored(browser):
    answer = await browser.post(
        "/api/tags",
        {"name": "x"},
        headers={
            "Origin": "https://hub.test",
            "X-Forwarded-Host": "hub.test",
            "X-Forwarded-Proto": "https",
        },
    )
    assert answer.status == 403
    assert "Strict-Transport-Security" not in answer.headers
