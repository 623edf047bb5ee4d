"""Over which channels a client can be written to, and what becomes of a message there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from agents_ui.api.shapes import Files, Text, as_
from agents_ui.call import Call
from crm_core.views import View
from inbox.accounts import HOOKS, load_account
from inbox.contract import Button, Pushed, Span
from inbox.deep_links import make_deep_link
from inbox.estimating import Estimate, Said, estimate
from inbox.joining import join, parallel_to, unjoin
from inbox.offers import ChannelOption, offers_in, offers_of
from inbox.views import ConversationItem
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route
from infra.qr import svg_of


class Draught(Input):
    """A message as it stands in a composer.

    Attributes:
        identity_id: Which of the client's addresses it is for; None is nobody yet.
    """

    account_id: UUID
    identity_id: UUID | None = None
    text: Text = ""
    spans: Annotated[Sequence[Span], Meta(max_length=1000)] = ()
    attachments: Files = ()
    buttons: Annotated[Sequence[Sequence[Button]], Meta(max_length=20)] = ()


class Join(Input):
    """The conversation that becomes part of another."""

    from_id: UUID


class Invitation(Input):
    """Which account a link leads to, and what it is for."""

    account_id: UUID
    purpose: Annotated[str, Meta(max_length=40)] = ""


class InvitationLink(View):
    """A link that puts whoever opens it first on a card; it works once.

    Attributes:
        svg: The link as a QR code.
    """

    url: str
    expires_at: datetime
    svg: str


class Hook(View):
    """Where a provider calls: a secret of the account.

    Attributes:
        is_public: Whether the hub was told its public address; without it the shown one is where
            you reach the hub, which a provider may not.
    """

    url: str
    is_public: bool


@route("GET", "/api/conversations/{conversation_id}/channels", raises=(NotFound, Forbidden))
async def channels(call: Call, conversation_id: UUID) -> list[ChannelOption]:
    """List the ways to go on in a conversation, and why some are closed."""
    caps_of = await call.desk.capabilities()
    async with call.read() as raw:
        return await offers_in(raw, conversation_id, viewer=call.viewer, caps_of=caps_of)


@route("GET", "/api/cards/{card_id}/channels", raises=(NotFound, Forbidden))
async def channels_of_card(call: Call, card_id: UUID) -> list[ChannelOption]:
    """List the ways to begin a conversation with a client."""
    caps_of = await call.desk.capabilities()
    async with call.read() as raw:
        return await offers_of(raw, card_id, viewer=call.viewer, caps_of=caps_of)


@route("POST", "/api/estimate", raises=(NotFound, Forbidden, Invalid))
async def estimate_message(call: Call, body: Draught) -> Estimate:
    """Say what a message would become on a channel: parts, losses, price."""
    async with call.read() as raw:
        return await estimate(raw, call.services.adapters, as_(Said, body), viewer=call.viewer)


@route("GET", "/api/conversations/{conversation_id}/parallel", raises=(NotFound,))
async def parallel(call: Call, conversation_id: UUID) -> Json[list[ConversationItem]]:
    """List the client's other open conversations."""
    async with call.read() as raw:
        return Json(await parallel_to(raw, conversation_id, viewer=call.viewer))


@route("POST", "/api/conversations/{conversation_id}/join", raises=(NotFound, Forbidden, Conflict))
async def join_conversation(
    call: Call, conversation_id: UUID, body: Join
) -> Json[ConversationItem]:
    """Make another conversation of the same client part of this one.

    The timeline's entry `joined` carries `move_id`, to take them apart again.
    """
    async with call.transaction() as tx:
        shown, _ = await join(tx, conversation_id, body.from_id, viewer=call.viewer)
        return Json(shown)


@route("POST", "/api/moves/{move_id}/undo", raises=(NotFound, Forbidden, Conflict, Invalid))
async def undo_move(call: Call, move_id: UUID) -> Json[ConversationItem]:
    """Take joined conversations apart; return the one that is on its own again."""
    async with call.transaction() as tx:
        return Json(await unjoin(tx, move_id, viewer=call.viewer))


@route(
    "POST",
    "/api/cards/{card_id}/deep-links",
    status=201,
    raises=(NotFound, Forbidden, Invalid),
)
async def invite(call: Call, card_id: UUID, body: Invitation) -> InvitationLink:
    """Make a link that puts whoever opens it first on this card."""
    async with call.transaction() as tx:
        made = await make_deep_link(
            tx, card_id, body.account_id, purpose=body.purpose, viewer=call.viewer
        )
    return InvitationLink(url=made.url, expires_at=made.expires_at, svg=svg_of(made.url))


@route("GET", "/api/accounts/{account_id}/hook", raises=(NotFound, Forbidden))
async def hook(call: Call, account_id: UUID) -> Hook:
    """Say where the account's provider has to call."""
    call.require("account", "manage")
    async with call.read() as raw:
        account = await load_account(raw, account_id)
    adapter = await call.services.adapters.get(account.provider)
    if not account.hook_key or not isinstance(adapter, Pushed):
        raise NotFound("this account's provider does not call")
    public = call.services.site.public_url
    return Hook(url=call.link(f"{HOOKS}/{account.hook_key}"), is_public=public is not None)
