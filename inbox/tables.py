"""Accounts, the journal, threads, conversations, messages and what became of them.

Thread, conversation and card are three things: a thread is a transport line and owns the
address, a conversation is a case, a card is a client. A reply is addressed only through
thread and identity, so merging cards or conversations can never change where it goes.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from infra.clock import new_id, now
from infra.tables import Base, Id, Json, JsonList, Moment


EMPTY_LIST = text("'[]'")
NEWEST = (text("last_activity_at DESC"), text("id DESC"))


class AccountRow(Base):
    """A channel account: a mailbox, a bot, a number, a widget; connected by an administrator.

    Attributes:
        provider: The adapter's ``provider``, such as ``email.imap``.
        address: The account's own address, canonical; unique per kind.
        config: Settings that are not secret, valid against the adapter's ``config_schema``.
        secrets: Sealed JSON object of the secrets (``infra.vault``).
        cursor: The adapter's own mark of how far it received, opaque here.
        health: ``inbox.contract.Health`` as JSON, last reported.
        lease_epoch: Fencing token: it grows with every change of owner.
        hook_key: The secret part of the address its provider calls.
        reopen_days: A reply to a closed conversation within these days reopens it.
    """

    __tablename__ = "channel_account"
    __table_args__ = (
        Index(
            "channel_account_address_idx",
            "kind",
            "address",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    kind: Mapped[str]
    provider: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    config: Mapped[Json] = mapped_column(default_factory=dict)
    secrets: Mapped[str] = mapped_column(default="")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), default=None)
    reopen_days: Mapped[int] = mapped_column(default=14)
    cursor: Mapped[str | None] = mapped_column(default=None)
    health: Mapped[Json] = mapped_column(default_factory=dict)
    health_at: Mapped[datetime | None] = mapped_column(default=None)
    lease_owner: Mapped[str | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    lease_epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    paused_until: Mapped[datetime | None] = mapped_column(default=None)
    hook_key: Mapped[str | None] = mapped_column(unique=True, default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    rev: Mapped[int] = mapped_column(default=1)


class JournalState(StrEnum):
    """What became of something a provider handed over."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


