"""Live counters of the views: the open set of the node, kept by the feed, told to the tabs."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import msgspec

from agents_ui.live.frames import Counts
from agents_ui.live.pump import Pump
from agents_ui.live.session import LiveSession
from agents_ui.live.tail import Sent, Tail
from agents_ui.viewers import Viewers, fingerprint
from crm_core.staff.visibility import Viewer
from inbox.open_set import OpenSet
from infra.db import Database
from infra.events import Placed


TICK = 0.25  # seconds between frames of counters
KEEP = 600.0  # seconds counting goes on for an agent without a tab
HELD = 20_000  # events held while the open set is loaded


class Counters:
    """Counts for the agents who are here."""

    def __init__(self, db: Database, tail: Tail, pump: Pump, viewers: Viewers) -> None:
        self._db = db
        self._tail = tail
        self._pump = pump
        self._viewers = viewers
        self._set: OpenSet | None = None
        self._loaded = asyncio.Event()
        self._held: deque[Sent] = deque(maxlen=HELD)
        self._counted: dict[UUID, tuple[str, float]] = {}
        """Agents counted for: what they see, and when they were last here."""
        self._owed: set[LiveSession] = set()
        self._dirty = asyncio.Event()
        pump.listeners.append(self._hear)

    async def of(self, viewer: Viewer) -> dict[str, tuple[int, int]]:
        """Return ``[total, unread]`` by view, and count for the viewer from now on.

        A viewer that an API key narrowed is not counted for.
        """
        await self._loaded.wait()
        if self._set is None or not self._viewers.is_current(viewer):
            return {}
        sees = fingerprint(viewer)
        known = self._counted.get(viewer.agent_id)
        if known is None or known[0] != sees:
            await self._set.register(self._db, viewer)
        self._counted[viewer.agent_id] = (sees, time.monotonic())
        return self._set.counts(viewer.agent_id)

    async def run(self) -> None:
        """Load the open set, keep it and tell the tabs, until cancelled."""
        self._set = None
        self._counted.clear()
        await self._tail.started.wait()
        loaded = await OpenSet.load(self._db)
        for event in self._held:
            if event.cursor > loaded.cursor:
                loaded.apply(_placed(event))
        self._held.clear()
        self._set = loaded
        self._loaded.set()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK if self._owed else None):
                    await self._dirty.wait()
            self._dirty.clear()
            if loaded.is_unsettled:
                await loaded.settle(self._db)
            self._tell(loaded)
            await asyncio.sleep(TICK)

    def _hear(self, news: Sequence[Sent]) -> None:
        if self._set is None:
            self._held.extend(news)
            return
        for event in news:
            self._set.apply(_placed(event))
        self._dirty.set()

    def _tell(self, open_set: OpenSet) -> None:
        now = time.monotonic()
        tabs: dict[UUID, list[LiveSession]] = {}
        for session in self._pump.sessions.values():
            tabs.setdefault(session.viewer.agent_id, []).append(session)
        for agent_id, (sees, last) in list(self._counted.items()):
            if agent_id in tabs:
                self._counted[agent_id] = (sees, now)
            elif now - last > KEEP:
                open_set.forget(agent_id)
                del self._counted[agent_id]
                continue
            changed = open_set.changed_counts(agent_id)
            for session in tabs.get(agent_id, ()):
                owed = session in self._owed
                self._send(session, open_set.counts(agent_id) if owed else changed)

    def _send(self, session: LiveSession, counts: dict[str, tuple[int, int]]) -> None:
        if counts and session.has_room():
            self._owed.discard(session)
            session.say(Counts(v=counts))
        elif counts and session.is_open:
            self._owed.add(session)
        else:
            self._owed.discard(session)


def _placed(event: Sent) -> Placed:
    return Placed(event.cursor, msgspec.Raw(event.text), event.audience, event.before)
