"""A burst of a hundred times the ordinary load: 20,000 messages within two seconds.

Everything is stored, and the hub's memory stays bounded: what waits, waits in the journal.
"""

import asyncio
import time

import psutil

from bench.ground import ground, main, result, sheets


MESSAGES = 20_000
CHATS = 2_000
MIB = 1 << 20


async def bench() -> None:
    """Hand the burst over as fast as the journal takes it, and watch the memory."""
    async with ground() as here:
        account = await here.account()
        working = asyncio.create_task(here.processor().run())
        await account.ingest(sheets(500, chats=500, start=10_000_000))
        await here.until_processed()
        burst = sheets(MESSAGES, chats=CHATS)
        before = peak = psutil.Process().memory_info().rss
        began = time.perf_counter()
        for n in range(0, MESSAGES, 100):
            await account.ingest(burst[n : n + 100])
            peak = max(peak, psutil.Process().memory_info().rss)
        journalled = time.perf_counter() - began
        waiting = asyncio.create_task(here.until_processed())
        while not waiting.done():
            peak = max(peak, psutil.Process().memory_info().rss)
            await asyncio.sleep(0.1)
        working.cancel()
        async with here.db.read() as sql:
            stored = await sql.fetchval(
                "SELECT count(DISTINCT text) FROM message WHERE account_id = $1", account.account
            )
        grown = (peak - before) / MIB
        result(
            "burst100",
            grown,
            "MiB grown",
            before / MIB,
            grown,
            lost=MESSAGES + 500 - stored,
            journalled_s=round(journalled, 2),
            stored_s=round(time.perf_counter() - began, 2),
        )


if __name__ == "__main__":
    main(bench)
