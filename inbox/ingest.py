"""Taking in what clients send: contract events become items of one SQL call.

The call (``inbox/sql/22_ingest.sql``) finds or makes identity, card, thread and conversation,
stores the message and announces it. Here the rules are applied that need no database: what the
text is, whom it concerns, how it is found again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from crm_core.addresses import compare_key
from crm_core.seeds import card_seed
from inbox.amending import amend, pieced
from inbox.content import Content, clean, cleaned
from inbox.contract import Address, MessageIn
from infra.clock import new_id, now
from infra.db import Writes
from infra.tables import Json


JOINT = "\x1f"  # between grams on their way to SQL: one string is parsed faster than a list
SCOPED = {"telegram_user", "telegram_chat", "web_visitor", "external_id"}
"""Kinds whose values are unique only inside one account."""


class OwnAccount(msgspec.Struct, frozen=True):
    """What the ingest must know of an account: which addresses are the company's own."""

    id: UUID
    kind: str
    own: frozenset[str]
    """``compare_key`` of every address of the company on channels of this kind."""


class Stowed(msgspec.Struct, frozen=True):
    """What became of one item: ``stored``, ``amended``, ``duplicate`` or ``own_copy``."""

    outcome: str
    message_id: UUID


class NoPeer(Exception):
    """A message of ours names nobody outside: there is no client to file it under."""


def item_of(event: MessageIn, account: OwnAccount, *, journal_id: int | None = None) -> Json:
    """Return the item of ``ingest`` for a message.

    Raises:
        NoPeer: It was sent by us and has no outside recipient.
    """
    moment = now()
    content = Content(event.parts)
    peer = _peer(event, account)
    author = None if event.from_us or event.chat is None else event.sender
    copied = _copied(event, account, peer)
    seed = card_seed(peer.kind, peer.value, peer.display)
    own_id = event.ref.message_id
    is_graph = event.ref.thread.key == ""
    identities = [_identity(peer, event.account), *(_identity(a, event.account) for a in copied)]
    if author is not None:
        identities.append(_identity(author, event.account))
    meta = _meta(event, content)
    text = content.text
    if event.piece is not None:
        meta["pieces"] = {"total": event.piece.total, "texts": {str(event.piece.n): text}}
        text = pieced(meta["pieces"])
    if event.album is not None:
        meta["captions"] = [[clean(own_id), text, content.spans]]
    locks = [f"{one['kind']}/{one['scope']}/{one['compare']}" for one in identities]
    if not is_graph:
        locks.append(f"thread/{event.account}/{event.ref.thread.key}")
    return {
        "journal_id": journal_id,
        "now": moment,
        "account": event.account,
        "dedup_key": clean(event.dedup_key),
        "at": _plausible(event.at, moment),
        "thread_key": clean(event.ref.thread.key),
        "external_id": clean(own_id),
        "own_hash": ref_hash(own_id).hex() if is_graph and own_id else None,
        "references": [ref_hash(ref).hex() for ref in event.references] if is_graph else [],
        "proven_thread": event.proven_thread,
        "from_us": event.from_us,
        "may_be_copy": event.from_us or _key(event.sender) in account.own,
        "answer_until": event.answer_until,
        "automatic": event.automatic,
        "trust": event.trust,
        "peer": identities[0],
        "copied": identities[1 : len(copied) + 1],
        "author": None if author is None else identities[-1],
        "is_group": event.ref.thread.group,
        "locks": locks,
        "card": {
            "id": new_id(),
            "link_id": new_id(),
            "display_name": seed.display_name,
            "given_name": seed.given_name,
            "family_name": seed.family_name,
            "sort_key": seed.sort_key,
            "name_key": seed.name_key,
            "search_text": seed.search_text,
            "search_grams": JOINT.join(seed.search_grams),
        },
        "thread_id": new_id(),
        "conversation_id": new_id(),
        "message_id": new_id(),
        "activity_id": new_id(),
        "subject": None if event.subject is None else clean(event.subject)[:1000],
        "text": text,
        "reply_text": content.reply_text if event.piece is None else text,
        "folds": content.folds,
        "spans": content.spans,
        "parts": content.parts,
        "joint": _joint(event),
        "piece": None if event.piece is None else str(event.piece.n),
        "dedup_hash": ref_hash(f"dedup/{event.dedup_key}").hex() if _joint(event) else None,
        "reply_to": None if event.reply_to is None else clean(event.reply_to.message_id),
        "html": content.html,
        "preview": content.preview,
        "recipients": [
            {
                "role": r.role,
                "kind": r.address.kind,
                "value": clean(r.address.value),
                "display": clean(r.address.display or ""),
            }
            for r in event.recipients
        ],
        "attachments": content.attachments,
        "meta": meta,
    }


