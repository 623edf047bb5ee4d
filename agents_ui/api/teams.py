"""Teams, branches and roles."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Ids, Line
from agents_ui.call import Call
from crm_core.views import Branch, Role, Team
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


class NewTeam(Input):
    """A team to make."""

    name: Line
    branch_id: UUID | None = None
    member_ids: Ids = ()


class TeamChange(Input):
    """What to change."""

    name: Line | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET


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
async def teams(call: Call) -> Json[list[Team]]:
    """List the teams."""
    raise Pending


@route("POST", "/api/teams", status=201, raises=(Forbidden, Conflict, Invalid))
async def create_team(call: Call, body: NewTeam) -> Json[Team]:
    """Make a team."""
    raise Pending


@route("PATCH", "/api/teams/{team_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change_team(call: Call, team_id: UUID, body: TeamChange) -> Json[Team]:
    """Rename a team, or move it to another branch."""
    raise Pending


@route("PUT", "/api/teams/{team_id}/members", raises=(NotFound, Forbidden, Invalid))
async def set_members(call: Call, team_id: UUID, body: Members) -> Json[Team]:
    """Say who is in a team."""
    raise Pending


@route("DELETE", "/api/teams/{team_id}", raises=(NotFound, Forbidden, Conflict))
async def archive_team(call: Call, team_id: UUID) -> None:
    """Close a team; its conversations stay with their branch."""
    raise Pending


@route("GET", "/api/branches")
async def branches(call: Call) -> Json[list[Branch]]:
    """List the branches."""
    raise Pending


@route("POST", "/api/branches", status=201, raises=(Forbidden, Conflict, Invalid))
async def create_branch(call: Call, body: NewBranch) -> Json[Branch]:
    """Make a branch."""
    raise Pending


@route("PATCH", "/api/branches/{branch_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change_branch(call: Call, branch_id: UUID, body: BranchChange) -> Json[Branch]:
    """Change a branch."""
    raise Pending


@route("GET", "/api/roles")
async def roles(call: Call) -> Json[list[Role]]:
    """List the roles and what they allow."""
    raise Pending
