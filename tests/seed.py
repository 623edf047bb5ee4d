"""Small pieces of a company that tests begin with."""

from uuid import UUID

from crm_core.staff.tables import BranchRow
from inbox.tables import AccountRow
from infra.clock import new_id
from infra.db import Database


async def branch(db: Database) -> UUID:
    """Make a branch of the company."""
    row = BranchRow(id=new_id(), name="Chișinău", code=f"CHI-{new_id().hex[-6:]}")
    async with db.transaction() as tx:
        tx.session.add(row)
    return row.id


async def account(
    db: Database,
    *,
    branch_id: UUID | None = None,
    kind: str = "email",
    provider: str = "email.imap",
    address: str = "support@hub.test",
) -> UUID:
    """Make a channel account, with a branch of its own when none is given."""
    row = AccountRow(
        id=new_id(),
        kind=kind,
        provider=provider,
        name=address,
        address=address,
        branch_id=branch_id or await branch(db),
    )
    async with db.transaction() as tx:
        tx.session.add(row)
    return row.id
