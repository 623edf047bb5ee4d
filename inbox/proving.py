"""Who somebody is, proved: a number shared in Telegram, a site's signed token, a link of ours.

A proof ties the address somebody writes with to the card of whoever owns the proved address. When
both have cards, the card of a stranger nobody has touched yet becomes part of the other; two cards
that people work with stay two, and the timeline says that they are one client's: a person merges.
"""

from contextlib import suppress
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from crm_core.access import root_of
from crm_core.addresses import AddressKind, InvalidAddress, canonical
from crm_core.identities import prove_identity
from crm_core.linking import card_for, hold, known_identity, lead_of
from crm_core.merge import merge_proven
from crm_core.timeline import note_activity
from inbox.case import open_any
from inbox.contract import AccountId, Address, IdentityProven, MessageIn, SharedContact
from inbox.ingest import SCOPED
from infra.clock import now
from infra.db import Transaction


UNTOUCHED = """
SELECT c.lifecycle = 'stranger' AND c.owner_id IS NULL AND c.about = '' AND c.custom = '{}'
       AND NOT EXISTS (SELECT FROM jsonb_each(c.provenance) AS p
                        WHERE p.value ->> 'by' NOT IN ('channel', 'merge'))
  FROM card AS c WHERE c.id = $1
"""
"""Whether nobody but a channel ever wrote to a card."""

OLDER = "SELECT id FROM card WHERE id = ANY($1) ORDER BY created_at, id LIMIT 1"

OPEN_LINK = """
SELECT card_id, used_by FROM deep_link
 WHERE hash = $1 AND account_id = $2 AND expires_at > $3 FOR UPDATE
"""

CLOSE_LINK = "UPDATE deep_link SET used_at = $2, used_by = $3 WHERE hash = $1 AND used_at IS NULL"

KNOWN = """
SELECT 1 FROM identity
 WHERE kind = $1 AND value = $2 AND scope = $3 AND verified_at IS NOT NULL
"""

UNUSED = "SELECT used_at IS NULL FROM deep_link WHERE hash = $1"

SETTLE_CLAIMS = """
UPDATE claim SET settled_at = $4, settled_how = 'proven'
 WHERE identity_id = $1 AND kind = $2 AND value = $3 AND settled_at IS NULL
"""

BRANCH = "SELECT branch_id FROM channel_account WHERE id = $1"