async def store(tx: Writes, items: Sequence[Json]) -> list[Stowed]:
    """Store messages in one call; the journal rows they name are settled with them.

    What repeats or continues another item goes in a later call, where that one is found.
    """
    stowed: dict[UUID, Stowed] = {}
    for turn in _turns(items):
        stowed |= await _store(tx, turn)
    tx.wrote()
    return [stowed[item["message_id"]] for item in items]


def _turns(items: Sequence[Json]) -> list[list[Json]]:
    turns: list[list[Json]] = [[]]
    taken: Counter[tuple[UUID, str, str]] = Counter()
    for item in items:
        keys = [(item["account"], "", item["dedup_key"])]
        if item["joint"] is not None:
            keys.append((item["account"], item["thread_key"], item["joint"]))
        turn = max(taken[key] for key in keys)
        if turn == len(turns):
            turns.append([])
        turns[turn].append(item)
        for key in keys:
            taken[key] = turn + 1
    return turns


async def _store(tx: Writes, items: Sequence[Json]) -> dict[UUID, Stowed]:
    rows = await tx.fetch(
        "SELECT outcome, message_id FROM ingest($1::jsonb) ORDER BY ix",
        msgspec.json.encode(items).decode(),
    )
    stowed = {}
    for item, row in zip(items, rows, strict=True):
        stowed[item["message_id"]] = Stowed(row["outcome"], row["message_id"])
        if row["outcome"] == "amended":
            await amend(tx, row["message_id"], item)
    return stowed


def ref_hash(message_id: str) -> bytes:
    """Return what a provider's message id is remembered by: 16 bytes, whatever its length."""
    return sha256(message_id.strip().encode("utf-8", "surrogatepass")).digest()[:16]


def _meta(event: MessageIn, content: Content) -> Json:
    """Return what of a message is kept beside its content; what is empty is left out."""
    sender = None if event.from_us else event.sender.display
    meta = {
        "automatic": event.automatic,
        "trust": event.trust,
        "quoted": event.quoted,
        "warnings": list(event.warnings),
        "context": dict(event.context),
        "sender_name": (sender or "")[:200],
        "remote_images": content.remote_images,
        "calendar": content.calendar,
    }
    return {name: cleaned(value) for name, value in meta.items() if value}


def _joint(event: MessageIn) -> str | None:
    """Return what a message has in common with the others it is shown as one with."""
    if event.piece is not None:
        return f"piece/{clean(event.piece.key)}"
    return None if event.album is None else clean(event.album)


def _peer(event: MessageIn, account: OwnAccount) -> Address:
    """Return whom the message is exchanged with: the group, its sender, who gets ours."""
    if event.chat is not None:
        return event.chat
    if not event.from_us:
        return event.sender
    outside = _outside((r.address for r in event.recipients), account)
    if not outside:
        raise NoPeer
    return outside[0]


def _copied(event: MessageIn, account: OwnAccount, peer: Address) -> list[Address]:
    """Return everybody else outside who has the message; they take part in it."""
    named = (r.address for r in event.recipients if r.role in {"to", "cc"})
    return [one for one in _outside(named, account) if _key(one) != _key(peer)][:100]


def _outside(addresses: Iterable[Address], account: OwnAccount) -> list[Address]:
    found: dict[str, Address] = {}
    for address in addresses:
        key = _key(address)
        if key not in account.own:
            found.setdefault(key, address)
    return list(found.values())


def _key(address: Address) -> str:
    return compare_key(address.kind, address.value)


def _identity(address: Address, account_id: UUID) -> Json:
    seed = card_seed(address.kind, address.value, address.display)
    return {
        "id": new_id(),
        "kind": address.kind,
        "scope": str(account_id) if address.kind in SCOPED else "",
        "value": clean(address.value),
        "compare": seed.compare,
        "raw": seed.raw,
        "extension": None,
        "grams": JOINT.join(seed.grams),
        "display": seed.display,
        "status": "ok" if address.kind != "phone" or address.value[:1] == "+" else "unverified",
        "verified": address.verified,
    }


def _plausible(at: datetime, moment: datetime) -> datetime:
    """Return when a message was written, but never in the future: clocks of senders lie."""
    return min(at, moment)
