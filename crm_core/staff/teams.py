"""Teams: agents who share a queue."""

from collections.abc import Sequence
from uuid import UUID

from crm_core.staff.changes import agent_changed, team_changed
from crm_core.staff.tables import TeamRow
from crm_core.staff.visibility import Viewer
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Invalid, NotFound


TAKEN = """
SELECT EXISTS (SELECT FROM team WHERE branch_id = $1 AND lower(name) = lower($2)
                  AND id IS DISTINCT FROM $3)
"""
SET_MEMBERS = """
WITH gone AS (
    DELETE FROM team_member WHERE team_id = $1 AND agent_id <> ALL($2::uuid[]) RETURNING agent_id
), come AS (
    INSERT INTO team_member (team_id, agent_id, is_lead)
    SELECT $1, id, false FROM agent WHERE id = ANY($2::uuid[]) AND status <> 'left'
    ON CONFLICT DO NOTHING RETURNING agent_id
), touched AS (
    SELECT agent_id FROM gone UNION SELECT agent_id FROM come
)
UPDATE agent SET rev = rev + 1 WHERE id IN (SELECT agent_id FROM touched) RETURNING id
"""
RELEASE = """
UPDATE agent SET rev = rev + 1
 WHERE id IN (SELECT agent_id FROM team_member WHERE team_id = $1) RETURNING id
"""


class TeamTaken(Conflict):
    """The branch has a team of this name."""

    code = "team.name_taken"
    title = "This team exists already"


async def make_team(tx: Transaction, *, name: str, branch_id: UUID, viewer: Viewer) -> UUID:
    """Add a team to a branch.

    Raises:
        Forbidden: The viewer may not manage teams.
        TeamTaken: There is one of this name.
    """
    viewer.need("team", "manage")
    team = TeamRow(name=await _free_name(tx, name, branch_id), branch_id=branch_id)
    tx.session.add(team)
    await team_changed(tx, team.id)
    return team.id


async def change_team(
    tx: Transaction, team_id: UUID, *, rev: int, name: str, viewer: Viewer
) -> None:
    """Give a team another name.

    Raises:
        Forbidden: The viewer may not manage teams.
        NotFound: There is no such team.
        Conflict: It changed since ``rev``, or the name is taken.
    """
    viewer.need("team", "manage")
    team = await _locked(tx, team_id)
    if team.rev != rev:
        raise Conflict("the team was changed by someone else", rev=team.rev)
    team.name = await _free_name(tx, name, team.branch_id, but=team_id)
    team.rev += 1
    await team_changed(tx, team_id)


async def set_members(
    tx: Transaction, team_id: UUID, *, agent_ids: Sequence[UUID], viewer: Viewer
) -> None:
    """Make a team consist of these agents.

    Raises:
        Forbidden: The viewer may not manage teams.
        NotFound: There is no such team.
    """
    viewer.need("team", "manage")
    team = await _locked(tx, team_id)
    team.rev += 1
    touched = await tx.fetch(SET_MEMBERS, team_id, list(agent_ids))
    await team_changed(tx, team_id)
    for row in touched:
        await agent_changed(tx, row["id"])


async def archive_team(tx: Transaction, team_id: UUID, *, viewer: Viewer) -> None:
    """Take a team out of use; what it had stays with its branch's other agents.

    Raises:
        Forbidden: The viewer may not manage teams.
        NotFound: There is no such team.
    """
    viewer.need("team", "manage")
    team = await _locked(tx, team_id)
    team.archived_at = now()
    team.rev += 1
    touched = await tx.fetch(RELEASE, team_id)
    await team_changed(tx, team_id)
    for row in touched:
        await agent_changed(tx, row["id"])


async def _locked(tx: Transaction, team_id: UUID) -> TeamRow:
    team = await tx.session.get(TeamRow, team_id, with_for_update=True, populate_existing=True)
    if team is None or team.archived_at is not None:
        raise NotFound("there is no such team")
    return team


async def _free_name(
    tx: Transaction, name: str, branch_id: UUID, *, but: UUID | None = None
) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("a team has a name")
    await tx.lock(f"team/{branch_id}/{name.casefold()}")
    if not await tx.fetchval("SELECT EXISTS (SELECT FROM branch WHERE id = $1)", branch_id):
        raise Invalid("there is no such branch")
    if await tx.fetchval(TAKEN, branch_id, name, but):
        raise TeamTaken
    return name
