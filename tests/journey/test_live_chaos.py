"""The live connection under faults: nothing is lost, nothing is applied twice, nothing leaks."""

import asyncio
import random
from contextlib import AsyncExitStack

import pytest

from crm_core.staff.visibility import load_viewer
from tests.fault_proxy import FaultProxy
from tests.live_client import LiveClient


pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

CLIENTS = 12
SECONDS = 8.0

VISIBLE = "SELECT c.id::text, c.rev FROM conversation AS c WHERE "


async def connected(stack, desk, viewer, host, **more):
    """A client of an agent that stays connected until the stack closes."""
    browser = await stack.enter_async_context(desk.browser())
    await browser.enter(viewer)
    client = LiveClient(host, browser.cookie, origin=f"http://{host}", **more)
    task = asyncio.create_task(client.run())
    stack.callback(task.cancel)
    return client


async def visible_to(office, viewer):
    """Return the conversations an agent may read now, by id, with their revisions."""
    async with office.db.read() as raw:
        seen, args = (await load_viewer(raw, viewer.agent_id)).where(
            "conversation", "read", "c", 1
        )
        return {row[0]: row[1] for row in await raw.fetch(VISIBLE + seen, *args)}


def shown(client):
    """Return the conversations a tab shows, by id, with their revisions."""
    return {id_: row["rev"] for (kind, id_), row in client.rows.items() if kind == "conversation"}


async def test_clients_under_faults_lose_nothing_and_repeat_nothing(desk, office, owner):
    rng = random.Random(7)
    cases = [await office.case(f"Caz {n}") for n in range(20)]
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(FaultProxy(desk.host, rng))
        agents = [owner, *[await office.agent(role="owner") for _ in range(CLIENTS // 3)]]
        clients = [
            await connected(stack, desk, agents[n % len(agents)], proxy.host, watch=("view:all",))
            for n in range(CLIENTS)
        ]
        for client in clients:
            await client.until(lambda c=client: len(shown(c)) == len(cases))
        written = asyncio.create_task(_change(office, owner, cases, random.Random(8)))
        while not written.done():
            _misbehave(proxy, rng)
            await asyncio.sleep(rng.random() * 0.3)
        await written
        proxy.refusing = False
        truth = await visible_to(office, owner)
        for client in clients:
            await client.until(lambda c=client: shown(c) == truth, 30)
        assert sum(client.connections for client in clients) > CLIENTS
        assert {mode for client in clients for mode in client.modes} >= {"fresh", "resumed"}
        for client in clients:
            assert client.broken == []
            assert set(client.applied.values()) <= {1}


def _misbehave(proxy, rng):
    match rng.choice(["one", "one", "freeze", "all", "refuse", "nothing"]):
        case "one":
            proxy.reset_one()
        case "freeze":
            proxy.freeze_one(rng.uniform(0.2, 2.0))
        case "all":
            proxy.reset_all()
        case "refuse":
            proxy.refusing = not proxy.refusing
            proxy.reset_all()


async def _change(office, viewer, cases, rng):
    """Change conversations and let clients write, as fast as it goes, for a while."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SECONDS
    while loop.time() < end:
        async with asyncio.TaskGroup() as group:
            for case in rng.sample(cases, rng.choice([1, 1, 3, 8])):
                group.create_task(office.change(case, viewer, priority=rng.randrange(4)))
        if rng.random() < 0.1:
            cases.append(await office.case("Nou"))
        await asyncio.sleep(rng.random() * 0.05)


async def test_no_agent_ever_hears_of_what_they_may_not_read(desk, office, owner):
    """Conversations move between teams and people; each tab hears only what is its agent's.

    An event may reach a tab when the agent may read its subject as the event describes it, and
    nothing else may but ``gone``, once for each time the subject leaves.
    """
    rng = random.Random(11)
    roles = ["manager", "manager", "newcomer", "head", "auditor", "data_operator"]
    agents = [
        await office.agent(role=role, team=number % 2 == 0) for number, role in enumerate(roles)
    ]
    cases = [await office.case(f"Caz {n}") for n in range(10)]
    heard = {agent.agent_id: [] for agent in agents}
    async with AsyncExitStack() as stack:
        clients = {
            agent.agent_id: await connected(
                stack,
                desk,
                agent,
                desk.host,
                watch=("view:all",),
                on_event=heard[agent.agent_id].append,
            )
            for agent in agents
        }
        for client in clients.values():
            await client.until(client.is_settled)
        for _ in range(150):
            await _move(office, owner, rng.choice(cases), agents, rng)
        for agent in agents:
            client, truth = clients[agent.agent_id], await visible_to(office, agent)
            await client.until(lambda c=client, truth=truth: shown(c) == truth)
            assert client.broken == []
            _only_what_is_theirs(agent, heard[agent.agent_id])
    assert sum(e["type"] == "gone" for events in heard.values() for e in events) > 20


async def _move(office, owner, case, agents, rng):
    someone = rng.choice([None, *(agent.agent_id for agent in agents)])
    somewhere = rng.choice([None, office.team_id])
    change = rng.choice([{"assignee_id": someone}, {"team_id": somewhere}])
    await office.change(case, owner, **change)
    if rng.random() < 0.2:
        await office.answer(case, owner)


def _only_what_is_theirs(agent, events):
    visible = {}
    parts = []
    for event in events:
        if event["type"] == "conversation.changed":
            row = event["conversation"]
            assert agent.sees(
                {
                    "c": 1,
                    "b": row["branch_id"],
                    "t": row["team_id"],
                    "a": row["assignee_id"],
                    "f": row["follower_ids"],
                }
            ), event
            visible[row["id"]] = True
        elif event["type"] == "gone":
            assert set(event) == {"c", "type", "kind", "id"}
            assert visible.get(event["id"], True), "gone twice"
            visible[event["id"]] = False
        elif event["type"] in {"message.changed", "entry.added"}:
            assert agent.may("conversation", "read"), event
            part = event.get("message") or event["entry"]
            if not visible.get(part["conversation_id"], True):
                parts.append((event["c"][:16], part["conversation_id"]))
        elif "agent_id" in event:
            assert event["agent_id"] == str(agent.agent_id), "another's private event"
    for transaction, conversation_id in parts:  # it came back in the same commit, right after
        assert any(
            event["c"][:16] == transaction
            and event["type"] == "conversation.changed"
            and event["conversation"]["id"] == conversation_id
            for event in events
        )
