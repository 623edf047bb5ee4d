"""Client cards, the identities that lead to them, and what happened on them.

A table that refers to a card has two columns: ``card_id``, where the row is shown now, and
``origin_card_id``, where it belongs. A merge moves the first and keeps the second, so it can be
undone at any later time (``crm_core.merge``).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from infra.clock import new_id, now
from infra.tables import Base, Id, Json, Moment


LIVING = text("deleted_at IS NULL AND merged_into IS NULL")


class CardRow(Base):
    """A client card: one person or company the company talks to.

    Attributes:
        lifecycle: ``stranger`` until a person or a rule confirms the card.
        provenance: Per field who wrote it last: ``{"about": {"by": "agent", "at": "..."}}``.
        search_text: What ``crm_core.search`` folded from names and custom fields.
        search_grams: Trigrams of ``search_text``, for infix search without an extension.
        name_key: Blocking key across scripts (``crm_core.names``).
        sort_key: Folded name for ordering: the database has no linguistic collation.
    """

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'company')", name="kind"),
        CheckConstraint("merged_into <> id", name="merged_into"),
        CheckConstraint("jsonb_typeof(custom) = 'object'", name="custom"),
        Index(
            "card_owner_idx",
            "owner_id",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=LIVING,
        ),
        Index(
            "card_team_idx",
            "team_id",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=LIVING,
        ),
        Index(
            "card_branch_idx",
            "branch_id",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=LIVING,
        ),
        Index("card_sort_idx", "sort_key", "id", postgresql_where=LIVING),
        Index("card_grams_idx", "search_grams", postgresql_using="gin"),
        Index("card_name_key_idx", "name_key"),
        Index("card_merged_idx", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True, init=False)
    kind: Mapped[str] = mapped_column(default="person")
    display_name: Mapped[str] = mapped_column(default="")
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    legal_name: Mapped[str] = mapped_column(default="")
    birthday: Mapped[date | None] = mapped_column(default=None)
    locale: Mapped[str | None] = mapped_column(default=None)
    about: Mapped[str] = mapped_column(default="")
    lifecycle: Mapped[str] = mapped_column(default="stranger")
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), default=None)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("card.id"), default=None)
    custom: Mapped[Json] = mapped_column(default_factory=dict)
    provenance: Mapped[Json] = mapped_column(default_factory=dict)
    search_text: Mapped[str] = mapped_column(default="")
    search_grams: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)
    name_key: Mapped[str] = mapped_column(default="")
    sort_key: Mapped[str] = mapped_column(default="")
    first_contact_at: Mapped[datetime | None] = mapped_column(default=None)
    last_in_at: Mapped[datetime | None] = mapped_column(default=None)
    last_out_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    created_by: Mapped[UUID | None] = mapped_column(default=None)
    updated_at: Mapped[Moment] = mapped_column(default_factory=now)
    rev: Mapped[int] = mapped_column(default=1)


class IdentityRow(Base):
    """A real-world address: one row each, however many cards hold it.

    Attributes:
        scope: Whose name space the value is from, when it is not global: a bot, a PBX.
        value: Canonical: E.164, mail with lower-case domain, decimal id.
        compare: What two spellings of one address share: the case-folded value.
        reversed: The value reversed, for searching by last digits.
        grams: Trigrams of digits or of the mail address, for infix search.
        is_own: One of the company's own addresses: it never leads to a card.
    """

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("kind", "scope", "compare"),
        CheckConstraint(
            "kind IN ('email', 'phone', 'telegram_user', 'telegram_chat', 'web_visitor',"
            " 'sip_uri', 'external_id')",
            name="kind",
        ),
        CheckConstraint(
            r"kind <> 'phone' OR value ~ '^\+[1-9][0-9]{6,14}$' OR status = 'unverified'",
            name="e164",
        ),
        Index(
            "identity_reversed_idx",
            "reversed",
            postgresql_ops={"reversed": "text_pattern_ops"},
            postgresql_where=text("kind = 'phone'"),
        ),
        Index("identity_prefix_idx", "compare", postgresql_ops={"compare": "text_pattern_ops"}),
        Index("identity_grams_idx", "grams", postgresql_using="gin"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    kind: Mapped[str]
    scope: Mapped[str] = mapped_column(default="")
    value: Mapped[str]
    compare: Mapped[str]
    raw: Mapped[str] = mapped_column(default="")
    extension: Mapped[str | None] = mapped_column(default=None)
    reversed: Mapped[str] = mapped_column(Computed("reverse(value)", persisted=True), init=False)
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)
    display: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="ok")
    """ok, unverified, bounced, unreachable, wrong, blocked_us, opted_out, spam."""
    status_reason: Mapped[str | None] = mapped_column(default=None)
    is_own: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    last_seen_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)


class CardIdentityRow(Base):
    """An identity on a card. Only ``shared`` ones may be held by several cards at a time."""

    __tablename__ = "card_identity"
    __table_args__ = (
        UniqueConstraint("origin_card_id", "identity_id"),
        Index(
            "card_identity_one_holder_idx",
            "identity_id",
            unique=True,
            postgresql_where=text("NOT shared AND until IS NULL"),
        ),
        Index("card_identity_identity_idx", "identity_id"),
        Index("card_identity_card_idx", "card_id", postgresql_where=text("until IS NULL")),
        CheckConstraint(
            "linked_by IN ('agent', 'auto', 'import', 'form', 'api', 'demo')", name="linked_by"
        ),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    origin_card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    label: Mapped[str] = mapped_column(default="")
    is_primary: Mapped[bool] = mapped_column(default=False)
    shared: Mapped[bool] = mapped_column(default=False)
    linked_by: Mapped[str] = mapped_column(default="auto")
    since: Mapped[Moment] = mapped_column(default_factory=now)
    until: Mapped[datetime | None] = mapped_column(default=None)


class CardMergeRow(Base):
    """A merge of two cards, with what undoing it needs."""

    __tablename__ = "card_merge"
    __table_args__ = (
        Index(
            "card_merge_loser_idx",
            "loser_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("card_merge_winner_idx", "winner_id"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    winner_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    loser_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    winner_before: Mapped[Json]
    winner_after: Mapped[Json]
    choices: Mapped[Json] = mapped_column(default_factory=dict)
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[UUID | None] = mapped_column(default=None)
    at: Mapped[Moment] = mapped_column(default_factory=now)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[UUID | None] = mapped_column(default=None)
    undo_report: Mapped[Json | None] = mapped_column(default=None)


class ActivityRow(Base):
    """One line of a card's timeline; ``ref`` names what keeps the details.

    Attributes:
        kind: message, note, call, conversation, card, merge.
        direction: in, out, or nothing.
        summary: One line of the client's own words, or nothing.
        data: What the line is rendered from in the reader's language.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("activity_card_idx", "card_id", text("at DESC"), text("id DESC")),
        Index("activity_origin_idx", "origin_card_id"),
        Index("activity_ref_idx", "ref"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    at: Mapped[Moment] = mapped_column(default_factory=now)
    kind: Mapped[str]
    card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    origin_card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    conversation_id: Mapped[UUID | None] = mapped_column(default=None)
    identity_id: Mapped[UUID | None] = mapped_column(default=None)
    agent_id: Mapped[UUID | None] = mapped_column(default=None)
    direction: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="")
    ref: Mapped[UUID | None] = mapped_column(default=None)
    summary: Mapped[str] = mapped_column(default="")
    data: Mapped[Json] = mapped_column(default_factory=dict)


class TagRow(Base):
    """A label for conversations and cards."""

    __tablename__ = "tag"

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    color: Mapped[str] = mapped_column(default="gray")
    archived_at: Mapped[datetime | None] = mapped_column(default=None)
    rev: Mapped[int] = mapped_column(default=1)
