"""What clients that read nothing cost: memory of the hub, and the others' time.

Five of a hundred sockets stop reading, then 20,000 events are committed. The threshold is 16 MB of
growth; the anchor is the same burst when everybody reads, whose 99th percentile of a commit's way
to the readers may at most double.
"""

import asyncio
import statistics
import time

from bench.ground import ground, main, result
from bench.live_ground import HELLO, TABS, Crowd, Process, Trigger, check, cookies, node


READERS = 95
DEAD = 5
EVENTS = 20_000
AT_ONCE = 100  # events of one commit
SIZE = 1_000  # bytes of an event
LIMIT = 16.0  # MB
QUIET = 0.005  # seconds between commits


async def bench() -> None:
    """Burst once with readers alone, once with dead ones among them."""
    async with ground() as here:
        signed_in = await cookies(here, (READERS + DEAD) // TABS)
        everybody = signed_in * TABS
        with node(here) as hub:
            crowd = Crowd(hub.port)
            await asyncio.to_thread(crowd.open, everybody[:READERS], hello=HELLO)
            await asyncio.to_thread(crowd.ready, READERS)
            await asyncio.to_thread(_burst, hub, crowd, 2_000)
            alone = await asyncio.to_thread(_burst, hub, crowd, EVENTS // 2)
            dead = Crowd(hub.port)
            await asyncio.to_thread(dead.open, everybody[READERS:], hello=HELLO)
            await asyncio.to_thread(dead.ready, DEAD)
            before = hub.rss
            among = await asyncio.to_thread(_burst, hub, crowd, EVENTS)
            growth = max(0.0, (hub.rss - before) / 1e6)
            crowd.close()
            dead.close()
    result(
        "slow-consumer",
        growth,
        "MB",
        LIMIT,
        growth,
        others_p99=round(among / alone, 2),
        p99_ms=round(among * 1e3, 1),
    )


def _burst(hub: Process, crowd: Crowd, events: int) -> float:
    """Commit ``events`` and let the crowd read them; return the 99th percentile of the way."""
    ways, trigger = [], Trigger(hub.port)
    for _ in range(events // AT_ONCE):
        trigger.pull(AT_ONCE, SIZE)
        arrived: list[float] = []

        def whole(_sock: object, frame: bytes, arrived: list[float] = arrived) -> bool:
            last = f'"n": {AT_ONCE},'.encode() in frame
            if last:
                arrived.append(time.monotonic())
            return last

        got = crowd.read(whole, seconds=10, enough=READERS)
        check(got == READERS, f"{got} of {READERS}")
        committed = trigger.committed()
        ways += [at - committed for at in arrived]
        time.sleep(QUIET)
    return statistics.quantiles(ways, n=100)[98]


if __name__ == "__main__":
    main(bench)
