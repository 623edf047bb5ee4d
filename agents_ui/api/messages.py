"""Messages: the timeline, answers and notes, taking back, trying again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from agents_ui.api.shapes import Addressees, Files, Ids, Limit, Text, as_
from agents_ui.call import Call
from crm_core.views import View
from inbox.acting import (
    ProviderRefused,
    edit_message,
    edits_json,
    react_to,
    take_message_back,
)
from inbox.content_views import FormattedRange
from inbox.contract import Button, Span
from inbox.notes import add_note
from inbox.posting import MessageGiven, Via, message_json
from inbox.recall import cancel_message, retry_message
from inbox.reply import reply
from inbox.thread_page import timeline_page
from inbox.views import Message, Timeline
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


Seq = Annotated[int, Meta(ge=0)]
Emoji = Annotated[str, Meta(min_length=1, max_length=64)]


class TimelineQuery(Input):
    """Which part of the timeline: the newest without either, else before or after an entry."""

    before_seq: Seq | None = None
    after_seq: Seq | None = None
    limit: Limit = 50


class NewMessage(Input):
    """An answer or a note.

    Attributes:
        base_seq: The newest public entry the agent has seen: when there is a newer one, the
            answer is refused with it, unless ``force``.
        spans: Formatted ranges of the text, where the channel carries them.
        thread_id: Where to answer; None is the thread used last.
        via: Answer over another channel; the conversation stays one.
        reply_to: The message to quote.
        buttons: Rows of buttons, where the channel carries them.
        recipients: Who gets it; empty is who the thread says.
        not_before: Send it no earlier.
        status_after: What becomes of the conversation.
        mention_ids: Agents whose attention a note asks for.
    """

    kind: Literal["reply", "note"]
    text: Text
    base_seq: Seq = 0
    force: bool = False
    spans: Annotated[Sequence[Span], Meta(max_length=1000)] = ()
    thread_id: UUID | None = None
    via: Via | None = None
    reply_to: UUID | None = None
    buttons: Annotated[Sequence[Sequence[Button]], Meta(max_length=20)] = ()
    recipients: Addressees = ()
    attachments: Files = ()
    subject: Annotated[str, Meta(max_length=998)] | None = None
    not_before: datetime | None = None
    status_after: Literal["open", "waiting", "closed"] | None = None
    mention_ids: Ids = ()


class Retry(Input):
    """Which deliveries to try again; empty is every one that failed."""

    delivery_ids: Ids = ()


@route("GET", "/api/conversations/{conversation_id}/messages", raises=(NotFound,))
async def timeline(call: Call, conversation_id: UUID, query: TimelineQuery) -> Json[Timeline]:
    """Show a part of the timeline, oldest first."""
    async with call.read() as raw:
        return Json(
            await timeline_page(
                raw,
                conversation_id,
                viewer=call.viewer,
                before_seq=query.before_seq,
                after_seq=query.after_seq,
                limit=query.limit,
            )
        )


@route(
    "POST",
    "/api/conversations/{conversation_id}/messages",
    status=201,
    raises=(NotFound, Forbidden, Conflict, Invalid),
)
async def write(call: Call, conversation_id: UUID, key: UUID, body: NewMessage) -> Json[Message]:
    """Answer, or leave a note.

    An answer leaves after the channel's undo window. The problem `conversation.changed` carries
    `entries`, the messages the agent has not seen, and `conversation`: show them and ask again,
    with a new `base_seq` or with `force`.
    """
    said = as_(MessageGiven, body)
    caps_of = await call.desk.capabilities()
    async with call.transaction() as tx:
        if body.kind == "note":
            posted = await add_note(tx, conversation_id, given=said, token=key, viewer=call.viewer)
        else:
            posted = await reply(
                tx, conversation_id, given=said, token=key, viewer=call.viewer, caps_of=caps_of
            )
        return Json(await message_json(tx, posted.message_id))


@route("POST", "/api/messages/{message_id}/cancel", raises=(NotFound, Forbidden, Conflict))
async def cancel(call: Call, message_id: UUID) -> Json[Message]:
    """Take an answer back before it left; 409 when it is too late."""
    async with call.transaction() as tx:
        return Json(await cancel_message(tx, message_id, viewer=call.viewer))


@route("POST", "/api/messages/{message_id}/retry", raises=(NotFound, Forbidden, Conflict))
async def retry(call: Call, message_id: UUID, body: Retry) -> Json[Message]:
    """Try failed deliveries again."""
    async with call.transaction() as tx:
        return Json(
            await retry_message(tx, message_id, viewer=call.viewer, delivery_ids=body.delivery_ids)
        )


class MessageChange(Input):
    """What an answer says from now on.

    Attributes:
        spans: Formatted ranges of the text.
        rev: Refuse when the message changed since this revision.
    """

    text: Text
    rev: int
    spans: Annotated[Sequence[Span], Meta(max_length=1000)] = ()


class OurReactions(Input):
    """Our whole set of reactions to a message; empty takes them back."""

    emojis: Annotated[
        Sequence[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=20)
    ]


class Edit(View):
    """What a message said before its ``n``-th edit, made ``at``.

    Attributes:
        parts: What was more than words; files that were replaced are of type ``file``.
    """

    n: int
    at: datetime
    actor_kind: Literal["client", "agent"]
    text: str
    spans: list[FormattedRange]
    parts: list[dict[str, Any]]


@route(
    "PATCH",
    "/api/messages/{message_id}",
    raises=(NotFound, Forbidden, Conflict, Invalid, ProviderRefused),
)
async def edit(call: Call, message_id: UUID, body: MessageChange) -> Json[Message]:
    """Change the text of an answer that was sent, where the channel can.

    The provider changes it first: the problem `provider.refused` says that it did not, and
    `provider.unknown` that nobody knows.
    """
    changed = await edit_message(
        call.db,
        call.services.open_line,
        message_id,
        text=body.text,
        spans=body.spans,
        rev=body.rev,
        viewer=call.viewer,
        via=call.via,
    )
    return Json(changed)


@route(
    "DELETE", "/api/messages/{message_id}", raises=(NotFound, Forbidden, Conflict, ProviderRefused)
)
async def take_back(call: Call, message_id: UUID) -> Json[Message]:
    """Take back an answer that was sent, where the channel can."""
    gone = await take_message_back(
        call.db, call.services.open_line, message_id, viewer=call.viewer, via=call.via
    )
    return Json(gone)


@route(
    "PUT",
    "/api/messages/{message_id}/reactions",
    raises=(NotFound, Forbidden, Conflict, Invalid, ProviderRefused),
)
async def react(call: Call, message_id: UUID, body: OurReactions) -> Json[Message]:
    """Set our reactions to a message, where the channel can."""
    shown = await react_to(
        call.db,
        call.services.open_line,
        message_id,
        emojis=body.emojis,
        viewer=call.viewer,
        via=call.via,
    )
    return Json(shown)


@route("GET", "/api/messages/{message_id}/edits", raises=(NotFound, Forbidden))
async def edits(call: Call, message_id: UUID) -> Json[list[Edit]]:
    """Show what a message said before; of what was taken back, to those who read the audit."""
    async with call.read() as raw:
        return Json(await edits_json(raw, message_id, viewer=call.viewer))
