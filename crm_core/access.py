"""Reaching a card: found, visible to whoever asks, and locked when it is to be changed."""

from uuid import UUID

from crm_core.staff.visibility import Reads, Viewer
from crm_core.tables import CardRow
from infra.db import Transaction
from infra.errors import Conflict, Forbidden, NotFound


class CardMerged(Conflict):
    """The card became part of another; ``winner_id`` is that one."""

    code = "card.merged"
    title = "This card was merged into another"


async def card_json(source: Reads, card_id: UUID, *, viewer: Viewer) -> str:
    """Return a card as JSON text; a merged one names the card it is in.

    Raises:
        NotFound: There is no such card, or the viewer may not see it.
    """
    rule, args = viewer.where("card", "read", "c", 2)
    text = await source.fetchval(
        f"SELECT card_json(c)::text FROM card AS c WHERE c.id = $1 AND {rule}",  # noqa: S608 - ours
        card_id,
        *args,
    )
    if text is None:
        raise NotFound("there is no such card")
    return str(text)


async def may_on_card(source: Reads, card_id: UUID, *, viewer: Viewer, action: str) -> bool:
    """Whether the viewer may do ``action`` on a card."""
    rule, args = viewer.where("card", action, "c", 2)
    sql = f"SELECT EXISTS (SELECT FROM card AS c WHERE c.id = $1 AND {rule})"  # noqa: S608 - ours
    return bool(await source.fetchval(sql, card_id, *args))


async def check_card(source: Reads, card_id: UUID, *, viewer: Viewer, action: str) -> None:
    """Make sure that the viewer may do ``action`` on a card.

    Raises:
        NotFound: There is no such card, or the viewer may not see it.
        Forbidden: The viewer sees it and may not do this.
    """
    if not await may_on_card(source, card_id, viewer=viewer, action="read"):
        raise NotFound("there is no such card")
    if not await may_on_card(source, card_id, viewer=viewer, action=action):
        raise Forbidden(f"this needs the permission card.{action} on this card")


async def open_card(tx: Transaction, card_id: UUID, *, viewer: Viewer, action: str) -> CardRow:
    """Return a card locked for a change.

    Addresses and conversations are locked before cards, never after.

    Raises:
        NotFound: There is no such card, or the viewer may not see it.
        Forbidden: The viewer sees it and may not do ``action`` on it.
        CardMerged: It is part of another card.
    """
    card = await lock_card(tx, card_id)
    if card is None:
        raise NotFound("there is no such card")
    await check_card(tx, card_id, viewer=viewer, action=action)
    if card.merged_into is not None:
        raise CardMerged(winner_id=await root_of(tx, card_id))
    return card


async def lock_card(tx: Transaction, card_id: UUID) -> CardRow | None:
    """Return a card that is not deleted, locked until the transaction ends."""
    found = await tx.session.get(CardRow, card_id, with_for_update=True, populate_existing=True)
    return None if found is None or found.deleted_at is not None else found


async def root_of(source: Reads, card_id: UUID) -> UUID:
    """Return the card a card is shown as: itself, or what it was merged into in the end.

    Raises:
        NotFound: There is no such card.
    """
    root = await source.fetchval("SELECT card_root($1)", card_id)
    if root is None:
        raise NotFound("there is no such card")
    return UUID(str(root))