CASE = """
SELECT t.conversation_id FROM thread AS t WHERE t.account_id = $1 AND t.peer_identity_id = $2
 ORDER BY t.created_at DESC LIMIT 1
"""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was proved of whoever writes with an address.

    Attributes:
        who: The address they write with.
        proven: Addresses they own, too.
        token: Secret of a deep link of ours they came by.
        how: ``contact_shared``, ``site_token``, ``one_time_code``, ``mail_link``, ``deep_link``.
    """

    account: AccountId
    who: Address
    proven: tuple[Address, ...]
    token: str | None
    how: str


def proof_of(event: MessageIn | IdentityProven) -> Proof | None:
    """Return what an event proves of its sender; None when it proves nothing."""
    if isinstance(event, IdentityProven):
        return Proof(
            account=event.account,
            who=event.who,
            proven=event.proven,
            token=event.token,
            how=event.how,
        )
    phones = tuple(
        number
        for part in event.parts
        if isinstance(part, SharedContact) and part.is_sender
        for number in map(_international, part.phones)
        if number is not None
    )
    if event.from_us or not (phones or event.start_payload):
        return None
    return Proof(
        account=event.account,
        who=event.sender,
        proven=phones,
        token=event.start_payload,
        how="contact_shared" if phones else "deep_link",
    )


async def prove(tx: Transaction, proof: Proof) -> UUID | None:
    """Tie an address to the card of whoever it was proved to be; return that card.

    Proving the same again changes nothing. None when the proof is worth nothing: an old link.
    """
    await tx.lock("card-merge")  # before the addresses, as every merge does
    is_news = await _is_news(tx, proof)
    linked = await _card_of_link(tx, proof)
    if linked is None and not proof.proven:
        return None
    known = [await _holder(tx, one, proof.account) for one in proof.proven]
    owners = [one for one in (linked, *known) if one is not None]
    card_id = await _place(tx, proof, owners)
    for owner in owners:
        card_id = await _unite(tx, card_id, owner, proof)
    for address in proof.proven:
        scope = _scope(address, proof.account)
        await prove_identity(tx, card_id, kind=address.kind, value=address.value, scope=scope)
    await _note(tx, card_id, proof, is_news=is_news)
    return card_id


async def _is_news(tx: Transaction, proof: Proof) -> bool:
    """Whether something is proved that was not before."""
    for address in proof.proven:
        scope = _scope(address, proof.account)
        if await tx.fetchval(KNOWN, address.kind, address.value, scope) is None:
            return True
    return proof.token is not None and bool(await tx.fetchval(UNUSED, link_hash(proof.token)))


async def _card_of_link(tx: Transaction, proof: Proof) -> UUID | None:
    """Return the card a deep link leads to; it works once, for whoever came first."""
    if not proof.token:
        return None
    digest = link_hash(proof.token)
    row = await tx.fetchrow(OPEN_LINK, digest, proof.account, now())
    if row is None:
        return None
    who = await known_identity(
        tx, kind=proof.who.kind, value=proof.who.value, scope=_scope(proof.who, proof.account)
    )
    if row["used_by"] not in {None, who.id}:
        return None
    await tx.execute(CLOSE_LINK, digest, now(), who.id)
    return await root_of(tx, row["card_id"])


async def _holder(tx: Transaction, address: Address, account: AccountId) -> UUID | None:
    """Return the one card that holds an address; a shared one proves nobody."""
    scope = _scope(address, account)
    lead = await lead_of(tx, kind=address.kind, value=address.value, scope=scope)
    return lead.card_id if len(lead.candidates) == 1 else None


async def _place(tx: Transaction, proof: Proof, owners: list[UUID]) -> UUID:
    """Return the card of whoever writes, who gets the proved one when they have none."""
    who, scope = proof.who, _scope(proof.who, proof.account)
    lead = await lead_of(tx, kind=who.kind, value=who.value, scope=scope)
    if lead.card_id is None and owners:
        identity = await known_identity(
            tx, kind=who.kind, value=who.value, scope=scope, display=who.display or ""
        )
        hold(tx, card_id=owners[0], identity_id=identity.id, linked_by="auto")
        await tx.session.flush()
        return owners[0]
    made = await card_for(
        tx,
        kind=who.kind,
        value=who.value,
        branch_id=await tx.fetchval(BRANCH, proof.account),
        display=who.display or "",
        scope=scope,
    )
    if made.card_id is None:
        raise LookupError(f"{who.value} is our own address")
    return made.card_id


async def _unite(tx: Transaction, card_id: UUID, owner: UUID, proof: Proof) -> UUID:
    """Make one card of two when one of them is a stranger's; return which one stays."""
    if card_id == owner:
        return card_id
    fresh = [one for one in (card_id, owner) if await tx.fetchval(UNTOUCHED, one)]
    if not fresh:
        note_activity(
            tx, card_id, kind="same_client", data={"card_id": str(owner), "how": proof.how}
        )
        return card_id
    if len(fresh) == 2:
        older = await tx.fetchval(OLDER, fresh)
        fresh.remove(older)
    loser = fresh[0]
    winner = owner if loser == card_id else card_id
    await merge_proven(tx, winner, loser, reason=proof.how)
    return winner


async def _note(tx: Transaction, card_id: UUID, proof: Proof, *, is_news: bool) -> None:
    who = await known_identity(
        tx, kind=proof.who.kind, value=proof.who.value, scope=_scope(proof.who, proof.account)
    )
    who.verified_at = who.verified_at or now()
    for address in proof.proven:
        kind: AddressKind = address.kind
        await tx.execute(SETTLE_CLAIMS, who.id, kind, address.value, now())
    conversation_id = await tx.fetchval(CASE, proof.account, who.id)
    if conversation_id is None or not is_news:
        return
    case = await open_any(tx, conversation_id)
    said: dict[str, Any] = {"how": proof.how, "card_id": str(card_id)}
    case.add_entry("identity_proven", addresses=[one.value for one in proof.proven], **said)
    await case.announce()


def _international(phone: str) -> Address | None:
    """Return a number a messenger knows: international, with or without its ``+``."""
    with suppress(InvalidAddress):
        return Address("phone", canonical("phone", f"+{phone.lstrip('+')}").value, verified=True)
    return None


def link_hash(secret: str) -> bytes:
    """Return what a deep link is remembered by."""
    return sha256(secret.encode("utf-8", "replace")).digest()


def _scope(address: Address, account: AccountId) -> str:
    return str(account) if address.kind in SCOPED else ""