class JournalRow(Base):
    """Something a provider handed over, as it came; see ``inbox.journal``.

    Attributes:
        key: The provider's own name of the delivery; unique per account.
        body: The payload, when it is small; else ``blob`` names it.
        reason: Why it was ignored or quarantined, or what the last attempt failed with.
        message_id: The message it became.
    """

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("journal_due_idx", "next_try_at", "id", postgresql_where=text("state = 'received'")),
        Index(
            "journal_aside_idx",
            "account_id",
            "id",
            postgresql_where=text("state IN ('quarantined', 'ignored')"),
        ),
        Index(
            "journal_message_idx", "message_id", postgresql_where=text("message_id IS NOT NULL")
        ),
        CheckConstraint(
            "state IN ('received', 'processed', 'ignored', 'duplicate', 'quarantined')",
            name="state",
        ),
    )

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, init=False
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"))
    key: Mapped[str]
    kind: Mapped[str] = mapped_column(default="event")
    headers: Mapped[Json] = mapped_column(default_factory=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    blob: Mapped[str | None] = mapped_column(default=None)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    received_at: Mapped[Moment] = mapped_column(default_factory=now)
    state: Mapped[str] = mapped_column(default=JournalState.RECEIVED)
    reason: Mapped[str | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_try_at: Mapped[Moment] = mapped_column(default_factory=now)
    processed_at: Mapped[datetime | None] = mapped_column(default=None)
    message_id: Mapped[UUID | None] = mapped_column(default=None)


class ConversationRow(Base):
    """A case: a unit of work with one client, over any number of threads.

    Attributes:
        last_seq: Number of the newest timeline entry; gapless, allocated with the row lock.
        last_public_seq: The newest entry the client can see: the send guard compares with it.
        inbound_count: Messages from outside; unread is the difference to what an agent read.
        waiting_since: When the client began to wait for an answer; None when we answered.
        failed_count: Deliveries of this conversation that a person must look at.
        account_id: The channel account used last.
        channels: Kinds of channel used, for icons and views.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'waiting', 'snoozed', 'closed')", name="status"),
        CheckConstraint("folder IN ('inbox', 'spam', 'trash')", name="folder"),
        CheckConstraint("(status = 'snoozed') = (snoozed_until IS NOT NULL)", name="snoozed"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
        Index(
            "conversation_status_idx", "status", *NEWEST, postgresql_where=text("folder = 'inbox'")
        ),
        Index(
            "conversation_team_idx",
            "team_id",
            "status",
            *NEWEST,
            postgresql_where=text("folder = 'inbox'"),
        ),
        Index(
            "conversation_assignee_idx",
            "assignee_id",
            "status",
            *NEWEST,
            postgresql_where=text("folder = 'inbox'"),
        ),
        Index(
            "conversation_account_idx",
            "account_id",
            "status",
            *NEWEST,
            postgresql_where=text("folder = 'inbox'"),
        ),
        Index(
            "conversation_unassigned_idx",
            *NEWEST,
            postgresql_where=text(
                "folder = 'inbox' AND status IN ('open', 'waiting') AND assignee_id IS NULL"
            ),
        ),
        Index(
            "conversation_folder_idx",
            "folder",
            *NEWEST,
            postgresql_where=text("folder <> 'inbox'"),
        ),
        Index("conversation_failed_idx", *NEWEST, postgresql_where=text("failed_count > 0")),
        Index("conversation_card_idx", "card_id", *NEWEST),
        Index("conversation_origin_idx", "origin_card_id"),
        Index(
            "conversation_wake_idx", "snoozed_until", postgresql_where=text("status = 'snoozed'")
        ),
        Index("conversation_followers_idx", "follower_ids", postgresql_using="gin"),
        Index("conversation_tags_idx", "tag_ids", postgresql_using="gin"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True, init=False)
    card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    origin_card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    subject: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="open")
    folder: Mapped[str] = mapped_column(default="inbox")
    snoozed_until: Mapped[datetime | None] = mapped_column(default=None)
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), default=None)
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    follower_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), default_factory=list)
    tag_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), default_factory=list)
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("channel_account.id"), default=None)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_public_seq: Mapped[int] = mapped_column(default=0)
    inbound_count: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    first_inbound_at: Mapped[datetime | None] = mapped_column(default=None)
    first_reply_at: Mapped[datetime | None] = mapped_column(default=None)
    waiting_since: Mapped[datetime | None] = mapped_column(default=None)
    last_activity_at: Mapped[Moment] = mapped_column(default_factory=now)
    preview: Mapped[str] = mapped_column(default="")
    preview_kind: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    continues_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), default=None)
    related_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), default=None)
    """A conversation somebody claimed to answer without proof: shown as "looks related"."""
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    rev: Mapped[int] = mapped_column(default=1)


class ThreadRow(Base):
    """A transport line inside an account; it owns the address replies go to."""

    __tablename__ = "thread"
    __table_args__ = (UniqueConstraint("account_id", "key"), Index(None, "conversation_id"))

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"))
    key: Mapped[str]
    """E-mail: the root Message-ID. Telegram: the chat. SMS: the pair of numbers."""
    peer_identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    subject: Mapped[str] = mapped_column(default="")
    window_until: Mapped[datetime | None] = mapped_column(default=None)
    """When the channel stops allowing answers; None is never."""
    is_group: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Moment] = mapped_column(default_factory=now)


class ParticipantRow(Base):
    """An outsider who takes part in a conversation: only they may add to it by guessable marks."""

    __tablename__ = "participant"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(
        ForeignKey("identity.id"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(default="customer")
    """customer, cc, third_party (answered with a proof, not accepted by an agent yet)."""
    since_seq: Mapped[int] = mapped_column(default=0)
    added_by: Mapped[UUID | None] = mapped_column(default=None)


class MessageRow(Base):
    """One entry somebody wrote: inbound, outbound or a note. A note has no destination.

    Attributes:
        n: Grows in the order of storing; the search index works on it.
        seq: Place in the conversation's timeline.
        visibility: ``public``, or ``internal`` for notes and for answers of outsiders who proved
            nothing but a copy ("external, unverified").
        text: The whole text; ``folds`` are the ranges shown folded.
        reply_text: The text without quotes and signature.
        html: Sanitised; None when the text says it all.
        external_id: The provider's name: Message-ID, update's message id.
        spans: Formatted ranges of ``text``, as ``inbox.contract.Span``.
        parts: What a message holds beside text and files, as parts of the contract: places,
            contacts, forwarded messages, buttons. ``text`` says it in words, too.
        reply_to_external: The provider's name of the message it answers.
        album: What messages that arrive in parts have in common; later parts amend the first.
        dedup_key: Unique per account: a delivery that is repeated is stored once.
        client_token: Idempotency key of the request that made it.
        recipients: ``[{"role", "kind", "value", "display"}]`` as the message names them.
        meta: Subject when it differs, warnings, automatic, trust, calendar events, context.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        CheckConstraint("kind IN ('inbound', 'outbound', 'note', 'call')", name="kind"),
        CheckConstraint("visibility IN ('public', 'internal')", name="visibility"),
        CheckConstraint("(kind = 'note') = (thread_id IS NULL)", name="note_has_no_destination"),
        CheckConstraint("kind <> 'note' OR visibility = 'internal'", name="note_is_internal"),
        CheckConstraint("kind <> 'inbound' OR identity_id IS NOT NULL", name="inbound_has_sender"),
        Index(
            "message_external_idx",
            "thread_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index(
            "message_dedup_idx",
            "account_id",
            "dedup_key",
            unique=True,
            postgresql_where=text("dedup_key IS NOT NULL"),
        ),
        Index(
            "message_token_idx",
            "client_token",
            unique=True,
            postgresql_where=text("client_token IS NOT NULL"),
        ),
        Index("message_n_idx", "n", unique=True),
        Index(
            "message_album_idx",
            "thread_id",
            "album",
            unique=True,
            postgresql_where=text("album IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    n: Mapped[int] = mapped_column(BigInteger, Identity(always=True), init=False)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    visibility: Mapped[str] = mapped_column(default="public")
    thread_id: Mapped[UUID | None] = mapped_column(ForeignKey("thread.id"), default=None)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("channel_account.id"), default=None)
    channel: Mapped[str] = mapped_column(default="")
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"), default=None)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    subject: Mapped[str | None] = mapped_column(default=None)
    text: Mapped[str] = mapped_column(default="")
    reply_text: Mapped[str] = mapped_column(default="")
    folds: Mapped[JsonList] = mapped_column(default_factory=list)
    spans: Mapped[JsonList] = mapped_column(default_factory=list, server_default=EMPTY_LIST)
    parts: Mapped[JsonList] = mapped_column(default_factory=list, server_default=EMPTY_LIST)
    html: Mapped[str | None] = mapped_column(default=None)
    recipients: Mapped[JsonList] = mapped_column(default_factory=list)
    mention_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), default_factory=list)
    in_reply_to: Mapped[UUID | None] = mapped_column(default=None)
    external_id: Mapped[str | None] = mapped_column(default=None)
    reply_to_external: Mapped[str | None] = mapped_column(default=None)
    album: Mapped[str | None] = mapped_column(default=None)
    dedup_key: Mapped[str | None] = mapped_column(default=None)
    client_token: Mapped[UUID | None] = mapped_column(default=None)
    journal_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    meta: Mapped[Json] = mapped_column(default_factory=dict)
    at: Mapped[Moment] = mapped_column(default_factory=now)
    """When it was written, as the other side says; ordering goes by ``seq``."""
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    rev: Mapped[int] = mapped_column(default=1)


class ConversationEventRow(Base):
    """Something that happened to a conversation: data, rendered in the reader's language.

    Attributes:
        type: ``status``, ``assigned``, ``team``, ``tags``, ``priority``, ``subject``, ``folder``,
            ``snoozed``, ``woken``, ``continues``, ``participant``, ``delivery_failed``, ``card``.
        actor_kind: agent, system, client, rule.
        data: ``{"from": ..., "to": ...}`` and what else the type needs.
    """

    __tablename__ = "conversation_event"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment] = mapped_column(default_factory=now)
    type: Mapped[str]
    actor_kind: Mapped[str] = mapped_column(default="system")
    actor_id: Mapped[UUID | None] = mapped_column(default=None)
    data: Mapped[Json] = mapped_column(default_factory=dict)


