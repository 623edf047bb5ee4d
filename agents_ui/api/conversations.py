"""Conversations: lists, changes, reading."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from agents_ui.api.shapes import (
    Addressees,
    AddressGiven,
    Before,
    Files,
    Ids,
    Limit,
    LivePage,
    Text,
    as_,
)
from agents_ui.call import Call
from crm_core.views import View
from inbox.attachments import FileGiven
from inbox.change import ConversationPatch, change_conversation, change_many
from inbox.lists import (
    conversation_by_number,
    conversation_item,
    item_json,
    list_page,
)
from inbox.participants import accept_participant
from inbox.posting import MessageGiven, message_json
from inbox.reading import mark_read, mark_unread
from inbox.recipients import RecipientGiven
from inbox.starting import ConversationGiven, start_conversation
from inbox.views import Conversation, ConversationItem, Message
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


ViewKey = Annotated[str, Meta(pattern=r"^[a-z]+(:[0-9a-f-]{36})?$")]


class ListQuery(Input):
    """Which conversations to list.

    Attributes:
        view: Key of a view, such as ``mine`` or ``team:<id>``; ``GET /api/state`` names them.
    """

    view: ViewKey = "mine"
    before: Before | None = None
    limit: Limit = 50
    order: Literal["newest", "oldest_waiting"] = "newest"


class ConversationChange(Input):
    """What to change; fields left out stay as they are.

    Attributes:
        rev: Refuse when somebody changed the conversation since this revision.
        following: Whether the agent who asks follows the conversation.
    """

    rev: int | UnsetType = UNSET
    status: Literal["open", "waiting", "snoozed", "closed"] | UnsetType = UNSET
    snoozed_until: datetime | UnsetType | None = UNSET
    priority: Annotated[int, Meta(ge=0, le=3)] | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    team_id: UUID | UnsetType | None = UNSET
    subject: Annotated[str, Meta(max_length=998)] | UnsetType = UNSET
    folder: Literal["inbox", "spam", "trash"] | UnsetType = UNSET
    tag_ids: Ids | UnsetType = UNSET
    following: bool | UnsetType = UNSET


class BulkChange(Input):
    """The same change for many conversations."""

    ids: Ids
    patch: ConversationChange


class Failure(View):
    """Why one of many was left as it was."""

    id: UUID
    code: str
    detail: str


class BulkResult(View):
    """What became of a bulk change."""

    done: list[UUID]
    failed: list[Failure]


class NewConversation(Input):
    """A message to somebody that begins a conversation.

    Attributes:
        card_id: The client's card, when it is known; else the address finds or makes it.
        not_before: Send it no earlier.
    """

    account_id: UUID
    to: AddressGiven
    text: Text
    card_id: UUID | None = None
    subject: Annotated[str, Meta(max_length=998)] | None = None
    recipients: Addressees = ()
    attachments: Files = ()
    not_before: datetime | None = None
    team_id: UUID | None = None


class Begun(View):
    """A conversation and its first message."""

    conversation: Conversation
    message: Message


class ReadTo(Input):
    """A place in the timeline."""

    seq: Annotated[int, Meta(ge=0)]


@route("GET", "/api/conversations", raises=(NotFound,))
async def page(call: Call, query: ListQuery) -> Json[LivePage[ConversationItem]]:
    """List the conversations of a view, newest activity or longest waiting first."""
    async with call.read() as raw:
        return Json(
            await list_page(
                raw,
                query.view,
                viewer=call.viewer,
                before=query.before,
                limit=query.limit,
                order=query.order,
            )
        )


@route("POST", "/api/conversations", status=201, raises=(NotFound, Forbidden, Invalid))
async def begin(call: Call, key: UUID, body: NewConversation) -> Json[Begun]:
    """Write to somebody first."""
    said = MessageGiven(
        text=body.text,
        recipients=[as_(RecipientGiven, each) for each in body.recipients],
        attachments=[as_(FileGiven, each) for each in body.attachments],
        not_before=body.not_before,
    )
    first = ConversationGiven(
        account_id=body.account_id,
        to=as_(RecipientGiven, body.to),
        message=said,
        card_id=body.card_id,
        subject=body.subject or "",
        team_id=body.team_id,
    )
    caps_of = await call.desk.capabilities()
    async with call.transaction() as tx:
        posted = await start_conversation(
            tx, given=first, token=key, viewer=call.viewer, caps_of=caps_of
        )
        item = await item_json(tx, posted.conversation_id, agent_id=call.agent_id)
        message = await message_json(tx, posted.message_id)
    return Json(f'{{"conversation":{item},"message":{message}}}')


@route("POST", "/api/conversations/bulk", raises=(Invalid,))
async def bulk(call: Call, body: BulkChange) -> BulkResult:
    """Change many conversations, each for itself: one refusal does not stop the others."""
    result = await change_many(
        call.db,
        body.ids,
        patch=as_(ConversationPatch, body.patch),
        viewer=call.viewer,
        via=call.via,
    )
    failed = [Failure(id=each.id, code=each.code, detail=each.detail) for each in result.failed]
    return BulkResult(done=result.done, failed=failed)


@route("GET", "/api/conversations/by-number/{number}", raises=(NotFound,))
async def by_number(call: Call, number: int) -> Json[ConversationItem]:
    """Show a conversation by the number people say."""
    async with call.read() as raw:
        return Json(await conversation_by_number(raw, number, viewer=call.viewer))


@route("GET", "/api/conversations/{conversation_id}", raises=(NotFound,))
async def show(call: Call, conversation_id: UUID) -> Json[ConversationItem]:
    """Show a conversation."""
    async with call.read() as raw:
        return Json(await conversation_item(raw, conversation_id, viewer=call.viewer))


@route(
    "PATCH",
    "/api/conversations/{conversation_id}",
    raises=(NotFound, Forbidden, Conflict, Invalid),
)
async def change(
    call: Call, conversation_id: UUID, body: ConversationChange
) -> Json[ConversationItem]:
    """Change status, assignee, team, tags and the like."""
    async with call.transaction() as tx:
        changed = await change_conversation(
            tx, conversation_id, patch=as_(ConversationPatch, body), viewer=call.viewer
        )
    return Json(changed)


@route("POST", "/api/conversations/{conversation_id}/read", raises=(NotFound,))
async def read(call: Call, conversation_id: UUID, body: ReadTo) -> None:
    """Mark everything up to an entry as read; never moves back."""
    async with call.transaction() as tx:
        await mark_read(tx, conversation_id, seq=body.seq, viewer=call.viewer)
    if call.viewer.may("conversation", "reply"):  # whoever only looks on leaves no trace
        call.desk.signs.read(conversation_id, body.seq)


@route("POST", "/api/conversations/{conversation_id}/unread", raises=(NotFound,))
async def unread(call: Call, conversation_id: UUID, body: ReadTo) -> None:
    """Mark everything from an entry on as unread."""
    async with call.transaction() as tx:
        await mark_unread(tx, conversation_id, seq=body.seq, viewer=call.viewer)


@route(
    "POST",
    "/api/conversations/{conversation_id}/participants/{identity_id}/accept",
    raises=(NotFound, Forbidden),
)
async def accept(call: Call, conversation_id: UUID, identity_id: UUID) -> Json[ConversationItem]:
    """Let a third party who proved to know the conversation take part in it."""
    async with call.transaction() as tx:
        return Json(await accept_participant(tx, conversation_id, identity_id, viewer=call.viewer))
