"""Agents, for those who manage them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from agents_ui.api.shapes import Ids, Line, Locale, given
from agents_ui.call import Call
from crm_core.staff import agents
from crm_core.staff.reading import list_agents, read_agent
from crm_core.views import Agent, View
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, route


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
    """What to change; ``status`` left signs the agent out everywhere at once.

    Attributes:
        rev: Refuse when somebody changed the agent since this revision.
    """

    rev: int | UnsetType = UNSET
    name: Line | UnsetType = UNSET
    login: Line | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    manager_id: UUID | UnsetType | None = UNSET
    status: Annotated[str, Meta(pattern="^(active|left)$")] | UnsetType = UNSET
    team_ids: Ids | UnsetType = UNSET
    role_keys: RoleKeys | UnsetType = UNSET


@route("GET", "/api/agents", raises=(Forbidden,))
async def listing(call: Call) -> Sequence[Agent]:
    """List the agents."""
    call.require("agent", "read")
    async with call.read() as raw:
        return await list_agents(raw)


@route("POST", "/api/agents", status=201, raises=(Forbidden, Conflict, Invalid))
async def invite(call: Call, body: Invitation) -> Invited:
    """Invite somebody."""
    async with call.transaction() as tx:
        agent_id, token = await agents.invite(
            tx,
            name=body.name,
            login=body.login,
            branch_id=body.branch_id or call.viewer.branch_ids[0],
            team_ids=body.team_ids,
            role_keys=body.role_keys,
            locale=body.locale,
            manager_id=body.manager_id,
            viewer=call.viewer,
        )
        agent = await read_agent(tx, agent_id)
    return Invited(agent=agent, link=call.link(f"/link#token={token}"))


@route("PATCH", "/api/agents/{agent_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, agent_id: UUID, body: AgentChange) -> Agent:
    """Change an agent; the last active owner can neither leave nor lose the role."""
    async with call.transaction() as tx:
        await agents.change_agent(
            tx,
            agent_id,
            rev=body.rev if body.rev is not UNSET else (await read_agent(tx, agent_id)).rev,
            patch=msgspec.convert(given(body, but=frozenset({"rev"})), agents.AgentPatch),
            viewer=call.viewer,
        )
        return await read_agent(tx, agent_id)


@route("POST", "/api/agents/{agent_id}/link", raises=(NotFound, Forbidden))
async def link(call: Call, agent_id: UUID) -> AgentLink:
    """Make a new invitation, or a link to set a new password; earlier ones stop working."""
    async with call.transaction() as tx:
        token = await agents.new_link(tx, agent_id, viewer=call.viewer)
    return AgentLink(link=call.link(f"/link#token={token}"))
