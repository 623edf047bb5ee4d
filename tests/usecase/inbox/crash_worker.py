"""A sender in a process of its own, to be killed.

``python crash_worker.py URL PORT NAME [smtp]``; with ``smtp`` it sends mail.
"""

import asyncio
import sys
from datetime import timedelta
from uuid import UUID

import msgspec

from channels.email import smtp
from channels.email.adapter import EmailAdapter
from inbox import fates, sending
from inbox.contract import (
    AccountId,
    Adapter,
    Fault,
    Receipt,
    RunContext,
    SendError,
    SendFailed,
    WireOp,
)
from inbox.sending import Sender
from infra.bus import LocalBus
from infra.db import Database
from tests.servers.context import MemoryContext
from tests.usecase.inbox.provider import Context, Post


fates.BACKOFF = (0.05,) * 6  # type: ignore[assignment]  # seconds: the test has no hours
sending.POLL = 0.2

ACCOUNT = AccountId(UUID(int=1))


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


def mailbox(port: int) -> tuple[Adapter, RunContext]:
    """Return a mailbox that submits to the scripted server."""
    smtp.LAST_REPLY = 0.5
    server = {"host": "127.0.0.1", "port": port, "security": "plain"}
    config = {
        "address": "support@hub.test",
        "imap": server | {"port": 1},  # nobody there: what is unknown stays so
        "smtp": server,
        "allow_private": True,
        "save_sent": "never",
    }
    context = MemoryContext(config)
    context.account = ACCOUNT
    return EmailAdapter([b"k" * 32]), context


async def main(url: str, port: int, name: str, kind: str = "") -> None:
    """Send until killed."""
    database = Database(url, LocalBus())
    opened = mailbox(port) if kind == "smtp" else (OverTheWire(port), Context())

    async def line(_account: object) -> tuple[Adapter, RunContext]:
        return opened

    worker = Sender(database, LocalBus(), line, owner=name, lease=timedelta(seconds=3))
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
