"""What people say of themselves and do on a site before anybody proved who they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from infra.clock import new_id, now
from infra.tables import Base, Id, Json, Moment


class ClaimRow(Base):
    """An address or a name somebody gave without proof: shown, never trusted.

    Attributes:
        kind: ``email``, ``phone``, ``name``.
        settled_how: ``accepted``, ``dismissed``, ``proven``; None while nobody decided.
    """

    __tablename__ = "claim"
    __table_args__ = (Index("claim_once_idx", "identity_id", "kind", "value", unique=True),)

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    conversation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("conversation.id"), index=True, default=None
    )
    kind: Mapped[str]
    value: Mapped[str]
    at: Mapped[Moment] = mapped_column(default_factory=now)
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    settled_how: Mapped[str | None] = mapped_column(default=None)


class FormSubmissionRow(Base):
    """A form of ours somebody filled in: pre-chat, call back, rating, offline contact."""

    __tablename__ = "form_submission"
    __table_args__ = (
        Index(None, "conversation_id"),
        Index("form_submission_once_idx", "journal_id", "form", unique=True),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    form: Mapped[str]
    values: Mapped[Json] = mapped_column(default_factory=dict)
    journal_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    at: Mapped[Moment] = mapped_column(default_factory=now)


class PageViewRow(Base):
    """A page a visitor looked at; the last ones are kept for a day."""

    __tablename__ = "page_view"
    __table_args__ = (Index(None, "identity_id", text("id DESC")),)

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, init=False
    )
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    url: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    referrer: Mapped[str] = mapped_column(default="")
    at: Mapped[Moment] = mapped_column(default_factory=now)


class DeepLinkRow(Base):
    """A link that ties whoever opens it to a card, once.

    Attributes:
        hash: SHA-256 of the secret in the link.
    """

    __tablename__ = "deep_link"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"))
    card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"), index=True)
    purpose: Mapped[str] = mapped_column(default="")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    used_by: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"), default=None)
