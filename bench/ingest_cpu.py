"""What a chat message costs the hub's process in CPU at 300 messages a second.

The anchor is the CPU of the barest way to store one: a one-row insert by asyncpg.
"""

import asyncio
import time

import asyncpg

from bench.ground import ground, main, result, sheets


RATE = 300  # messages a second
SECONDS = 12


async def bench() -> None:
    """Offer a steady stream and count the process's CPU; twice, and the better one counts."""
    async with ground() as here:
        account = await here.account()
        working = asyncio.create_task(here.processor().run())
        await account.ingest(sheets(200, chats=200))
        await here.until_processed()
        costs = []
        for turn in range(2):
            count = RATE * SECONDS
            offered = sheets(count, chats=400, start=(turn + 1) * 1_000_000)
            began, cpu = time.perf_counter(), time.process_time()
            for n in range(0, count, RATE // 30):
                await account.ingest(offered[n : n + RATE // 30])
                await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
            await here.until_processed()
            costs.append((time.process_time() - cpu) / count * 1e3)
        working.cancel()
        bare = await _bare_insert_ms(here.url)
        result("ingest-cpu", min(costs), "ms CPU/message", bare, min(costs))


async def _bare_insert_ms(url: str, *, count: int = 1000) -> float:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, t text)")
    cpu = time.process_time()
    for _ in range(count):
        await connection.execute("INSERT INTO bench_bare (t) VALUES ($1)", "x" * 400)
    cost = (time.process_time() - cpu) / count * 1e3
    await connection.close()
    return cost


if __name__ == "__main__":
    main(bench)
