"""Clients who opted out, and who was told that they want to be written to again."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from agents_ui.call import Call
from inbox.optout import lift
from infra.errors import Conflict, Forbidden, NotFound
from infra.http.routes import Input, route


class Consent(Input):
    """A client's renewed consent.

    Attributes:
        identity_id: The address that may be written to again.
        reason: How the client said so; kept with the address and in the log of changes.
    """

    identity_id: UUID
    reason: Annotated[str, Meta(min_length=3, max_length=500)]


@route(
    "POST",
    "/api/conversations/{conversation_id}/consent",
    raises=(NotFound, Forbidden, Conflict),
)
async def renew(call: Call, conversation_id: UUID, body: Consent) -> None:
    """Note that a client who opted out wants to be written to again."""
    async with call.transaction() as tx:
        await lift(tx, conversation_id, body.identity_id, reason=body.reason, viewer=call.viewer)
