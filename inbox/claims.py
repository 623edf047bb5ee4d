"""What people say of themselves without proof: shown to agents, trusted by nothing.

A claim never leads to a card and opens no history. A person decides: accepting one puts the
address on the client's card, which is refused when another card holds it.
"""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from crm_core.addresses import InvalidAddress, canonical
from crm_core.identities import add_identity
from crm_core.staff.visibility import Viewer
from inbox.case import Case, open_case
from inbox.content import clean
from inbox.visitor_tables import ClaimRow
from infra.clock import new_id, now
from infra.db import Transaction
from infra.errors import Conflict, NotFound


KINDS = ("name", "email", "phone")
LONGEST = 320  # characters of a claim

REGION = "SELECT phone_region FROM branch WHERE id = $1"

ADD = """
INSERT INTO claim (id, identity_id, conversation_id, kind, value, at)
SELECT $1, $2, $3, $4, $5, $6
 WHERE NOT EXISTS (
       SELECT FROM card_identity AS l JOIN identity AS i ON i.id = l.identity_id
        WHERE l.card_id = $7 AND l.until IS NULL AND i.kind = $4 AND i.value = $5)
ON CONFLICT (identity_id, kind, value) DO NOTHING
"""
"""What the client's card says already is no claim any more."""


async def claim(case: Case, identity_id: UUID, values: Mapping[str, str]) -> dict[str, str]:
    """Store what a form says of who filled it in; return it in canonical form where it has one."""
    tx, row = case.tx, case.row
    region = await tx.fetchval(REGION, row.branch_id)
    said: dict[str, str] = {}
    for kind in KINDS:
        value = " ".join(clean(values.get(kind, "")).split())[:LONGEST]
        if not value:
            continue
        if kind != "name":
            with suppress(InvalidAddress):
                value = canonical(kind, value, region=region).value  # type: ignore[arg-type]
        said[kind] = value
        await tx.execute(ADD, new_id(), identity_id, row.id, kind, value, now(), row.card_id)
    return said


async def accept_claim(
    tx: Transaction, claim_id: UUID, *, viewer: Viewer, card_id: UUID | None = None
) -> UUID:
    """Believe a claim: its address goes on a card, the conversation's unless given; return which.

    Raises:
        NotFound: There is none the viewer may see.
        Forbidden: The viewer may not change the card.
        Conflict: It was decided already, another card holds the address, or it is a name.
        Invalid: It is no address.
    """
    case, found = await _open(tx, claim_id, viewer)
    if found.kind == "name":
        raise Conflict("a name is written on the card by hand")
    card_id = card_id or case.row.card_id
    await add_identity(
        tx,
        card_id,
        kind="email" if found.kind == "email" else "phone",
        value=found.value,
        viewer=viewer,
    )
    await _settle(case, found, "accepted")
    return card_id


async def dismiss_claim(tx: Transaction, claim_id: UUID, *, viewer: Viewer) -> None:
    """Do not believe a claim.

    Raises:
        NotFound: There is none the viewer may see.
        Forbidden: The viewer may not answer in the conversation.
        Conflict: It was decided already.
    """
    case, found = await _open(tx, claim_id, viewer)
    await _settle(case, found, "dismissed")


async def _open(tx: Transaction, claim_id: UUID, viewer: Viewer) -> tuple[Case, ClaimRow]:
    place = await tx.fetchval("SELECT conversation_id FROM claim WHERE id = $1", claim_id)
    if place is None:
        raise NotFound(f"no claim {claim_id}")
    case = await open_case(tx, place, viewer=viewer, action="reply")
    found = await tx.session.get_one(
        ClaimRow, claim_id, with_for_update=True, populate_existing=True
    )
    if found.settled_at is not None:
        raise Conflict(f"this was {found.settled_how} already")
    return case, found


async def _settle(case: Case, found: ClaimRow, how: str) -> None:
    found.settled_at, found.settled_how = now(), how
    await case.announce()  # whoever looks at the conversation reads its claims again
