"""A provider that keeps messages until they are acknowledged, and hubs to be killed.

``GET`` returns what was not acknowledged yet, ``ACK n`` moves on. ``python -m bench.upstream``
is such a hub's process: it pulls, journals, acknowledges and works the journal off; ``mode``
makes it break one of the two rules, to show that the bench would notice.
"""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec

from bench.ground import Ground
from inbox.contract import Raw
from infra.clock import now
from tests.conformance.channel import Sheet


PAGE = 20  # messages of one GET


class Upstream:
    """The provider's side: ``count`` messages that become available over ``seconds``.

    Attributes:
        asked: Somebody asked since it was cleared: the hub is up.
    """

    def __init__(self, count: int, *, seconds: float) -> None:
        self.count = count
        self.acknowledged = 0
        self.port = 0
        self.asked = asyncio.Event()
        self._seconds = seconds
        self._began = time.monotonic()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Upstream"]:
        """Listen while the block runs."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._began = time.monotonic()
        try:
            yield self
        finally:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"ACK"):
                    self.acknowledged = max(self.acknowledged, int(line[4:]) + 1)
                    continue
                self.asked.set()
                passed = (time.monotonic() - self._began) / self._seconds
                there = min(self.count, int(passed * self.count))
                page = range(self.acknowledged, min(self.acknowledged + PAGE, there))
                writer.write(json.dumps(list(page)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def pull(port: int, url: str, folder: Path, account_id: UUID, mode: str) -> None:
    """Be a hub until killed."""
    here = Ground(folder, url)
    account = here.context(account_id)
    working = asyncio.create_task(here.processor().run())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not working.done():
        writer.write(b"GET\n")
        page = json.loads(await reader.readline())
        if not page:
            await asyncio.sleep(0.01)
            continue
        acknowledge = b"ACK %d\n" % page[-1]
        if mode == "ack-first":
            writer.write(acknowledge)
            await writer.drain()
        await account.ingest([_raw(n, mode) for n in page])
        if mode != "ack-first":
            writer.write(acknowledge)
            await writer.drain()


def _raw(n: int, mode: str) -> Raw:
    name = secrets.randbelow(1 << 53) if mode == "no-dedup" else n
    chat = str(n % 50)
    sheet = Sheet(id=name, type="message", chat=chat, sender=chat, text=f"number {n}", at=now())
    return Raw(key=str(name), body=msgspec.json.encode(sheet))


if __name__ == "__main__":
    asyncio.run(
        pull(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), UUID(sys.argv[4]), sys.argv[5])
    )
