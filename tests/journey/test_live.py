"""The live connection as a browser sees it."""

import asyncio
import json

import pytest

from tests.company import founded
from tests.desks import serving
from tests.live_client import dial


@pytest.fixture
async def company(db):
    return await founded(db)


@pytest.fixture
async def desk(db, company, tmp_path):
    async with serving(db, tmp_path) as served:
        yield served


HELLO = {
    "op": "hello",
    "v": 1,
    "sid": None,
    "epoch": None,
    "cursor": None,
    "build": "",
    "vis": "visible",
}


async def say(wire, **frame):
    await wire.send(json.dumps(frame))


async def hear(wire, op):
    """Return the next frame of a kind; others are passed over."""
    async with asyncio.timeout(5):
        while (frame := json.loads(await wire.recv()))["op"] != op:
            pass
    return frame


async def test_state_over_the_socket_is_the_state_over_http(desk):
    async with desk.browser("owner") as browser, dial(desk.host, browser.cookie) as wire:
        await say(wire, **HELLO)
        ready = await hear(wire, "ready")
        assert ready["mode"] == "fresh"
        await say(wire, op="snap", id=7, topics=["state"])
        snap = await hear(wire, "snap")
        answer = await browser.get("/api/state")
        assert answer.status == 200, answer.text
        here, there = snap["data"], answer.json
        assert snap["cursor"] >= ready["cursor"]
        assert snap["epoch"] == ready["epoch"] == there["epoch"]
        for part in ("me", "agents", "teams", "branches", "views", "accounts"):
            assert here[part] == there[part]
