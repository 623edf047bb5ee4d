"""Agents, what they may do, and how they prove who they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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


class BranchRow(Base):
    """A place of the company: it gives time zone, default phone region and currency."""

    __tablename__ = "branch"

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"), default=None)
    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    timezone: Mapped[str] = mapped_column(default="Europe/Chisinau")
    phone_region: Mapped[str] = mapped_column(default="MD")
    currency: Mapped[str] = mapped_column(default="MDL")


class TeamRow(Base):
    """Agents who share a queue."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("branch_id", "name"),)

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    name: Mapped[str]
    rev: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = mapped_column(default=None)


class AgentRow(Base):
    """Somebody who works in the hub.

    Attributes:
        login_key: The login as it is compared: NFKC, case-folded.
        password: Argon2id in PHC format; None until the invitation is taken up.
        totp: Sealed TOTP secret (RFC 6238); None without a second factor.
        totp_pending: A sealed secret that waits for its first code.
        preferences: What the browser app remembers for the agent: theme, widths, keys.
    """

    __tablename__ = "agent"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'invited', 'left')", name="status"),
        CheckConstraint("locale IN ('en', 'ro', 'ru')", name="locale"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    login: Mapped[str]
    login_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    status: Mapped[str] = mapped_column(default="invited")
    locale: Mapped[str] = mapped_column(default="en")
    timezone: Mapped[str | None] = mapped_column(default=None)
    signature: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None] = mapped_column(default=None)
    totp: Mapped[str | None] = mapped_column(default=None)
    totp_pending: Mapped[str | None] = mapped_column(default=None)
    totp_used_step: Mapped[int | None] = mapped_column(default=None)
    """The last time step a code was taken for: each code works once (RFC 6238 section 5.2)."""
    recovery_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)
    """SHA-256 of the recovery codes not used yet."""
    preferences: Mapped[Json] = mapped_column(default_factory=dict)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    rev: Mapped[int] = mapped_column(default=1)


class TeamMemberRow(Base):
    """An agent in a team."""

    __tablename__ = "team_member"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True, index=True)
    is_lead: Mapped[bool] = mapped_column(default=False)


class RoleRow(Base):
    """A named set of grants; the built-in ones have a ``key`` and cannot be removed."""

    __tablename__ = "role"

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_builtin: Mapped[bool] = mapped_column(default=False)


class AgentRoleRow(Base):
    """A role an agent has; several add up, the widest scope wins."""

    __tablename__ = "agent_role"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"), primary_key=True)


class GrantRow(Base):
    """One permission of a role: an action on an entity, within a scope."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "scope IN ('own', 'team', 'branch', 'all')",
            name="scope",
        ),
    )

    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"), primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]


class SessionRow(Base):
    """A signed-in browser. The token itself is only in its cookie."""

    __tablename__ = "session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the token."""
    id: Mapped[UUID] = mapped_column(unique=True, default_factory=new_id)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    seen_at: Mapped[Moment] = mapped_column(default_factory=now)
    expires_at: Mapped[Moment]
    ip: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")


class OneTimeLinkRow(Base):
    """A link that works once: first owner, invitation, password reset."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)


class SignInAttemptRow(Base):
    """Failed sign-ins, counted per login and per address block to slow guessing down."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(default=None)
    last_at: Mapped[Moment] = mapped_column(default_factory=now)


class ApiKeyRow(Base):
    """A key for programs; acts as its agent within its scopes."""

    __tablename__ = "api_key"

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    hint: Mapped[str]
    """The first characters of the key, to tell keys apart."""
    name: Mapped[str]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class ChangeRow(Base):
    """One change of a row people answer for; written by triggers, never updated.

    Attributes:
        via: ui, api, channel, import, rule, merge, cli, migration.
        before: The row as it was; None when it was made.
        after: The row as it is; None when it was removed.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index(None, "table_name", "row_id", "id"),
        Index(None, "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, init=False
    )
    at: Mapped[Moment] = mapped_column(server_default=text("now()"), init=False)
    actor_id: Mapped[UUID | None] = mapped_column(default=None)
    via: Mapped[str] = mapped_column(default="")
    batch_id: Mapped[UUID | None] = mapped_column(default=None)
    table_name: Mapped[str]
    row_id: Mapped[str]
    op: Mapped[str]
    before: Mapped[Json | None] = mapped_column(default=None)
    after: Mapped[Json | None] = mapped_column(default=None)
