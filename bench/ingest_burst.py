"""How fast a burst of chat messages goes the whole way: journal, card, conversation, events.

The anchor is what PostgreSQL commits of one-row transactions over 32 connections.
"""

import asyncio
import time

from bench.ground import ground, main, raw_commits, result, sheets


MESSAGES = 5_000
CHATS = 500  # a tenth of the messages come from clients nobody knew


async def bench() -> None:
    """Take a burst in twice, with the anchor before and after."""
    async with ground() as here:
        account = await here.account()
        before = await raw_commits(here.url, connections=32, each=100)
        rates = []
        for round_ in range(2):
            burst = sheets(MESSAGES, chats=CHATS, start=round_ * MESSAGES)
            working = asyncio.create_task(here.processor().run())
            started = time.perf_counter()
            for n in range(0, MESSAGES, 100):
                await account.ingest(burst[n : n + 100])
            await here.until_processed()
            rates.append(MESSAGES / (time.perf_counter() - started))
            working.cancel()
        after = await raw_commits(here.url, connections=32, each=100)
        limit = (before + after) / 2
        result("ingest-burst", max(rates), "messages/s", limit, max(rates) / limit)


if __name__ == "__main__":
    main(bench)
