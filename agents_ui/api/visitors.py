"""Visitors of sites: what they claim, looked at and filled in."""

from datetime import datetime
from uuid import UUID

from agents_ui.call import Call
from crm_core.access import card_json
from crm_core.views import Card, View
from inbox.claims import accept_claim, dismiss_claim
from inbox.visits import visitor_json
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


class Claim(View):
    """What a visitor says of themselves, without proof.

    Attributes:
        kind: name, email, phone.
    """

    id: UUID
    kind: str
    value: str
    at: datetime


class PageSeen(View):
    """A page a visitor looked at in the last day."""

    url: str
    title: str
    referrer: str
    at: datetime


class FilledForm(View):
    """A form a visitor filled in."""

    form: str
    values: dict[str, str]
    at: datetime


class Visitor(View):
    """What is known of a conversation's visitor beside messages; newest first."""

    claims: list[Claim]
    pages: list[PageSeen]
    forms: list[FilledForm]


class Believed(Input):
    """Where an address that is believed goes.

    Attributes:
        card_id: None is the card of the conversation.
    """

    card_id: UUID | None = None


@route("GET", "/api/conversations/{conversation_id}/visitor", raises=(NotFound,))
async def show(call: Call, conversation_id: UUID) -> Json[Visitor]:
    """Show what the visitor claims, the last pages and the forms."""
    async with call.read() as raw:
        return Json(await visitor_json(raw, conversation_id, viewer=call.viewer))


@route("POST", "/api/claims/{claim_id}/accept", raises=(NotFound, Forbidden, Conflict, Invalid))
async def accept(call: Call, claim_id: UUID, body: Believed) -> Json[Card]:
    """Believe a claim: its address goes on a card, which is the answer."""
    async with call.transaction() as tx:
        card_id = await accept_claim(tx, claim_id, card_id=body.card_id, viewer=call.viewer)
        return Json(await card_json(tx, card_id, viewer=call.viewer))


@route("DELETE", "/api/claims/{claim_id}", raises=(NotFound, Forbidden, Conflict))
async def dismiss(call: Call, claim_id: UUID) -> None:
    """Do not believe a claim."""
    async with call.transaction() as tx:
        await dismiss_claim(tx, claim_id, viewer=call.viewer)
