"""An SMTP server that does what a test tells it, and remembers what it really took."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import msgspec


Script = Literal[
    "take",
    "busy",  # 421 as greeting
    "mail_later",  # 450 to MAIL
    "mail_refused",  # 550 to MAIL
    "cut_before_data",  # gone when DATA is said
    "data_later",  # 451 to DATA
    "cut_in_data",  # gone while the mail is on its way
    "dot_later",  # 452 after the dot
    "too_big",  # 552 after the dot
    "policy",  # 554 5.7.1 after the dot
    "take_and_cut",  # takes the mail and is gone before it says so
    "drop_and_cut",  # gone after the dot without having taken it
    "hang",  # takes the mail and says nothing
]

AFTER_DOT = {
    "dot_later": b"452 4.3.1 disk full\r\n",
    "too_big": b"552 5.3.4 too big\r\n",
    "policy": b"554 5.7.1 looks like spam\r\n",
}
RECIPIENTS = {
    "later": b"450 4.2.0 greylisted\r\n",
    "gone": b"550 5.1.1 no such user\r\n",
    "full": b"552 5.2.2 mailbox full\r\n",
    "blocked": b"550 5.7.1 not from you\r\n",
}


class Taken(msgspec.Struct, frozen=True):
    """A mail the server has taken responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class SmtpScript:
    """What the server does; recipients ``later@``, ``gone@``, ``full@``, ``blocked@`` are refused.

    Attributes:
        script: What the next connections do, or who decides it for each.
        taken: The ledger of what it took.
        attempts: How many transactions reached DATA.
    """

    def __init__(self) -> None:
        self.port = 0
        self.script: Script | Callable[[], Script] = "take"
        self.taken: list[Taken] = []
        self.attempts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Session(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Session:
    def __init__(
        self, server: SmtpScript, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        script = server.script
        self.script: Script = script() if callable(script) else script
        self.sender = ""
        self.recipients: list[str] = []

    async def run(self) -> None:
        self.writer.write(b"421 busy\r\n" if self.script == "busy" else b"220 script\r\n")
        while line := await self.reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                if not await self.data():
                    return
            else:
                self.writer.write(self.answer(verb, line))
            if verb == b"QUIT":
                return

    def answer(self, verb: bytes, line: bytes) -> bytes:
        if verb == b"EHLO":
            return b"250-script\r\n250 SIZE 99999999\r\n"
        if verb == b"QUIT":
            return b"221 bye\r\n"
        address = line.partition(b"<")[2].partition(b">")[0].decode()
        if verb == b"MAIL":
            if self.script in {"mail_later", "mail_refused"}:
                later = self.script == "mail_later"
                return b"450 4.7.1 wait\r\n" if later else b"550 5.7.1 not yours\r\n"
            self.sender, self.recipients = address, []
        elif verb == b"RCPT":
            refusal = RECIPIENTS.get(address.partition("@")[0])
            if refusal is not None:
                return refusal
            self.recipients.append(address)
        return b"250 ok\r\n"

    async def data(self) -> bool:
        """Take a mail or not; tell whether the connection goes on."""
        self.server.attempts += 1
        if self.script == "cut_before_data":
            return False
        if self.script == "data_later":
            self.writer.write(b"451 4.3.0 later\r\n")
            return True
        self.writer.write(b"354 go\r\n")
        if self.script == "cut_in_data":
            await self.reader.read(1000)
            self.writer.transport.abort()
            return False
        raw = await self.reader.readuntil(b"\r\n.\r\n")
        return await self.after_dot(raw.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))

    async def after_dot(self, raw: bytes) -> bool:
        if self.script in AFTER_DOT:
            self.writer.write(AFTER_DOT[self.script])
            return True
        if self.script == "drop_and_cut":
            return False
        self.server.taken.append(Taken(self.sender, tuple(self.recipients), raw))
        if self.script == "take_and_cut":
            return False
        if self.script == "hang":
            await self.reader.read()
            return False
        self.writer.write(b"250 2.0.0 taken\r\n")
        return True


@asynccontextmanager
async def smtp_script() -> AsyncIterator[SmtpScript]:
    """Run a scripted SMTP server."""
    script = SmtpScript()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, limit=128 << 20)
    script.port = server.sockets[0].getsockname()[1]
    async with server:
        yield script
        server.close()