class MessageRefRow(Base):
    """Which thread a provider's message id belongs to: ours, seen, or only referred to.

    Referred-to ids let two answers to a mail we never saw meet in one conversation.
    """

    __tablename__ = "message_ref"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"), primary_key=True)
    ref_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """First 16 bytes of the SHA-256 of the id."""
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"))
    message_id: Mapped[UUID | None] = mapped_column(default=None)
    kind: Mapped[str]
    """own, seen, referenced."""
    at: Mapped[Moment] = mapped_column(default_factory=now)


class AttachmentRow(Base):
    """A file of a message.

    Attributes:
        duration: Seconds it plays.
        handle: What the adapter fetches it by; until then ``blob`` is None.
        handle_until: When the handle stops being good.
        fetch_at: When it is fetched next; None is now.
        fetch_tries: How often that was tried.
        unavailable: Why it cannot be had.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        Index(None, "blob"),
        Index(
            "attachment_remote_idx",
            "message_id",
            postgresql_where=text("handle IS NOT NULL AND blob IS NULL AND unavailable IS NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(default="file")
    filename: Mapped[str] = mapped_column(default="")
    mime: Mapped[str] = mapped_column(default="application/octet-stream")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    blob: Mapped[str | None] = mapped_column(default=None)
    content_id: Mapped[str | None] = mapped_column(default=None)
    is_inline: Mapped[bool] = mapped_column(default=False)
    unavailable: Mapped[str | None] = mapped_column(default=None)
    duration: Mapped[float | None] = mapped_column(default=None)
    handle: Mapped[str | None] = mapped_column(default=None)
    handle_until: Mapped[datetime | None] = mapped_column(default=None)
    fetch_at: Mapped[datetime | None] = mapped_column(default=None)
    fetch_tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class DeliveryState(StrEnum):
    """What became of one recipient's copy; see ``inbox.delivery`` for the moves."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class DeliveryRow(Base):
    """One recipient's copy of one part of a message.

    Attributes:
        part: Long texts are split; each part has its own fate.
        rank: Callbacks only move up in it, so they may come in any order.
        not_before: Undo window, scheduled send, or the next retry.
        op_key: The provider call (``WireOp.key``) that carries this copy.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "identity_id", "part"),
        Index("delivery_due_idx", "not_before", "id", postgresql_where=text("state = 'queued'")),
        Index("delivery_lease_idx", "lease_until", postgresql_where=text("state = 'sending'")),
        Index(
            "delivery_provider_idx",
            "provider_id",
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
        Index("delivery_identity_idx", "identity_id"),
        Index(
            "delivery_lane_idx",
            "identity_id",
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        CheckConstraint(
            "state IN ('queued', 'sending', 'unknown', 'sent', 'delivered', 'read', 'failed',"
            " 'bounced', 'cancelled')",
            name="state",
        ),
        CheckConstraint("role IN ('to', 'cc', 'bcc')", name="role"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    role: Mapped[str] = mapped_column(default="to")
    part: Mapped[int] = mapped_column(SmallInteger, default=0)
    state: Mapped[str] = mapped_column(default=DeliveryState.QUEUED)
    rank: Mapped[int] = mapped_column(
        SmallInteger,
        Computed(
            "CASE state WHEN 'queued' THEN 0 WHEN 'sending' THEN 1 WHEN 'unknown' THEN 2"
            " WHEN 'sent' THEN 3 WHEN 'delivered' THEN 4 WHEN 'read' THEN 5 ELSE 9 END",
            persisted=True,
        ),
        init=False,
    )
    not_before: Mapped[Moment] = mapped_column(default_factory=now)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    lease_owner: Mapped[str | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    op_key: Mapped[str | None] = mapped_column(default=None)
    provider_id: Mapped[str | None] = mapped_column(default=None)
    error_code: Mapped[str | None] = mapped_column(default=None)
    error_text: Mapped[str | None] = mapped_column(default=None)
    first_failed_at: Mapped[datetime | None] = mapped_column(default=None)
    is_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It was due and had to wait: later copies to the same address wait behind it."""
    updated_at: Mapped[Moment] = mapped_column(default_factory=now)


