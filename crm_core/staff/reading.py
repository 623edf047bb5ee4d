"""Reading agents, teams, branches and roles in the shapes clients see."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Reads, Viewer
from crm_core.views import Agent, Branch, Colleague, Me, Role, Team
from infra.errors import NotFound


AGENTS = "SELECT agent_json(a)::text FROM agent AS a ORDER BY lower(a.name), a.id"
AGENT = "SELECT agent_json(a)::text FROM agent AS a WHERE a.id = $1"
COLLEAGUES = "SELECT colleague_json(a)::text FROM agent AS a ORDER BY lower(a.name), a.id"
TEAMS = (
    "SELECT team_json(t)::text FROM team AS t WHERE t.archived_at IS NULL"
    " ORDER BY lower(t.name), t.id"
)
TEAM = "SELECT team_json(t)::text FROM team AS t WHERE t.id = $1"
BRANCHES = "SELECT branch_json(b)::text FROM branch AS b ORDER BY lower(b.name), b.id"
BRANCH = "SELECT branch_json(b)::text FROM branch AS b WHERE b.id = $1"
ROLES = "SELECT role_json(r)::text FROM role AS r ORDER BY r.is_builtin DESC, r.name, r.id"
ME = """
SELECT (agent_json(a) || jsonb_build_object(
           'signature', a.signature, 'timezone', a.timezone, 'preferences', a.preferences,
           'permissions', $2::jsonb))::text
  FROM agent AS a WHERE a.id = $1
"""

Shape = TypeVar("Shape")


async def read_me(source: Reads, viewer: Viewer) -> Me:
    """Return the agent who asks."""
    permissions = {".".join(key): scope for key, scope in sorted(viewer.grants.items())}
    encoded = msgspec.json.encode(permissions).decode()
    return _one(await source.fetchval(ME, viewer.agent_id, encoded), Me)


async def read_agent(source: Reads, agent_id: UUID) -> Agent:
    """Return an agent as administrators see them.

    Raises:
        NotFound: There is no such agent.
    """
    return _one(await source.fetchval(AGENT, agent_id), Agent)


async def list_agents(source: Reads) -> Sequence[Agent]:
    """Return every agent, those who left included, by name."""
    return await _list(source, AGENTS, Agent)


async def list_colleagues(source: Reads) -> Sequence[Colleague]:
    """Return every agent as everybody sees them, by name."""
    return await _list(source, COLLEAGUES, Colleague)


async def list_teams(source: Reads) -> Sequence[Team]:
    """Return the teams there are now, by name."""
    return await _list(source, TEAMS, Team)


async def read_team(source: Reads, team_id: UUID) -> Team:
    """Return a team.

    Raises:
        NotFound: There is no such team.
    """
    return _one(await source.fetchval(TEAM, team_id), Team)


async def list_branches(source: Reads) -> Sequence[Branch]:
    """Return the branches, by name."""
    return await _list(source, BRANCHES, Branch)


async def read_branch(source: Reads, branch_id: UUID) -> Branch:
    """Return a branch.

    Raises:
        NotFound: There is no such branch.
    """
    return _one(await source.fetchval(BRANCH, branch_id), Branch)


async def list_roles(source: Reads) -> Sequence[Role]:
    """Return the roles and what each may do, the built-in ones first."""
    return await _list(source, ROLES, Role)


async def _list(source: Reads, sql: str, shape: type[Shape]) -> Sequence[Shape]:
    decoder = msgspec.json.Decoder(shape)
    return [decoder.decode(row[0]) for row in await source.fetch(sql)]


def _one(text: str | None, shape: type[Shape]) -> Shape:
    if text is None:
        raise NotFound
    return msgspec.json.decode(text, type=shape)
