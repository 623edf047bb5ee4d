"""What is true only now: who is there, who looks at what, who is writing.

Nothing of it is stored or has a cursor. Nodes tell each other over the bus; what gets lost is
said again within seconds, and what is not said again is forgotten.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec
import structlog

from agents_ui.live.frames import PresenceNow, TypingNow, ViewingNow
from agents_ui.live.session import LiveSession, text_frame
from agents_ui.presence import Presence
from inbox.ephemera import ClientTyping
from infra.bus import Bus


log = structlog.get_logger()

TICK = 0.05  # seconds between frames of ephemera
REPEAT = 15.0  # seconds after which a node says again who is there
WAITING = 2_000  # ephemera held for the next tick; more are dropped

Now = TypingNow | ViewingNow | PresenceNow | ClientTyping


class Whisper(msgspec.Struct, frozen=True):
    """An ephemeral fact between nodes, and who may hear it.

    Attributes:
        node: Who says it; "" is a channel (``inbox.ephemera``).
    """

    node: str
    audience: dict[str, Any]
    now: Now


WHISPER = msgspec.json.Decoder(Whisper)
encoder = msgspec.json.Encoder()


class Ephemera:
    """The ephemera of a node: tells its sessions what any node says.

    Args:
        node: Name of this process, different from every other's.
        sessions: Returns the sessions of this node.
    """

    def __init__(
        self,
        bus: Bus,
        node: str,
        presence: Presence,
        sessions: Callable[[], Iterable[LiveSession]],
    ) -> None:
        self.presence = presence
        self._bus = bus
        self._node = node
        self._sessions = sessions
        self._waiting: list[Whisper] = []
        self._told = asyncio.Event()

    async def run(self) -> None:
        """Listen to the nodes, tell the sessions and repeat who is here, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._tell())
            group.create_task(self._repeat())

    async def say(self, now: Now, audience: dict[str, Any]) -> None:
        """Tell everybody who may hear it, on every node."""
        whisper = Whisper(self._node, audience, now)
        self._pass_on(whisper)
        await self._bus.publish_ephemeral(encoder.encode(whisper))

    async def look_for(self, agent_id: UUID) -> None:
        """Look again whether an agent is here, after a tab came, went or was hidden."""
        tabs = [s.visible for s in self._sessions() if s.viewer.agent_id == agent_id]
        if self.presence.tabs(self._node, agent_id, tabs):
            await self.say(self._presence_of(agent_id), {})

    def _presence_of(self, agent_id: UUID) -> PresenceNow:
        return PresenceNow(agent_id=agent_id, status=self.presence.of(agent_id))

    def _pass_on(self, whisper: Whisper) -> None:
        if len(self._waiting) < WAITING:
            self._waiting.append(whisper)
            self._told.set()

    async def _listen(self) -> None:
        async with self._bus.ephemera() as heard:
            async for data in heard:
                try:
                    whisper = WHISPER.decode(data)
                except msgspec.MsgspecError:
                    log.debug("live.whisper_not_understood")  # of a node of another version
                    continue
                if whisper.node != self._node:
                    self._hear(whisper)

    def _hear(self, whisper: Whisper) -> None:
        now = whisper.now
        if not isinstance(now, PresenceNow):
            self._pass_on(whisper)
        elif self.presence.hear(whisper.node, now.agent_id, now.status):
            self._pass_on(Whisper(self._node, {}, self._presence_of(now.agent_id)))

    async def _tell(self) -> None:
        while True:
            await self._told.wait()
            await asyncio.sleep(TICK)
            self._told.clear()
            whispers, self._waiting = self._waiting, []
            texts = [encoder.encode(whisper.now) for whisper in whispers]
            frames: dict[tuple[int, ...], bytes] = {}
            for session in list(self._sessions()):
                sees = session.viewer.sees
                heard = tuple(n for n, whisper in enumerate(whispers) if sees(whisper.audience))
                if heard and session.has_room():
                    if heard not in frames:
                        joined = b",".join(texts[n] for n in heard)
                        frames[heard] = text_frame(b'{"op":"eph","e":[' + joined + b"]}")
                    session.write(frames[heard])

    async def _repeat(self) -> None:
        """Say again who is here, for nodes that started later or missed it."""
        while True:
            await asyncio.sleep(REPEAT)
            for node, agent_id in self.presence.expire():
                now = self._presence_of(agent_id)
                self._pass_on(Whisper(self._node, {}, now))
                if node == self._node:
                    await self._bus.publish_ephemeral(
                        encoder.encode(Whisper(self._node, {}, _gone(agent_id)))
                    )
            for agent_id, status in self.presence.by(self._node).items():
                said = Whisper(self._node, {}, PresenceNow(agent_id=agent_id, status=status))
                await self._bus.publish_ephemeral(encoder.encode(said))


def _gone(agent_id: UUID) -> PresenceNow:
    return PresenceNow(agent_id=agent_id, status="offline")
