"""Agents, for those who manage them."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Ids, Line, Locale
from agents_ui.call import Call
from crm_core.views import Agent, View
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


RoleKeys = Annotated[tuple[str, ...], Meta(max_length=20)]


class Invitation(Input):
    """Somebody who shall work in the hub."""

    name: Line
    login: Line
    branch_id: UUID | None = None
    manager_id: UUID | None = None
    locale: Locale = "en"
    team_ids: Ids = ()
    role_keys: RoleKeys = ()


class Invited(View):
    """A new agent, and the link to hand over: shown this one time."""

    agent: Agent
    link: str


class AgentLink(View):
    """A link that works once."""

    link: str


class AgentChange(Input):
    """What to change; ``status`` left signs the agent out everywhere at once."""

    name: Line | UnsetType = UNSET
    login: Line | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    manager_id: UUID | UnsetType | None = UNSET
    status: Annotated[str, Meta(pattern="^(active|left)$")] | UnsetType = UNSET
    team_ids: Ids | UnsetType = UNSET
    role_keys: RoleKeys | UnsetType = UNSET


@route("GET", "/api/agents", raises=(Forbidden,))
async def listing(call: Call) -> Json[list[Agent]]:
    """List the agents."""
    raise Pending


@route("POST", "/api/agents", status=201, raises=(Forbidden, Conflict, Invalid))
async def invite(call: Call, body: Invitation) -> Invited:
    """Invite somebody."""
    raise Pending


@route("PATCH", "/api/agents/{agent_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, agent_id: UUID, body: AgentChange) -> Json[Agent]:
    """Change an agent; the last active owner can neither leave nor lose the role."""
    raise Pending


@route("POST", "/api/agents/{agent_id}/link", raises=(NotFound, Forbidden))
async def link(call: Call, agent_id: UUID) -> AgentLink:
    """Make a new invitation, or a link to set a new password; earlier ones stop working."""
    raise Pending
