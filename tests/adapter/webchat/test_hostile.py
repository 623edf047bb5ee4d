"""What a hostile browser sends is answered, and never becomes an error of the hub."""

import base64
import time

import aiohttp
import jwt

from tests.servers.visitor import new_token


DEEP = b"[" * 20_000
HUGE = 10**30
SECRET = "a-secret-of-the-site-that-is-long-enough"


def bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {new_token()}"}


async def test_nesting_without_end_is_no_frame(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        for noise in (b'{"t":"ping","x":' + DEEP, b'{"x":' + DEEP, DEEP):
            await eve.raw(noise)
            assert (await eve.wait(lambda f: f["t"] == "nack"))["code"] == "invalid"
        assert (await eve.write("Bună"))["t"] == "ack"
    async with aiohttp.ClientSession(headers=bearer()) as http:
        for path in ("send", "poll"):
            answer = await http.post(f"{office.base}/w/{key}/{path}", data=b'[{"x":' + DEEP)
            assert answer.status == 400


async def test_a_token_of_nothing_but_nesting_proves_nothing(office):
    key = await office.widget(secrets={"jwt_secret": SECRET}, keys=[{"kid": "k1", "alg": "HS256"}])
    head = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 2_500).decode().rstrip("=")
    async with office.visitor(key) as eve:
        await eve.say("identify", jwt=f"{head}.e30.e30")
        assert (await eve.wait(lambda f: f["t"] == "nack"))["field"] == "jwt"
        assert (await eve.write("Bună"))["t"] == "ack"


async def test_numbers_no_column_holds_are_no_marks(office):
    key = await office.widget()
    async with office.visitor(key) as eve:
        await eve.write("Bună")
        for kind in ("got", "read"):
            await eve.say(kind, upto=HUGE)
        await eve.say("older", before=HUGE)
        assert (await eve.write("Mai sunteți?"))["t"] == "ack"


async def test_a_nul_goes_nowhere(office):
    key = await office.widget(
        prechat={"on": True, "fields": [{"key": "name", "label": {"en": "Name"}}]}
    )
    eve = office.visitor(key)
    await eve.open(site="https://a\0b", lang="\0")
    assert (await eve.ask("form", form="prechat", values={"name": "E\0ve"}))["t"] == "ack"
    first = await eve.write("Bu\0nă")
    assert first["t"] == "ack"
    for kind, fields in {
        "callback": {"values": {"phone": "0722123456", "topic": "a\0b", "window_from": "\0"}},
        "csat": {"score": 5, "comment": "a\0"},
        "pick": {"id": first["id"], "button": "a\0"},
        "react": {"id": first["id"], "emojis": ["\0"]},
    }.items():
        assert (await eve.ask(kind, **fields))["t"] in {"ack", "nack"}, kind
    await eve.say("attrs", values={"a\0": "b\0"})
    await eve.say("otp", kind="email", value="a\0@client.test")
    await eve.say("page", url="https://a.test/\0", title="\0", ref="\0")
    await eve.say("captcha", answer="\0")
    assert (await eve.write("Mai sunteți?"))["t"] == "ack"
    await eve.close()
    async with aiohttp.ClientSession() as http:
        for path in ("/w/%00/config", "/w/a%00b/frame", "/hook/%00", "/w/assets/%00.js"):
            answer = await http.get(f"{office.base}{path}")
            assert answer.status == 404, path


async def test_a_nul_in_a_signed_token_goes_nowhere(office):
    key = await office.widget(secrets={"jwt_secret": SECRET}, keys=[{"kid": "k1", "alg": "HS256"}])
    claims = {
        "sub": "4\x002",
        "aud": key,
        "exp": int(time.time()) + 60,
        "attributes": {"a\0": "\0"},
    }
    token = jwt.encode(claims, SECRET, algorithm="HS256", headers={"kid": "k1"})
    async with office.visitor(key) as eve:
        await eve.say("identify", jwt=token)
        await eve.wait(lambda f: f["t"] in {"nack", "session"})
        assert (await eve.write("Bună"))["t"] == "ack"
