"""Drafts: what an agent is writing, on every device."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from agents_ui.api.shapes import Addressees, Files, Text, as_
from agents_ui.call import Call
from inbox.case import require
from inbox.drafts import drafts_json, save_draft, throw_away
from inbox.views import Draft, DraftBody
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
    async with call.read() as raw:
        await require(raw, conversation_id, viewer=call.viewer, action="read")
        return Json(await drafts_json(raw, conversation_id, agent_id=call.agent_id))


@route("PUT", "/api/conversations/{conversation_id}/drafts/{kind}", raises=(NotFound, Conflict))
async def save(call: Call, conversation_id: UUID, kind: Kind, body: DraftChange) -> Draft:
    """Save a draft."""
    async with call.transaction() as tx:
        return await save_draft(
            tx,
            conversation_id,
            kind=kind,
            body=as_(DraftBody, body.body),
            base_seq=body.base_seq,
            rev=body.rev,
            viewer=call.viewer,
        )


@route("DELETE", "/api/conversations/{conversation_id}/drafts/{kind}", raises=(NotFound,))
async def discard(call: Call, conversation_id: UUID, kind: Kind) -> None:
    """Throw a draft away."""
    async with call.transaction() as tx:
        await throw_away(tx, conversation_id, kind=kind, viewer=call.viewer)
