"""Teams, branches and roles."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from agents_ui.api.shapes import Ids, Line, given
from agents_ui.call import Call
from crm_core.staff import branches as staff_branches
from crm_core.staff import teams as staff_teams
from crm_core.staff.reading import (
    list_branches,
    list_roles,
    list_teams,
    read_branch,
    read_team,
)
from crm_core.views import Branch, Role, Team
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, route


class NewTeam(Input):
    """A team to make."""

    name: Line
    branch_id: UUID | None = None
    member_ids: Ids = ()


class TeamChange(Input):
    """What to change."""

    name: Line
    rev: int | UnsetType = UNSET


class Members(Input):
    """Who is in the team from now on."""

    member_ids: Ids


class NewBranch(Input):
    """A branch to make."""

    name: Line
    code: Line
    timezone: Line = "Europe/Chisinau"
    phone_region: Line = "MD"
    parent_id: UUID | None = None


class BranchChange(Input):
    """What to change."""

    name: Line | UnsetType = UNSET
    code: Line | UnsetType = UNSET
    timezone: Line | UnsetType = UNSET
    phone_region: Line | UnsetType = UNSET


@route("GET", "/api/teams")
async def teams(call: Call) -> Sequence[Team]:
    """List the teams."""
    async with call.read() as raw:
        return await list_teams(raw)


@route("POST", "/api/teams", status=201, raises=(Forbidden, Conflict, Invalid))
async def create_team(call: Call, body: NewTeam) -> Team:
    """Make a team."""
    async with call.transaction() as tx:
        team_id = await staff_teams.make_team(
            tx,
            name=body.name,
            branch_id=body.branch_id or call.viewer.branch_ids[0],
            viewer=call.viewer,
        )
        if body.member_ids:
            await staff_teams.set_members(
                tx, team_id, agent_ids=body.member_ids, viewer=call.viewer
            )
        return await read_team(tx, team_id)


@route("PATCH", "/api/teams/{team_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change_team(call: Call, team_id: UUID, body: TeamChange) -> Team:
    """Rename a team."""
    async with call.transaction() as tx:
        rev = body.rev if body.rev is not UNSET else (await read_team(tx, team_id)).rev
        await staff_teams.change_team(tx, team_id, rev=rev, name=body.name, viewer=call.viewer)
        return await read_team(tx, team_id)


@route("PUT", "/api/teams/{team_id}/members", raises=(NotFound, Forbidden, Invalid))
async def set_members(call: Call, team_id: UUID, body: Members) -> Team:
    """Say who is in a team."""
    async with call.transaction() as tx:
        await staff_teams.set_members(tx, team_id, agent_ids=body.member_ids, viewer=call.viewer)
        return await read_team(tx, team_id)


@route("DELETE", "/api/teams/{team_id}", raises=(NotFound, Forbidden, Conflict))
async def archive_team(call: Call, team_id: UUID) -> None:
    """Close a team; its conversations stay with their branch."""
    async with call.transaction() as tx:
        await staff_teams.archive_team(tx, team_id, viewer=call.viewer)


@route("GET", "/api/branches")
async def branches(call: Call) -> Sequence[Branch]:
    """List the branches."""
    async with call.read() as raw:
        return await list_branches(raw)


@route("POST", "/api/branches", status=201, raises=(Forbidden, Conflict, Invalid))
async def create_branch(call: Call, body: NewBranch) -> Branch:
    """Make a branch."""
    async with call.transaction() as tx:
        branch_id = await staff_branches.make_branch(
            tx,
            name=body.name,
            code=body.code,
            timezone=body.timezone,
            phone_region=body.phone_region,
            parent_id=body.parent_id,
            viewer=call.viewer,
        )
        return await read_branch(tx, branch_id)


@route("PATCH", "/api/branches/{branch_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change_branch(call: Call, branch_id: UUID, body: BranchChange) -> Branch:
    """Change a branch."""
    async with call.transaction() as tx:
        now = msgspec.structs.replace(await read_branch(tx, branch_id), **given(body))
        await staff_branches.change_branch(
            tx,
            branch_id,
            name=now.name,
            code=now.code,
            timezone=now.timezone,
            phone_region=now.phone_region,
            viewer=call.viewer,
        )
        return await read_branch(tx, branch_id)


@route("GET", "/api/roles")
async def roles(call: Call) -> Sequence[Role]:
    """List the roles and what they allow."""
    async with call.read() as raw:
        return await list_roles(raw)
