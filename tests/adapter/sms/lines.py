"""An SMPP account beside a centre, for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

from channels.sms.smpp.adapter import SmppAdapter
from channels.sms.smpp.session import Pace
from inbox.contract import (
    Address,
    HealthState,
    MessageIn,
    Outbound,
    Raw,
    Receipt,
    RichText,
    ThreadRef,
)
from tests.servers.context import MemoryContext
from tests.servers.smsc import Smsc


PASSWORD = "pw"
CLIENT = "+40721000001"
HASTE = Pace(answer=1.0, enquire=0.3, first=0.05, longest=0.2, pauses=False)


def context(port: int, secret: str = PASSWORD, **config: object) -> MemoryContext:
    """Return what an account at a centre of this machine is run with."""
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "address": "+40721999999",
        "system_id": "punte",
        "allow_private": True,
        **config,
    }
    return MemoryContext(settings, password=secret)


class Line:
    """An account and its adapter."""

    def __init__(self, centre: Smsc, ctx: MemoryContext, pace: Pace = HASTE) -> None:
        self.centre = centre
        self.ctx = ctx
        self.adapter = SmppAdapter(pace=pace)

    async def send(self, text: str, to: str = CLIENT, name: UUID | None = None) -> list[Receipt]:
        """Send a text, part by part."""
        return [await self.adapter.send(self.ctx, op) for op in self.ops(text, to, name)]

    def ops(self, text: str, to: str = CLIENT, name: UUID | None = None):
        """Return the calls a text takes."""
        message = Outbound(
            id=name or uuid4(),
            thread=ThreadRef(self.ctx.account, to),
            thread_id=uuid4(),
            to=Address("phone", to),
            parts=(RichText(text=text),),
            at=datetime.now(UTC),
        )
        caps = self.adapter.capabilities()
        return self.adapter.render(message, caps).ops

    async def came(self, count: int, within: float = 10.0) -> list[Raw]:
        """Wait until so many packets are in the journal."""
        async with asyncio.timeout(within):
            while len(self.ctx.journal) < count:  # noqa: ASYNC110 - the context tells nobody
                await asyncio.sleep(0.02)
        return list(self.ctx.journal.values())

    async def events(self, count: int):
        """Wait for packets and say what they mean."""
        return [
            event
            for raw in await self.came(count)
            for event in self.adapter.normalize(self.ctx.account, raw)
        ]

    async def texts(self, count: int) -> list[str]:
        """Wait for messages and return their texts."""
        return [event.parts[0].text for event in await self.events(count)]


def deliver(text: str, source: str = CLIENT, **more: object) -> dict[str, object]:
    """Return a message a client wrote, as the centre hands it over."""
    return {
        "source_addr_ton": 1,
        "source_addr": source.removeprefix("+"),
        "destination_addr": "40721999999",
        "data_coding": 8,
        "hex": text.encode("utf-16-be").hex(),
        **more,
    }


def part(text: str, ref: int, n: int, total: int, source: str = CLIENT) -> dict[str, object]:
    """Return a part of a long text a client wrote."""
    body = bytes((5, 0, 3, ref, total, n)) + text.encode("utf-16-be")
    return deliver("", source, esm_class=0x40) | {"hex": body.hex()}


@asynccontextmanager
async def running(line: Line) -> AsyncIterator[Line]:
    """Run the account; it is bound when this begins."""
    line.ctx.told.clear()
    task = asyncio.create_task(line.adapter.run(line.ctx))
    try:
        await line.ctx.is_told(HealthState.CONNECTED)
        yield line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await line.adapter.close()


def pieces(events: list[MessageIn]) -> dict[str, dict[int, str]]:
    """Put parts together as the inbox does: by key and number."""
    found: dict[str, dict[int, str]] = {}
    for event in events:
        found.setdefault(event.piece.key, {})[event.piece.n] = event.parts[0].text
    return found
