"""PostgreSQL killed three times while messages come: what was acknowledged is there.

The hub stays up; the figure is how long it takes until it stores again.
"""

import asyncio
import os
import signal
import time

import psutil

from bench.ground import Ground, ground, main, result, sheets
from infra.db import DATABASE_AWAY
from infra.postgres import Postgres


CRASHES = 3
BETWEEN = 3.0  # seconds of work before each crash


async def _offer(here: Ground, acknowledged: list[int], stop: asyncio.Event) -> None:
    """Hand messages over one batch after the other; a batch counts once it is acknowledged."""
    account = await here.account()
    n = 0
    while not stop.is_set():
        try:
            await account.ingest(sheets(20, chats=50, start=n))
        except DATABASE_AWAY:
            await asyncio.sleep(0.05)
            continue
        acknowledged += range(n, n + 20)
        n += 20


def _kill_all(folder: str) -> None:
    """Kill the server and every process of it, as a crash of the machine would."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if folder in " ".join(process.info["cmdline"] or ()):
            family = [process, *process.children(recursive=True)]
            for one in family:
                os.kill(one.pid, signal.SIGKILL)
            psutil.wait_procs(family, timeout=5)
            return


async def bench() -> None:
    """Crash and start again while the hub works."""
    async with ground() as here:
        server = Postgres(here.folder / "postgres")
        acknowledged: list[int] = []
        stop = asyncio.Event()
        working = asyncio.create_task(_keep_working(here))
        offering = asyncio.create_task(_offer(here, acknowledged, stop))
        downs = []
        for _ in range(CRASHES):
            await asyncio.sleep(BETWEEN)
            await asyncio.to_thread(_kill_all, str(here.folder / "postgres"))
            began = time.perf_counter()
            await asyncio.to_thread(server.start)
            before = len(acknowledged)
            while len(acknowledged) == before:  # noqa: ASYNC110 - the other side of a socket
                await asyncio.sleep(0.01)
            downs.append(time.perf_counter() - began)
        stop.set()
        await offering
        await here.until_processed()
        working.cancel()
        async with here.db.read() as sql:
            rows = await sql.fetch("SELECT text FROM message")
        stored = {int(row["text"].rpartition("(")[2][:-1]) for row in rows}
        lost = len(set(acknowledged) - stored)
        doubled = len(rows) - len(stored)
        await asyncio.to_thread(server.stop)
        result(
            "pg-crash",
            lost + doubled,
            "lost + doubled",
            len(acknowledged),
            lost + doubled,
            crashes=CRASHES,
            ready_s=round(max(downs), 2),
        )


async def _keep_working(here: Ground) -> None:
    processor = here.processor()
    while True:
        try:
            await processor.run()
        except* DATABASE_AWAY:
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    main(bench)
