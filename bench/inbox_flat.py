"""How little a page of the inbox depends on how large the hub is.

Twelve pages are read from a hub of 25,000 conversations and from one of 500,000, in turn; the
figure is the worst quotient of their medians, ``ms`` that page's median in the large hub.
``blocks`` is the most that finding a page's rows touches there: showing them costs the same
everywhere.
"""

import random
import statistics
import time

import asyncpg
import msgspec

from bench.archive import fill
from bench.ground import ground, main, result
from crm_core.staff.visibility import Scope, Viewer
from hub.migrate import migrate
from inbox.lists import list_page, page_end, rows_query
from infra.bus import LocalBus
from infra.db import Database, Raw


SMALL, LARGE = 25_000, 500_000  # conversations
ROUNDS = 25
PAGE = 50  # rows


class Hub:
    """A hub, somebody who sees all of it and somebody of three teams."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def look_around(self) -> None:
        """Choose who looks at what, the same in hubs of every size."""
        async with self.db.read() as raw:
            self.teams = await ids(raw, "team", "name")
            agents = await ids(raw, "agent", "login")
            tag = (await ids(raw, "tag", "name"))[7]
            account = (await ids(raw, "channel_account", "name"))[3]
            branch = (await ids(raw, "branch", "code"))[0]

        def viewer(scope: Scope) -> Viewer:
            grants = {("conversation", "read"): scope}
            return Viewer(agents[2], (branch,), tuple(self.teams[4:7]), grants)

        everything, some = viewer("all"), viewer("team")
        self.pages = {
            "all": ("all", everything),
            "all of three teams": ("all", some),
            "mine": ("mine", some),
            "unassigned": ("unassigned", everything),
            "unassigned of three teams": ("unassigned", some),
            "waiting of three teams": ("waiting", some),
            "mentions": ("mentions", some),
            "failed": ("failed", everything),
            "team": (f"team:{self.teams[5]}", everything),
            "account": (f"account:{account}", everything),
            "tag": (f"tag:{tag}", everything),
            "deep in the archive of three teams": ("closed", some),
        }

    async def place(self, name: str) -> str | None:
        """Return where the page begins."""
        if not name.startswith("deep"):
            return None
        async with self.db.read() as raw:
            row = await raw.fetchrow(
                "SELECT last_activity_at::text AS at, id FROM conversation"
                " WHERE status = 'closed' AND number > $1 LIMIT 1",
                random.randrange(1_000, 20_000),
            )
        return page_end(row["at"], row["id"]) if row else None

    async def read(self, name: str) -> float:
        """Read a page and return how many milliseconds it took."""
        view, viewer = self.pages[name]
        before = await self.place(name)
        async with self.db.read() as raw:
            started = time.perf_counter()
            await list_page(raw, view, viewer=viewer, before=before, limit=PAGE)
            return (time.perf_counter() - started) * 1e3

    async def blocks(self, name: str) -> int:
        """Return how many blocks a page touches."""
        view, viewer = self.pages[name]
        before = await self.place(name)
        sql, args = rows_query(view, viewer=viewer, before=before, limit=PAGE, order="newest")
        async with self.db.read() as raw:
            plan = await raw.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *args)
        top = (msgspec.json.decode(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


async def ids(raw: Raw, table: str, order: str) -> list[object]:
    """Return the ids of a table."""
    return [row[0] for row in await raw.fetch(f"SELECT id FROM {table} ORDER BY {order}, id")]


async def made(url: str, conversations: int) -> Hub:
    """Return a hub of that size."""
    await migrate(url)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await fill(connection, conversations=conversations)
    await connection.close()
    hub = Hub(Database(url, LocalBus()))
    await hub.look_around()
    return hub


async def bench() -> None:
    """Read every page of both hubs in turn."""
    async with ground() as here:
        connection = await asyncpg.connect(here.url.replace("+asyncpg", ""))
        await connection.execute("CREATE DATABASE small TEMPLATE postgres STRATEGY file_copy")
        await connection.close()
        small = await made(here.url.replace("/postgres?", "/small?"), SMALL)
        large = await made(here.url, LARGE)
        figures = {name: await medians(small, large, name) for name in large.pages}
        blocks = [await large.blocks(name) for name in large.pages]
        worst = max(figures, key=lambda name: figures[name][1] / figures[name][0])
        before, after = figures[worst]
        ratio = after / before
        result(
            "inbox-flat",
            ratio,
            "quotient",
            before,
            ratio,
            page=worst,
            ms=round(after, 2),
            blocks=max(blocks),
        )
        await small.db.close()
        await large.db.close()


async def medians(small: Hub, large: Hub, name: str) -> tuple[float, float]:
    """Return the medians of a page in both hubs."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for hub, taken in zip((small, large), times, strict=True):
            taken.append(await hub.read(name))
    return statistics.median(times[0][3:]), statistics.median(times[1][3:])


if __name__ == "__main__":
    main(bench)
