"""Branches: the places of the company."""

from uuid import UUID
from zoneinfo import available_timezones

import phonenumbers

from crm_core.staff.tables import BranchRow
from crm_core.staff.visibility import Viewer
from infra.db import Transaction
from infra.errors import Conflict, Invalid, NotFound


TAKEN = (
    "SELECT EXISTS (SELECT FROM branch WHERE lower(code) = lower($1) AND id IS DISTINCT FROM $2)"
)


class BranchTaken(Conflict):
    """Another branch has the code."""

    code = "branch.code_taken"
    title = "This code is taken"


async def make_branch(
    tx: Transaction,
    *,
    name: str,
    code: str,
    timezone: str,
    phone_region: str,
    parent_id: UUID | None = None,
    viewer: Viewer,
) -> UUID:
    """Add a branch.

    Raises:
        Forbidden: The viewer may not manage agents and how they are organised.
        Invalid: Name or code is empty, or time zone or phone region unknown.
        BranchTaken: Another branch has the code.
    """
    viewer.need("agent", "manage")
    await _check(tx, name=name, code=code, timezone=timezone, phone_region=phone_region)
    branch = BranchRow(
        name=name.strip(),
        code=code.strip(),
        timezone=timezone,
        phone_region=phone_region,
        parent_id=parent_id,
    )
    tx.session.add(branch)
    await tx.session.flush()
    return branch.id


async def change_branch(
    tx: Transaction,
    branch_id: UUID,
    *,
    name: str,
    code: str,
    timezone: str,
    phone_region: str,
    viewer: Viewer,
) -> None:
    """Change what a branch is called and where it is.

    Raises:
        Forbidden: The viewer may not manage agents and how they are organised.
        NotFound: There is no such branch.
        Invalid: Name or code is empty, or time zone or phone region unknown.
        BranchTaken: Another branch has the code.
    """
    viewer.need("agent", "manage")
    branch = await tx.session.get(BranchRow, branch_id, with_for_update=True)
    if branch is None:
        raise NotFound("there is no such branch")
    await _check(
        tx, name=name, code=code, timezone=timezone, phone_region=phone_region, but=branch_id
    )
    branch.name, branch.code = name.strip(), code.strip()
    branch.timezone, branch.phone_region = timezone, phone_region
    await tx.session.flush()


async def _check(
    tx: Transaction,
    *,
    name: str,
    code: str,
    timezone: str,
    phone_region: str,
    but: UUID | None = None,
) -> None:
    if not (name.strip() and code.strip()):
        raise Invalid("a branch has a name and a code")
    if timezone not in available_timezones():
        raise Invalid(f"{timezone!r} is not a time zone")
    if phone_region not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(f"{phone_region!r} is not a country code")
    await tx.lock(f"branch/{code.strip().casefold()}")
    if await tx.fetchval(TAKEN, code.strip(), but):
        raise BranchTaken
