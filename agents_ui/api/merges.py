"""Merging two cards of one client, and undoing it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, field

from agents_ui.call import Call
from crm_core.access import card_json
from crm_core.merge import merge_cards, preview_merge
from crm_core.unmerge import merges_of, undo_merge
from crm_core.views import Card, Merge, View
from infra.db import Transaction
from infra.errors import Conflict, Forbidden, NotFound
from infra.http.routes import Input, route


class Loser(Input):
    """The card that would disappear into the other.

    Attributes:
        choices: By field, ``winner`` or ``loser``: whose value would stay.
    """

    loser_id: UUID
    choices: dict[str, str] = field(default_factory=dict)


class MergeRequest(Input):
    """A merge.

    Attributes:
        choices: By field, ``winner`` or ``loser``: whose value stays.
    """

    loser_id: UUID
    choices: dict[str, str] = field(default_factory=dict)
    reason: Annotated[str, Meta(max_length=1000)] = ""


class FieldChoice(View):
    """A field that differs between the cards."""

    field: str
    winner: Any
    loser: Any
    result: Any


class MergePreview(View):
    """What a merge would do.

    Attributes:
        moves: How many rows of each kind would move.
    """

    winner: Card
    loser: Card
    fields: list[FieldChoice]
    moves: dict[str, int]


class Merged(View):
    """A merge and the card that stays."""

    merge: Merge
    card: Card


class Undone(View):
    """What an undo did.

    Attributes:
        report: ``kept``: fields of the winner that stay, because somebody changed them since;
            ``moved``: how many rows of each kind went with the loser.
    """

    winner: Card
    loser: Card
    report: dict[str, Any]


@route("POST", "/api/cards/{card_id}/merge/preview", raises=(NotFound, Forbidden, Conflict))
async def preview(call: Call, card_id: UUID, body: Loser) -> MergePreview:
    """Show what a merge would do."""
    async with call.transaction() as tx:
        seen = await preview_merge(
            tx, card_id, body.loser_id, choices=body.choices, viewer=call.viewer
        )
    return MergePreview(
        winner=msgspec.json.decode(seen.winner, type=Card),
        loser=msgspec.json.decode(seen.loser, type=Card),
        fields=[
            FieldChoice(field=f.field, winner=f.winner, loser=f.loser, result=f.result)
            for f in seen.fields
        ],
        moves=dict(seen.moves),
    )


@route("POST", "/api/cards/{card_id}/merge", raises=(NotFound, Forbidden, Conflict))
async def merge(call: Call, card_id: UUID, body: MergeRequest) -> Merged:
    """Merge another card into this one."""
    async with call.transaction() as tx:
        merge_id = await merge_cards(
            tx,
            card_id,
            body.loser_id,
            choices=body.choices,
            reason=body.reason,
            viewer=call.viewer,
        )
        merges = await merges_of(tx, card_id, viewer=call.viewer)
        card = await _card(tx, card_id, call)
    return Merged(merge=next(each for each in merges if each.id == merge_id), card=card)


@route("GET", "/api/cards/{card_id}/merges", raises=(NotFound,))
async def listing(call: Call, card_id: UUID) -> Sequence[Merge]:
    """List the merges a card came out of, newest first."""
    async with call.read() as raw:
        return await merges_of(raw, card_id, viewer=call.viewer)


@route("POST", "/api/merges/{merge_id}/undo", raises=(NotFound, Forbidden, Conflict))
async def undo(call: Call, merge_id: UUID) -> Undone:
    """Undo a merge, however long ago it was."""
    async with call.transaction() as tx:
        done = await undo_merge(tx, merge_id, viewer=call.viewer)
        winner = await _card(tx, done.winner_id, call)
        loser = await _card(tx, done.loser_id, call)
    return Undone(winner=winner, loser=loser, report={"kept": done.kept, "moved": done.moved})


async def _card(tx: Transaction, card_id: UUID, call: Call) -> Card:
    return msgspec.json.decode(await card_json(tx, card_id, viewer=call.viewer), type=Card)
