"""How many messages of visitors a second reach the commit, over WebSockets.

The limit is a bare echo: a WebSocket server that writes each message into a table of the same
PostgreSQL in a commit of its own, and answers. Both are driven by the same independent client
over as many connections, and both are in this process.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from bench.ground import main, result
from channels.webchat.account import validated
from hub import app
from hub.process import listening
from infra import log
from infra.db import driver_url
from infra.postgres import Postgres
from infra.settings import Settings
from tests import seed
from tests.servers.visitor import new_cid, new_token


VISITORS = 20
MESSAGES = 200  # of each visitor
WINDOW = 20  # messages under way per visitor
COMMITS = 4  # connections of the echo: as many as the hub's lanes


async def bench() -> None:
    """Measure the hub's way and the bare one."""
    log.configure(level="warning")
    with tempfile.TemporaryDirectory(prefix="chat", ignore_cleanup_errors=True) as folder:
        base = Path(folder)
        with Postgres(base / "pg") as postgres:
            ours = await _hub(base, postgres.url)
            bare = await _echo(driver_url(postgres.url))
    result("webchat-rate", ours, "messages/s", bare, ours / bare)


async def _hub(base: Path, url: str) -> float:
    sources = {"data": base / "data", "DATABASE_URL": url, "port": 0, "_env_file": None}
    settings = Settings(**sources)
    settings.data.mkdir()
    async with app.run(settings) as hub, listening(hub.web, settings) as port:
        hub.webchat.services.budgets.scale = 1e6
        account = await seed.account(hub.db, kind="webchat", provider="webchat", address="bench")
        async with hub.db.transaction() as tx:
            config = json.dumps(validated({"address": "bench"}))
            await tx.execute(
                "UPDATE channel_account SET config = $2::jsonb WHERE id = $1", account, config
            )
        address = f"ws://127.0.0.1:{port}/w/bench/live"

        async def drive() -> None:
            async with connect(
                address, subprotocols=["chat.v1"], origin=f"http://127.0.0.1:{port}"
            ) as socket:
                await socket.send(json.dumps({"t": "hello", "token": new_token()}))
                await _pump(socket)

        return await _rate(drive)


async def _echo(url: str) -> float:
    pool = await asyncpg.create_pool(url, min_size=COMMITS, max_size=COMMITS)
    await pool.execute("CREATE TABLE echo (cid text PRIMARY KEY, body text)")

    async def answer(socket: ServerConnection) -> None:
        async for text in socket:
            frame = json.loads(text)
            await pool.execute("INSERT INTO echo VALUES ($1, $2)", frame["cid"], text)
            await socket.send(json.dumps({"t": "ack", "cid": frame["cid"]}))

    async with serve(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        async def drive() -> None:
            async with connect(f"ws://127.0.0.1:{port}/") as socket:
                await _pump(socket)

        rate = await _rate(drive)
    await pool.close()
    return rate


async def _rate(drive: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(drive() for _ in range(VISITORS)))
    return VISITORS * MESSAGES / (time.perf_counter() - began)


async def _pump(socket: object) -> None:
    """Send every message, a window ahead of what is acknowledged."""
    room = asyncio.Semaphore(WINDOW)
    left = MESSAGES

    async def hear() -> None:
        nonlocal left
        while left:
            frame = json.loads(await socket.recv())  # type: ignore[attr-defined]
            if frame["t"] == "ack":
                left -= 1
                room.release()

    hearing = asyncio.create_task(hear())
    for number in range(MESSAGES):
        await room.acquire()
        frame = {"t": "send", "cid": new_cid(), "text": f"Bună ziua {number}"}
        await socket.send(json.dumps(frame))  # type: ignore[attr-defined]
    await hearing


if __name__ == "__main__":
    main(bench)
