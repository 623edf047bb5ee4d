"""Foreign pages, hostile files, floods: what gets in and what does not."""

import asyncio
import json

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.servers.visitor import Visitor, new_cid, new_token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_only_the_frame_may_open_a_socket(office):
    key = await office.widget(origins=["https://shop.test"])
    address = office.base.replace("http", "ws") + f"/w/{key}/live"
    for origin in ("https://shop.test", "https://evil.test", "null", None):
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, subprotocols=["chat.v1"], origin=origin)
        assert refused.value.response.status_code == 403
    async with office.visitor(key) as ana:
        assert (await ana.write("Bună"))["t"] == "ack"


async def test_the_browser_shows_the_frame_on_the_widgets_own_origins_alone(office):
    key = await office.widget(origins=["https://shop.test", "https://*.shop.test"])
    async with aiohttp.ClientSession() as http:
        frame = await http.get(f"{office.base}/w/{key}/frame")
        policy = frame.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors 'self' https://shop.test https://*.shop.test")
        assert "unsafe" not in policy
        assert "X-Frame-Options" not in frame.headers
        assert "Set-Cookie" not in frame.headers
        assert frame.headers["Referrer-Policy"] == "strict-origin"
        page = await http.get(f"{office.base}/w/{key}/page")
        assert page.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert page.headers["X-Frame-Options"] == "DENY"
        for origin, status in {
            "https://shop.test": 200,
            "https://a.shop.test": 200,
            "https://shop.test.evil.test": 403,
            "http://shop.test": 403,
            "https://evilshop.test": 403,
        }.items():
            answer = await http.get(f"{office.base}/w/{key}/config", headers={"Origin": origin})
            assert answer.status == status, origin
        posted = await http.post(
            f"{office.base}/w/{key}/send",
            data=b"[]",
            headers=bearer(new_token()) | {"Origin": "https://shop.test"},
        )
        assert posted.status == 403


