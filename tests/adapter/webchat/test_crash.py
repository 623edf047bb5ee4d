"""A hub that is killed between storing and answering, and two nodes."""

import asyncio
from contextlib import suppress

import pytest
from websockets.exceptions import WebSocketException

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.rooms import Rooms
from hub.operator import OPERATOR
from inbox.adapters import Adapters
from inbox.connecting import NewAccount, create_account
from infra.bus import LocalBus
from infra.db import Database
from infra.vault import Vault
from tests.seed import branch
from tests.servers.hub import HubProcess
from tests.servers.visitor import Visitor, new_cid, new_token


@pytest.mark.timeout(240)
async def test_killed_hubs_lose_and_double_nothing(url, tmp_path):
    """kill -9 in the middle of what a visitor sends, five times over."""
    db = Database(url, LocalBus())
    hub = HubProcess(tmp_path, url)
    await hub.start()
    adapter = WebchatAdapter(db, Rooms(db, LocalBus()))
    branch_id = await branch(db)
    async with db.transaction() as tx:
        await create_account(
            tx,
            Adapters({"webchat": lambda: adapter}),
            Vault.of(None, tmp_path),
            NewAccount(
                provider="webchat", name="Site", config={"address": "site"}, branch_id=branch_id
            ),
            viewer=OPERATOR,
        )
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
