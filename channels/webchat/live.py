"""One WebSocket of a visitor: frames in, entries and news out."""

import asyncio
from collections import deque
from collections.abc import Sequence
from uuid import UUID

import msgspec
import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from channels.webchat.answers import FromHub, Nack, Online, Session, encode
from channels.webchat.limits import CONNECTIONS
from channels.webchat.protocol import (
    BAD,
    CLOSE_IDLE,
    CLOSE_LIMIT,
    FromVisitor,
    Hello,
    Logout,
    read_frame,
)
from channels.webchat.rooms import Rooms
from channels.webchat.talk import Closed, Talk
from inbox.visitors import Case
from infra.db import DATABASE_AWAY


log = structlog.get_logger()

FIRST = 10.0  # seconds until the first frame
IDLE = 1800.0  # seconds a connection of somebody who did nothing may last without a frame
LONG_IDLE = 6 * 3600.0  # of somebody with a log
WAITING = 100  # frames read and not done yet, and news held for a slow reader
TOGETHER = 50  # frames of one commit
RETRY = 1012  # the database is away: come back


class Socket:
    """A visitor's connection; ``rooms.Line``."""

    def __init__(self, rooms: Rooms, talk: Talk, connection: ServerConnection) -> None:
        self.account_id = talk.account_id
        self._rooms = rooms
        self._talk = talk
        self._connection = connection
        self._room: UUID | None = None
        self._frames: asyncio.Queue[FromVisitor | None] = asyncio.Queue(WAITING)
        self._replies: deque[bytes] = deque()
        self._news: deque[bytes] = deque(maxlen=WAITING)
        self._looks = False
        self._code = 0
        self._woken = asyncio.Event()
        self._online: Online | None = None

    # ------------------------------------------------------------ rooms.Line

    @property
    def seq(self) -> int:
        """The newest entry it was sent."""
        return self._talk.seq

    def look(self) -> None:
        """There may be entries after ``seq``."""
        self._looks = True
        self._woken.set()

    def say(self, frame: bytes) -> None:
        """Send a frame that is true only now."""
        self._news.append(frame)
        self._woken.set()

    def show(self, case: Case | None, asked_for: UUID | None) -> None:
        """Show the state of the case, when it is news."""
        conv = self._talk.conv_now(case, asked_for)
        if conv is not None:
            self.say(encode(conv))

    @property
    def online(self) -> Online:
        """Whether somebody can answer now."""
        return self._talk.online

    def tell_online(self, online: Online) -> None:
        """Show whether somebody can answer, when it is news."""
        if online != self._online:
            self._online = online
            self.say(encode(online))

    def end(self, code: int) -> None:
        """End the connection, after what is already said."""
        self._code = self._code or code
        self._woken.set()

    # ------------------------------------------------------------ its life

    async def live(self) -> None:
        """Serve until either side ends it."""
        try:
            await self._begin()
        except Closed as closed:
            await self._connection.close(closed.code)
            return
        except DATABASE_AWAY:
            await self._connection.close(RETRY)
            return
        tasks = [asyncio.create_task(each()) for each in (self._read, self._work, self._write)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is not None and not isinstance(error, ConnectionClosed):
                    raise error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._leave()
        if self._code:
            await self._connection.close(self._code)

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(FIRST):
                hello = read_frame.decode(await self._connection.recv())
        except (TimeoutError, *BAD) as error:
            raise Closed(CLOSE_IDLE) from error
        if not isinstance(hello, Hello):
            raise Closed(CLOSE_IDLE)
        self._reply(await self._talk.hello(hello))
        self._enter()
        case, asked_for = await self._talk.case_now()
        self._replies.append(encode(self._talk.conv_first(case, asked_for)))
        self._online = self._talk.online
        self._replies.append(encode(self._online))
        self.look()

    def _enter(self) -> None:
        """Belong to the visitor's room, before their log is read: nothing falls between."""
        visitor = self._talk.visitor
        room = visitor.id if visitor else None
        if room == self._room:
            return
        self._leave()
        if room is not None:
            if len(self._rooms.lines(room)) >= CONNECTIONS:
                raise Closed(CLOSE_LIMIT)
            self._rooms.enter(room, self)
        self._room = room

    def _leave(self) -> None:
        if self._room is not None:
            self._rooms.leave(self._room, self)
            self._room = None

    async def _read(self) -> None:
        """Take frames off the wire; what is no frame is answered and forgotten."""
        while True:
            patience = LONG_IDLE if self._talk.visitor else IDLE
            try:
                async with asyncio.timeout(patience):
                    text = await self._connection.recv()
            except TimeoutError:
                self.end(CLOSE_IDLE)
                return
            try:
                await self._frames.put(read_frame.decode(text))
            except BAD:
                self._reply([Nack(code="invalid", cid=_cid(text))])

    async def _work(self) -> None:
        """Do what the frames say, as many at once as came meanwhile."""
        while True:
            batch = [await self._frames.get()]
            while len(batch) < TOGETHER and not self._frames.empty():
                batch.append(self._frames.get_nowait())
            frames = [frame for frame in batch if frame is not None]
            if any(isinstance(frame, Logout) for frame in frames):
                frames = [*(f for f in frames if not isinstance(f, Logout)), Logout()]
            try:
                self._reply(await self._talk.take(frames))
                self._enter()
            except Closed as closed:
                self.end(closed.code)
            except DATABASE_AWAY as error:
                log.warning("webchat.database_away", error=repr(error))
                self.end(RETRY)  # nothing was acknowledged: the client says it again

    def _reply(self, frames: Sequence[FromHub]) -> None:
        for frame in frames:
            self._replies.append(encode(frame))
            if isinstance(frame, Session) and frame.reset:
                self._looks = False
        self._woken.set()

    async def _write(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._replies:
                await self._connection.send(self._replies.popleft().decode())
            if self._looks:
                self._looks = False
                await self._send_entries()
            while self._news:
                await self._connection.send(self._news.popleft().decode())
            if self._code and not self._replies:
                return

    async def _send_entries(self) -> None:
        try:
            while entries := await self._talk.entries():
                for entry in entries:
                    await self._connection.send(entry.decode())
        except DATABASE_AWAY:
            self.end(RETRY)


def _cid(text: str | bytes) -> str:
    """Return the ``cid`` of what is no frame, so that the client stops sending it."""
    try:
        found = msgspec.json.decode(text)
    except BAD:
        return ""
    cid = found.get("cid") if isinstance(found, dict) else None
    return cid[:64] if isinstance(cid, str) else ""
