"""A card's timeline: everything that happened with the client, newest first, whatever the source.

Messages note themselves when they are stored (``inbox/sql``), with the card they belong to and
the card they are shown on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from crm_core.access import check_card
from crm_core.staff.visibility import Reads, Viewer
from crm_core.tables import ActivityRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Invalid


class Place(NamedTuple):
    """A line's place in the timeline; its text form is opaque to clients."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Raises:
            Invalid: ``text`` never was a place.
        """
        at, _, line = text.partition("/")
        try:
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise Invalid(f"{text!r} is no place in a timeline")
            return cls(moment, UUID(line))
        except ValueError:
            raise Invalid(f"{text!r} is no place in a timeline") from None


class Line(NamedTuple):
    """A line of the timeline: ``json`` is ``crm_core.views.Activity``."""

    json: str
    place: Place


def note_activity(
    tx: Transaction,
    card_id: UUID,
    *,
    kind: str,
    origin_card_id: UUID | None = None,
    at: datetime | None = None,
    **more: Any,
) -> UUID:
    """Add a line to a card's timeline; return its id.

    Args:
        card_id: The card it is shown on.
        origin_card_id: The card it belongs to, when that one was merged into ``card_id``.
        more: Further columns of ``activity``: what it is about and how it is told.
    """
    line = ActivityRow(
        card_id=card_id,
        origin_card_id=origin_card_id or card_id,
        kind=kind,
        at=at or now(),
        **more,
    )
    tx.session.add(line)
    return line.id


async def timeline_of(
    source: Reads,
    card_id: UUID,
    *,
    viewer: Viewer,
    before: Place | None = None,
    kind: str | None = None,
    limit: int = 50,
) -> Sequence[Line]:
    """Return what happened with a client before a place, newest first.

    What belongs to a conversation the viewer may not read is left out.

    Raises:
        NotFound: There is no such card, or the viewer may not see it.
    """
    await check_card(source, card_id, viewer=viewer, action="read")
    rule, args = viewer.where("conversation", "read", "c", 6)
    place = before or Place(datetime.max.replace(tzinfo=now().tzinfo), UUID(int=2**128 - 1))
    rows = await source.fetch(
        f"""
        SELECT activity_json(a)::text AS json, a.at, a.id FROM activity AS a
         WHERE a.card_id = $1 AND (a.at, a.id) < ($2, $3) AND ($4::text IS NULL OR a.kind = $4)
           AND (a.conversation_id IS NULL OR EXISTS (
                SELECT FROM conversation AS c WHERE c.id = a.conversation_id AND {rule}))
         ORDER BY a.at DESC, a.id DESC LIMIT $5
        """,  # noqa: S608 - the rule is ours, its values are parameters
        card_id,
        place.at,
        place.id,
        kind,
        limit,
        *args,
    )
    return [Line(row["json"], Place(row["at"], row["id"])) for row in rows]
