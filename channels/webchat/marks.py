"""What a visitor's side says without writing: entries arrived, were read, a page was opened."""

from collections.abc import Mapping, Sequence
from typing import Literal

from channels.webchat.acts import name_of
from channels.webchat.guest import Guest
from channels.webchat.limits import MARKS
from channels.webchat.log import root_of
from channels.webchat.normalize import Act, SeenPage, raw_of
from inbox import journal
from infra.clock import new_id, now


BETWEEN = """
SELECT id, thread FROM webchat_entry
 WHERE visitor_id = $1 AND kind = 'out' AND seq > $2 AND seq <= $3 ORDER BY seq
"""


async def got(talk: Guest, upto: int) -> None:
    """The client has the entries up to ``upto``: the messages among them are delivered."""
    await _mark(talk, upto, "got", "delivered")


async def read(talk: Guest, upto: int) -> None:
    """The visitor has read up to ``upto``."""
    await _mark(talk, upto, "seen", "read")


async def _mark(
    talk: Guest, upto: int, column: Literal["got", "seen"], kind: Literal["delivered", "read"]
) -> None:
    visitor = talk.visitor
    if visitor is None or upto <= getattr(visitor, column):
        return
    if talk.services.budgets.take(f"marks/{visitor.id}", MARKS):
        return  # a later mark includes this one
    async with talk.services.db.lane(via="channel") as tx:
        _, newest = await root_of(tx, visitor.id)
        before = await tx.fetchval(
            f"SELECT {column} FROM webchat_visitor WHERE id = $1",  # noqa: S608 - of two columns
            visitor.id,
        )
        upto = min(upto, newest)
        if upto <= before:
            return
        await tx.execute(
            f"UPDATE webchat_visitor SET {column} = $2 WHERE id = $1",  # noqa: S608 - as above
            visitor.id,
            upto,
        )
        rows = await tx.fetch(BETWEEN, visitor.id, before, upto)
        messages: dict[str, list[str]] = {}
        for row in rows:
            messages.setdefault(str(row["thread"]), []).append(row["id"])
        if messages:
            act = _act(talk, kind, f"{visitor.id}/{kind}/{upto}", messages)
            await journal.take(tx, talk.services.blobs, talk.widget.id, [raw_of(act)])


async def page(talk: Guest, seen: SeenPage) -> None:
    """The visitor, who has a case, looks at a page."""
    visitor = talk.visitor
    if visitor is None:
        return
    act = Act(
        kind="page",
        visitor=visitor.id,
        key=f"{visitor.id}/page/{new_id().hex}",
        at=seen.at,
        name=name_of(visitor),
        pages=(seen,),
    )
    async with talk.services.db.lane(via="channel") as tx:
        await journal.take(tx, talk.services.blobs, talk.widget.id, [raw_of(act)])


def _act(
    talk: Guest,
    kind: Literal["delivered", "read"],
    key: str,
    messages: Mapping[str, Sequence[str]],
) -> Act:
    visitor = talk.visitor
    if visitor is None:
        raise LookupError("nobody marks anything")
    return Act(kind=kind, visitor=visitor.id, key=key, at=now(), messages=messages)
