"""Every event of the contract and what it does here.

All of it may come late, twice and in any order. An event that speaks of something that is not here
yet waits for it: see ``inbox.verdicts``.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from inbox.accounts import store_health
from inbox.bounces import apply_delivery_changed, apply_reachability, apply_read_up_to
from inbox.buttons import apply_button
from inbox.contract import (
    AccountChanged,
    ButtonPressed,
    DeliveryChanged,
    Event,
    FormSubmitted,
    IdentityProven,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageIn,
    PageVisited,
    Reachability,
    ReactionChanged,
    ReadUpTo,
    ThreadMoved,
)
from inbox.edits import apply_deleted, apply_edited
from inbox.forms import apply_form
from inbox.ingest import NoPeer, OwnAccount, item_of, store
from inbox.moving import apply_moved
from inbox.optout import heed
from inbox.reactions import apply_reaction
from inbox.verdicts import PROCESSED, Verdict, ignored
from inbox.visits import apply_visit
from infra.db import Transaction


async def apply(tx: Transaction, event: Event, account: OwnAccount, *, journal_id: int) -> Verdict:
    """Do what an event asks for, in the caller's transaction; say what became of it."""
    match event:
        case MessageIn():
            return await _store(tx, event, account, journal_id)
        case MessageEdited():
            return await apply_edited(tx, event, order=journal_id)
        case FormSubmitted():
            return await apply_form(tx, event, account, journal_id=journal_id)
        case Ignored(reason=reason):
            return ignored(reason)
        case _ if type(event) in EFFECTS:
            return await EFFECTS[type(event)](tx, event)
        case _:
            return ignored(f"not_handled:{type(event).__name__}")


async def _health(tx: Transaction, event: AccountChanged) -> Verdict:
    await store_health(tx, event.account, event.health)
    return PROCESSED


async def _proven(_tx: Transaction, _event: IdentityProven) -> Verdict:
    """Nothing is left to do: proofs are taken in before whatever comes with them."""
    return PROCESSED


async def _store(
    tx: Transaction, event: MessageIn, account: OwnAccount, journal_id: int
) -> Verdict:
    try:
        item = item_of(event, account, journal_id=journal_id)
    except NoPeer:
        return ignored("no_recipient")
    (stowed,) = await store(tx, [item])  # which settles the journal's row, too
    if stowed.outcome == "stored":
        await heed(tx, event, stowed.message_id)
    return PROCESSED


EFFECTS: Mapping[type[Event], Callable[[Transaction, Any], Awaitable[Verdict]]] = {
    MessageDeleted: apply_deleted,
    ReactionChanged: apply_reaction,
    DeliveryChanged: apply_delivery_changed,
    ReadUpTo: apply_read_up_to,
    Reachability: apply_reachability,
    ButtonPressed: apply_button,
    PageVisited: apply_visit,
    ThreadMoved: apply_moved,
    AccountChanged: _health,
    IdentityProven: _proven,
}
"""What the events do that say everything themselves."""
