"""Brings the feed to the sessions of a node: one loop for all of them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from uuid import UUID

import structlog

from agents_ui.live.frames import Heartbeat
from agents_ui.live.session import BEHIND, LiveSession, text_frame
from agents_ui.live.tail import Sent, Tail
from agents_ui.viewers import STAFF_EVENTS, Viewers, fingerprint
from crm_core.staff.visibility import Viewer
from infra.clock import now
from infra.errors import NotFound
from infra.metrics import LIVE_EVENTS


log = structlog.get_logger()

CLOSE_BEHIND = 4408  # the client resumes at once
CLOSE_SIGN_IN = 4401  # the client asks to sign in

HEARTBEAT = 15.0  # seconds of silence after which a heartbeat is sent
SILENCE = 0.020  # seconds after which an event is sent at once
WINDOW = 0.010  # seconds to wait for more events
BUSY_WINDOW = 0.050  # the same above BUSY
BUSY = 2_000  # frames a second
RETRY = 0.020  # seconds to the next look at sessions that had no room
STEP = 500  # events looked through at a time
STEP_BYTES = 128 << 10  # bytes sent to a session at a time
OBEYED = STAFF_EVENTS | {"session.revoked"}
BREATH = 200  # sessions served before the loop may do something else

Listener = Callable[[Sequence[Sent]], None]


class Batch:
    """Consecutive events, encoded once for all sessions that see the same of them."""

    def __init__(self, events: Sequence[Sent]) -> None:
        self._events = events
        self._masks: dict[int, int] = {}
        self._frames: dict[tuple[str, int], tuple[bytes, str]] = {}

    def send(self, session: LiveSession) -> bool:
        """Send ``session`` what it may see; False when that is nothing."""
        viewer = session.viewer
        mask = self._masks.get(id(viewer))
        if mask is None:
            mask = self._masks[id(viewer)] = self._seen_by(viewer)
        if not mask:
            return False
        key = (session.last, mask)
        if key not in self._frames:
            self._frames[key] = self._encode(session.last, mask)
        frame, session.last = self._frames[key]
        session.write(frame)
        return True

    def _seen_by(self, viewer: Viewer) -> int:
        """Return two bits an event: it is seen, or its subject is gone."""
        mask = 0
        for place, event in enumerate(self._events):
            if viewer.sees(event.audience):
                mask |= 1 << 2 * place
            elif event.before is not None and viewer.sees(event.before):
                mask |= 2 << 2 * place
        return mask

    def _encode(self, last: str, mask: int) -> tuple[bytes, str]:
        parts = []
        at = last
        for place, event in enumerate(self._events):
            if bits := mask >> 2 * place & 3:
                parts.append(event.text if bits == 1 else event.gone)
                at = event.at
        payload = b'{"op":"ev","p":"' + last.encode() + b'","e":[' + b",".join(parts) + b"]}"
        return text_frame(payload), at


class Pump:
    """Delivers events; a session that has no room is left behind and visited again.

    Attributes:
        sessions: By agent and tab.
        listeners: Told of every batch, in feed order, before it is delivered.
    """

    def __init__(self, tail: Tail, viewers: Viewers) -> None:
        self.sessions: dict[tuple[UUID, str], LiveSession] = {}
        self.listeners: list[Listener] = []
        self._tail = tail
        self._viewers = viewers
        self._seen = tail.until
        self._behind: set[LiveSession] = set()
        self._delivered_at = 0.0
        self._rate = 0.0

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._tail.started.wait()
        self._seen = max(self._seen, self._tail.floor)
        while True:
            await self._wait()
            self._seen = max(self._seen, self._tail.floor)
            while news := self._tail.since(self._seen, limit=STEP):
                for listener in self.listeners:
                    listener(news)
                for part in _split(news):
                    await self._deliver(part)
            for session in list(self._behind):
                self._catch_up(session)

    def add(self, session: LiveSession) -> None:
        """Serve a session from now on; it may have to catch up first."""
        self.sessions[session.key] = session
        if session.backlog or self._tail.distance(session.cursor):
            self._behind.add(session)
            self._tail.moved.set()

    def remove(self, session: LiveSession) -> None:
        """Serve a session no more."""
        if self.sessions.get(session.key) is session:
            del self.sessions[session.key]
        self._behind.discard(session)

    async def beat(self) -> None:
        """Send heartbeats to whoever heard nothing for a while, until cancelled."""
        while True:
            await asyncio.sleep(1)
            silent = time.monotonic() - HEARTBEAT
            for session in list(self.sessions.values()):
                if session.sent_at <= silent and session.has_room():
                    session.say(Heartbeat(cursor=session.last, now=now().timestamp()))

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY if self._behind else None):
                await self._tail.moved.wait()
        if not self._tail.moved.is_set():
            return
        silence = time.monotonic() - self._delivered_at
        self._rate *= max(0.0, 1.0 - silence)  # decays to nothing within a second
        if silence < SILENCE:
            await asyncio.sleep(BUSY_WINDOW if self._rate > BUSY else WINDOW)
        self._tail.moved.clear()

    async def _deliver(self, news: Sequence[Sent]) -> None:
        """Bring ``news`` to every session; only its last event may change who sees what."""
        start, self._seen = self._seen, news[-1].cursor
        batch, sent = Batch(news), 0
        behind = self._behind
        for number, session in enumerate(list(self.sessions.values()), 1):
            in_step = session.cursor is start or start <= session.cursor < news[0].cursor
            if in_step and session not in behind and session.has_room():
                sent += batch.send(session)
                session.cursor = self._seen
            elif session.cursor < self._seen:
                behind.add(session)
            if number % BREATH == 0:
                await asyncio.sleep(0)
        self._delivered_at = time.monotonic()
        self._rate += sent
        LIVE_EVENTS.inc(sent)
        await self._obey(news[-1])

    def _catch_up(self, session: LiveSession) -> None:
        """Send a session that is behind as much as it has room for."""
        while session.is_open and session.has_room():
            if not self._step(session):
                self._behind.discard(session)
                return
        if not session.is_open:
            self.remove(session)
        elif self._tail.distance(session.cursor) > BEHIND:
            session.close(CLOSE_BEHIND, "too far behind")

    def _step(self, session: LiveSession) -> bool:
        """Send the next events to a session that is behind; False when there are none."""
        if session.backlog:
            events = _up_to(session.backlog, STEP_BYTES)
            for _ in events:
                session.backlog.popleft()
        elif session.cursor < self._tail.floor:
            session.close(CLOSE_BEHIND, "too far behind")
            return False
        else:
            ahead = self._tail.since(session.cursor, limit=STEP)
            events = _up_to([e for e in ahead if e.cursor <= self._seen], STEP_BYTES)
        if events:
            Batch(events).send(session)
            session.cursor = max(session.cursor, events[-1].cursor)
        return bool(events)

    async def _obey(self, event: Sent) -> None:
        """Act on an event that says who may be connected and who sees what from here on."""
        if event.type == "session.revoked":
            for session in self._of(event.audience.get("me")):
                if event.session_id in {None, str(session.auth_id)}:
                    session.close(CLOSE_SIGN_IN, "signed out")
        elif event.type in STAFF_EVENTS:
            self._viewers.drop(UUID(event.agent_id) if event.agent_id else None)
            for session in self._of(event.agent_id or None):
                await self._review(session)

    def _of(self, agent_id: str | None) -> list[LiveSession]:
        return [
            session
            for session in self.sessions.values()
            if agent_id is None or str(session.viewer.agent_id) == agent_id
        ]

    async def _review(self, session: LiveSession) -> None:
        """End a session whose agent sees something else now: it starts from a snapshot."""
        try:
            viewer = await self._viewers.get(session.viewer.agent_id)
        except NotFound:
            session.close(CLOSE_SIGN_IN, "signed out")
            return
        if fingerprint(viewer) != fingerprint(session.viewer):
            session.close(CLOSE_BEHIND, "permissions changed")
        session.viewer = viewer


def _split(news: Sequence[Sent]) -> list[Sequence[Sent]]:
    """Cut ``news`` after each event that the hub itself obeys, and where a frame is full."""
    parts, start, size = [], 0, 0
    for place, event in enumerate(news, 1):
        size += len(event.text)
        if size > STEP_BYTES or event.type in OBEYED:
            parts.append(news[start:place])
            start, size = place, 0
    return [*parts, news[start:]] if start < len(news) else parts


def _up_to(events: Iterable[Sent], limit: int) -> list[Sent]:
    """Return the first events, at least one, of together about ``limit`` bytes."""
    taken: list[Sent] = []
    size = 0
    for event in islice(events, STEP):
        taken.append(event)
        size += len(event.text)
        if size > limit:
            break
    return taken
