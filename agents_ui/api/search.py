"""One box that finds clients, conversations and messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from agents_ui.call import Call
from crm_core.questions import Question
from crm_core.search import search_cards
from crm_core.views import CardHit, View
from inbox.search import search_conversations, search_messages
from inbox.views import ConversationItem
from infra.http.routes import Input, Json, route


class SearchQuery(Input):
    """What to look for."""

    q: Annotated[str, Meta(min_length=1, max_length=200)]
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class MessageHit(View):
    """A message that was found.

    Attributes:
        snippet: The place, with U+0002 and U+0003 around what matched.
    """

    message_id: UUID
    conversation_id: UUID
    seq: int
    number: int
    subject: str
    card_name: str
    at: datetime
    kind: str
    snippet: str


class Found(View):
    """What was found, best first."""

    cards: list[CardHit]
    conversations: list[ConversationItem]
    messages: list[MessageHit]


@route("GET", "/api/search")
async def search(call: Call, query: SearchQuery) -> Json[Found]:
    """Find clients, conversations and messages the agent may see."""
    async with call.read() as raw:
        cards = (
            await search_cards(raw, Question.of(query.q), viewer=call.viewer, limit=query.limit)
            if call.viewer.may("card", "read")
            else ()
        )
        messages = await search_messages(raw, query.q, viewer=call.viewer, limit=query.limit)
        conversations = await search_conversations(raw, query.q, viewer=call.viewer)
    found = {"cards": cards, "conversations": conversations, "messages": messages}
    return Json(msgspec.json.encode(found).decode())
