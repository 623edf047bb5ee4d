"""One SMPP session: bound, kept alive, with a window of requests under way.

The future of a request is registered before the request is written, so an answer can never come
too early. Packets of the other side wait in ``incoming`` until the receiver acknowledges them.
"""

import asyncio
from contextlib import suppress
from typing import Literal, Self

import msgspec
import structlog

from channels.sms.smpp.account import SmppAccount
from channels.sms.smpp.pdu import (
    HEADER,
    LONGEST,
    RESPONSE,
    Command,
    Pdu,
    message_id,
    write_bind,
)
from channels.sms.smpp.statuses import (
    QUEUE_FULL,
    TRY_LATER,
    BindRefused,
    NotAnswered,
    Refused,
    SessionLost,
)
from infra.outbound import connect


log = structlog.get_logger()

Role = Literal["transceiver", "transmitter", "receiver"]

BINDS: dict[Role, Command] = {
    "transceiver": Command.BIND_TRANSCEIVER,
    "transmitter": Command.BIND_TRANSMITTER,
    "receiver": Command.BIND_RECEIVER,
}
CONNECT = 15.0  # seconds for TCP and TLS
BACKLOG = 1_000  # packets that may wait to be stored; the centre keeps the others
GOODBYE = 2.0  # seconds an unbind may take
WRONG_STATE, UNKNOWN_COMMAND = 0x04, 0x03
LAST_SEQUENCE = 0x7FFF_FFFF


class NeverWritten(Exception):
    """The session ended before a request was written: certainly nothing was sent."""


class Pace(msgspec.Struct, frozen=True):
    """How patient we are, in seconds.

    Attributes:
        answer: How long an answer may take.
        enquire: How often we ask whether the centre is there; None takes the account's.
        first: Upper bound of the first delay before binding again; it doubles.
        longest: Upper bound of all delays, but for what a problem asks for itself.
        steady: A session that lasted so long starts the delays anew.
        pauses: Whether to obey the pauses that problems ask for.
    """

    answer: float = 10.0
    enquire: float | None = None
    first: float = 1.0
    longest: float = 60.0
    steady: float = 60.0
    pauses: bool = True


