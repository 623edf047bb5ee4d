"""Agents: inviting them, changing what they are and may do, and letting them go."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from crm_core.staff.changes import agent_changed, team_changed
from crm_core.staff.links import make_link, withdraw_links
from crm_core.staff.sessions import end_sessions
from crm_core.staff.sign_in import login_form
from crm_core.staff.tables import AgentRow
from crm_core.staff.visibility import SCOPES, Viewer
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Forbidden, Invalid, NotFound


Locale = Literal["en", "ro", "ru"]

SET_TEAMS = """
WITH gone AS (
    DELETE FROM team_member WHERE agent_id = $1 AND team_id <> ALL($2::uuid[]) RETURNING team_id
), come AS (
    INSERT INTO team_member (agent_id, team_id, is_lead)
    SELECT $1, id, false FROM team WHERE id = ANY($2::uuid[])
    ON CONFLICT DO NOTHING RETURNING team_id
)
SELECT team_id FROM gone UNION SELECT team_id FROM come
"""
SET_ROLES = """
WITH gone AS (
    DELETE FROM agent_role WHERE agent_id = $1 AND role_id <> ALL($2::uuid[])
)
INSERT INTO agent_role (agent_id, role_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING
"""
ROLES = """
SELECT r.id, r.key, coalesce(array_agg(g.entity || '.' || g.action || '.' || g.scope)
                             FILTER (WHERE g.entity IS NOT NULL), '{}') AS grants
  FROM role AS r LEFT JOIN role_grant AS g ON g.role_id = r.id
 WHERE r.key = ANY($1::text[]) GROUP BY r.id
"""
OWNERS = """
SELECT count(*) FROM agent AS a JOIN agent_role AS ar ON ar.agent_id = a.id
  JOIN role AS r ON r.id = ar.role_id AND r.key = 'owner'
 WHERE a.status = 'active'
"""
ROLE_KEYS = """
SELECT r.key FROM agent_role AS ar JOIN role AS r ON r.id = ar.role_id WHERE ar.agent_id = $1
"""
REVOKE_KEYS = "UPDATE api_key SET revoked_at = $2 WHERE agent_id = $1 AND revoked_at IS NULL"
PLACE = """
SELECT ($1::uuid IS NULL OR EXISTS (SELECT FROM branch WHERE id = $1))
   AND ($2::uuid IS NULL OR EXISTS (SELECT FROM agent WHERE id = $2 AND id IS DISTINCT FROM $3))
"""
TAKEN = "SELECT EXISTS (SELECT FROM agent WHERE login_key = $1 AND id IS DISTINCT FROM $2)"
FORGET_PASSWORD = "UPDATE agent SET password = NULL, totp = NULL WHERE id = $1"  # noqa: S105


class LoginTaken(Conflict):
    """Another agent signs in with this login."""

    code = "agent.login_taken"
    title = "This login is taken"


class LastOwner(Conflict):
    """Without this agent nobody could administer the hub."""

    code = "agent.last_owner"
    title = "The hub needs one active owner"


class AgentPatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of an agent changes; what is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    login: str | msgspec.UnsetType = msgspec.UNSET
    branch_id: UUID | msgspec.UnsetType = msgspec.UNSET
    manager_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    status: Literal["active", "left"] | msgspec.UnsetType = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET
    team_ids: list[UUID] | msgspec.UnsetType = msgspec.UNSET
    role_keys: list[str] | msgspec.UnsetType = msgspec.UNSET


class MyPatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What agents change about themselves."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET
    timezone: str | msgspec.UnsetType | None = msgspec.UNSET
    signature: str | msgspec.UnsetType = msgspec.UNSET
    preferences: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


async def invite(
    tx: Transaction,
    *,
    name: str,
    login: str,
    branch_id: UUID,
    team_ids: Sequence[UUID] = (),
    role_keys: Sequence[str] = ("manager",),
    locale: Locale = "en",
    manager_id: UUID | None = None,
    viewer: Viewer,
) -> tuple[UUID, str]:
    """Add an agent who still has to choose a password; return the agent and the link's token.

    Raises:
        Forbidden: The viewer may not manage agents, or lacks what the roles give.
        LoginTaken: Another agent has the login.
    """
    viewer.need("agent", "manage")
    agent = AgentRow(
        login=login.strip(),
        login_key=await _free_login(tx, login),
        name=name.strip(),
        branch_id=branch_id,
        manager_id=manager_id,
        locale=locale,
    )
    await _check_place(tx, branch_id, manager_id)
    tx.session.add(agent)
    await tx.session.flush()
    await _set_roles(tx, agent.id, role_keys, viewer)
    await _set_teams(tx, agent.id, team_ids)
    await agent_changed(tx, agent.id)
    return agent.id, await make_link(tx, "invite", agent_id=agent.id)


async def new_link(tx: Transaction, agent_id: UUID, *, viewer: Viewer) -> str:
    """Return the token of a new invitation, or of a password reset for who took theirs up.

    Raises:
        Forbidden: The viewer may not manage agents.
        NotFound: There is no such agent, or not any more.
    """
    viewer.need("agent", "manage")
    agent = await _locked(tx, agent_id)
    if agent.status == "left":
        raise NotFound("this agent has left")
    await _check_reach(tx, agent_id, viewer)
    purpose: Literal["invite", "reset"] = "invite" if agent.status == "invited" else "reset"
    return await make_link(tx, purpose, agent_id=agent_id)


async def change_agent(
    tx: Transaction, agent_id: UUID, *, rev: int, patch: AgentPatch, viewer: Viewer
) -> None:
    """Change an agent; who leaves is signed out everywhere at once, keys and links included.

    Raises:
        Forbidden: The viewer may not manage agents, or lacks what the roles give.
        NotFound: There is no such agent.
        Conflict: The agent changed since ``rev``.
        LoginTaken: Another agent has the login.
        LastOwner: It would leave the hub without an active owner.
    """
    viewer.need("agent", "manage")
    agent = await _locked(tx, agent_id)
    if agent.rev != rev:
        raise Conflict("the agent was changed by someone else", rev=agent.rev)
    await _check_reach(tx, agent_id, viewer)
    if patch.login is not msgspec.UNSET:
        key = await _free_login(tx, patch.login, but=agent_id)
        agent.login, agent.login_key = patch.login.strip(), key
    await _check_place(tx, patch.branch_id, patch.manager_id, but=agent_id)
    _assign(agent, patch, ("name", "branch_id", "manager_id", "locale"))
    agent.rev += 1
    if patch.role_keys is not msgspec.UNSET:
        await _set_roles(tx, agent_id, patch.role_keys, viewer)
    if patch.team_ids is not msgspec.UNSET:
        await _set_teams(tx, agent_id, patch.team_ids)
    if patch.status is not msgspec.UNSET and patch.status != agent.status:
        await _set_status(tx, agent, patch.status)
    await tx.session.flush()
    if await tx.fetchval(OWNERS) == 0:
        raise LastOwner
    await agent_changed(tx, agent_id)


async def change_me(tx: Transaction, agent_id: UUID, *, patch: MyPatch) -> None:
    """Change what agents may change about themselves."""
    agent = await _locked(tx, agent_id)
    _assign(agent, patch, ("name", "locale", "timezone", "signature"))
    if patch.preferences is not msgspec.UNSET:
        agent.preferences = {**agent.preferences, **patch.preferences}
    agent.rev += 1
    await agent_changed(tx, agent_id)


def _assign(agent: AgentRow, patch: AgentPatch | MyPatch, names: Sequence[str]) -> None:
    for name in names:
        value = getattr(patch, name)
        if value is not msgspec.UNSET:
            setattr(agent, name, value.strip() if name == "name" else value)
    if not agent.name:
        raise Invalid("an agent has a name")


async def _locked(tx: Transaction, agent_id: UUID) -> AgentRow:
    agent = await tx.session.get(AgentRow, agent_id, with_for_update=True, populate_existing=True)
    if agent is None:
        raise NotFound("there is no such agent")
    return agent


async def _free_login(tx: Transaction, login: str, *, but: UUID | None = None) -> str:
    key = login_form(login)
    if not key:
        raise Invalid("an agent has a login")
    await tx.lock(f"login/{key}")
    if await tx.fetchval(TAKEN, key, but):
        raise LoginTaken
    return key


async def _check_place(
    tx: Transaction,
    branch_id: UUID | msgspec.UnsetType,
    manager_id: UUID | msgspec.UnsetType | None,
    *,
    but: UUID | None = None,
) -> None:
    """Make sure that branch and manager exist; nobody is their own manager."""
    branch, manager = _or_none(branch_id), _or_none(manager_id)
    if not await tx.fetchval(PLACE, branch, manager, but):
        raise Invalid("there is no such branch or manager")


def _or_none(value: UUID | msgspec.UnsetType | None) -> UUID | None:
    return None if value is msgspec.UNSET else value


async def _check_reach(tx: Transaction, agent_id: UUID, viewer: Viewer) -> None:
    """Refuse to let anybody change an agent who may do more than they."""
    keys = [row["key"] for row in await tx.fetch(ROLE_KEYS, agent_id)]
    _ = await _role_ids(tx, keys, viewer)


async def _set_roles(tx: Transaction, agent_id: UUID, keys: Sequence[str], viewer: Viewer) -> None:
    await tx.execute(SET_ROLES, agent_id, await _role_ids(tx, keys, viewer))


async def _role_ids(tx: Transaction, keys: Sequence[str], viewer: Viewer) -> list[UUID]:
    """Return the roles' ids, when they give nothing that the viewer lacks."""
    rows = await tx.fetch(ROLES, list(keys))
    if len(rows) != len(set(keys)):
        raise Invalid("there is no such role")
    for row in rows:
        for grant in row["grants"]:
            entity, action, scope = grant.split(".")
            held = viewer.grants.get((entity, action))
            if held is None or SCOPES.index(held) < SCOPES.index(scope):
                raise Forbidden(f"the role {row['key']} may do more than you")
    return [row["id"] for row in rows]


async def _set_teams(tx: Transaction, agent_id: UUID, team_ids: Sequence[UUID]) -> None:
    for row in await tx.fetch(SET_TEAMS, agent_id, list(team_ids)):
        await team_changed(tx, row["team_id"])


async def _set_status(tx: Transaction, agent: AgentRow, status: str) -> None:
    if status == "left":
        agent.status = "left"
        await end_sessions(tx, agent.id)
        await withdraw_links(tx, agent.id)
        await tx.execute(REVOKE_KEYS, agent.id, now())
        return
    # Who comes back chooses a new password: the old one may be known by now.
    agent.status = "invited"
    await tx.execute(FORGET_PASSWORD, agent.id)
