"""What the benches stand on: a durable PostgreSQL of their own, a hub's parts, one result line."""

import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from hub.migrate import migrate
from inbox.accounts import Account, AccountContext
from inbox.contract import AccountId, Adapter, Event, Raw
from inbox.processing import Processor
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.clock import new_id, now
from infra.db import Database
from infra.postgres import Postgres
from infra.vault import Vault, new_key
from tests import seed
from tests.conformance.channel import PaperAdapter, Sheet


WORDS = (
    "Bună ziua, unde este comanda mea? Mulțumesc frumos pentru răspuns.",
    "Здравствуйте, когда доставите кухню? Жду ответа.",
    "Hello, could you send me the price of the oak table, please?",
)


class Ground:
    """A database with the product's own settings, and the parts of a hub on it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.bus = LocalBus()
        self.db = Database(url, self.bus)
        self.blobs = Blobs(folder / "blobs")
        self.vault = Vault.parse(new_key())
        self.paper = PaperAdapter()

    async def account(self) -> AccountContext:
        """Return the context of a new Paper account."""
        account_id = await seed.account(
            self.db, kind="telegram", provider="paper", address=f"paper-{new_id()}"
        )
        return self.context(account_id)

    async def until_processed(self) -> None:
        """Wait until the journal holds nothing that is due."""
        left = 1
        while left:
            async with self.db.read() as sql:
                left = await sql.fetchval("SELECT count(*) FROM journal WHERE state = 'received'")
            if left:
                await asyncio.sleep(0.02)

    def context(self, account_id: UUID) -> AccountContext:
        """Return the context of an account."""
        account = Account(account_id, "telegram", "paper", "Paper", "paper", {}, "", True)
        return AccountContext(self.db, self.vault, self.blobs, account)

    def processor(self) -> Processor:
        """Return what works the journal off."""

        async def adapter_of(_provider: str) -> Adapter:
            return self.paper

        async def isolate(
            _adapter: Adapter, _account: AccountId, _raws: Sequence[Raw]
        ) -> Sequence[Sequence[Event] | Exception]:
            raise NotImplementedError

        return Processor(self.db, self.bus, self.blobs, adapter_of, isolate)


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Start a durable PostgreSQL in a folder of its own, migrated; all is removed at the end."""
    folder = await asyncio.to_thread(_folder)
    server = Postgres(folder / "postgres")
    await asyncio.to_thread(server.start)
    try:
        await migrate(server.url)
        here = Ground(folder, server.url)
        try:
            yield here
        finally:
            await here.db.close()
    finally:
        await asyncio.to_thread(server.stop)
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="punte-bench-"))
    folder.chmod(0o755)  # the server runs as a user of its own when we are root
    return folder


def sheets(count: int, *, chats: int, start: int = 0) -> list[Raw]:
    """Return chat messages as a provider hands them over, ``chats`` clients taking turns."""
    return [_sheet(n, chats) for n in range(start, start + count)]


def _sheet(n: int, chats: int) -> Raw:
    sheet = Sheet(
        id=n,
        type="message",
        chat=f"c{n % chats}",
        sender=str(7_000_000 + n % chats),
        name=f"Ana Popescu {n % chats}",
        text=f"{WORDS[n % 3]} ({n})",
        at=now(),
    )
    return Raw(key=str(n), body=msgspec.json.encode(sheet))


async def raw_commits(url: str, *, connections: int, each: int) -> float:
    """Return how many one-row transactions a second PostgreSQL commits: the physical limit."""
    dsn = url.replace("+asyncpg", "")
    pool = await asyncpg.create_pool(dsn, min_size=connections, max_size=connections)
    await pool.execute("CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, t text)")

    async def insert(count: int) -> None:
        async with pool.acquire() as connection:
            for _ in range(count):
                await connection.execute("INSERT INTO bench_raw (t) VALUES ($1)", "x" * 400)

    await asyncio.gather(*(insert(5) for _ in range(connections)))
    started = time.perf_counter()
    await asyncio.gather(*(insert(each) for _ in range(connections)))
    took = time.perf_counter() - started
    await pool.close()
    return connections * each / took


async def raw_commit_ms(url: str, *, count: int = 300) -> float:
    """Return the median milliseconds of a one-row commit on one connection."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, t text)"
    )
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await connection.execute("INSERT INTO bench_raw (t) VALUES ($1)", "x" * 400)
        times.append(time.perf_counter() - started)
    await connection.close()
    return statistics.median(times) * 1e3


def result(
    bench: str, value: float, unit: str, limit: float, ratio: float, **more: object
) -> None:
    """Print the one line of a bench: ``limit`` is the anchor measured in the same run."""
    line = {
        "bench": bench,
        "value": round(value, 4),
        "unit": unit,
        "limit": round(limit, 4),
        "ratio": round(ratio, 4),
        **more,
    }
    print(json.dumps(line), flush=True)


def main(bench: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a bench."""
    asyncio.run(bench())
