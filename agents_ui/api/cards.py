"""Client cards and the identities on them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from agents_ui.api.shapes import Line, Page, Paging, Text, as_, given
from agents_ui.call import Call
from crm_core import identities
from crm_core.access import card_json, check_card
from crm_core.cards import CardPatch, edit_card, list_cards, make_card
from crm_core.questions import Question
from crm_core.search import cards_found
from crm_core.timeline import Place, timeline_of
from crm_core.views import Activity, Card
from inbox.of_card import conversations_of
from inbox.views import ConversationItem
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


Short = Annotated[str, Meta(max_length=300)]
IdentityKind = Literal["email", "phone", "telegram_user", "sip_uri", "external_id"]


class CardQuery(Paging):
    """Which cards to list.

    Attributes:
        q: Part of a name, number, phone or address; it finds strangers too.
        strangers: 1 lists also those who wrote and whom nobody confirmed as clients.
    """

    q: Annotated[str, Meta(max_length=200)] = ""
    strangers: Annotated[int, Meta(ge=0, le=1)] = 0


class NewIdentity(Input):
    """An address to put on a card.

    Attributes:
        shared: Several cards may hold it at a time, such as a family's phone.
    """

    kind: IdentityKind
    value: Line
    label: Short = ""
    shared: bool = False


class NewCard(Input):
    """A client to write down."""

    display_name: Line
    kind: Literal["person", "company"] = "person"
    given_name: Short = ""
    family_name: Short = ""
    legal_name: Short = ""
    birthday: date | None = None
    locale: Short | None = None
    about: Text = ""
    branch_id: UUID | None = None
    team_id: UUID | None = None
    owner_id: UUID | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    identities: Annotated[tuple[NewIdentity, ...], Meta(max_length=50)] = ()


class CardChange(Input):
    """What to change; fields left out stay as they are.

    Attributes:
        rev: The revision the change was made on. When a field changed since, the problem
            carries ``fields``: for each the value now.
        custom: Merged key by key; null removes one.
    """

    rev: int
    kind: Literal["person", "company"] | UnsetType = UNSET
    display_name: Line | UnsetType = UNSET
    given_name: Short | UnsetType = UNSET
    family_name: Short | UnsetType = UNSET
    legal_name: Short | UnsetType = UNSET
    birthday: date | UnsetType | None = UNSET
    locale: Short | UnsetType | None = UNSET
    about: Text | UnsetType = UNSET
    lifecycle: Short | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    custom: dict[str, Any] | UnsetType = UNSET


class IdentityChange(Input):
    """What to change about an identity on a card."""

    label: Short | UnsetType = UNSET
    is_primary: bool | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    status: Literal["ok", "wrong", "opted_out"] | UnsetType = UNSET


@route("GET", "/api/cards")
async def page(call: Call, query: CardQuery) -> Json[Page[Card]]:
    """List cards, by name; with `q` the best matches first."""
    async with call.read() as raw:
        if query.q:
            found = await cards_found(
                raw, Question.of(query.q), viewer=call.viewer, limit=query.limit
            )
            return _page([(text, "") for text in found], query.limit)
        rows = await list_cards(
            raw,
            viewer=call.viewer,
            after=_place(query.before),
            limit=query.limit + 1,
            strangers=query.strangers == 1,
        )
    return _page([(text, _token(place)) for text, place in rows], query.limit)


@route("POST", "/api/cards", status=201, raises=(Forbidden, Conflict, Invalid))
async def create(call: Call, body: NewCard) -> Json[Card]:
    """Write a client down; `identity.taken` names the card that has an address already."""
    named = {"identities", *(n for n in ("branch_id",) if body.branch_id is None)}
    fields = msgspec.convert(given(body, but=frozenset(named)), CardPatch)
    async with call.transaction() as tx:
        card_id = await make_card(tx, fields=fields, viewer=call.viewer)
        for each in body.identities:
            await identities.add_identity(
                tx,
                card_id,
                kind=each.kind,
                value=each.value,
                label=each.label,
                shared=each.shared,
                viewer=call.viewer,
            )
        return Json(await card_json(tx, card_id, viewer=call.viewer))


@route("GET", "/api/cards/{card_id}", raises=(NotFound,))
async def show(call: Call, card_id: UUID) -> Json[Card]:
    """Show a card."""
    async with call.read() as raw:
        return Json(await card_json(raw, card_id, viewer=call.viewer))


@route("PATCH", "/api/cards/{card_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, card_id: UUID, body: CardChange) -> Json[Card]:
    """Change a card; a client's mail never overwrites what a person wrote here."""
    patch = msgspec.convert(given(body, but=frozenset({"rev"})), CardPatch)
    async with call.transaction() as tx:
        await edit_card(tx, card_id, rev=body.rev, patch=patch, viewer=call.viewer)
        return Json(await card_json(tx, card_id, viewer=call.viewer))


