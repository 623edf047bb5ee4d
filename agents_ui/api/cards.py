"""Client cards and the identities on them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Line, Page, Paging, Text
from agents_ui.call import Call
from crm_core.views import Activity, Card
from inbox.views import ConversationItem
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


Short = Annotated[str, Meta(max_length=300)]
IdentityKind = Literal["email", "phone", "telegram_user", "sip_uri", "external_id"]


class CardQuery(Paging):
    """Which cards to list; ``q`` is part of a name, number, phone or address."""

    q: Annotated[str, Meta(max_length=200)] = ""


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
    raise Pending


@route("POST", "/api/cards", status=201, raises=(Forbidden, Conflict, Invalid))
async def create(call: Call, body: NewCard) -> Json[Card]:
    """Write a client down; `identity.taken` names the card that has an address already."""
    raise Pending


@route("GET", "/api/cards/{card_id}", raises=(NotFound,))
async def show(call: Call, card_id: UUID) -> Json[Card]:
    """Show a card."""
    raise Pending


@route("PATCH", "/api/cards/{card_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, card_id: UUID, body: CardChange) -> Json[Card]:
    """Change a card; a client's mail never overwrites what a person wrote here."""
    raise Pending


@route(
    "POST",
    "/api/cards/{card_id}/identities",
    status=201,
    raises=(NotFound, Forbidden, Conflict, Invalid),
)
async def add_identity(call: Call, card_id: UUID, body: NewIdentity) -> Json[Card]:
    """Put an address on a card."""
    raise Pending


@route(
    "PATCH",
    "/api/cards/{card_id}/identities/{link_id}",
    raises=(NotFound, Forbidden, Conflict, Invalid),
)
async def change_identity(
    call: Call, card_id: UUID, link_id: UUID, body: IdentityChange
) -> Json[Card]:
    """Change label, primacy, sharing or state of an identity on a card."""
    raise Pending


@route("DELETE", "/api/cards/{card_id}/identities/{link_id}", raises=(NotFound, Forbidden))
async def remove_identity(call: Call, card_id: UUID, link_id: UUID) -> Json[Card]:
    """Take an address off a card."""
    raise Pending


@route("GET", "/api/cards/{card_id}/timeline", raises=(NotFound,))
async def timeline(call: Call, card_id: UUID, query: Paging) -> Json[Page[Activity]]:
    """List everything that happened with the client, newest first."""
    raise Pending


@route("GET", "/api/cards/{card_id}/conversations", raises=(NotFound,))
async def conversations(call: Call, card_id: UUID, query: Paging) -> Json[Page[ConversationItem]]:
    """List the client's conversations, newest first."""
    raise Pending
