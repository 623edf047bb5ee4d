"""A hub that is killed between storing and answering, and two nodes."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.rooms import Rooms
from hub.operator import OPERATOR
from inbox.adapters import Adapters
from inbox.connecting import NewAccount, create_account
from infra.bus import LocalBus
from infra.db import Database
from infra.vault import Vault, new_key
from tests.adapter.webchat.conftest import Office
from tests.seed import branch
from tests.servers.hub import HubProcess
from tests.servers.visitor import Visitor, new_cid, new_token


KEY = new_key()


async def make_widget(db: Database, folder: Path) -> None:
    """Connect the widget ``site``."""
    adapter = WebchatAdapter(db, Rooms(db, LocalBus()))
    new = NewAccount(
        provider="webchat",
        name="Site",
        config={"address": "site"},
        branch_id=await branch(db),
    )
    async with db.transaction() as tx:
        await create_account(
            tx,
            Adapters({"webchat": lambda: adapter}),
            Vault.of(None, folder),
            new,
            viewer=OPERATOR,
        )


@pytest.mark.timeout(240)
async def test_two_nodes_serve_one_visitor(url, tmp_path, redis_socket, redis):
    """Agents' answers leave from a node that the visitor is not connected to."""
    db = Database(url, LocalBus())
    nodes = []
    for name, roles in (("a", "web"), ("b", "web,channels,jobs")):
        folder = tmp_path / name
        folder.mkdir()
        node = HubProcess(folder, url)
        node.environment |= {
            "PUNTE_ROLES": roles,
            "REDIS_URL": f"unix://{redis_socket}",
            "PUNTE_SECRET_KEY": KEY,
        }
        await node.start()
        nodes.append(node)
    await make_widget(db, tmp_path)
    visitor = Visitor(f"http://127.0.0.1:{nodes[0].port}", "site")
    await visitor.open()
    await visitor.write("Bună")
    session = Visitor(f"http://127.0.0.1:{nodes[1].port}", "site", token=visitor.token)
    await session.open()
    office = Office(None, "", db)
    await office.answer(session.me["id"], "Da?")
    for each in (visitor, session):
        answer = await each.entry(lambda entry: entry.get("dir") == "out")
        assert (answer["seq"], answer["text"]) == (2, "Da?")
    for each in (visitor, session):
        await each.close()
    for node in nodes:
        await node.stop()
    await db.close()


@pytest.mark.timeout(240)
async def test_killed_hubs_lose_and_double_nothing(url, tmp_path):
    """kill -9 in the middle of what a visitor sends, five times over."""
    db = Database(url, LocalBus())
    hub = HubProcess(tmp_path, url)
    await hub.start()
    await make_widget(db, tmp_path)
    base, token = f"http://127.0.0.1:{hub.port}", new_token()
    sent = [new_cid() for _ in range(100)]
    acked: set[str] = set()
    for _round in range(5):
        left = [cid for cid in sent if cid not in acked]
        visitor = Visitor(base, "site", token=token)
        await visitor.open()
        killing = asyncio.create_task(_kill_soon(hub))
        with suppress(WebSocketException, ConnectionError, TimeoutError):
            for cid in left[:20]:
                if (await visitor.write(cid, cid=cid))["t"] == "ack":
                    acked.add(cid)
        await killing
        await hub.start()
    visitor = Visitor(base, "site", token=token)
    await visitor.open()
    for cid in [cid for cid in sent if cid not in acked][:18]:
        assert (await visitor.write(cid, cid=cid))["t"] == "ack"
        acked.add(cid)
    await visitor.close()
    await hub.stop()
    async with db.read() as sql:
        entries = await sql.fetch("SELECT seq, cid FROM webchat_entry ORDER BY seq")
        keys = await sql.fetch("SELECT key FROM journal WHERE kind = 'message'")
    await db.close()
    assert [row["seq"] for row in entries] == list(range(1, len(entries) + 1))
    stored = [row["cid"] for row in entries]
    assert acked <= set(stored)
    assert len(set(stored)) == len(stored)
    assert sorted(row["key"].rpartition("/")[2] for row in keys) == sorted(stored)


async def _kill_soon(hub: HubProcess) -> None:
    await asyncio.sleep(0.15)
    await hub.kill()
