"""Undoing a merge: the loser is a card again, with everything that belongs to it.

What arrived through the loser's addresses after the merge belongs to the loser too and goes with
it. Fields of the winner go back to what they were, except those somebody changed since: these
stay and the report names them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from crm_core.access import check_card, lock_card, root_of
from crm_core.cards import index, touch
from crm_core.changes import card_audience_of
from crm_core.merge import lock_cards, tell
from crm_core.merge_fields import MOMENTS, field_of, set_field
from crm_core.registry import bring_back
from crm_core.staff.visibility import Reads, Viewer
from crm_core.tables import CardMergeRow, CardRow
from crm_core.timeline import note_activity
from crm_core.views import Merge
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, NotFound


SUBTREE = """
WITH RECURSIVE below AS (
    SELECT $1::uuid AS id
    UNION ALL
    SELECT c.id FROM card AS c JOIN below ON c.merged_into = below.id
)
SELECT id FROM below
"""
LATER = """
SELECT id FROM card_merge
 WHERE winner_id = $1 AND undone_at IS NULL AND id <> $2 AND winner_before ? $3
   AND (at, id) > ($4, $2)
 ORDER BY at, id LIMIT 1
"""
RECOUNT = """
UPDATE card AS c SET
    last_in_at = coalesce((SELECT max(at) FROM activity AS a
                            WHERE a.card_id = c.id AND a.direction = 'in'), c.last_in_at),
    last_out_at = coalesce((SELECT max(at) FROM activity AS a
                             WHERE a.card_id = c.id AND a.direction = 'out'), c.last_out_at)
 WHERE c.id = ANY($1::uuid[])
"""
MERGES = """
SELECT m.id, m.winner_id, m.loser_id, l.display_name AS loser_name, m.choices::text, m.reason,
       m.by, m.at, m.undone_at, m.undone_by
  FROM card_merge AS m JOIN card AS l ON l.id = m.loser_id
 WHERE m.winner_id = $1 OR m.loser_id = $1
 ORDER BY m.at DESC, m.id DESC
"""


class UndoneAlready(Conflict):
    """The merge was undone before."""

    code = "merge.undone"
    title = "This merge is undone already"


class Undone(msgspec.Struct, frozen=True):
    """What an undo did.

    Attributes:
        kept: Fields of the winner that stay, because somebody changed them since the merge:
            ``{name: {"now", "before"}}``.
        moved: How many rows of each table went with the loser.
    """

    winner_id: UUID
    loser_id: UUID
    kept: dict[str, dict[str, Any]]
    moved: dict[str, int]


async def undo_merge(tx: Transaction, merge_id: UUID, *, viewer: Viewer) -> Undone:
    """Undo a merge, however long ago it was and whatever was merged since.

    Raises:
        NotFound: There is no such merge, or the viewer may not see the winner.
        Forbidden: The viewer may not merge the card it is part of now.
        UndoneAlready: Somebody was quicker.
    """
    merge = await tx.session.get(CardMergeRow, merge_id)
    if merge is None:
        raise NotFound("there is no such merge")
    root_id = await root_of(tx, merge.winner_id)
    await check_card(tx, root_id, viewer=viewer, action="merge")
    await lock_cards(tx, [root_id, merge.winner_id, merge.loser_id])
    await tx.session.refresh(merge, with_for_update=True)
    if merge.undone_at is not None:
        raise UndoneAlready
    winner, loser = await _locked(tx, merge.winner_id), await _locked(tx, merge.loser_id)
    audience = await card_audience_of(tx, winner.id)
    kept = await _restore_fields(tx, merge, winner)
    loser.merged_into = None
    touch(loser)
    touch(winner)
    index(winner)
    subtree = [row["id"] for row in await tx.fetch(SUBTREE, loser.id)]
    moved = await bring_back(tx, subtree, loser.id)
    await tx.execute(RECOUNT, [root_id, winner.id, loser.id])
    done = Undone(winner.id, loser.id, kept, moved)
    merge.undone_at, merge.undone_by = now(), viewer.agent_id
    merge.undo_report = {"kept": kept, "moved": moved}
    note_activity(
        tx,
        loser.id,
        kind="merge",
        agent_id=viewer.agent_id,
        ref=merge.id,
        data={"undone": True, "winner_id": str(winner.id), "winner_name": winner.display_name},
    )
    await tell(tx, "card.unmerged", winner.id, loser.id, before=audience)
    return done


async def merges_of(source: Reads, card_id: UUID, *, viewer: Viewer) -> Sequence[Merge]:
    """Return the merges a card took part in, undone ones included, newest first.

    Raises:
        NotFound: There is no such card, or the viewer may not see it.
    """
    await check_card(source, card_id, viewer=viewer, action="read")
    rows = await source.fetch(MERGES, card_id)
    return [
        Merge(**{**row, "choices": msgspec.json.decode(row["choices"], type=dict[str, Any])})
        for row in rows
    ]


async def _locked(tx: Transaction, card_id: UUID) -> CardRow:
    card = await lock_card(tx, card_id)
    if card is None:
        raise NotFound("the card was deleted")
    return card


async def _restore_fields(
    tx: Transaction, merge: CardMergeRow, winner: CardRow
) -> dict[str, dict[str, Any]]:
    """Put the winner's fields back; return those that were changed since and stay.

    A later merge into the same card may have built on what this one wrote. Then the value stands
    in that merge's ``before``, and goes back to from there.
    """
    kept: dict[str, dict[str, Any]] = {}
    for name, before in merge.winner_before.items():
        after = merge.winner_after[name]
        later_id = await tx.fetchval(LATER, winner.id, merge.id, name, merge.at)
        if later_id is not None:
            later = await tx.session.get_one(CardMergeRow, later_id)
            if later.winner_before[name] == after:
                later.winner_before = {**later.winner_before, name: before}
                continue
        present = field_of(winner, name)
        if later_id is None and present == after:
            set_field(winner, name, before)
            wrote = {"by": "merge", "at": now().isoformat(), "rev": winner.rev + 1}
            winner.provenance = {**winner.provenance, name: wrote}
        elif name not in MOMENTS:
            kept[name] = {"now": present, "before": before}
    return kept