@pytest.mark.parametrize(
    ("name", "body", "mime"),
    [
        ("x.svg", b"<svg onload=alert(1)>", None),
        ("x.html", b"<script>alert(1)</script>", None),
        ("x.xml", b"<?xml version='1.0'?>", None),
        ("noending", b"text", None),
        ("x.png", b"<svg onload=alert(1)>", "application/octet-stream"),
        ("x.png", b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        ('"><img src=x onerror=alert(1)>.txt', b"text", "text/plain"),
        ("../../etc/passwd.txt", b"text", "text/plain"),
        ("\u202etxt.exe.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ],
)
async def test_no_file_is_ever_run(office, name, body, mime):
    key = await office.widget()
    token = new_token()
    async with aiohttp.ClientSession(headers=bearer(token)) as http:
        answer = await http.post(f"{office.base}/w/{key}/files", params={"name": name}, data=body)
        if mime is None:
            assert answer.status == 422
            return
        file = await answer.json()
        assert file["mime"] == mime
        assert not set(file["name"]) & set('<>/\\"\u202e')
        given = await http.get(f"{office.base}/w/{key}/files/{file['id']}")
        assert await given.read() == body
        assert given.headers["Content-Disposition"].startswith("attachment;")
        assert given.headers["Content-Security-Policy"].startswith("sandbox")
        assert given.headers["X-Content-Type-Options"] == "nosniff"
    async with aiohttp.ClientSession(headers=bearer(new_token())) as stranger:
        other = await stranger.get(f"{office.base}/w/{key}/files/{file['id']}")
        assert other.status == 404
    async with office.visitor(key, token=token) as ana:
        assert (await ana.write("poftim", files=[file["id"]]))["t"] == "ack"
        await office.until("SELECT 1 FROM attachment WHERE blob IS NOT NULL")


async def test_a_file_of_somebody_else_cannot_be_sent(office):
    key = await office.widget()
    async with aiohttp.ClientSession(headers=bearer(new_token())) as http:
        answer = await http.post(f"{office.base}/w/{key}/files?name=a.txt", data=b"secret")
        file = await answer.json()
    async with office.visitor(key) as eve:
        assert (await eve.write("", files=[file["id"]]))["code"] == "no_file"


async def test_a_file_over_the_limit_is_refused(office):
    key = await office.widget(files={"max_bytes": 2048})
    async with aiohttp.ClientSession(headers=bearer(new_token())) as http:
        answer = await http.post(f"{office.base}/w/{key}/files?name=a.txt", data=bytes(4096))
        assert answer.status == 413


async def test_one_visitor_cannot_flood(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        answers = [await eve.write(str(n)) for n in range(30)]
        assert [a["t"] for a in answers].count("ack") in range(20, 24)
        assert answers[-1]["code"] == "too_fast"
        assert answers[-1]["retry"] > 0


async def test_an_office_of_fifty_behind_one_address_is_served(office):
    key = await office.widget()
    visitors = [office.visitor(key) for _ in range(50)]

    async def talks(visitor: Visitor) -> None:
        async with visitor:
            for n in range(4):
                assert (await visitor.write(f"{n}"))["t"] == "ack"

    await asyncio.gather(*map(talks, visitors))
    assert (await office.sql("SELECT count(*) AS n FROM webchat_visitor"))[0]["n"] == 50


async def test_a_frame_that_is_too_long_ends_the_connection(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        nack = await eve.write("x" * 8001)
        assert nack["code"] == "invalid"
        await eve.say("send", cid=new_cid(), text="x" * 70_000)
        assert await eve.closed() == 1009


async def test_noise_is_answered_and_forgotten(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        for noise in (b"\xff\xfe{", b"[]", b'{"t":"nothing"}', b'{"t":"send","cid":7}', b""):
            await eve.raw(noise)
            assert (await eve.wait(lambda f: f["t"] == "nack"))["code"] == "invalid"
        assert (await eve.write("Bună"))["t"] == "ack"


async def test_an_eleventh_connection_is_refused(office):
    key = await office.widget()
    async with office.visitor(key) as first:
        await first.write("Bună")
        more = [office.visitor(key, token=first.token) for _ in range(10)]
        for each in more[:9]:
            await each.open()
        with pytest.raises(ConnectionError):
            await more[9].open()
        assert more[9].code == 4429
        for each in more[:9]:
            await each.close()


async def test_a_blocked_visitor_is_cut_off_and_cannot_come_back(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        await eve.write("spam")
        async with office.hub.db.transaction() as tx:
            await tx.execute("UPDATE webchat_visitor SET blocked_at = now()")
        assert await eve.closed() == 4403
    with pytest.raises(ConnectionError):
        await eve.open()
    assert eve.code == 4403


async def test_whom_agents_call_a_spammer_is_served_no_more(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        await eve.write("spam")
        await office.until("SELECT 1 FROM identity WHERE kind = 'web_visitor'")
        async with office.hub.db.transaction() as tx:
            await tx.execute("UPDATE identity SET status = 'spam' WHERE kind = 'web_visitor'")
            tx.wrote()
        assert await eve.closed() == 4403
    with pytest.raises(ConnectionError):
        await eve.open()
    assert eve.code == 4403


async def test_pages_lose_their_query_and_wait_for_the_first_message(office):
    key = await office.widget()
    async with office.visitor(key) as ana:
        await ana.say("page", url="https://u:p@shop.test/mese?session=secret#x", title="Mese")
        await ana.say("page", url="javascript:alert(1)")
        await ana.write("Bună")
        rows = await office.until("SELECT url, title FROM page_view")
        assert [(row["url"], row["title"]) for row in rows] == [("https://shop.test/mese", "Mese")]


async def test_long_polls_say_the_same(office):
    key = await office.widget()
    token = new_token()
    async with aiohttp.ClientSession(headers=bearer(token)) as http:
        url = f"{office.base}/w/{key}"
        cid = new_cid()
        frames = [{"t": "send", "cid": cid, "text": "Bună"}]
        for _ in range(2):
            answer = await http.post(f"{url}/send", data=json.dumps(frames))
            assert (await answer.json())[0] | {"id": ""} == {
                "t": "ack",
                "cid": cid,
                "seq": 1,
                "id": "",
            }
        said = await (await http.get(f"{url}/poll?after=0")).json()
        assert [f["t"] for f in said] == ["welcome", "msg", "conv", "online"]
        waiting = asyncio.create_task(http.get(f"{url}/poll?after=1&wait=20"))
        await asyncio.sleep(0.2)
        await office.answer(said[0]["me"]["id"], "Da?")
        more = await (await waiting).json()
        while not (texts := [f["text"] for f in more if f["t"] == "msg"]):  # the case was news
            more = await (await http.get(f"{url}/poll?after=1&wait=20")).json()
        assert texts == ["Da?"]
        no = await http.get(f"{url}/poll", headers={"Authorization": "Bearer x"})
        assert no.status == 401


async def test_the_demo_is_where_its_account_is(office):
    async with aiohttp.ClientSession() as http:
        assert (await http.get(f"{office.base}/widget/demo")).status == 404
        await office.widget(address="demo", demo=True)
        await asyncio.sleep(2.1)
        assert (await http.get(f"{office.base}/widget/demo")).status in {200, 503}
