"""Long polls, where sockets do not pass: the same talk, an answer at a time."""

import asyncio
from uuid import UUID

import msgspec

from channels.webchat.answers import Resync, Session, encode
from channels.webchat.limits import CONNECTIONS
from channels.webchat.protocol import CLOSE_LIMIT, Hello
from channels.webchat.rooms import Rooms
from channels.webchat.talk import Closed, Talk
from inbox.visitors import Case


class Poll:
    """A visitor's request that waits; ``rooms.Line``."""

    def __init__(self, talk: Talk) -> None:
        self.account_id = talk.account_id
        self._talk = talk
        self._news: list[bytes] = []
        self._woken = asyncio.Event()
        self._code = 0

    @property
    def seq(self) -> int:
        """The newest entry it was sent."""
        return self._talk.seq

    def look(self) -> None:
        """There may be entries after ``seq``."""
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

    def end(self, code: int) -> None:
        """Answer at once: the next request will be told."""
        self._code = code
        self._woken.set()

    async def answer(self, rooms: Rooms, hello: Hello) -> bytes:
        """Return the frames of an answer, waiting until there is something new.

        Raises:
            Closed: See ``Talk.hello``.
        """
        talk = self._talk
        begun = await talk.hello(hello)
        frames = [encode(frame) for frame in begun]
        if any(isinstance(frame, Resync | Session) for frame in begun):
            return _list(frames)
        room = talk.visitor.id if talk.visitor else None
        if room is not None:
            if len(rooms.lines(room)) >= CONNECTIONS:
                raise Closed(CLOSE_LIMIT)
            rooms.enter(room, self)
        try:
            case, asked_for = await talk.case_now()
            frames.append(encode(talk.conv_first(case, asked_for)))
            frames.append(encode(talk.online))
            entries = await talk.entries()
            if not entries and hello.wait and room is not None:
                await self._wait(hello.wait)
                entries = await talk.entries()
            elif not entries and hello.wait:
                await self._wait_for_visitor(hello.wait)
            frames[1:1] = entries
            return _list([*frames, *self._news])
        finally:
            if room is not None:
                rooms.leave(room, self)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _wait_for_visitor(self, seconds: float) -> None:
        """Wait until the token's visitor does something, over a request of its own."""
        for _ in range(int(seconds)):
            await asyncio.sleep(1.0)
            await self._talk.look_up()
            if self._talk.visitor is not None:
                return


def _list(frames: list[bytes]) -> bytes:
    return msgspec.json.encode([msgspec.Raw(frame) for frame in frames])
