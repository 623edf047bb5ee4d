"""What chats add to messages and threads: earlier texts, reactions, rate buckets, joins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from infra.clock import new_id, now
from infra.tables import Base, Id, Json, JsonList, Moment


class MessageEditRow(Base):
    """What a message said before an edit."""

    __tablename__ = "message_edit"
    __table_args__ = (CheckConstraint("actor_kind IN ('client', 'agent')", name="actor_kind"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    at: Mapped[Moment] = mapped_column(default_factory=now)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(default=None)
    text: Mapped[str] = mapped_column(default="")
    spans: Mapped[JsonList] = mapped_column(default_factory=list)
    parts: Mapped[JsonList] = mapped_column(default_factory=list)


class ReactionRow(Base):
    """Somebody's reactions to a message: the whole set.

    Attributes:
        who: ``i:<identity id>`` or ``us``: a bot has one set, whichever agent chose it.
    """

    __tablename__ = "reaction"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    who: Mapped[str] = mapped_column(primary_key=True)
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"), default=None)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    emojis: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)
    at: Mapped[Moment] = mapped_column(default_factory=now)


class RateBucketRow(Base):
    """How many calls a provider takes now: every worker on every node draws from it.

    Attributes:
        tokens: What was left at ``at``; negative is owed.
    """

    __tablename__ = "rate_bucket"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    at: Mapped[Moment] = mapped_column(default_factory=now)


class ConversationMoveRow(Base):
    """A conversation that was joined to another, and what an undo needs.

    Attributes:
        moved: ``{"threads": [ids], "messages": [[id, old seq, new seq]], "events": [...],
            "before": {columns of the source}}``.
    """

    __tablename__ = "conversation_move"
    __table_args__ = (
        CheckConstraint("kind IN ('merge', 'split', 'move')", name="kind"),
        Index(None, "from_id"),
        Index(None, "to_id"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    kind: Mapped[str]
    from_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    moved: Mapped[Json] = mapped_column(default_factory=dict)
    by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    at: Mapped[Moment] = mapped_column(default_factory=now)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
