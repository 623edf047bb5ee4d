"""How long 500 agents who missed 5,000 events take to be right again, all at once.

They keep the rules of the protocol (``tests.live_client``): whoever missed too much asks for
snapshots. The threshold is absolute: 5 s until every tab shows what the database says, with no
gap and nothing twice.
"""

import asyncio
import random
import time
from contextlib import suppress

from bench.ground import Ground, ground, main, result
from bench.live_ground import check, cookies, node
from tests.live_client import LiveClient
from tests.usecase.inbox.office import Office


AGENTS = 500
CONVERSATIONS = 40
CHANGES = 5_000
LIMIT = 5.0  # seconds

TOUCH = "UPDATE conversation SET priority = $2, rev = rev + 1 WHERE id = $1"


async def bench() -> None:
    """Connect, cut everybody off, change much, and let everybody come back."""
    async with ground() as here:
        office = await Office(here.db).open()
        cases = [await office.case(f"Caz {n}") for n in range(CONVERSATIONS)]
        signed_in = await cookies(here, AGENTS)
        await _see_everything(here)
        with node(here) as hub:
            host = f"127.0.0.1:{hub.port}"
            clients = [
                LiveClient(host, cookie, origin=f"http://{host}", watch=("view:all",))
                for cookie in signed_in
            ]
            await _connected(clients, {})
            truth = await _change(here, cases)
            began = time.monotonic()
            await _connected(clients, truth)
            value = time.monotonic() - began
        broken = sum(len(client.broken) for client in clients)
        twice = sum(times > 1 for client in clients for times in client.applied.values())
        check(broken == twice == 0, f"{broken} broken, {twice} twice")
    modes = [client.modes[-1] for client in clients]
    result("resume", value, "s", LIMIT, value, resets=modes.count("reset"), gaps=0, twice=0)


async def _see_everything(here: Ground) -> None:
    async with here.db.transaction() as tx:
        await tx.execute("UPDATE role_grant SET scope = 'all' WHERE entity = 'conversation'")


async def _connected(clients: list[LiveClient], truth: dict[str, int]) -> None:
    """Connect every client until it is right, then cut them all off."""
    tasks = [asyncio.create_task(client.run()) for client in clients]

    def is_right(client: LiveClient) -> bool:
        return client.is_settled() and all(
            client.rows.get(("conversation", id_), {}).get("rev") == rev
            for id_, rev in truth.items()
        )

    for client in clients:
        await client.until(lambda c=client: is_right(c), 50)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def _change(here: Ground, cases: list[object]) -> dict[str, int]:
    """Change conversations while nobody is connected; return their revisions."""
    rng = random.Random(1)
    for _ in range(CHANGES // 100):
        async with here.db.transaction() as tx:
            for _ in range(100):
                case = rng.choice(cases)
                await tx.execute(TOUCH, case, rng.randrange(4))
                await tx.execute("SELECT publish_conversation($1)", case)
            tx.wrote()
    async with here.db.read() as raw:
        return {
            row["id"]: row["rev"]
            for row in await raw.fetch("SELECT id::text, rev FROM conversation")
        }


if __name__ == "__main__":
    main(bench)
