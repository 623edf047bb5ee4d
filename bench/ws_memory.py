"""How much memory an idle agent's tab costs the hub, everything included.

The threshold is absolute: 32 KiB of resident memory a connection.
"""

import asyncio

from bench.ground import ground, main, result
from bench.live_ground import HELLO, TABS, Crowd, cookies, node


CONNECTIONS = 2_000
WARM = 200  # connections before the first look: code and caches are loaded
LIMIT = 32.0  # KiB


async def bench() -> None:
    """Open connections and let them idle."""
    async with ground() as here:
        signed_in = await cookies(here, (CONNECTIONS + WARM) // TABS)
        with node(here) as hub:
            crowd = Crowd(hub.port)
            everybody = signed_in * TABS
            await asyncio.to_thread(crowd.open, everybody[:WARM], hello=HELLO)
            await asyncio.to_thread(crowd.ready, WARM)
            await asyncio.sleep(2)
            before = hub.rss
            await asyncio.to_thread(crowd.open, everybody[WARM:], hello=HELLO)
            await asyncio.to_thread(crowd.ready, CONNECTIONS)
            await asyncio.to_thread(crowd.read, lambda _sock, _frame: False, seconds=5)
            each = (hub.rss - before) / CONNECTIONS / 1024
            crowd.close()
    result("ws-memory", each, "KiB/connection", LIMIT, each)


if __name__ == "__main__":
    main(bench)
