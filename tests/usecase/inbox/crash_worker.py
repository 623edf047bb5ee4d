"""A sender in a process of its own, to be killed: ``python crash_worker.py URL PORT NAME``."""

import asyncio
import sys
from datetime import timedelta

import msgspec

from inbox import fates, sending
from inbox.contract import Fault, Receipt, RunContext, SendError, SendFailed, WireOp
from inbox.sending import Sender
from infra.bus import LocalBus
from infra.db import Database
from tests.usecase.inbox.provider import Context, Post


fates.BACKOFF = (0.05,) * 6  # type: ignore[assignment]  # seconds: the test has no hours
sending.POLL = 0.2


class OverTheWire(Post):
    """Hands messages to the provider the test runs."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            call = {"key": op.key, "to": [one.value for one in op.recipients]}
            writer.write(msgspec.json.encode(call) + b"\n")
            await writer.drain()
            line = await reader.readline()
        finally:
            writer.close()
        if not line:
            raise SendFailed(SendError(fault=Fault.UNKNOWN, code="wire.cut"))
        answers = msgspec.json.decode(line, type=dict[str, str])
        refused = {
            who: SendError(fault=Fault(fault), code=fault)
            for who, fault in answers.items()
            if fault != "taken"
        }
        return Receipt(external_ids=(f"<{op.key}>",), refused=refused)


async def main(url: str, port: int, name: str) -> None:
    """Send until killed."""
    database = Database(url, LocalBus())
    adapter = OverTheWire(port)

    async def line(_account: object) -> tuple[Post, RunContext]:
        return adapter, Context()

    worker = Sender(database, LocalBus(), line, owner=name, lease=timedelta(seconds=1.5))
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
