"""What clients of the hub see of conversations: the same in HTTP and in live events.

The SQL functions ``conversation_json``, ``message_json``, ``event_json`` and ``account_json``
make exactly these shapes; a test decodes what they return into them.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from crm_core.views import View
from inbox.content_views import FormattedRange, MessagePart, Pieces, Reaction


class CardRef(View):
    """A card as a conversation names it."""

    id: UUID
    name: str
    number: int
    lifecycle: str


class Conversation(View):
    """A case: a unit of work with one client.

    Attributes:
        priority: 0 low, 1 normal, 2 high, 3 urgent.
        last_public_seq: The newest entry the client can see; the send guard compares with it.
        inbound_count: Messages from outside; unread is the difference to what an agent read.
        failed_count: Deliveries that a person must look at.
        waiting_since: When the client began to wait for an answer; None when we answered.
        related_id: A conversation somebody claimed to answer without proof.
        is_group: Several people write here; answers go to all of them.
    """

    id: UUID
    number: int
    rev: int
    subject: str
    status: Literal["open", "waiting", "snoozed", "closed"]
    folder: Literal["inbox", "spam", "trash"]
    priority: int
    snoozed_until: datetime | None
    closed_at: datetime | None
    created_at: datetime
    card: CardRef
    branch_id: UUID
    team_id: UUID | None
    assignee_id: UUID | None
    follower_ids: list[UUID]
    tag_ids: list[UUID]
    channels: list[str]
    account_id: UUID | None
    is_group: bool
    last_seq: int
    last_public_seq: int
    inbound_count: int
    failed_count: int
    waiting_since: datetime | None
    last_activity_at: datetime
    preview: str
    preview_kind: str
    continues_id: UUID | None
    related_id: UUID | None
    merged_into: UUID | None


class ConversationItem(Conversation):
    """A conversation as a list shows it to one agent.

    Attributes:
        read_count: How much of ``inbound_count`` the agent has read.
    """

    read_count: int
    has_draft: bool


class Author(View):
    """Who wrote a message."""

    kind: Literal["client", "agent", "system"]
    id: UUID | None
    name: str
    address: str | None


class FoldedRange(View):
    """A range of the text shown folded; code points."""

    start: int
    end: int
    kind: Literal["quote", "signature"]


class Addressee(View):
    """Somebody a message is addressed to, as it says itself."""

    role: Literal["to", "cc", "bcc", "reply_to"]
    kind: str
    value: str
    display: str | None = None


class Attachment(View):
    """A file of a message.

    Attributes:
        kind: image, video, audio, voice, video_note, animation, sticker, file.
        duration: Seconds it plays; None when it does not, or nobody said.
        unavailable: Why its content cannot be had; None when it can.
    """

    id: UUID
    kind: str
    filename: str
    mime: str
    size: int
    duration: float | None
    inline: bool
    content_id: str | None
    unavailable: str | None


class Delivery(View):
    """One recipient's copy of one part of a message."""

    id: UUID
    identity_id: UUID
    address: str
    display: str
    role: Literal["to", "cc", "bcc"]
    part: int
    state: Literal[
        "queued",
        "sending",
        "unknown",
        "sent",
        "delivered",
        "read",
        "failed",
        "bounced",
        "cancelled",
    ]
    not_before: datetime
    attempts: int
    error_code: str | None
    error_text: str | None
    updated_at: datetime


class Message(View):
    """One entry somebody wrote.

    Attributes:
        folds: Ranges of ``text`` shown folded: quotes and signatures.
        has_html: ``/m/{id}/body`` shows more than ``text`` says.
        remote_images: Images that are not loaded until asked for.
        automatic: No person wrote it.
        trust: ``passed`` or ``failed`` says whether the sender's address is authentic.
        client_token: The ``Idempotency-Key`` it was sent with.
        quoted: The message it answers, in short.
        in_reply_to: The message it answers, when that is here.
        spans: Formatted ranges of ``text``.
        parts: What is more than words.
        album: The files came as one album.
        edits: How often its content was changed; ``GET /api/messages/{id}/edits`` tells.
        deleted_at: When it was taken back; its content is not shown any more.
    """

    id: UUID
    conversation_id: UUID
    seq: int
    rev: int
    kind: Literal["inbound", "outbound", "note", "call"]
    visibility: Literal["public", "internal"]
    channel: str
    thread_id: UUID | None
    account_id: UUID | None
    author: Author
    at: datetime
    created_at: datetime
    subject: str | None
    text: str
    folds: list[FoldedRange]
    has_html: bool
    remote_images: int
    recipients: list[Addressee]
    mention_ids: list[UUID]
    in_reply_to: UUID | None
    spans: list[FormattedRange]
    parts: list[MessagePart]
    album: str | None
    pieces: Pieces | None
    reactions: list[Reaction]
    edits: int
    attachments: list[Attachment]
    deliveries: list[Delivery]
    automatic: Literal["", "auto_reply", "bulk", "receipt"]
    trust: str
    warnings: list[str]
    calendar: list[dict[str, Any]]
    client_token: UUID | None
    edited_at: datetime | None
    deleted_at: datetime | None
    quoted: str | None


class Actor(View):
    """Who did something to a conversation."""

    kind: Literal["agent", "system", "client", "rule"]
    id: UUID | None


class Entry(View):
    """Something that happened to a conversation, between its messages."""

    conversation_id: UUID
    seq: int
    at: datetime
    kind: Literal["event"]
    type: str
    actor: Actor
    data: dict[str, Any]


class Timeline(View):
    """A part of a conversation's timeline; ``messages`` and ``entries`` interleave by ``seq``."""

    messages: list[Message]
    entries: list[Entry]
    first_seq: int
    last_seq: int
    has_more_before: bool


class DraftFile(View):
    """A file waiting to be sent."""

    blob: str
    filename: str
    mime: str
    size: int


class DraftBody(View):
    """A draft as the composer holds it."""

    text: str
    recipients: list[Addressee] = msgspec.field(default_factory=list)
    attachments: list[DraftFile] = msgspec.field(default_factory=list)
    subject: str | None = None


class Draft(View):
    """What an agent is writing.

    Attributes:
        base_seq: The newest entry the agent had seen.
    """

    conversation_id: UUID
    kind: Literal["reply", "note"]
    body: DraftBody
    base_seq: int
    rev: int
    updated_at: datetime


class AccountHealth(View):
    """How a channel account is doing.

    Attributes:
        remedy: What a person can do about it, as a stable code.
        backlog: Messages known to wait at the provider.
    """

    state: str = ""
    code: str = ""
    remedy: str = ""
    text: str = ""
    backlog: int | None = None
    last_received_at: datetime | None = None
    lag_seconds: float | None = None
    details: dict[str, Any] = msgspec.field(default_factory=dict)


class Account(View):
    """A channel account, without its secrets.

    Attributes:
        capabilities: What the channel carries (``inbox.contract.Capabilities``); events leave it
            out, for it depends on the adapter and not on the account.
    """

    id: UUID
    rev: int
    kind: str
    provider: str
    name: str
    address: str
    config: dict[str, Any]
    is_enabled: bool
    branch_id: UUID
    team_id: UUID | None
    reopen_days: int
    health: AccountHealth
    health_at: datetime | None
    paused_until: datetime | None
    capabilities: dict[str, Any] = msgspec.field(default_factory=dict)
