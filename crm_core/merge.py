"""Merging two cards of one client, and undoing it at any later time.

Every row of a card has two columns: ``card_id``, where it is shown, and ``origin_card_id``, where
it belongs. A merge re-points the first and never touches the second, so nothing is lost that an
undo would need, in whatever order nested merges are undone. Unique constraints are on the origin:
re-pointing cannot collide.

Order of locks: addresses, conversations, cards. A message that arrives during a merge therefore
lands either before it and is moved, or after it and finds the winner.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from crm_core.access import card_json, check_card, lock_card, open_card
from crm_core.cards import index, touch
from crm_core.changes import card_audience_of, card_changed
from crm_core.linking import address_lock, lock_addresses
from crm_core.merge_fields import Differing, differing, field_of, moments, set_field
from crm_core.registry import count_rows, lock_conversations, move
from crm_core.staff.visibility import Viewer
from crm_core.tables import CardMergeRow, CardRow
from crm_core.timeline import note_activity
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict


ADDRESSES = """
SELECT i.kind, i.scope, i.compare
  FROM card_identity AS l JOIN identity AS i ON i.id = l.identity_id
 WHERE l.card_id = ANY($1::uuid[])
"""
TOLD = """
INSERT INTO event (type, data, audience, audience_before)
SELECT $1, jsonb_build_object('type', $1::text, 'winner_id', w.id, 'loser_id', l.id),
       card_audience(w), nullif(card_audience(l), card_audience(w))
  FROM card AS w, card AS l WHERE w.id = $2 AND l.id = $3
"""


class CannotMerge(Conflict):
    """These cards cannot be merged: they are one, or one of them is part of another."""

    code = "card.cannot_merge"
    title = "These cards cannot be merged"


class Preview(msgspec.Struct, frozen=True):
    """What a merge would do.

    Attributes:
        winner: The card that stays, as JSON text.
        loser: The card that would disappear into it.
        fields: In which they differ, and what each would become.
        moves: How many rows of each table would move.
    """

    winner: str
    loser: str
    fields: Sequence[Differing]
    moves: Mapping[str, int]


async def preview_merge(
    tx: Transaction,
    winner_id: UUID,
    loser_id: UUID,
    *,
    choices: Mapping[str, str] | None = None,
    viewer: Viewer,
) -> Preview:
    """Return what ``merge_cards`` would do, and do nothing.

    Raises:
        NotFound, Forbidden, CardMerged: As ``open_card`` says, of either card.
        CannotMerge: They are the same card.
        Invalid: A choice is none.
    """
    winner, loser = await _both(tx, winner_id, loser_id, viewer)
    return Preview(
        await card_json(tx, winner_id, viewer=viewer),
        await card_json(tx, loser_id, viewer=viewer),
        differing(winner, loser, choices or {}),
        await count_rows(tx, loser_id),
    )


async def merge_cards(
    tx: Transaction,
    winner_id: UUID,
    loser_id: UUID,
    *,
    choices: Mapping[str, str] | None = None,
    reason: str = "",
    viewer: Viewer,
) -> UUID:
    """Merge ``loser`` into ``winner``; return the merge's id, to undo it by.

    Raises:
        NotFound, Forbidden, CardMerged: As ``open_card`` says, of either card.
        CannotMerge: They are the same card.
        Invalid: A choice is none.
    """
    for card_id in (winner_id, loser_id):
        await check_card(tx, card_id, viewer=viewer, action="merge")
    await lock_cards(tx, [winner_id, loser_id])
    winner, loser = await _both(tx, winner_id, loser_id, viewer)
    return await _merge(tx, winner, loser, choices or {}, reason=reason, by=viewer.agent_id)


async def merge_proven(tx: Transaction, winner_id: UUID, loser_id: UUID, *, reason: str) -> UUID:
    """Merge the card of a stranger who proved to be another card's client; no agent is asked.

    Raises:
        CannotMerge: They are the same card, or one of them is merged already.
    """
    await lock_cards(tx, [winner_id, loser_id])
    cards = {one: await lock_card(tx, one) for one in sorted((winner_id, loser_id))}
    winner, loser = cards[winner_id], cards[loser_id]
    if winner_id == loser_id or winner is None or loser is None:
        raise CannotMerge("these are one card")
    if winner.merged_into is not None or loser.merged_into is not None:
        raise CannotMerge("one of these cards is part of another")
    return await _merge(tx, winner, loser, {}, reason=reason, by=None)


async def _merge(
    tx: Transaction,
    winner: CardRow,
    loser: CardRow,
    choices: Mapping[str, str],
    *,
    reason: str,
    by: UUID | None,
) -> UUID:
    winner_id, loser_id = winner.id, loser.id
    audience = await card_audience_of(tx, winner_id)
    before, after = _write_fields(winner, loser, choices)
    loser.merged_into = winner_id
    touch(winner)
    touch(loser)
    index(winner)
    merge = CardMergeRow(
        winner_id=winner_id,
        loser_id=loser_id,
        winner_before=before,
        winner_after=after,
        choices=dict(choices),
        reason=reason,
        by=by,
    )
    tx.session.add(merge)
    await move(tx, loser_id, winner_id)
    note_activity(
        tx,
        winner_id,
        kind="merge",
        agent_id=by,
        ref=merge.id,
        data={"loser_id": str(loser_id), "loser_name": loser.display_name},
    )
    await tell(tx, "card.merged", winner_id, loser_id, before=audience)
    return merge.id


async def lock_cards(tx: Transaction, card_ids: Sequence[UUID]) -> None:
    """Take every lock a re-pointing of rows of these cards needs, in the one order."""
    await tx.lock("card-merge")
    rows = await tx.fetch(ADDRESSES, list(card_ids))
    names = (address_lock(row["kind"], row["scope"], row["compare"]) for row in rows)
    await lock_addresses(tx, names)
    await lock_conversations(tx, card_ids)


async def _both(
    tx: Transaction, winner_id: UUID, loser_id: UUID, viewer: Viewer
) -> tuple[CardRow, CardRow]:
    if winner_id == loser_id:
        raise CannotMerge("a card cannot be merged with itself")
    cards = {
        card_id: await open_card(tx, card_id, viewer=viewer, action="merge")
        for card_id in sorted((winner_id, loser_id))
    }
    return cards[winner_id], cards[loser_id]


def _write_fields(
    winner: CardRow, loser: CardRow, choices: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write the chosen values to the winner; return what changed, as it was and as it is."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    provenance = dict(winner.provenance)
    for each in differing(winner, loser, choices):
        if each.result != each.winner:
            before[each.field], after[each.field] = each.winner, each.result
            set_field(winner, each.field, each.result)
            wrote = loser.provenance.get(each.field, {"by": "merge", "at": now().isoformat()})
            provenance[each.field] = {**wrote, "rev": winner.rev + 1}
    for name, moment in moments(winner, loser):
        if moment != getattr(winner, name):
            before[name] = field_of(winner, name)
            setattr(winner, name, moment)
            after[name] = field_of(winner, name)
    winner.provenance = provenance
    return before, after


async def tell(
    tx: Transaction, event: str, winner_id: UUID, loser_id: UUID, *, before: str
) -> None:
    """Announce both cards and what became of them; ``before`` is the winner's old audience."""
    await card_changed(tx, winner_id, before=before)
    await card_changed(tx, loser_id)
    await tx.execute(TOLD, event, winner_id, loser_id)