class Session:
    """A bound session; made by ``open``.

    Attributes:
        incoming: Packets that wait for ``answer``; only on sessions that receive.
        confirmed: How many of our answers the centre has certainly read.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        account: SmppAccount,
        role: Role,
        pace: Pace,
    ) -> None:
        self.role = role
        self.incoming: asyncio.Queue[Pdu] = asyncio.Queue()
        self.confirmed = 0
        self._answers = 0
        self._reader = reader
        self._writer = writer
        self._account = account
        self._pace = pace
        self._window = asyncio.Semaphore(account.window)
        self._pending: dict[int, tuple[asyncio.Future[Pdu], int]] = {}
        self._sequence = 0
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls, account: SmppAccount, password: str, role: Role, pace: Pace | None = None
    ) -> Self:
        """Connect and bind.

        Raises:
            BindRefused: The centre does not let us in.
            NotAnswered: It says nothing.
            OSError: It cannot be reached.
        """
        link = await connect(account.host, account.port, allow_private=account.allow_private)
        context = account.tls()
        try:
            async with asyncio.timeout(CONNECT):
                reader, writer = await asyncio.open_connection(
                    sock=link, ssl=context, server_hostname=account.host if context else None
                )
        except BaseException:
            link.close()
            raise
        session = cls(reader, writer, account, role, pace or Pace())
        try:
            await session._bind(password)
        except BaseException:
            session.abort()
            raise
        return session

    # ------------------------------------------------------------ requests

    async def submit(self, body: bytes) -> str:
        """Hand a message over; return the centre's name of it.

        Raises:
            Refused: It was not taken.
            NeverWritten: The session was lost before.
            NotAnswered, SessionLost: Nobody knows.
        """
        async with self._window:
            if self.is_lost:
                raise NeverWritten("the session was lost")
            answer = await self._request(Command.SUBMIT_SM, body)
        return message_id(answer.body)

    async def enquire(self) -> None:
        """Ask the centre whether it is there."""
        await self._request(Command.ENQUIRE_LINK)

    def answer(self, pdu: Pdu, status: int) -> int:
        """Acknowledge a packet of the centre; return the answer's number, from 1."""
        self._answers += 1
        self._write(Pdu(pdu.command | RESPONSE, status, pdu.sequence, b"\0"))
        return self._answers

    # ------------------------------------------------------------ end

    @property
    def is_lost(self) -> bool:
        """The session has ended."""
        return self._lost.done()

    async def wait_lost(self) -> None:
        """Wait until the session ends.

        Raises:
            Exception: Why it did, always.
        """
        await asyncio.shield(self._lost)

    async def close(self) -> None:
        """Unbind, as is polite, and hang up."""
        if not self.is_lost:
            with suppress(Exception):
                async with asyncio.timeout(GOODBYE):
                    await self._request(Command.UNBIND)
        self.abort()

    def abort(self) -> None:
        """Hang up."""
        self._lose(SessionLost("closed by us"))

    def _lose(self, error: Exception) -> None:
        if not self._lost.done():
            self._lost.set_exception(error)
            self._lost.exception()  # it is no fault when nobody waits
        for future, _ in self._pending.values():
            if not future.done():
                future.set_exception(SessionLost(f"the session was lost: {error}"))
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._writer.close()

    # ------------------------------------------------------------ wire

    async def _bind(self, password: str) -> None:
        self._tasks = [asyncio.create_task(self._read())]
        account = self._account
        body = write_bind(account.system_id, password, account.system_type, account.address_range)
        try:
            await self._request(BINDS[self.role], body)
        except Refused as error:
            raise BindRefused(error.status) from error
        self._tasks.append(asyncio.create_task(self._keep_alive()))

    async def _request(self, command: Command, body: bytes = b"") -> Pdu:
        sequence = self._sequence = self._sequence % LAST_SEQUENCE + 1
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._pending[sequence] = future, self._answers
        try:
            self._write(Pdu(command, 0, sequence, body))
            async with asyncio.timeout(self._pace.answer):
                await self._writer.drain()
                answer = await future
        except TimeoutError as error:
            raise NotAnswered(f"no answer to {command.name.lower()}") from error
        finally:
            self._pending.pop(sequence, None)
        if answer.command == Command.GENERIC_NACK:
            raise Refused(answer.status or UNKNOWN_COMMAND)
        if answer.status:
            raise Refused(answer.status)
        return answer

    def _write(self, pdu: Pdu) -> None:
        if not self.is_lost:
            self._writer.write(pdu.packed())

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._next())
        except asyncio.IncompleteReadError:
            self._lose(SessionLost("the centre hung up"))
        except (OSError, SessionLost) as error:
            self._lose(error)

    async def _next(self) -> Pdu:
        header = await self._reader.readexactly(HEADER.size)
        size, command, status, sequence = HEADER.unpack(header)
        if not HEADER.size <= size <= LONGEST:
            raise SessionLost(f"a packet of {size} octets: the stream is out of step")
        body = await self._reader.readexactly(size - HEADER.size)
        return Pdu(command, status, sequence, body)

    def _take(self, pdu: Pdu) -> None:
        if pdu.is_response:
            future, answers = self._pending.get(pdu.sequence, (None, 0))
            if future is not None and not future.done():
                self.confirmed = max(self.confirmed, answers)
                future.set_result(pdu)
            return
        match pdu.command:
            case Command.DELIVER_SM | Command.DATA_SM:
                self._take_message(pdu)
            case Command.ENQUIRE_LINK:
                self._write(Pdu(pdu.command | RESPONSE, 0, pdu.sequence))
            case Command.UNBIND:
                self._write(Pdu(pdu.command | RESPONSE, 0, pdu.sequence))
                raise SessionLost("the centre unbound us")
            case Command.ALERT_NOTIFICATION | Command.OUTBIND:
                pass  # they want no answer (section 4.12)
            case _:
                self._write(Pdu(Command.GENERIC_NACK, UNKNOWN_COMMAND, pdu.sequence))

    def _take_message(self, pdu: Pdu) -> None:
        if self.role == "transmitter":
            self._write(Pdu(pdu.command | RESPONSE, WRONG_STATE, pdu.sequence, b"\0"))
        elif self.incoming.qsize() >= BACKLOG:
            self._write(Pdu(pdu.command | RESPONSE, QUEUE_FULL, pdu.sequence, b"\0"))
        else:
            self.incoming.put_nowait(pdu)

    async def _keep_alive(self) -> None:
        pause = self._pace.enquire or float(self._account.enquire_seconds)
        while True:
            await asyncio.sleep(pause)
            try:
                await self.enquire()
            except Refused:
                continue  # whatever it thinks of the question, it is there
            except (NotAnswered, OSError) as error:
                self._lose(error)
                return


LATER = TRY_LATER
"""What a message is answered with that could not be stored: the centre keeps it."""
