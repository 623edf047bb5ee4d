"""What website chat keeps for itself: visitors, their sessions, their log, files and codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from infra.clock import new_id, now
from infra.tables import Base, Id, Json, Moment


class VisitorRow(Base):
    """Somebody who acted in a widget; its id is the key of their thread in the inbox.

    Attributes:
        seq: Number of the newest entry of the log; gapless, allocated with the row locked.
        external_id: What the site calls them; proven by its signed token.
        email: Claimed, or proven when it is ``proven_email``.
        got: The client has entries up to here; ``seen`` the visitor read them.
        answered: The company has read the visitor's messages up to here.
        mailed: Answers up to here went on by mail.
        merged_into: The same person, known before: their entries are there now.
        live_at: When a connection was last alive.
        asked_for: The closed conversation whose rating was given.
    """

    __tablename__ = "webchat_visitor"
    __table_args__ = (
        CheckConstraint("level IN ('anonymous', 'claimed', 'verified')", name="level"),
        Index(
            "webchat_visitor_external_idx",
            "account_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL AND merged_into IS NULL"),
        ),
        Index(
            "webchat_visitor_email_idx",
            "account_id",
            "proven_email",
            postgresql_where=text("proven_email <> '' AND merged_into IS NULL"),
        ),
        Index(
            "webchat_visitor_phone_idx",
            "account_id",
            "proven_phone",
            postgresql_where=text("proven_phone <> '' AND merged_into IS NULL"),
        ),
        Index(
            "webchat_visitor_away_idx",
            "live_at",
            postgresql_where=text("seq > seen AND email <> '' AND merged_into IS NULL"),
        ),
        Index(
            "webchat_visitor_merged_idx",
            "merged_into",
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"))
    seq: Mapped[int] = mapped_column(default=0)
    level: Mapped[str] = mapped_column(default="anonymous")
    external_id: Mapped[str | None] = mapped_column(default=None)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    proven_email: Mapped[str] = mapped_column(default="")
    proven_phone: Mapped[str] = mapped_column(default="")
    proof: Mapped[Json | None] = mapped_column(default=None)
    """How they proved who they are, told to the inbox with the next message."""
    prechat: Mapped[Json | None] = mapped_column(default=None)
    attributes: Mapped[Json] = mapped_column(default_factory=dict)
    lang: Mapped[str] = mapped_column(default="")
    site: Mapped[str] = mapped_column(default="")
    spoke: Mapped[bool] = mapped_column(default=False)
    got: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    mailed: Mapped[int] = mapped_column(default=0)
    mailed_at: Mapped[datetime | None] = mapped_column(default=None)
    asked_for: Mapped[UUID | None] = mapped_column(default=None)
    merged_into: Mapped[UUID | None] = mapped_column(
        ForeignKey("webchat_visitor.id"), default=None
    )
    blocked_at: Mapped[datetime | None] = mapped_column(default=None)
    live_at: Mapped[Moment] = mapped_column(default_factory=now)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)


class SessionRow(Base):
    """A token of a visitor: one browser.

    Attributes:
        hash: SHA-256 of the token.
        replaces: The token this one was given for; it ends when this one is first used.
    """

    __tablename__ = "webchat_session"
    __table_args__ = (Index(None, "visitor_id"),)

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_account.id"))
    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("webchat_visitor.id"))
    replaces: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class EntryRow(Base):
    """An entry of a visitor's log, as it is sent.

    Attributes:
        id: The inbox's ``ExternalRef.message_id``.
        thread: The visitor it was written to or by: another one after a merge.
        cid: The client's own name of what it sent.
        op_key: ``WireOp.key`` of what the company sent: the same call again adds nothing.
        frame: The frame without its number.
    """

    __tablename__ = "webchat_entry"
    __table_args__ = (
        Index("webchat_entry_id_idx", "visitor_id", "id", unique=True),
        Index(
            "webchat_entry_cid_idx",
            "visitor_id",
            "cid",
            unique=True,
            postgresql_where=text("cid IS NOT NULL"),
        ),
        Index(
            "webchat_entry_op_idx",
            "op_key",
            unique=True,
            postgresql_where=text("op_key IS NOT NULL"),
        ),
    )

    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("webchat_visitor.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str]
    thread: Mapped[UUID]
    kind: Mapped[str]
    """in, out, amend, note."""
    cid: Mapped[str | None] = mapped_column(default=None)
    op_key: Mapped[str | None] = mapped_column(default=None)
    frame: Mapped[Json]
    at: Mapped[Moment] = mapped_column(default_factory=now)


class FileRow(Base):
    """A file of a visitor's conversation, from either side."""

    __tablename__ = "webchat_file"
    __table_args__ = (Index(None, "visitor_id"), Index(None, "blob"))

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("webchat_visitor.id"))
    blob: Mapped[str]
    name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)


class CodeRow(Base):
    """A secret sent to an address: whoever brings it back has the address.

    Attributes:
        hash: Keyed hash of a one-time code with its visitor, or of the secret of a mail's link.
        how: ``otp`` or ``link``.
    """

    __tablename__ = "webchat_code"
    __table_args__ = (Index(None, "visitor_id"), Index(None, "expires_at"))

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("webchat_visitor.id"))
    how: Mapped[str]
    kind: Mapped[str]
    value: Mapped[str]
    left: Mapped[int] = mapped_column(SmallInteger, default=5)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
