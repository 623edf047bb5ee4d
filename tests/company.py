"""A company to test with: its first owner, and whoever is hired."""

from uuid import UUID

import msgspec

from crm_core.staff.agents import invite
from crm_core.staff.links import take_up_link
from crm_core.staff.setup import set_up, setup_link
from crm_core.staff.visibility import Viewer, load_viewer
from infra.db import Database


PASSWORD = "correct horse battery staple"


class Company(msgspec.Struct, frozen=True):
    """A hub that was set up."""

    owner: Viewer
    branch_id: UUID
    team_id: UUID


async def founded(db: Database) -> Company:
    """Set the hub up: the owner signs in as "owner" with ``PASSWORD``."""
    async with db.transaction() as tx:
        token = await setup_link(tx)
        owner_id = await set_up(tx, token, name="Olga", login="owner", password=PASSWORD)
        owner = await load_viewer(tx, owner_id)
    return Company(owner, owner.branch_ids[0], owner.team_ids[0])


async def hired(
    db: Database, company: Company, login: str, role: str = "manager", *, in_team: bool = True
) -> Viewer:
    """Add an agent who took the invitation up with ``PASSWORD``."""
    async with db.transaction() as tx:
        agent_id, token = await invite(
            tx,
            name=login.title(),
            login=login,
            branch_id=company.branch_id,
            team_ids=[company.team_id] if in_team else [],
            role_keys=[role],
            viewer=company.owner,
        )
        await take_up_link(tx, token, password=PASSWORD)
        return await load_viewer(tx, agent_id)
