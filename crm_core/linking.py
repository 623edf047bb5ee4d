"""From an address to the card it leads to.

The ladder: an address one card holds leads to that card. A shared one leads to the card it talked
with last, and the others are named as candidates. An unknown one makes a card of a stranger. The
company's own addresses never lead anywhere.

Whoever looks first and writes then holds the address's lock, the same the ingest takes: ten
messages of one stranger at the same time make one card.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from crm_core.addresses import AddressKind
from crm_core.cards import learn_name
from crm_core.seeds import card_seed
from crm_core.staff.visibility import Reads
from crm_core.tables import CardIdentityRow, CardRow, IdentityRow
from infra.clock import new_id, now
from infra.db import Transaction


LOCK = """
SELECT pg_advisory_xact_lock(k.key) FROM (
    SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY 1
) AS k
"""
FIND = "SELECT id FROM identity WHERE kind = $1 AND scope = $2 AND compare = $3"
OURS = """
SELECT EXISTS (SELECT FROM identity
                WHERE kind = $1 AND scope = $2 AND compare = $3 AND is_own)
    OR EXISTS (SELECT FROM channel_account
                WHERE removed_at IS NULL AND lower(address) = lower($3))
"""
HOLDERS = """
SELECT link.card_id, link.origin_card_id
  FROM card_identity AS link
  LEFT JOIN LATERAL (
       SELECT max(c.last_activity_at) AS last FROM conversation AS c
        WHERE link.shared AND c.card_id = link.card_id) AS talk ON true
 WHERE link.identity_id = $1 AND link.until IS NULL
 ORDER BY talk.last DESC NULLS LAST, link.since, link.id
"""


class Lead(msgspec.Struct, frozen=True):
    """Where an address leads.

    Attributes:
        identity_id: None when the address was never seen.
        card_id: The card it is shown on; None when it leads nowhere.
        origin_card_id: The card it belongs to, which a merge does not change.
        candidates: Every card that holds it, the likeliest first.
    """

    identity_id: UUID | None = None
    card_id: UUID | None = None
    origin_card_id: UUID | None = None
    candidates: tuple[UUID, ...] = ()


def address_lock(kind: str, scope: str, compare: str) -> str:
    """Return the name an address is locked under."""
    return f"{kind}/{scope}/{compare}"


async def lock_addresses(tx: Transaction, names: Iterable[str]) -> None:
    """Lock addresses in the order of their keys, as everybody does: no deadlock."""
    await tx.execute(LOCK, list(names))


async def lead_of(source: Reads, *, kind: str, value: str, scope: str = "") -> Lead:
    """Return where an address in canonical form leads."""
    compare = card_seed(kind, value).compare
    identity_id = await source.fetchval(FIND, kind, scope, compare)
    if identity_id is None or await is_ours(source, kind=kind, value=value, scope=scope):
        return Lead(identity_id)
    return await _lead(source, identity_id)


async def is_ours(source: Reads, *, kind: str, value: str, scope: str = "") -> bool:
    """Whether an address is the company's own: a connected account's, or one marked so."""
    return bool(await source.fetchval(OURS, kind, scope, card_seed(kind, value).compare))


async def card_for(
    tx: Transaction,
    *,
    kind: AddressKind,
    value: str,
    branch_id: UUID,
    display: str = "",
    scope: str = "",
) -> Lead:
    """Return where an address leads, making the card of a stranger when it leads nowhere yet."""
    seed = card_seed(kind, value, display)
    await lock_addresses(tx, [address_lock(kind, scope, seed.compare)])
    lead = await lead_of(tx, kind=kind, value=value, scope=scope)
    if lead.card_id is not None:
        if display:
            _ = await learn_name(tx, lead.card_id, kind=kind, value=value, display=display)
        return lead
    if await is_ours(tx, kind=kind, value=value, scope=scope):
        return lead
    identity_id = lead.identity_id or await _new_identity(
        tx, kind=kind, value=value, scope=scope, display=display
    )
    card = CardRow(
        branch_id=branch_id,
        display_name=seed.display_name,
        given_name=seed.given_name,
        family_name=seed.family_name,
        search_text=seed.search_text,
        search_grams=list(seed.search_grams),
        name_key=seed.name_key,
        sort_key=seed.sort_key,
        first_contact_at=now(),
        provenance={"display_name": {"by": "channel", "at": now().isoformat(), "rev": 1}},
    )
    tx.session.add(card)
    await tx.session.flush()
    hold(tx, card_id=card.id, identity_id=identity_id, is_primary=True)
    await tx.session.flush()
    return Lead(identity_id, card.id, card.id, (card.id,))


async def known_identity(
    tx: Transaction, *, kind: AddressKind, value: str, scope: str = "", **more: Any
) -> IdentityRow:
    """Return the identity of an address, made when it is new; the address stays locked."""
    seed = card_seed(kind, value)
    await lock_addresses(tx, [address_lock(kind, scope, seed.compare)])
    identity_id = await tx.fetchval(FIND, kind, scope, seed.compare)
    if identity_id is None:
        identity_id = await _new_identity(tx, kind=kind, value=value, scope=scope, **more)
    return await tx.session.get_one(IdentityRow, identity_id, populate_existing=True)


def hold(tx: Transaction, *, card_id: UUID, identity_id: UUID, **more: Any) -> CardIdentityRow:
    """Put an identity on a card."""
    link = CardIdentityRow(
        id=new_id(), card_id=card_id, origin_card_id=card_id, identity_id=identity_id, **more
    )
    tx.session.add(link)
    return link


async def _lead(source: Reads, identity_id: UUID) -> Lead:
    holders = await source.fetch(HOLDERS, identity_id)
    if not holders:
        return Lead(identity_id)
    first = holders[0]
    return Lead(
        identity_id,
        first["card_id"],
        first["origin_card_id"],
        tuple(dict.fromkeys(row["card_id"] for row in holders)),
    )


async def _new_identity(
    tx: Transaction, *, kind: AddressKind, value: str, scope: str, display: str = "", **more: Any
) -> UUID:
    seed = card_seed(kind, value, display)
    identity = IdentityRow(
        kind=kind,
        scope=scope,
        value=value,
        compare=seed.compare,
        grams=list(seed.grams),
        display=seed.display,
        **{"raw": value, **more},
    )
    tx.session.add(identity)
    await tx.session.flush()
    return identity.id
