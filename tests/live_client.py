"""A client of ``/live`` that keeps the rules of the protocol, and notices when the hub does not.

The rules: chain (``ev.p`` is the own cursor), floor (a snapshot covers what is not newer), once
(an event is applied only when newer than the cursor), rev (a row only by a newer one).
"""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol


SUBPROTOCOL = Subprotocol("hub.v1")
DELAYS = (0.0, 0.1, 0.25, 0.5, 1.0)  # seconds between attempts to connect
SILENCE = 3.0  # seconds over the hub's heartbeat after which a connection is dead
FINAL = {4400, 4401, 4409, 4410, 4426}  # close codes after which a client does not come back

OBJECTS = {
    "conversation.changed": "conversation",
    "message.changed": "message",
    "card.changed": "card",
}


def dial(host: str, cookie: str = "", *, origin: str | None = None, **more: Any) -> connect:
    """Open a live connection without rules, for tests that break them."""
    headers = {"Cookie": cookie} if cookie else {}
    return connect(
        f"ws://{host}/live",
        origin=origin or f"http://{host}",
        additional_headers=headers,
        **{"subprotocols": [SUBPROTOCOL], "compression": None, "max_size": None, **more},
    )


class LiveClient:
    """A tab: reconnects, resumes, asks for snapshots and keeps rows.

    Attributes:
        rows: By kind and id, what the tab shows.
        applied: How often each ``(kind, id, rev)`` was applied; more than once is a fault.
        broken: Rules the hub broke.
        watch: Topics asked for after a reset.
    """

    def __init__(
        self,
        host: str,
        cookie: str,
        *,
        origin: str,
        watch: tuple[str, ...] = (),
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._host = host
        self._cookie = cookie
        self._origin = origin
        self._watch = watch
        self._on_event = on_event
        self.sid: str | None = None
        self.epoch: str | None = None
        self.cursor: str | None = None
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.applied: dict[tuple[str, str, int], int] = {}
        self.broken: list[str] = []
        self.modes: list[str] = []
        self.events = 0
        self.connections = 0
        self.closed_with: int | None = None
        self.counts: dict[str, list[int]] = {}
        self.ephemera: list[dict[str, Any]] = []
        self.ready = asyncio.Event()
        self.changed = asyncio.Event()
        self._floor = ""
        self._held: list[dict[str, Any]] | None = None
        self._awaited: set[str] = set()

    async def run(self) -> None:
        """Stay connected until cancelled, or until the hub says not to come back."""
        attempt = 0
        while self.closed_with not in FINAL:
            await asyncio.sleep(DELAYS[min(attempt, len(DELAYS) - 1)] * random.uniform(0.5, 1.5))
            attempt += 1
            with suppress(OSError, WebSocketException, TimeoutError):
                async with dial(
                    self._host, self._cookie, origin=self._origin, open_timeout=10, close_timeout=1
                ) as wire:
                    await self._live(wire)
                    attempt = 0
                self.closed_with = wire.close_code
            self.ready.clear()

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(seconds):
            while not true():
                self.changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), 0.2)

    def is_settled(self) -> bool:
        """Say whether the snapshots asked for are here."""
        return self.ready.is_set() and self._held is None

    async def _live(self, wire: ClientConnection) -> None:
        self.connections += 1
        hello = {
            "op": "hello",
            "v": 1,
            "sid": self.sid,
            "epoch": self.epoch,
            "cursor": self.cursor,
            "build": "test",
            "vis": "visible",
        }
        await wire.send(json.dumps(hello))
        silence = 5.0
        try:
            while True:
                async with asyncio.timeout(silence):
                    frame = json.loads(await wire.recv())
                if frame["op"] == "ready":
                    silence = frame["hb"] + SILENCE
                    await self._begin(frame, wire)
                elif not self._take(frame):
                    return
                self.changed.set()
        finally:
            self.closed_with = wire.close_code

    async def _begin(self, ready: dict[str, Any], wire: ClientConnection) -> None:
        self.sid = ready["sid"]
        self.modes.append(ready["mode"])
        if ready["mode"] == "resumed":
            if ready["epoch"] != self.epoch or ready["cursor"] != self.cursor:
                self.broken.append("resumed somewhere else")
        else:
            self.epoch, self.cursor = ready["epoch"], ready["cursor"]
            self._awaited = set(self._watch)
            self._held = [] if self._watch else None
            self._floor = ""
            self.rows.clear()
        if self._awaited:
            self._held = self._held or []
            topics = sorted(self._awaited)
            await wire.send(json.dumps({"op": "snap", "id": self.connections, "topics": topics}))
        self.ready.set()

    def _take(self, frame: dict[str, Any]) -> bool:
        """Take a frame; False asks for a new connection."""
        match frame["op"]:
            case "ev":
                if frame["p"] != self.cursor:
                    self.broken.append(f"chain: {frame['p']} after {self.cursor}")
                    return False
                for event in frame["e"]:
                    self._once(event)
            case "snap":
                self._snapshot(frame)
            case "hb" if frame["cursor"] != self.cursor:
                self.broken.append("heartbeat elsewhere")
                return False
            case "counts":
                self.counts.update(frame["v"])
            case "eph":
                self.ephemera += frame["e"]
            case "err":
                self._awaited.discard(frame.get("topic", ""))
                self._settle()
        return True

    def _once(self, event: dict[str, Any]) -> None:
        if event["c"] <= (self.cursor or ""):
            self.broken.append(f"twice: {event['c']}")
            return
        self.cursor = event["c"]
        self.events += 1
        if self._on_event is not None:
            self._on_event(event)
        if self._held is not None:
            self._held.append(event)
        else:
            self._apply(event)

    def _snapshot(self, frame: dict[str, Any]) -> None:
        if frame["topic"] not in self._awaited:
            return
        self._awaited.discard(frame["topic"])
        self._floor = max(self._floor, frame["cursor"])
        for kind, row in rows_of(frame["topic"], frame["data"]):
            self._put(kind, row, counts=False)
        self._settle()

    def _settle(self) -> None:
        """Apply what was held back while snapshots were on their way."""
        if not self._awaited and self._held is not None:
            held, self._held = self._held, None
            for event in held:
                self._apply(event)

    def _apply(self, event: dict[str, Any]) -> None:
        if event["type"] == "gone":
            self.rows.pop((event["kind"], event["id"]), None)
        elif event["type"] in OBJECTS and event["c"] > self._floor:
            kind = OBJECTS[event["type"]]
            self._put(kind, event[kind])

    def _put(self, kind: str, row: dict[str, Any], *, counts: bool = True) -> None:
        have = self.rows.get((kind, row["id"]))
        if have is None or row["rev"] > have["rev"]:
            self.rows[kind, row["id"]] = row
            if counts:
                key = (kind, row["id"], row["rev"])
                self.applied[key] = self.applied.get(key, 0) + 1


def rows_of(topic: str, data: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a snapshot."""
    if topic.startswith("view:"):
        return [("conversation", item) for item in data["items"]]
    if topic.startswith("conv:"):
        return [
            ("conversation", data["conversation"]),
            *(("message", message) for message in data["timeline"]["messages"]),
        ]
    return [("card", data)] if topic.startswith("card:") else []
