"""Who has a conversation: an agent, a team, and the history of both."""

from uuid import UUID

from sqlalchemy import select

from crm_core.staff.tables import AgentRow, TeamRow
from crm_core.staff.visibility import Viewer
from inbox.case import Case, open_case
from inbox.tables import AssignmentRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Invalid


class AlreadyTaken(Conflict):
    """Somebody else has the conversation already."""

    code = "conversation.taken"
    title = "Somebody else took it"


async def assign_agent(case: Case, agent_id: UUID | None, *, reason: str = "") -> None:
    """Give a conversation to an agent, or to nobody.

    Raises:
        Invalid: There is no such active agent.
    """
    row = case.row
    if agent_id == row.assignee_id:
        return
    if agent_id is not None:
        agent = await case.tx.session.get(AgentRow, agent_id)
        if agent is None or agent.status != "active":
            raise Invalid(f"{agent_id} is no active agent")
    case.add_entry(
        "assigned",
        **{"from": row.assignee_id, "to": agent_id},
        **({"reason": reason} if reason else {}),
    )
    row.assignee_id = agent_id
    await _keep_history(case)


async def assign_team(case: Case, team_id: UUID | None) -> None:
    """Give a conversation to a team and its branch, or to no team.

    Raises:
        Invalid: There is no such team.
    """
    row = case.row
    if team_id == row.team_id:
        return
    if team_id is not None:
        team = await case.tx.session.get(TeamRow, team_id)
        if team is None or team.archived_at is not None:
            raise Invalid(f"{team_id} is no team")
        row.branch_id = team.branch_id
    case.add_entry("team", **{"from": row.team_id, "to": team_id})
    row.team_id = team_id
    await _keep_history(case)


async def claim(tx: Transaction, conversation_id: UUID, *, viewer: Viewer) -> None:
    """Take a conversation nobody has; of several who try at once, one gets it.

    Raises:
        AlreadyTaken: Somebody has it.
    """
    case = await open_case(tx, conversation_id, viewer=viewer, action="reply")
    if case.row.assignee_id not in {None, viewer.agent_id}:
        raise AlreadyTaken("somebody else took it first")
    await assign_agent(case, viewer.agent_id, reason="claimed")
    await case.announce()


async def _keep_history(case: Case) -> None:
    session, row, at = case.tx.session, case.row, now()
    current = await session.scalar(
        select(AssignmentRow).where(
            AssignmentRow.conversation_id == row.id, AssignmentRow.to_at.is_(None)
        )
    )
    if current is not None:
        current.to_at = at
        await session.flush()  # the current one is unique: end it before the next begins
    session.add(
        AssignmentRow(
            conversation_id=row.id,
            agent_id=row.assignee_id,
            team_id=row.team_id,
            from_at=at,
            by=case.actor_id,
        )
    )
