"""Where a session's stream starts: from its own cursor when that is cheap, else from now."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from agents_ui.live.frames import Hello
from agents_ui.live.tail import Sent, Tail
from crm_core.staff.visibility import Viewer
from infra.db import Database
from infra.errors import Invalid
from infra.events import Cursor


CAP = 1_000  # events replayed; more are dearer than a snapshot
CAP_BYTES = 512 << 10  # bytes of them
LOOK = 5_000  # events looked through for them

Why = Literal["old", "epoch", "many"]


class Start(msgspec.Struct, frozen=True):
    """Where a session's stream starts.

    Attributes:
        cursor: Up to here the ring is not needed any more.
        backlog: Events between the client's cursor and the ring.
        n: Events that follow at once.
    """

    mode: Literal["fresh", "resumed", "reset"]
    cursor: Cursor
    backlog: Sequence[Sent] = ()
    n: int = 0
    why: Why | None = None


async def find_start(
    tail: Tail, db: Database, viewer: Viewer, hello: Hello, *, epoch: str
) -> Start:
    """Return where the stream of a client starts.

    Args:
        epoch: Of what the viewer sees now: a cursor of another one is worthless.
    """
    if hello.cursor is None:
        return Start("fresh", tail.until)
    if hello.epoch != epoch:
        return afresh(tail, "epoch")
    try:
        cursor = Cursor.parse(hello.cursor)
    except Invalid:
        return afresh(tail, "old")
    if cursor >= tail.until and cursor > await db.end_of_feed():
        return afresh(tail, "old")  # the feed never was that far
    return await _resume(tail, viewer, cursor)


def afresh(tail: Tail, why: Why) -> Start:
    """Return a start from now on, for a client that has to ask for snapshots."""
    return Start("reset", tail.until, why=why)


async def _resume(tail: Tail, viewer: Viewer, cursor: Cursor) -> Start:
    backlog: Sequence[Sent] = ()
    reached = cursor
    if cursor < tail.floor:
        found = await tail.read(cursor, limit=LOOK)
        if found is None:
            return afresh(tail, "old")
        backlog, reached = found
    n = _count([*backlog, *tail.since(reached, limit=LOOK)], viewer)
    return afresh(tail, "many") if n is None else Start("resumed", reached, backlog, n)


def _count(missed: Sequence[Sent], viewer: Viewer) -> int | None:
    """Return how many of the events are for the viewer; None when that is too many."""
    n = size = 0
    for event in missed:
        before = event.before
        if viewer.sees(event.audience) or (before is not None and viewer.sees(before)):
            n += 1
            size += len(event.text)
            if n > CAP or size > CAP_BYTES:
                return None
    return None if len(missed) >= LOOK else n
