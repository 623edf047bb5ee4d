"""Which visitors are connected to this node, and telling them that there is something new.

A note to look is sent over the bus, which may lose it; every few seconds the numbers of all
visitors who are connected are compared with what their connections have, in one query. So an
entry is late at worst, never missed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from channels.webchat.answers import Author, Conv, St, encode
from channels.webchat.protocol import BAD, CLOSE_REFUSED
from inbox.visitors import Case, barred_of, cases_of
from infra.bus import Bus
from infra.clock import new_id, now
from infra.db import DATABASE_AWAY, Database


log = structlog.get_logger()

SWEEP = 2.0  # seconds at most between two comparisons
SOON = 0.25  # seconds at least between two
ALIVE = 20.0  # seconds between marks that a visitor is there
MOVED = 1012  # reconnect: the visitor is somebody else now

STATES = """
SELECT id, account_id, seq, answered, asked_for, merged_into IS NOT NULL AS moved,
       blocked_at IS NOT NULL AS blocked
  FROM webchat_visitor WHERE id = ANY($1)
"""
FORMER = "SELECT id, merged_into FROM webchat_visitor WHERE merged_into = ANY($1)"
HERE = "UPDATE webchat_visitor SET live_at = $2 WHERE id = ANY($1)"


class Line(Protocol):
    """One connection of a visitor."""

    account_id: UUID

    @property
    def seq(self) -> int:
        """The newest entry it was sent."""

    def look(self) -> None:
        """There may be entries after ``seq``."""

    def say(self, frame: bytes) -> None:
        """Send a frame that is true only now."""

    def show(self, case: Case | None, asked_for: UUID | None) -> None:
        """Show the state of the case, when it is news."""

    def end(self, code: int) -> None:
        """End the connection."""


class Whisper(msgspec.Struct, frozen=True, tag="webchat", tag_field="of"):
    """What nodes tell each other: look at a visitor's log, or pass a frame on."""

    node: UUID
    visitor: UUID
    frame: msgspec.Raw = msgspec.Raw(b"")
    end: int = 0


class Rooms:
    """The visitors of this node."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus
        self._node = new_id()
        self._lines: dict[UUID, set[Line]] = {}
        self._answered: dict[UUID, int] = {}
        self._marked = 0.0
        self.tick: Callable[[], Awaitable[None]] | None = None
        """Called after every comparison."""

    def lines(self, visitor_id: UUID | None = None) -> list[Line]:
        """Return the connections of a visitor, or all of this node."""
        if visitor_id is not None:
            return list(self._lines.get(visitor_id, ()))
        return [line for lines in self._lines.values() for line in lines]

    def count(self, account_id: UUID) -> int:
        """Return how many visitors of an account are connected to this node."""
        return sum(
            any(line.account_id == account_id for line in lines) for lines in self._lines.values()
        )

    def enter(self, visitor_id: UUID, line: Line) -> None:
        """A connection is a visitor's from now on."""
        self._lines.setdefault(visitor_id, set()).add(line)

    def leave(self, visitor_id: UUID, line: Line) -> None:
        """A connection ended."""
        lines = self._lines.get(visitor_id, set())
        lines.discard(line)
        if not lines:
            self._lines.pop(visitor_id, None)
            self._answered.pop(visitor_id, None)

    async def announce(
        self, visitor_id: UUID, frame: msgspec.Struct | None = None, *, end: int = 0
    ) -> None:
        """Tell every connection of a visitor, on every node: look, pass on, or end."""
        body = msgspec.Raw(encode(frame)) if frame is not None else msgspec.Raw(b"")
        whisper = Whisper(self._node, visitor_id, body, end)
        self._hear(whisper)
        await self._bus.publish_ephemeral(encode(_packed(whisper)))

    async def run(self) -> None:
        """Listen to other nodes and compare, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._sweep())

    def _hear(self, whisper: Whisper) -> None:
        for line in self.lines(whisper.visitor):
            if whisper.end:
                line.end(whisper.end)
            elif bytes(whisper.frame):
                line.say(bytes(whisper.frame))
            else:
                line.look()

    async def _listen(self) -> None:
        async with self._bus.ephemera() as heard:
            async for data in heard:
                if b'"webchat"' not in data[:32]:
                    continue
                try:
                    whisper = WHISPER.decode(data)
                except BAD:
                    continue  # of a node of another version
                if whisper.node != self._node:
                    self._hear(whisper)

    async def _sweep(self) -> None:
        async with self._bus.listen() as listener:
            while True:
                await listener.wait(SWEEP)
                try:
                    await self._compare()
                    if self.tick is not None:
                        await self.tick()
                except DATABASE_AWAY as error:
                    log.warning("webchat.database_away", error=repr(error))
                await asyncio.sleep(SOON)

    async def _compare(self) -> None:
        here = list(self._lines)
        if not here:
            return
        async with self._db.look() as sql:
            states = await sql.fetch(STATES, here)
            former = await sql.fetch(FORMER, here)
            keys: dict[UUID, list[str]] = {each: [str(each)] for each in here}
            for row in former:
                keys[row["merged_into"]].append(str(row["id"]))
            every = [key for each in keys.values() for key in each]
            cases = await cases_of(sql, every)
            barred = await barred_of(sql, every)
        for row in states:
            lines = self.lines(row["id"])
            found = [cases[key] for key in keys[row["id"]] if key in cases]
            case = max(found, key=lambda one: one.at, default=None)
            is_read = self._answered.get(row["id"], 0) < row["answered"]
            self._answered[row["id"]] = row["answered"]
            for line in lines:
                if row["blocked"] or not barred.isdisjoint(keys[row["id"]]):
                    line.end(CLOSE_REFUSED)
                elif row["moved"]:
                    line.end(MOVED)
                elif line.seq < row["seq"]:
                    line.look()
                if is_read:
                    line.say(encode(St(upto=row["answered"])))
                line.show(case, row["asked_for"])
        await self._mark(here)

    async def _mark(self, here: Sequence[UUID]) -> None:
        moment = asyncio.get_running_loop().time()
        if moment - self._marked > ALIVE:
            self._marked = moment
            async with self._db.lane(via="channel") as tx:
                await tx.execute(HERE, here, now())


def conv_of(
    case: Case | None, asked_for: UUID | None, *, policy: str, queue: bool, csat: bool
) -> Conv:
    """Return what a visitor is told of their case."""
    if case is None:
        return Conv()
    name = author_name(case.agent, policy)
    if case.status == "closed":
        ask = csat and case.answered and case.id != asked_for
        return Conv(status="closed", csat=ask)
    if case.agent:
        return Conv(status="open", agent=Author(name=name) if name else None)
    if case.answered and case.status != "open":
        return Conv(status="open")
    return Conv(status="waiting", position=case.position if queue else 0)


def author_name(name: str, policy: str) -> str:
    """Return as much of an agent's name as the account's policy shows."""
    match policy:
        case "full":
            return name
        case "name":
            return name.partition(" ")[0]
        case _:
            return ""


def _packed(whisper: Whisper) -> Whisper | Mapping[str, object]:
    """Return what encodes; an empty frame is left out."""
    if bytes(whisper.frame):
        return whisper
    return {"of": "webchat", "node": whisper.node, "visitor": whisper.visitor, "end": whisper.end}


WHISPER = msgspec.json.Decoder(Whisper)
