"""Snapshots over the live connection: after sleep, HTTP's kept-alive connections are dead ones."""

import asyncio

import msgspec

from agents_ui.live.frames import Error, SnapRequest
from agents_ui.live.session import HIGH, LiveSession, text_frame
from agents_ui.topics import Topics
from infra.errors import HubError


AT_ONCE = 6  # snapshots read at a time: the pool's other connections serve HTTP
DRAIN = 0.02  # seconds between looks whether a big one has left

encoder = msgspec.json.Encoder()


class Snapshots:
    """Answers ``snap`` frames of every session of a node."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def send(self, session: LiveSession, request: SnapRequest) -> None:
        """Send what was asked for, a frame for each topic."""
        last = len(request.topics) - 1
        session.snapshots += 1
        try:
            for place, topic in enumerate(request.topics):
                try:
                    async with self._turn:
                        cursor, text = await self._topics.read(topic, session.viewer)
                except HubError as error:
                    session.say(Error(code=error.code, msg=str(error), id=request.id, topic=topic))
                    continue
                head = {
                    "op": "snap",
                    "id": request.id,
                    "epoch": session.epoch,
                    "cursor": cursor,
                    "topic": topic,
                    "more": place < last,
                }
                session.write(
                    text_frame(encoder.encode(head)[:-1] + b',"data":' + text.encode() + b"}")
                )
                await _room(session)
        finally:
            session.snapshots -= 1


async def _room(session: LiveSession) -> None:
    """Wait until what was written has left; a client that takes too long is cut."""
    while session.is_open and session.waiting > HIGH:
        session.has_room()
        await asyncio.sleep(DRAIN)
