"""Drafts: what an agent is writing, on every device."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Addressees, Files, Text
from agents_ui.call import Call
from inbox.views import Draft
from infra.errors import Conflict, NotFound
from infra.http.routes import Input, Json, route


Kind = Literal["reply", "note"]


class DraftText(Input):
    """A draft as the composer holds it."""

    text: Text = ""
    recipients: Addressees = ()
    attachments: Files = ()
    subject: Annotated[str, Meta(max_length=998)] | None = None


class DraftChange(Input):
    """The draft from now on.

    Attributes:
        base_seq: The newest entry the agent has seen.
        rev: Refuse when it was changed elsewhere since this revision.
    """

    body: DraftText
    base_seq: Annotated[int, Meta(ge=0)] = 0
    rev: int | None = None


@route("GET", "/api/conversations/{conversation_id}/drafts", raises=(NotFound,))
async def listing(call: Call, conversation_id: UUID) -> Json[list[Draft]]:
    """List the agent's drafts in a conversation."""
    raise Pending


@route("PUT", "/api/conversations/{conversation_id}/drafts/{kind}", raises=(NotFound, Conflict))
async def save(call: Call, conversation_id: UUID, kind: Kind, body: DraftChange) -> Json[Draft]:
    """Save a draft."""
    raise Pending


@route("DELETE", "/api/conversations/{conversation_id}/drafts/{kind}", raises=(NotFound,))
async def discard(call: Call, conversation_id: UUID, kind: Kind) -> None:
    """Throw a draft away."""
    raise Pending
