"""The first start: a default branch and team, the roles, and the first owner."""

from uuid import UUID

from crm_core.staff.links import LinkGone, make_link, read_link, use_link
from crm_core.staff.passwords import check_password, hash_password
from crm_core.staff.roles import seed_roles
from crm_core.staff.sign_in import login_form
from crm_core.staff.tables import AgentRoleRow, AgentRow, BranchRow, TeamMemberRow, TeamRow
from crm_core.staff.visibility import Reads
from infra.db import Transaction
from infra.errors import NotFound


NEEDED = "SELECT NOT EXISTS (SELECT FROM agent WHERE password IS NOT NULL)"
BRANCH = "SELECT id FROM branch ORDER BY parent_id NULLS FIRST, code, id LIMIT 1"
TEAM = "SELECT id FROM team WHERE branch_id = $1 AND archived_at IS NULL ORDER BY name, id LIMIT 1"


class SetUpAlready(NotFound):
    """The hub has its first owner; there is nothing to set up any more."""

    code = "setup.done"
    title = "The hub is set up already"


async def setup_needed(source: Reads) -> bool:
    """Whether the hub still waits for its first owner."""
    return bool(await source.fetchval(NEEDED))


async def setup_link(tx: Transaction) -> str:
    """Return the token for the first owner; an older one ends.

    Raises:
        SetUpAlready: The hub has an owner.
    """
    if not await setup_needed(tx):
        raise SetUpAlready
    return await make_link(tx, "setup")


async def set_up(
    tx: Transaction, token: str, *, name: str, login: str, password: str, locale: str = "en"
) -> UUID:
    """Make the first owner and what every hub has; return the owner's id.

    Raises:
        SetUpAlready: The hub has an owner.
        LinkGone: The token is not the one printed last.
        WeakPassword: The password breaks the policy; the token can be used again.
    """
    await tx.lock("setup")
    if not await setup_needed(tx):
        raise SetUpAlready
    if (await read_link(tx, token)).purpose != "setup":
        raise LinkGone
    check_password(password, login=login)
    hashed = await hash_password(password)
    await use_link(tx, token)
    branch_id, team_id = await default_places(tx)
    owner = AgentRow(
        login=login.strip(),
        login_key=login_form(login),
        name=name.strip(),
        branch_id=branch_id,
        status="active",
        locale=locale,
        password=hashed,
    )
    await tx.act(owner.id, "ui")
    tx.session.add(owner)
    await tx.session.flush()
    roles = await seed_roles(tx)
    tx.session.add(AgentRoleRow(agent_id=owner.id, role_id=roles["owner"]))
    tx.session.add(TeamMemberRow(team_id=team_id, agent_id=owner.id, is_lead=True))
    await tx.session.flush()
    return owner.id


async def default_places(tx: Transaction) -> tuple[UUID, UUID]:
    """Return the first branch and its first team, making what is missing."""
    branch_id = await tx.fetchval(BRANCH)
    if branch_id is None:
        branch = BranchRow(name="Main", code="main")
        tx.session.add(branch)
        await tx.session.flush()
        branch_id = branch.id
    team_id = await tx.fetchval(TEAM, branch_id)
    if team_id is None:
        team = TeamRow(branch_id=branch_id, name="Support")
        tx.session.add(team)
        await tx.session.flush()
        team_id = team.id
    return branch_id, team_id