class DeliveryAttemptRow(Base):
    """One provider call and how it ended: the log behind a delivery's state."""

    __tablename__ = "delivery_attempt"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    op_key: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    started_at: Mapped[Moment] = mapped_column(default_factory=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    response: Mapped[str | None] = mapped_column(default=None)
    identity_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID), default_factory=list)


class DraftRow(Base):
    """What an agent is writing; bound to the conversation, never to the screen."""

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("conversation_id", "agent_id", "kind"),
        CheckConstraint("kind IN ('reply', 'note')", name="kind"),
        Index(
            "draft_agent_idx",
            "agent_id",
            text("updated_at DESC"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[str]
    body: Mapped[Json] = mapped_column(default_factory=dict)
    """``{"text", "recipients", "attachments", "subject"}`` as the composer holds it."""
    base_seq: Mapped[int] = mapped_column(default=0)
    rev: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[Moment] = mapped_column(default_factory=now)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)


class ReadStateRow(Base):
    """How far an agent has read a conversation."""

    __tablename__ = "read_state"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    last_seq: Mapped[int] = mapped_column(default=0)
    inbound_count: Mapped[int] = mapped_column(default=0)


class AssignmentRow(Base):
    """Who had a conversation from when to when."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "assignment_current_idx",
            "conversation_id",
            unique=True,
            postgresql_where=text("to_at IS NULL"),
        ),
        Index("assignment_agent_idx", "agent_id", "from_at"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), default=None)
    from_at: Mapped[Moment] = mapped_column(default_factory=now)
    to_at: Mapped[datetime | None] = mapped_column(default=None)
    by: Mapped[UUID | None] = mapped_column(default=None)


class SearchQueueRow(Base):
    """A message whose words are not indexed yet: indexing is kept out of the ingest commit."""

    __tablename__ = "search_queue"

    message_id: Mapped[UUID] = mapped_column(primary_key=True)


class MessageSearchRow(Base):
    """The words of a message, with bucket lexemes; see ``inbox.search``."""

    __tablename__ = "message_search"
    __table_args__ = (Index("message_search_words_idx", "words", postgresql_using="gin"),)

    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    words: Mapped[str] = mapped_column(TSVECTOR)


class LexemeRow(Base):
    """A word of the corpus and in how many messages it is, for prefix search."""

    __tablename__ = "lexeme"
    __table_args__ = (
        Index("lexeme_word_idx", "word", postgresql_ops={"word": "text_pattern_ops"}),
    )

    word: Mapped[str] = mapped_column(primary_key=True)
    ndoc: Mapped[int] = mapped_column(default=0)