@route(
    "POST",
    "/api/cards/{card_id}/identities",
    status=201,
    raises=(NotFound, Forbidden, Conflict, Invalid),
)
async def add_identity(call: Call, card_id: UUID, body: NewIdentity) -> Json[Card]:
    """Put an address on a card."""
    async with call.transaction() as tx:
        await identities.add_identity(
            tx,
            card_id,
            kind=body.kind,
            value=body.value,
            label=body.label,
            shared=body.shared,
            viewer=call.viewer,
        )
        return Json(await card_json(tx, card_id, viewer=call.viewer))


@route(
    "PATCH",
    "/api/cards/{card_id}/identities/{link_id}",
    raises=(NotFound, Forbidden, Conflict, Invalid),
)
async def change_identity(
    call: Call, card_id: UUID, link_id: UUID, body: IdentityChange
) -> Json[Card]:
    """Change label, primacy, sharing or state of an identity on a card."""
    async with call.transaction() as tx:
        await identities.change_identity(
            tx,
            card_id,
            link_id,
            patch=as_(identities.IdentityPatch, body),
            viewer=call.viewer,
        )
        return Json(await card_json(tx, card_id, viewer=call.viewer))


@route("DELETE", "/api/cards/{card_id}/identities/{link_id}", raises=(NotFound, Forbidden))
async def remove_identity(call: Call, card_id: UUID, link_id: UUID) -> Json[Card]:
    """Take an address off a card."""
    async with call.transaction() as tx:
        await identities.remove_identity(tx, card_id, link_id, viewer=call.viewer)
        return Json(await card_json(tx, card_id, viewer=call.viewer))


@route("GET", "/api/cards/{card_id}/timeline", raises=(NotFound,))
async def timeline(call: Call, card_id: UUID, query: Paging) -> Json[Page[Activity]]:
    """List everything that happened with the client, newest first."""
    before = Place.parse(query.before) if query.before else None
    async with call.read() as raw:
        lines = await timeline_of(
            raw, card_id, viewer=call.viewer, before=before, limit=query.limit + 1
        )
    return _page([(line.json, str(line.place)) for line in lines], query.limit)


@route("GET", "/api/cards/{card_id}/conversations", raises=(NotFound,))
async def conversations(call: Call, card_id: UUID, query: Paging) -> Json[Page[ConversationItem]]:
    """List the client's conversations, newest first."""
    before = Place.parse(query.before) if query.before else None
    async with call.read() as raw:
        await check_card(raw, card_id, viewer=call.viewer, action="read")
        rows = await conversations_of(
            raw, card_id, viewer=call.viewer, before=before, limit=query.limit + 1
        )
    return _page([(text, str(place)) for text, place in rows], query.limit)


def _page(rows: Sequence[tuple[str, str]], limit: int) -> Json[Any]:
    """Return a page of rows that are JSON already, each with where it stands."""
    shown = rows[:limit]
    following = shown[-1][1] if len(rows) > limit else None
    items = ",".join(text for text, _ in shown)
    return Json(f'{{"items":[{items}],"next":{msgspec.json.encode(following).decode()}}}')


def _token(place: tuple[str, UUID]) -> str:
    return urlsafe_b64encode(msgspec.json.encode(place)).decode()


def _place(before: str | None) -> tuple[str, UUID] | None:
    if before is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(before), type=tuple[str, UUID])
    except (ValueError, msgspec.MsgspecError) as error:
        raise Invalid("this is not where a page ended") from error
