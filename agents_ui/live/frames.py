"""The frames of ``/live`` (subprotocol ``hub.v1``): what browsers and the hub say to each other.

Rules for clients, in short (docs/api.md has them in full):
chain: ``ev.p`` must be the cursor of the last frame, else reconnect with the own cursor;
floor: a snapshot covers every event up to its cursor; once: apply an event only if its cursor is
greater than the own; rev: replace a row only by one with a greater ``rev``.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from crm_core.task_views import Task
from crm_core.views import Card, Colleague, Tag, Team, View
from inbox.ephemera import ClientTyping
from inbox.views import (
    Account,
    Conversation,
    ConversationItem,
    Draft,
    Entry,
    Message,
    Timeline,
)


class Hello(View, tag_field="op", tag="hello"):
    """First frame of a client, within 5 s.

    Attributes:
        sid: The tab, as ``ready`` named it; a newer socket of the same tab replaces the older.
        cursor: The newest event the client has; None for a fresh start.
        build: Version of the app the client runs.
    """

    v: Literal[1]
    sid: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    epoch: str | None = None
    cursor: str | None = None
    build: str = ""
    vis: Literal["visible", "hidden"] = "visible"


class SnapRequest(View, tag_field="op", tag="snap"):
    """Ask for topics as they are now: ``state``, ``view:<key>``, ``conv:<id>``, ``card:<id>``."""

    id: int
    topics: list[str]


class Ping(View, tag_field="op", tag="ping"):
    """Ask whether the hub is there."""

    c: int


class Typing(View, tag_field="op", tag="typing"):
    """Say that the agent is writing; repeat every 5 s while it is so."""

    conversation_id: UUID
    kind: Literal["reply", "note"] = "reply"
    on: bool = True


class Viewing(View, tag_field="op", tag="view"):
    """Say which conversation the agent looks at; repeat every 5 s."""

    conversation_id: UUID | None = None


class Visibility(View, tag_field="op", tag="vis"):
    """Say whether anybody looks at the tab."""

    v: Literal["visible", "hidden"]


ClientFrame = Hello | SnapRequest | Ping | Typing | Viewing | Visibility


class Ready(View, tag_field="op", tag="ready"):
    """Answer to ``hello``.

    Attributes:
        mode: ``resumed``: events from the client's cursor on follow. ``reset``: ask for
            snapshots, for ``why``. ``fresh``: the same, for a client without a cursor.
        n: Events that follow at once.
        hb: Seconds between heartbeats: silence longer than this plus 3 is a dead connection.
        now: The hub's clock, Unix seconds.
    """

    sid: str
    epoch: str
    mode: Literal["fresh", "resumed", "reset"]
    cursor: str
    n: int
    hb: float
    now: float
    build: str
    why: Literal["old", "epoch", "many"] | None = None


class ConversationChanged(View, tag="conversation.changed"):
    """A conversation is as it is now."""

    c: str
    conversation: Conversation


class MessageChanged(View, tag="message.changed"):
    """A message is new or changed; ``rev`` tells."""

    c: str
    message: Message


class EntryAdded(View, tag="entry.added"):
    """Something happened to a conversation."""

    c: str
    entry: Entry


class CardChanged(View, tag="card.changed"):
    """A card is as it is now."""

    c: str
    card: Card


class CardsMerged(View, tag="card.merged"):
    """A card disappeared into another."""

    c: str
    winner_id: UUID
    loser_id: UUID


class CardsUnmerged(View, tag="card.unmerged"):
    """A merge was undone."""

    c: str
    winner_id: UUID
    loser_id: UUID


class ReadChanged(View, tag="read.changed"):
    """The agent has read a conversation, perhaps elsewhere."""

    c: str
    conversation_id: UUID
    last_seq: int
    inbound_count: int


class DraftRef(View):
    """A draft that is gone."""

    conversation_id: UUID
    kind: Literal["reply", "note"]


class DraftChanged(View, tag="draft.changed"):
    """The agent's draft is as it is now, or was ``deleted``."""

    c: str
    draft: Draft | None = None
    deleted: DraftRef | None = None


