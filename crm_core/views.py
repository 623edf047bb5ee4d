"""What clients of the hub see of cards and agents: the same in HTTP and in live events.

The SQL functions ``card_json``, ``agent_json`` and their like make exactly these shapes; a test
decodes what they return into them.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from typing_extensions import dataclass_transform


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every shape."""


class CardIdentity(View):
    """An identity as a card holds it.

    Attributes:
        link_id: The holding; ``id`` is the identity itself.
    """

    link_id: UUID
    id: UUID
    kind: str
    value: str
    display: str
    label: str
    is_primary: bool
    shared: bool
    status: str
    status_reason: str | None
    verified_at: datetime | None
    extension: str | None


class Card(View):
    """A client card."""

    id: UUID
    number: int
    rev: int
    kind: Literal["person", "company"]
    display_name: str
    given_name: str
    family_name: str
    legal_name: str
    birthday: date | None
    locale: str | None
    about: str
    lifecycle: str
    branch_id: UUID
    team_id: UUID | None
    owner_id: UUID | None
    custom: dict[str, Any]
    provenance: dict[str, Any]
    merged_into: UUID | None
    identities: list[CardIdentity]
    first_contact_at: datetime | None
    last_in_at: datetime | None
    last_out_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CardHit(View):
    """A card that a search found.

    Attributes:
        matched: What matched: the name, or the identity's value.
    """

    id: UUID
    number: int
    display_name: str
    kind: str
    lifecycle: str
    matched: str


class Activity(View):
    """One line of a card's timeline."""

    id: UUID
    at: datetime
    kind: str
    direction: str
    channel: str
    summary: str
    conversation_id: UUID | None
    agent_id: UUID | None
    ref: UUID | None
    data: dict[str, Any]


class Merge(View):
    """A merge of two cards."""

    id: UUID
    winner_id: UUID
    loser_id: UUID
    loser_name: str
    choices: dict[str, Any]
    reason: str
    by: UUID | None
    at: datetime
    undone_at: datetime | None
    undone_by: UUID | None


class Agent(View):
    """Somebody who works in the hub, as administrators see them."""

    id: UUID
    rev: int
    name: str
    login: str
    branch_id: UUID
    manager_id: UUID | None
    status: Literal["active", "invited", "left"]
    locale: str
    team_ids: list[UUID]
    role_keys: list[str]
    has_totp: bool


class Colleague(View):
    """Somebody who works in the hub, as everybody sees them."""

    id: UUID
    name: str
    status: Literal["active", "invited", "left"]
    team_ids: list[UUID]


class Me(Agent):
    """The agent who asks.

    Attributes:
        permissions: Scope of what the agent may do, by ``entity.action``.
    """

    signature: str
    timezone: str | None
    preferences: dict[str, Any]
    permissions: dict[str, str]


class Team(View):
    """Agents who share a queue."""

    id: UUID
    rev: int
    name: str
    branch_id: UUID
    member_ids: list[UUID]


class Branch(View):
    """A place of the company."""

    id: UUID
    name: str
    code: str
    timezone: str
    phone_region: str


class Tag(View):
    """A label for conversations and cards."""

    id: UUID
    rev: int
    name: str
    color: str


class Grant(View):
    """One permission."""

    entity: str
    action: str
    scope: Literal["own", "team", "branch", "all"]


class Role(View):
    """A named set of grants."""

    id: UUID
    key: str
    name: str
    grants: list[Grant]


class Change(View):
    """A change of a row; an update has only the fields that differ.

    Attributes:
        via: ui, api, channel, import, rule, merge, cli, demo or migration.
        before: None when the row was made.
        after: None when it was removed.
    """

    id: int
    at: datetime
    actor_id: UUID | None
    via: str
    batch_id: UUID | None
    table: str
    row: str
    op: Literal["insert", "update", "delete"]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
