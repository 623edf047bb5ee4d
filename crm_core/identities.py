"""Identities on cards: adding, labelling, sharing and taking off.

An address is held by one card at a time, unless it is shared: a family's phone, a switchboard.
One address of each kind is a card's primary: the one that was chosen, else the first.
"""

from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from crm_core.access import check_card, may_on_card, open_card
from crm_core.addresses import AddressKind, canonical
from crm_core.cards import touch
from crm_core.changes import card_changed
from crm_core.linking import hold, is_ours, known_identity
from crm_core.staff.visibility import Viewer
from crm_core.tables import CardIdentityRow, CardRow, IdentityRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Invalid, NotFound


IdentityStatus = Literal["ok", "wrong", "opted_out"]

REGION = (
    "SELECT b.phone_region FROM card AS c JOIN branch AS b ON b.id = c.branch_id WHERE c.id = $1"
)
LIVING = """
SELECT id, card_id, shared FROM card_identity WHERE identity_id = $1 AND until IS NULL
 ORDER BY card_id <> $2, since, id
"""
FORMER = "SELECT id FROM card_identity WHERE origin_card_id = $1 AND identity_id = $2"
NO_PRIMARY = """
UPDATE card_identity AS l SET is_primary = false FROM identity AS i
 WHERE i.id = l.identity_id AND i.kind = $2 AND l.card_id = $1 AND l.is_primary AND l.id <> $3
"""
END = """
UPDATE card_identity SET until = $3, is_primary = false
 WHERE card_id = $1 AND identity_id = $2 AND until IS NULL
"""
SHARE = "UPDATE card_identity SET shared = true WHERE identity_id = $1 AND until IS NULL"
OTHERS = "SELECT count(*) FROM card_identity WHERE identity_id = $1 AND until IS NULL AND id <> $2"


class IdentityTaken(Conflict):
    """Another card holds the address; ``card_id`` names it to whoever may see it.

    Merge the cards, or add the address as shared.
    """

    code = "identity.taken"
    title = "Another card has this address"


class IdentityShared(Conflict):
    """Several cards hold the address: it is shared until the others let it go."""

    code = "identity.shared"
    title = "Several cards have this address"


class OwnAddress(Invalid):
    """The address is one of the company's own: it leads to no client."""

    code = "identity.own"
    title = "This is one of our own addresses"


class IdentityPatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of an identity on a card changes; what is left out stays."""

    label: str | UnsetType = UNSET
    is_primary: bool | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    status: IdentityStatus | UnsetType = UNSET


async def add_identity(
    tx: Transaction,
    card_id: UUID,
    *,
    kind: AddressKind,
    value: str,
    label: str = "",
    shared: bool = False,
    viewer: Viewer,
) -> UUID:
    """Put an address on a card; return the id of the holding, the old one when it is there.

    A local phone number reads as one of the card's branch. With ``shared`` every card that holds
    the address from now on shares it.

    Raises:
        InvalidAddress: The text is no address of the kind.
        OwnAddress: It is the company's own.
        IdentityTaken: Another card holds it, and it was not asked to be shared.
        NotFound, Forbidden, CardMerged: As ``open_card`` says.
    """
    await check_card(tx, card_id, viewer=viewer, action="update")
    address = canonical(kind, value, region=await tx.fetchval(REGION, card_id))
    if await is_ours(tx, kind=kind, value=address.value):
        raise OwnAddress
    identity = await known_identity(
        tx, kind=kind, value=address.value, raw=address.raw, extension=address.extension
    )
    card = await open_card(tx, card_id, viewer=viewer, action="update")
    holders = await tx.fetch(LIVING, identity.id, card_id)
    if holders and holders[0]["card_id"] == card_id:
        return UUID(str(holders[0]["id"]))
    if holders and not shared:
        await _refuse(tx, holders[0]["card_id"], viewer)
    if holders:
        if not await may_on_card(tx, holders[0]["card_id"], viewer=viewer, action="read"):
            raise IdentityTaken
        await tx.execute(SHARE, identity.id)
    return await _attach(tx, card, identity, label=label, shared=shared)


async def prove_identity(
    tx: Transaction, card_id: UUID, *, kind: AddressKind, value: str, scope: str = ""
) -> UUID | None:
    """Put an address on a card that its owner proved, such as a contact shared in Telegram.

    Returns the id of the holding, or None when another card holds the address: only a person
    merges cards. It can be taken back like any other.
    """
    if await is_ours(tx, kind=kind, value=value, scope=scope):
        return None
    identity = await known_identity(tx, kind=kind, value=value, scope=scope)
    identity.verified_at = now()
    holders = await tx.fetch(LIVING, identity.id, card_id)
    if holders:
        return UUID(str(holders[0]["id"])) if holders[0]["card_id"] == card_id else None
    card = await tx.session.get_one(CardRow, card_id, with_for_update=True, populate_existing=True)
    return await _attach(tx, card, identity, label="", shared=False, linked_by="auto")


async def change_identity(
    tx: Transaction, card_id: UUID, link_id: UUID, *, patch: IdentityPatch, viewer: Viewer
) -> None:
    """Change label, primacy, sharing or state of an identity on a card.

    Raises:
        IdentityShared: It cannot be this card's alone while others hold it.
        NotFound, Forbidden, CardMerged: As ``open_card`` says.
    """
    card = await open_card(tx, card_id, viewer=viewer, action="update")
    link, identity = await _holding(tx, card_id, link_id)
    if patch.label is not UNSET:
        link.label = " ".join(patch.label.split())
    if patch.shared is not UNSET:
        if not patch.shared and await tx.fetchval(OTHERS, identity.id, link.id):
            raise IdentityShared
        link.shared = patch.shared
    if patch.is_primary:
        await tx.execute(NO_PRIMARY, card_id, identity.kind, link.id)
        link.is_primary = True
    if patch.status is not UNSET and patch.status != identity.status:
        identity.status, identity.status_reason = patch.status, None
    await _touched(tx, card)


async def remove_identity(
    tx: Transaction, card_id: UUID, link_id: UUID, *, viewer: Viewer
) -> None:
    """Take an address off a card; who writes from it next is a stranger, or the other holder.

    Raises:
        NotFound, Forbidden, CardMerged: As ``open_card`` says.
    """
    card = await open_card(tx, card_id, viewer=viewer, action="update")
    link, _ = await _holding(tx, card_id, link_id)
    await tx.execute(END, card_id, link.identity_id, now())
    await _touched(tx, card)


async def _holding(
    tx: Transaction, card_id: UUID, link_id: UUID
) -> tuple[CardIdentityRow, IdentityRow]:
    link = await tx.session.get(CardIdentityRow, link_id, populate_existing=True)
    if link is None or link.card_id != card_id or link.until is not None:
        raise NotFound("the card has no such address")
    return link, await tx.session.get_one(IdentityRow, link.identity_id, populate_existing=True)


async def _attach(
    tx: Transaction,
    card: CardRow,
    identity: IdentityRow,
    *,
    label: str,
    shared: bool,
    linked_by: str = "agent",
) -> UUID:
    former = await tx.fetchval(FORMER, card.id, identity.id)
    if former is not None:
        link = await tx.session.get_one(CardIdentityRow, former, populate_existing=True)
        link.card_id, link.until, link.since = card.id, None, now()
    else:
        link = hold(tx, card_id=card.id, identity_id=identity.id)
    link.label, link.shared = " ".join(label.split()), shared
    link.linked_by = linked_by
    await _touched(tx, card)
    return link.id


async def _refuse(tx: Transaction, holder: UUID, viewer: Viewer) -> None:
    """Refuse an address that another card holds, and name the card to who may see it."""
    if await may_on_card(tx, holder, viewer=viewer, action="read"):
        raise IdentityTaken(card_id=holder)
    raise IdentityTaken


async def _touched(tx: Transaction, card: CardRow) -> None:
    touch(card)
    await card_changed(tx, card.id)
