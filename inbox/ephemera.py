"""What is true of a conversation only now: the client is writing. Nothing of it is stored.

It goes over the bus to every node, which tells the agents who see the conversation; what gets lost
is said again within seconds.
"""

from typing import Any, Literal
from uuid import UUID

import msgspec

from crm_core.views import View
from inbox.content import clean
from inbox.contract import TypingIn
from infra.bus import Bus
from infra.db import Database


WRITING = """
SELECT c.id, conversation_audience(c)::text AS audience, coalesce(nullif(i.display, ''), i.value)
  FROM thread AS t
  JOIN conversation AS c ON c.id = conversation_root(t.conversation_id)
  JOIN identity AS i ON i.id = t.peer_identity_id
 WHERE t.account_id = $1 AND t.key = $2
"""


class ClientTyping(View, tag_field="t", tag="client_typing"):
    """The client is writing; forget it after 6 s."""

    conversation_id: UUID
    name: str
    activity: Literal["text", "voice", "file"]


class Whisper(msgspec.Struct, frozen=True):
    """An ephemeral fact on the bus, and who may hear it; it comes from no agents' node."""

    audience: dict[str, Any]
    now: ClientTyping
    node: str = ""


async def tell_typing(db: Database, bus: Bus, event: TypingIn) -> bool:
    """Tell the agents who see the conversation that the client is writing.

    Returns:
        False when the thread is not here: before the first message nobody can be told.
    """
    async with db.look() as raw:
        row = await raw.fetchrow(WRITING, event.thread.account, clean(event.thread.key))
    if row is None:
        return False
    conversation_id, audience, name = row
    said = ClientTyping(
        conversation_id=conversation_id,
        name=clean(event.sender.display or "") or name,
        activity=event.activity,
    )
    whisper = Whisper(msgspec.json.decode(audience), said)
    await bus.publish_ephemeral(msgspec.json.encode(whisper))
    return True
