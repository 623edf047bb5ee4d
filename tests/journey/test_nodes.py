"""Two nodes on one database: whoever is connected where, everybody sees the same."""

import asyncio
from datetime import timedelta

import pytest

from infra.bus import LocalBus, RedisBus
from infra.clock import now
from infra.db import Database
from tests.desks import serving
from tests.journey.test_live import closed, hear, live, say


pytestmark = pytest.mark.journey


@pytest.fixture(params=["local", "redis"])
def bus(request):
    return LocalBus() if request.param == "local" else RedisBus(request.getfixturevalue("redis"))


@pytest.fixture
async def nodes(url, office, bus, tmp_path):
    """Two nodes that know each other by the database and the bus alone."""
    one, two = Database(url, bus), Database(url, bus)
    async with serving(one, tmp_path, bus=bus) as first, serving(two, tmp_path, bus=bus) as second:
        yield first, second
    await one.close()
    await two.close()


async def test_what_one_node_does_the_other_tells(nodes, office, owner):
    first, second = nodes
    colleague = await office.agent(role="owner")
    async with first.browser() as mine, second.browser() as theirs:
        await mine.enter(owner)
        await theirs.enter(colleague)
        case = await office.case()
        async with live(first, mine) as here, live(second, theirs) as there:
            changed = await mine.patch(f"/api/conversations/{case}", {"priority": 3})
            assert changed.status == 200, changed.text
            priority = None
            while priority != 3:
                for event in (await hear(there, "ev"))["e"]:
                    if event["type"] == "conversation.changed":
                        priority = event["conversation"]["priority"]
            await say(there, op="typing", conversation_id=str(case), on=True)
            told = []
            while not any(e["t"] == "typing" for e in told):
                told += (await hear(here, "eph"))["e"]
            assert told[-1]["agent_id"] == str(colleague.agent_id)
            presence = (await mine.get("/api/state")).json["presence"]
            assert presence.get(str(colleague.agent_id)) == "online"


async def test_a_cursor_of_one_node_is_good_at_the_other(nodes, office, owner):
    first, second = nodes
    async with first.browser() as mine, second.browser() as there:
        await mine.enter(owner)
        await there.enter(owner)
        async with live(first, mine) as wire:
            await office.case("Unu")
            frame = await hear(wire, "ev")
            known = {"epoch": wire.ready["epoch"], "cursor": frame["e"][-1]["c"]}
        await office.case("Doi")
        async with live(second, there, **known) as wire:
            assert (wire.ready["mode"], wire.ready["cursor"]) == ("resumed", known["cursor"])
            texts = []
            while "Doi" not in texts:
                events = (await hear(wire, "ev"))["e"]
                texts += [e["message"]["text"] for e in events if e["type"] == "message.changed"]


async def test_a_sign_in_that_ran_out_ends_the_connection(desk, browser, office, owner):
    async with live(desk, browser) as wire:
        async with office.db.transaction() as tx:
            await tx.execute("UPDATE session SET expires_at = $1", now() - timedelta(seconds=1))
        await desk.mounted.desk.live.end_expired()
        assert await closed(wire) == 4401


async def test_counters_follow_what_happens(desk, browser, office):
    async with live(desk, browser) as wire:
        await say(wire, op="snap", id=1, topics=["state"])
        assert (await hear(wire, "snap"))["data"]["counts"] == {}
        case = await office.case()
        counts = {}
        async with asyncio.timeout(5):
            while counts.get("unassigned") != [1, 1]:
                counts |= (await hear(wire, "counts"))["v"]
        assert (await browser.get("/api/state")).json["counts"]["unassigned"] == [1, 1]
        await browser.post(f"/api/conversations/{case}/read", {"seq": 1})
        await browser.patch(f"/api/conversations/{case}", {"status": "closed"})
        async with asyncio.timeout(5):
            while counts.get("unassigned") != [0, 0]:
                counts |= (await hear(wire, "counts"))["v"]


async def test_a_lost_database_connection_costs_no_event(desk, browser, office, admin):
    async with live(desk, browser) as wire:
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            desk.db.engine.url.database,
        )
        await office.case("Unu")
        texts = []
        async with asyncio.timeout(10):
            while "Unu" not in texts:
                events = (await hear(wire, "ev"))["e"]
                texts += [e["message"]["text"] for e in events if e["type"] == "message.changed"]
