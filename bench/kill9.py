"""A hub killed again and again while messages come: nothing lost, nothing twice.

Two mutants prove that the count can tell: one acknowledges before it has written, one forgets
which messages it has. The bench fails when it does not catch both.
"""

import asyncio
import random
import sys
import time

from bench.ground import Ground, ground, main, result
from bench.upstream import Upstream


LIFE = (0.2, 0.9)  # seconds a hub lives once it is up
CHANCE = random.Random(9)


async def fight(here: Ground, mode: str, count: int, seconds: float) -> tuple[int, int, int]:
    """Run hubs of one kind until the provider has nothing left; return lost, doubled, kills."""
    account = await here.account()
    kills = 0
    limit = time.monotonic() + seconds * 6
    async with Upstream(count, seconds=seconds).serve() as upstream:
        while upstream.acknowledged < count and time.monotonic() < limit:
            upstream.asked.clear()
            hub = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bench.upstream",
                str(upstream.port),
                here.url,
                str(here.folder),
                str(account.account),
                mode,
            )
            await asyncio.wait_for(upstream.asked.wait(), 60)
            dies = time.monotonic() + CHANCE.uniform(*LIFE)
            while time.monotonic() < dies and upstream.acknowledged < count:  # noqa: ASYNC110 - a clock, too
                await asyncio.sleep(0.01)
            hub.kill()
            await hub.wait()
            kills += 1
    working = asyncio.create_task(here.processor().run())
    await here.until_processed()
    working.cancel()
    async with here.db.read() as sql:
        row = await sql.fetchrow(
            "SELECT count(*) AS n, count(DISTINCT text) AS u FROM message WHERE account_id = $1",
            account.account,
        )
    return count - row["u"], row["n"] - row["u"], kills


async def bench() -> None:
    """Fight with the real hub, then with each mutant."""
    async with ground() as here:
        lost, doubled, kills = await fight(here, "correct", 4_000, 12.0)
        caught = 0
        for mutant in ("ack-first", "no-dedup"):
            bad_lost, bad_doubled, _ = await fight(here, mutant, 1_500, 6.0)
            print(f"{mutant}: lost {bad_lost}, doubled {bad_doubled}", file=sys.stderr)
            caught += bool(bad_lost if mutant == "ack-first" else bad_doubled)
        faults = lost + doubled
        result("kill9", faults, "lost + doubled", 0, faults, kills=kills, mutants=f"{caught} of 2")
        if caught < 2:
            raise SystemExit("a mutant went unnoticed: this bench proves nothing")


if __name__ == "__main__":
    main(bench)
