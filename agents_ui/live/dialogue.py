"""What a client says on its live connection, frame by frame."""

import asyncio
import time
from typing import Any, assert_never
from uuid import UUID

import msgspec
from websockets.exceptions import ConnectionClosed

from agents_ui.live import frames
from agents_ui.live.ephemera import Ephemera
from agents_ui.live.limits import Allowance
from agents_ui.live.session import LiveSession
from agents_ui.live.snapshots import Snapshots
from inbox.answering import Signs
from infra.db import Database


RATE, BURST = 20.0, 40  # frames a second, frames at once
STRIKES = 3  # frames not understood before the client is cut
TOPICS = 20  # topics asked for at once
SNAPSHOTS = 8  # requests for snapshots that may wait
AGAIN = 3.0  # seconds between two words about the same conversation

BAD_FRAME, LIMIT = 4400, 4429

AUDIENCE = "SELECT conversation_audience(c)::text FROM conversation AS c WHERE c.id = $1"


class Dialogue:
    """Reads a session's frames and answers them until the client leaves."""

    def __init__(
        self,
        session: LiveSession,
        *,
        db: Database,
        snapshots: Snapshots,
        ephemera: Ephemera,
        signs: Signs,
    ) -> None:
        self._session = session
        self._agent_id = session.viewer.agent_id
        self._db = db
        self._snapshots = snapshots
        self._ephemera = ephemera
        self._signs = signs
        self._allowance = Allowance(RATE, BURST)
        self._strikes = 0
        self._typed: tuple[tuple[UUID, str], float] | None = None
        self._viewed: tuple[UUID, float, dict[str, Any]] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve the client until it leaves."""
        async with asyncio.TaskGroup() as group:
            try:
                async for text in self._session.connection:
                    if not self._allowance.take():
                        self._session.close(LIMIT, "too many frames")
                        return
                    await self._take(text, group)
            except ConnectionClosed:
                pass
            finally:
                for task in self._tasks:
                    task.cancel()
                await self._look_away()

    async def _take(self, text: str | bytes, group: asyncio.TaskGroup) -> None:
        try:
            frame = frames.CLIENT_FRAME.decode(text)
        except msgspec.MsgspecError as error:
            self._strikes += 1
            self._refuse("frame.unknown", str(error))
            if self._strikes >= STRIKES:
                self._session.close(BAD_FRAME, "frames not understood")
            return
        match frame:
            case frames.Ping():
                self._session.say(frames.Pong(c=frame.c))
            case frames.SnapRequest():
                self._ask(frame, group)
            case frames.Visibility():
                self._session.visible = frame.v == "visible"
                await self._ephemera.look_for(self._agent_id)
            case frames.Typing():
                await self._typing(frame)
            case frames.Viewing():
                await self._viewing(frame)
            case frames.Hello():
                self._refuse("frame.hello", "hello was said already")
            case _:
                assert_never(frame)

    def _refuse(self, code: str, message: str, id_: int | None = None) -> None:
        self._session.say(frames.Error(code=code, msg=message[:300], id=id_))

    def _ask(self, request: frames.SnapRequest, group: asyncio.TaskGroup) -> None:
        if len(request.topics) > TOPICS or len(self._tasks) >= SNAPSHOTS:
            self._refuse("snap.too_many", "ask for less at a time", request.id)
            return
        task = group.create_task(self._snapshots.send(self._session, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _typing(self, frame: frames.Typing) -> None:
        now = time.monotonic()
        what = (frame.conversation_id, frame.kind)
        if frame.on and self._typed and self._typed[0] == what and now - self._typed[1] < AGAIN:
            return
        audience = await self._audience(frame.conversation_id)
        if audience is None:
            return
        self._typed = (what, now) if frame.on else None
        if frame.kind == "reply" and self._session.viewer.may("conversation", "reply"):
            self._signs.typing(frame.conversation_id, on=frame.on)
        said = frames.TypingNow(
            agent_id=self._agent_id,
            conversation_id=frame.conversation_id,
            kind=frame.kind,
            on=frame.on,
        )
        await self._ephemera.say(said, audience)

    async def _viewing(self, frame: frames.Viewing) -> None:
        now = time.monotonic()
        wanted = frame.conversation_id
        if self._viewed is not None:
            if self._viewed[0] == wanted and now - self._viewed[1] < AGAIN:
                return
            if self._viewed[0] != wanted:
                await self._look_away()
        if wanted is None or (audience := await self._audience(wanted)) is None:
            return
        self._viewed = (wanted, now, audience)
        said = frames.ViewingNow(agent_id=self._agent_id, conversation_id=wanted, on=True)
        await self._ephemera.say(said, audience)

    async def _look_away(self) -> None:
        if self._viewed is not None:
            conversation_id, _, audience = self._viewed
            self._viewed = None
            said = frames.ViewingNow(
                agent_id=self._agent_id, conversation_id=conversation_id, on=False
            )
            await self._ephemera.say(said, audience)

    async def _audience(self, conversation_id: UUID) -> dict[str, Any] | None:
        """Return who sees a conversation; None when this agent does not: nobody is told."""
        async with self._db.look() as raw:
            text = await raw.fetchval(AUDIENCE, conversation_id)
        if text is None:
            return None
        audience: dict[str, Any] = msgspec.json.decode(text)
        return audience if self._session.viewer.sees(audience) else None
