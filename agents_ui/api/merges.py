"""Merging two cards of one client, and undoing it."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, field

from agents_ui.api.pending import Pending
from agents_ui.call import Call
from crm_core.views import Card, Merge, View
from infra.errors import Conflict, Forbidden, NotFound
from infra.http.routes import Input, Json, route


class Loser(Input):
    """The card that would disappear into the other."""

    loser_id: UUID


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
        report: Fields that stayed as they are, because somebody changed them since.
    """

    winner: Card
    loser: Card
    report: dict[str, Any]


@route("POST", "/api/cards/{card_id}/merge/preview", raises=(NotFound, Forbidden, Conflict))
async def preview(call: Call, card_id: UUID, body: Loser) -> MergePreview:
    """Show what a merge would do."""
    raise Pending


@route("POST", "/api/cards/{card_id}/merge", raises=(NotFound, Forbidden, Conflict))
async def merge(call: Call, card_id: UUID, body: MergeRequest) -> Merged:
    """Merge another card into this one."""
    raise Pending


@route("GET", "/api/cards/{card_id}/merges", raises=(NotFound,))
async def listing(call: Call, card_id: UUID) -> Json[list[Merge]]:
    """List the merges a card came out of, newest first."""
    raise Pending


@route("POST", "/api/merges/{merge_id}/undo", raises=(NotFound, Forbidden, Conflict))
async def undo(call: Call, merge_id: UUID) -> Undone:
    """Undo a merge, however long ago it was."""
    raise Pending
