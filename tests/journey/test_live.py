"""The live connection as a browser sees it, frame by frame."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from agents_ui.api.state import State
from agents_ui.live.frames import ConversationSnap, HubFrame
from agents_ui.live.session import LIMIT
from crm_core.staff.agents import AgentPatch, change_agent
from crm_core.staff.reading import read_agent
from crm_core.staff.sessions import end_sessions
from infra.clock import new_id
from tests.desks import serving
from tests.live_client import dial


pytestmark = pytest.mark.journey

FRAME = msgspec.json.Decoder(HubFrame)
HELLO = {"op": "hello", "v": 1}


async def say(wire, **frame):
    await wire.send(json.dumps(frame))


async def hear(wire, op):
    """Return the next frame of a kind; others are passed over. Every frame has its shape."""
    async with asyncio.timeout(5):
        while True:
            text = await wire.recv()
            FRAME.decode(text)
            if (frame := json.loads(text))["op"] == op:
                return frame


@asynccontextmanager
async def live(desk, browser, **hello):
    """A connection that said hello; ``wire.ready`` is the answer."""
    async with dial(desk.host, browser.cookie) as wire:
        await say(wire, **HELLO, **hello)
        wire.ready = await hear(wire, "ready")
        yield wire


async def closed(wire):
    """Return the code a connection is closed with."""
    async with asyncio.timeout(5):
        try:
            while True:
                await wire.recv()
        except ConnectionClosed:
            return wire.close_code


async def test_topics_are_the_same_over_the_socket_and_over_http(desk, browser, office):
    case = await office.case()
    async with live(desk, browser) as wire:
        assert wire.ready["mode"] == "fresh"
        card = (await browser.get(f"/api/conversations/{case}")).json["card"]["id"]
        topics = ["state", "view:all", f"conv:{case}", f"card:{card}"]
        await say(wire, op="snap", id=7, topics=topics)
        snaps = [await hear(wire, "snap") for _ in topics]
        assert [snap["topic"] for snap in snaps] == topics
        assert [snap["more"] for snap in snaps] == [True, True, True, False]
        assert all(snap["cursor"] >= wire.ready["cursor"] for snap in snaps)
        assert all(snap["epoch"] == wire.ready["epoch"] for snap in snaps)
        state, page, opened, shown = (snap["data"] for snap in snaps)
        msgspec.convert(opened, ConversationSnap)
        msgspec.convert(state, State)
        there = (await browser.get("/api/state")).json
        for part in ("me", "agents", "teams", "branches", "views", "accounts", "epoch", "counts"):
            assert state[part] == there[part], part
        assert page["items"] == (await browser.get("/api/conversations?view=all")).json["items"]
        assert shown == (await browser.get(f"/api/cards/{card}")).json
        await say(wire, op="snap", id=8, topics=[f"conv:{new_id()}", "weather:today"])
        for _ in range(2):
            error = await hear(wire, "err")
            assert (error["code"], error["id"]) == ("hub.not_found", 8)


async def test_an_event_arrives_and_a_resume_brings_what_was_missed(desk, browser, office):
    async with live(desk, browser) as wire:
        await office.case("Unu")
        first = await hear(wire, "ev")
        assert first["p"] == wire.ready["cursor"]
        sid, epoch, cursor = wire.ready["sid"], wire.ready["epoch"], first["e"][-1]["c"]
    await office.case("Doi")
    async with live(desk, browser, sid=sid, epoch=epoch, cursor=cursor) as wire:
        assert (wire.ready["mode"], wire.ready["cursor"]) == ("resumed", cursor)
        texts = [e["message"]["text"] for e in first["e"] if e["type"] == "message.changed"]
        while "Doi" not in texts:
            frame = await hear(wire, "ev")
            assert frame["p"] == cursor
            cursor = frame["e"][-1]["c"]
            texts += [e["message"]["text"] for e in frame["e"] if e["type"] == "message.changed"]
        assert texts == ["Unu", "Doi"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"epoch": "other.0"}, "epoch"),
        ({"cursor": "yesterday"}, "old"),
        ({"cursor": "7000000000000000-0000000000000000"}, "old"),
    ],
)
async def test_a_cursor_that_is_worth_nothing_resets(desk, browser, change, why):
    async with live(desk, browser) as wire:
        known = {"epoch": wire.ready["epoch"], "cursor": wire.ready["cursor"]}
    async with live(desk, browser, **(known | change)) as wire:
        assert (wire.ready["mode"], wire.ready["why"]) == ("reset", why)


async def test_a_client_that_missed_too_much_resets(desk, browser, office, owner):
    async with live(desk, browser) as wire:
        known = {"epoch": wire.ready["epoch"], "cursor": wire.ready["cursor"]}
    async with office.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO event (type, data, audience) SELECT 'tag.changed',"
            """ '{"type": "tag.changed"}', '{}' FROM generate_series(1, 1001)"""
        )
        tx.wrote()
    await asyncio.sleep(0.5)
    async with live(desk, browser, **known) as wire:
        assert (wire.ready["mode"], wire.ready["why"]) == ("reset", "many")


async def test_without_a_session_the_client_is_told_to_sign_in(desk):
    async with dial(desk.host) as wire:
        assert await closed(wire) == 4401
    with pytest.raises(InvalidHandshake):
        async with dial(desk.host, subprotocols=None):
            pass


async def test_a_newer_socket_of_a_tab_replaces_the_older(desk, browser):
    async with live(desk, browser, sid="tab") as one, live(desk, browser, sid="tab") as two:
        assert await closed(one) == 4409
        await say(two, op="ping", c=1)
        assert (await hear(two, "pong"))["c"] == 1


async def test_an_agent_has_ten_tabs_and_no_more(desk, browser):
    async with asyncio.TaskGroup() as group:
        wires = [dial(desk.host, browser.cookie) for _ in range(11)]
        opened = [group.create_task(_open(wire)) for wire in wires]
    modes = [task.result() for task in opened]
    assert sorted(map(str, modes)) == ["4429", *["fresh"] * 10]
    for wire in wires:
        await wire.connection.close()


async def _open(dialling):
    dialling.connection = await dialling
    await say(dialling.connection, **HELLO)
    try:
        return (await hear(dialling.connection, "ready"))["mode"]
    except ConnectionClosed:
        return dialling.connection.close_code


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["nonsense"], 4400),
        (['{"op":"ping","c":1}'], 4400),
        (['{"op":"hello","v":2}'], 4400),
    ],
)
async def test_whoever_does_not_say_hello_is_cut(desk, browser, frames, code):
    async with dial(desk.host, browser.cookie) as wire:
        for frame in frames:
            await wire.send(frame)
        assert await closed(wire) == code


async def test_a_client_that_talks_nonsense_or_too_much_is_cut(desk, browser):
    async with live(desk, browser) as wire:
        for _ in range(3):
            await say(wire, op="dance")
        assert (await hear(wire, "err"))["code"] == "frame.unknown"
        assert await closed(wire) == 4400
    async with live(desk, browser) as wire:
        for n in range(60):
            await say(wire, op="ping", c=n)
        assert await closed(wire) == 4429
    async with live(desk, browser) as wire:
        await wire.send(json.dumps({"op": "ping", "c": 1, "x": "y" * (16 << 10)}))
        assert await closed(wire) == 1009


async def test_signing_out_closes_the_connection_within_a_second(desk, browser, office, owner):
    async with live(desk, browser) as wire:
        started = time.monotonic()
        async with office.db.transaction() as tx:
            await end_sessions(tx, owner.agent_id)
        assert await closed(wire) == 4401
        assert time.monotonic() - started < 1
    assert (await browser.get("/api/me")).status == 401


async def test_whoever_leaves_the_company_is_out_at_once(desk, browser, office, owner):
    colleague = await office.agent(role="manager", team=True)
    async with desk.browser() as other:
        await other.enter(colleague)
        async with live(desk, other) as wire:
            async with office.db.transaction() as tx:
                await change_agent(
                    tx,
                    colleague.agent_id,
                    rev=(await read_agent(tx, colleague.agent_id)).rev,
                    patch=AgentPatch(status="left"),
                    viewer=owner,
                )
            assert await closed(wire) == 4401
        assert (await other.get("/api/me")).status == 401


async def test_other_rights_begin_another_epoch(desk, office, owner):
    colleague = await office.agent(role="newcomer")
    async with desk.browser() as other:
        await other.enter(colleague)
        async with live(desk, other, sid="tab") as wire:
            ready = wire.ready
            async with office.db.transaction() as tx:
                await change_agent(
                    tx,
                    colleague.agent_id,
                    rev=(await read_agent(tx, colleague.agent_id)).rev,
                    patch=AgentPatch(role_keys=["manager"]),
                    viewer=owner,
                )
            assert await closed(wire) == 4408
        known = {"sid": "tab", "epoch": ready["epoch"], "cursor": ready["cursor"]}
        async with live(desk, other, **known) as wire:
            assert (wire.ready["mode"], wire.ready["why"]) == ("reset", "epoch")


async def test_typing_and_looking_are_told_to_whoever_may_read(desk, browser, office, owner):
    case = await office.case()
    stranger = await office.agent(role="newcomer")
    async with desk.browser() as other:
        await other.enter(stranger)
        async with live(desk, browser) as one, live(desk, other) as two:
            await say(one, op="typing", conversation_id=str(case), kind="reply", on=True)
            await say(one, op="view", conversation_id=str(case))
            heard = []
            while len(heard) < 2:
                heard += [e for e in (await hear(one, "eph"))["e"] if e["t"] != "presence"]
            assert [(e["t"], e["agent_id"]) for e in heard] == [
                ("typing", str(owner.agent_id)),
                ("viewing", str(owner.agent_id)),
            ]
            await say(two, op="typing", conversation_id=str(case), kind="reply", on=True)
            await say(two, op="ping", c=1)
            seen = []
            while (frame := json.loads(await two.recv()))["op"] != "pong":
                seen += frame.get("e", []) if frame["op"] == "eph" else []
            assert {e["t"] for e in seen} <= {"presence"}


async def test_presence_is_told_and_kept_in_the_state(desk, browser, office, owner):
    colleague = await office.agent(role="owner")
    async with live(desk, browser) as wire, desk.browser() as other:
        await other.enter(colleague)
        async with live(desk, other):
            told = []
            while not any(e["agent_id"] == str(colleague.agent_id) for e in told):
                told += (await hear(wire, "eph"))["e"]
            presence = (await browser.get("/api/state")).json["presence"]
            assert presence == {str(owner.agent_id): "online", str(colleague.agent_id): "online"}
        await say(wire, op="vis", v="hidden")
        while {"t": "presence", "agent_id": str(owner.agent_id), "status": "away"} not in told:
            told += (await hear(wire, "eph"))["e"]


async def test_a_client_that_reads_nothing_is_cut_and_disturbs_nobody(desk, browser, office):
    async with live(desk, browser) as good, live(desk, browser) as stuck:
        stuck.transport.pause_reading()
        mine = desk.pump.sessions
        (session,) = [s for s in mine.values() if s.sid == stuck.ready["sid"]]
        last = good.ready["cursor"]
        async with asyncio.timeout(30):
            for _ in range(30):
                async with office.db.transaction() as tx:
                    await tx.execute(
                        "INSERT INTO event (type, data, audience) SELECT 'tag.changed',"
                        " jsonb_build_object('type', 'tag.changed', 'n', n,"
                        " 'filler', repeat('x', 4000)), '{}' FROM generate_series(1, 150) AS n"
                    )
                    tx.wrote()
                while True:
                    frame = json.loads(await good.recv())
                    if frame["op"] == "ev":
                        assert frame["p"] == last
                        last = frame["e"][-1]["c"]
                        if frame["e"][-1].get("n") == 150:
                            break
                assert session.waiting < LIMIT
        while session.key in mine:  # noqa: ASYNC110 - the pump announces nothing
            await asyncio.sleep(0.05)
        stuck.transport.resume_reading()
        assert await closed(stuck) in {4408, 1006}


async def test_a_hub_that_stops_says_when_to_come_back(desk, browser):
    async with live(desk, browser) as wire:
        task = asyncio.create_task(desk.mounted.close())
        bye = await hear(wire, "bye")
        assert (bye["code"], bye["in_ms"]) == (1012, 2000)
        assert await closed(wire) == 1012
        await task


async def test_the_socket_opens_on_a_connection_that_served_requests(desk, browser):
    """Reverse proxies keep connections: the upgrade may come on one that is in use."""
    reader, writer = await asyncio.open_connection(*desk.host.split(":"))
    cookie = f"Cookie: {browser.cookie}\r\n"
    writer.write(f"GET /healthz HTTP/1.1\r\nHost: {desk.host}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    writer.write(
        f"GET /live HTTP/1.1\r\nHost: {desk.host}\r\nOrigin: {desk.url}\r\n{cookie}"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: hub.v1\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
    writer.close()


async def test_an_outsider_without_websockets_gets_no_socket(desk, browser):
    async with browser.http.get("/live") as answer:
        assert answer.status == 426
    async with aiohttp.ClientSession() as http, http.get(f"{desk.url}/live") as answer:
        assert answer.status == 403


async def test_silence_is_broken_by_a_heartbeat_with_the_chain(desk, browser):
    async with live(desk, browser) as wire:
        (session,) = desk.pump.sessions.values()
        await hear(wire, "eph")
        session.sent_at -= 60
        beat = await hear(wire, "hb")
        assert beat["cursor"] == wire.ready["cursor"]


async def test_what_left_memory_is_read_from_the_log(desk, browser, office):
    async with live(desk, browser) as wire:
        known = {"epoch": wire.ready["epoch"], "cursor": wire.ready["cursor"]}
        await office.case("Unu")
        known["cursor"] = (await hear(wire, "ev"))["e"][-1]["c"]
    await office.case("Doi")
    tail = desk.mounted.desk.live.tail
    while not any(b'"Doi"' in sent.text for sent in tail._ring):  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.02)
    tail.floor = tail.until
    tail._ring.clear()
    async with live(desk, browser, **known) as wire:
        assert wire.ready["mode"] == "resumed"
        await office.case("Trei")
        texts, cursor = [], known["cursor"]
        while "Trei" not in texts:
            frame = await hear(wire, "ev")
            assert frame["p"] == cursor
            cursor = frame["e"][-1]["c"]
            texts += [e["message"]["text"] for e in frame["e"] if e["type"] == "message.changed"]
        assert [text for text in texts if text != "Unu"] == ["Doi", "Trei"]
    async with office.db.transaction() as tx:
        await tx.execute("DELETE FROM event WHERE data::text NOT LIKE '%Trei%'")
    tail.floor = tail.until
    async with live(desk, browser, **known) as wire:
        assert (wire.ready["mode"], wire.ready["why"]) == ("reset", "old")


async def test_tabs_are_told_when_another_app_is_served(db, office, owner, tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    page = folder / "index.html"
    page.write_text("one")
    async with serving(db, tmp_path, static=folder) as desk, desk.browser() as browser:
        await browser.enter(owner)
        async with live(desk, browser) as wire:
            page.write_text("two")
            desk.mounted.desk.live.tell_build()
            told = await hear(wire, "build")
            assert told["build"] != wire.ready["build"]
            assert (await browser.get("/api/state")).json["build"] == told["build"]
