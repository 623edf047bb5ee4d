"""aioimaplib's protocol with its reader replaced.

The reader of aioimaplib 2.0.3 recurses once per line, guesses the end of a FETCH by counting
brackets, tells nobody when the connection is gone and leaves a connection unusable after a
timeout (its issues 58, 106, 110 and 118). Here one command runs at a time, owned by one task;
whatever goes wrong ends it at once, and ends the connection with it.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from typing import Any

from aioimaplib.aioimaplib import (
    AUTH,
    CONNECTED,
    LOGOUT,
    NONAUTH,
    Commands,
    CommandTimeout,
    IMAP4ClientProtocol,
    Response,
)

from channels.email.imap.calls import Call, Idle, Stream
from channels.email.imap.failures import (
    Bye,
    ConnectionLost,
    ImapError,
    Injected,
    OutOfStep,
    Refused,
)
from channels.email.imap.framer import Framer, Parts


KEEPALIVE = (
    ("TCP_KEEPIDLE", 60),  # seconds
    ("TCP_KEEPINTVL", 15),  # seconds
    ("TCP_KEEPCNT", 4),
    ("TCP_USER_TIMEOUT", 60_000),  # milliseconds
)
NEWS = (b"EXISTS", b"RECENT")  # what an untagged response says when a mail has come


class ImapProtocol(IMAP4ClientProtocol):  # type: ignore[misc]  # aioimaplib has no types
    """One connection; aioimaplib sends, this reads.

    Attributes:
        lost: Why the connection is gone; None while it lives.
        has_news: The server said that mails came; whoever looks for them clears it.
        sasl_error: What the server said when it refused a token (RFC 7628 section 3.2.2).
    """

    pending_sync_command: Call | None
    transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.greeted: asyncio.Future[bytes] = loop.create_future()
        self.lost: ConnectionLost | None = None
        self.has_news = False
        self.sasl_error = b""
        self._framer = Framer()
        self._bye = ""
        self._awake = asyncio.Event()  # IDLE has something to tell
        self._is_securing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the system to notice a dead peer."""
        super().connection_made(transport)
        link = transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE:
            if hasattr(socket, name):
                link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def connection_lost(self, error: Exception | None) -> None:
        """End the running command and whoever waits for mail."""
        if self.lost is None:
            reason = str(error) if error else "closed by the server"
            self.lost = Bye(self._bye) if self._bye else ConnectionLost(reason)
        self.state = LOGOUT
        if not self.greeted.done():
            self.greeted.set_exception(self.lost)
            self.greeted.exception()  # looked at: nobody need wait for the greeting
        running, self.pending_sync_command = self.pending_sync_command, None
        if running is not None:
            running.fail(self.lost)
        self._awake.set()

    def data_received(self, data: bytes) -> None:
        """Cut, and hand each response to whom it is for."""
        if self.pending_sync_command is not None:
            self.pending_sync_command.hear()
        try:
            for parts in self._framer.feed(data):
                self._dispatch(parts)
            self._expect_silence()
        except Exception as error:  # noqa: BLE001 - a callback: nobody else would see it
            failure = error if isinstance(error, ConnectionLost) else OutOfStep(repr(error))
            self.abandon(failure)

    def abandon(self, reason: ConnectionLost) -> None:
        """Close the connection now; whoever waits is told the reason."""
        if self.lost is None:
            self.lost = reason
            self.transport.abort()

    async def call(
        self, name: str, *arguments: str, uid: bool = False, silence: float = 60.0
    ) -> Response:
        """Run a command and return its answer; it may be silent for so many seconds.

        Raises:
            Refused: The server answered NO or BAD.
        """
        prefix = "UID" if uid else None
        running = Call(
            name, self.new_tag(), *arguments, prefix=prefix, loop=self.loop, timeout=silence
        )
        return await self._finish(self._begin(running))

    async def stream(
        self, uids: str, items: str, *, silence: float = 60.0
    ) -> AsyncGenerator[Parts, None]:
        """Fetch, and yield each response as it arrives; close the iterator when stopping early.

        The socket is not read while more than a few megabytes wait for the consumer.
        """
        running = Stream(self.new_tag(), uids, items, transport=self.transport, silence=silence)
        self._begin(running)
        try:
            while (parts := await running.next_parts()) is not None:
                yield parts
        finally:
            if not running.is_done:
                self.abandon(ConnectionLost("a fetch was given up"))
        await self._finish(running)

    async def idle(self, seconds: float, *, silence: float = 30.0) -> bool:
        """Wait until mails came, at most so long; tell whether they did (RFC 2177).

        To end it the server may take ``silence`` seconds.
        """
        if not self.has_news:
            self._awake.clear()
            running = Idle(self.new_tag(), awake=self._awake)
            self._begin(running)
            try:
                async with asyncio.timeout(seconds):
                    await self._awake.wait()
            except TimeoutError:
                pass
            if not running.is_done:
                self.idle_done()
            async with asyncio.timeout(silence):
                await self._finish(running)
        return self.has_news

    def _begin(self, call: Call) -> Call:
        if self.lost is not None:
            raise self.lost
        if self.state not in Commands[call.name].valid_states:
            raise ImapError(f"{call.name} is illegal in state {self.state}")
        if self.pending_sync_command is not None:
            raise ImapError(f"{call.name} while {self.pending_sync_command.name} runs")
        self.pending_sync_command = call
        self.send(str(call))
        return call

    async def _finish(self, call: Call) -> Response:
        try:
            await call.wait()
        except CommandTimeout as error:
            self.abandon(ConnectionLost(f"{call.name}: silence"))
            raise TimeoutError(f"no answer to {call.name}") from error
        except BaseException as error:
            # Cancelled or timed out, the stream is out of step for ever.
            self.abandon(ConnectionLost(f"{call.name}: {error!r}"))
            raise
        if call.response.result != "OK":
            raise Refused(call.name, bytes(call.response.lines[-1]).decode("utf-8", "replace"))
        return call.response

    def send(self, line: str, scrub: str | None = None) -> None:
        """Send a line; nothing is logged, for it may hold a password."""
        del scrub
        self.transport.write(line.encode() + b"\r\n")

    def secure(self) -> None:
        """Say that STARTTLS is on its way: no byte may follow its answer before TLS does."""
        self._is_securing = True

    def secured(self, transport: asyncio.Transport) -> None:
        """Go on inside TLS; what was learnt before it counts no more."""
        self._is_securing = False
        self.transport = transport
        self.capabilities: set[str] = set()

    def _expect_silence(self) -> None:
        if self._is_secured() and not self._framer.is_empty:
            raise Injected

    def _is_secured(self) -> bool:
        """Tell whether the server agreed to TLS and may say nothing more outside it."""
        return self._is_securing and self.pending_sync_command is None

    def _dispatch(self, parts: Parts) -> None:
        line = bytes(parts[0])
        if self._is_secured():
            raise Injected
        if self.state == CONNECTED:
            self._greet(line)
        elif line.startswith(b"* "):
            self._untagged(parts, line[2:])
        elif line.startswith(b"+"):
            self._continuation(line)
        elif line:
            self._response_done(line)

    def _greet(self, line: bytes) -> None:
        if line.startswith(b"* OK"):
            self.state = NONAUTH
        elif line.startswith(b"* PREAUTH"):
            self.state = AUTH
        else:
            raise Bye(line.removeprefix(b"* ").decode("utf-8", "replace"))
        self.greeted.set_result(line)

    def _untagged(self, parts: Parts, line: bytes) -> None:
        number, _, rest = line.partition(b" ")
        word = (rest if number.isdigit() else line).partition(b" ")[0].upper()
        call = self.pending_sync_command
        if word == b"BYE":
            self._bye = line.decode("utf-8", "replace")
            self._awake.set()
        elif word in NEWS and (call is None or call.name not in {"SELECT", "EXAMINE"}):
            self.has_news = True
            self._awake.set()
        if call is not None:
            call.take(word, [line, *parts[1:]])

    def _continuation(self, line: bytes) -> None:
        call = self.pending_sync_command
        if call is not None and call.name == "AUTHENTICATE":
            # The server explains why it refuses and waits for an empty answer.
            self.sasl_error = line[2:]
            self.transport.write(b"\r\n")
            return
        super()._continuation(line)

    async def execute(self, command: Any, scrub: str | None = None) -> Response:
        """Refuse: every command goes through ``call``, which this protocol can follow."""
        raise NotImplementedError(f"{command.name} has to be sent by call()")