class AccountChanged(View, tag="account.changed"):
    """A channel account is as it is now."""

    c: str
    account: Account


class AgentChanged(View, tag="agent.changed"):
    """An agent is as they are now."""

    c: str
    agent: Colleague


class TeamChanged(View, tag="team.changed"):
    """A team is as it is now."""

    c: str
    team: Team
    archived: bool = False


class TagChanged(View, tag="tag.changed"):
    """A tag is as it is now."""

    c: str
    tag: Tag
    archived: bool = False


class TaskChanged(View, tag="task.changed"):
    """A task is as it is now."""

    c: str
    task: Task


class SessionRevoked(View, tag="session.revoked"):
    """A session ended; None is all of the agent's."""

    c: str
    session_id: UUID | None = None


class Gone(View, tag="gone"):
    """Something is no longer visible to the agent: drop it and what belongs to it."""

    c: str
    kind: Literal["conversation", "card", "task"]
    id: UUID


class Events(View, tag_field="op", tag="ev"):
    """Events, in order. A type the client does not know is ignored.

    Attributes:
        p: Cursor of the frame before this one in this session: the chain.
    """

    p: str
    e: list[
        ConversationChanged
        | MessageChanged
        | EntryAdded
        | CardChanged
        | CardsMerged
        | CardsUnmerged
        | ReadChanged
        | DraftChanged
        | AccountChanged
        | AgentChanged
        | TeamChanged
        | TagChanged
        | TaskChanged
        | SessionRevoked
        | Gone
    ]


class Counts(View, tag_field="op", tag="counts"):
    """Views whose ``[total, unread]`` changed; the last value wins."""

    v: dict[str, tuple[int, int]]


class Snap(View, tag_field="op", tag="snap"):
    """A topic as it was at ``cursor``.

    Attributes:
        data: ``State``, a page of ``ConversationItem``, ``ConversationSnap`` or ``Card``; None
            when it does not exist for the agent.
        more: Further frames of this request follow.
    """

    id: int
    epoch: str
    cursor: str
    topic: str
    data: Any
    more: bool = False


class ConversationSnap(View):
    """Data of the topic ``conv:<id>``: what opening a conversation shows."""

    conversation: ConversationItem
    timeline: Timeline
    drafts: list[Draft]


class TypingNow(View, tag_field="t", tag="typing"):
    """Somebody is writing; forget it after 10 s."""

    agent_id: UUID
    conversation_id: UUID
    kind: Literal["reply", "note"]
    on: bool


class ViewingNow(View, tag_field="t", tag="viewing"):
    """Somebody looks at a conversation; forget it after 10 s."""

    agent_id: UUID
    conversation_id: UUID | None
    on: bool


class PresenceNow(View, tag_field="t", tag="presence"):
    """Whether somebody is there."""

    agent_id: UUID
    status: Literal["online", "away", "offline"]


class Ephemera(View, tag_field="op", tag="eph"):
    """What is true only now: no cursor, the last value wins."""

    e: list[TypingNow | ViewingNow | PresenceNow | ClientTyping]


class Heartbeat(View, tag_field="op", tag="hb"):
    """The hub is there; ``cursor`` is that of the last frame, as the chain has it."""

    cursor: str
    now: float


class Pong(View, tag_field="op", tag="pong"):
    """Answer to a ping."""

    c: int


class Error(View, tag_field="op", tag="err"):
    """A frame of the client's was not understood or not allowed."""

    code: str
    msg: str
    id: int | None = None
    topic: str | None = None


class Bye(View, tag_field="op", tag="bye"):
    """The hub is leaving: reconnect within a random part of ``in_ms``."""

    code: int
    in_ms: int


class Build(View, tag_field="op", tag="build"):
    """The hub serves another version of the app."""

    build: str


HubFrame = Ready | Events | Counts | Snap | Ephemera | Heartbeat | Pong | Error | Bye | Build

SHAPES: list[Any] = [ClientFrame, HubFrame, ConversationSnap]
CLIENT_FRAME: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
