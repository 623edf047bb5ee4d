"""How long a message takes from the hand-over to an agent's websocket, at 200 a second.

The anchor is the median of a one-row commit on the same PostgreSQL.
"""

import asyncio
import re
import statistics
import time

from bench.ground import ground, main, raw_commit_ms, result, sheets
from tests.company import founded
from tests.desks import serving
from tests.live_client import LiveClient


RATE = 200  # messages a second
SECONDS = 8
NUMBER = re.compile(r"\((\d+)\)$")


async def bench() -> None:
    """Offer a steady stream to a hub with one agent watching."""
    async with ground() as here:
        owner = (await founded(here.db)).owner
        account = await here.account()
        before = await raw_commit_ms(here.url)
        async with (
            serving(here.db, here.folder, bus=here.bus) as desk,
            desk.browser() as browser,
        ):
            await browser.enter(owner)
            seen: dict[int, float] = {}

            def note(event: dict[str, object]) -> None:
                message = event.get("message")
                if isinstance(message, dict) and (found := NUMBER.search(message["text"])):
                    seen.setdefault(int(found[1]), time.perf_counter())

            client = LiveClient(desk.host, browser.cookie, origin=desk.url, on_event=note)
            watching = asyncio.create_task(client.run())
            working = asyncio.create_task(here.processor().run())
            await account.ingest(sheets(200, chats=200))
            await client.until(lambda: len(seen) >= 200, 20)
            handed: dict[int, float] = {}
            offered = sheets(RATE * SECONDS, chats=200, start=1_000_000)
            began = time.perf_counter()
            for n, raw in enumerate(offered):
                await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
                handed[1_000_000 + n] = time.perf_counter()
                await account.ingest([raw])
            await client.until(lambda: len(seen) >= 200 + len(offered), 20)
            for task in (watching, working):
                task.cancel()
        after = await raw_commit_ms(here.url)
        times = sorted((seen[n] - at) * 1e3 for n, at in handed.items())
        p50, limit = statistics.median(times), (before + after) / 2
        p95 = times[int(len(times) * 0.95)]
        result("ingest-latency", p50, "ms p50", limit, p50 / limit, p95=round(p95, 1))


if __name__ == "__main__":
    main(bench)
