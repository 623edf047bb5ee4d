"""Taking in what clients send: contract events become items of one SQL call.

The call (``inbox/sql/22_ingest.sql``) finds or makes identity, card, thread and conversation,
stores the message and announces it. Here the rules are applied that need no database: what the
text is, whom it concerns, how it is found again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from crm_core.addresses import compare_key
from crm_core.seeds import card_seed
from inbox.contract import (
    Address,
    CalendarEvent,
    Forwarded,
    Html,
    Location,
    Media,
    MessageIn,
    Part,
    RichText,
    SharedContact,
    Stored,
    Unsupported,
)
from infra.clock import new_id, now
from infra.db import Writes
from infra.tables import Json


PREVIEW = 160  # characters of a list row's second line
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
    """What became of one item: ``stored``, ``duplicate`` or ``own_copy``."""

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
    content = _Content(event)
    peer = _peer(event, account)
    copied = _copied(event, account, peer)
    seed = card_seed(peer.kind, peer.value, peer.display)
    own_id = event.ref.message_id
    is_graph = event.ref.thread.key == ""
    identities = [_identity(peer, event.account), *(_identity(a, event.account) for a in copied)]
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
        "automatic": event.automatic,
        "trust": event.trust,
        "peer": identities[0],
        "copied": identities[1:],
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
        "text": content.text,
        "reply_text": content.reply_text,
        "folds": content.folds,
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
        "meta": content.meta,
    }


async def store(tx: Writes, items: Sequence[Json]) -> list[Stowed]:
    """Store messages in one call; the journal rows they name are settled with them.

    A repetition inside the batch goes in a call of its own, where it is seen to be one.
    """
    first: dict[tuple[UUID, str], Json] = {}
    repeated = [
        item
        for item in items
        if first.setdefault((item["account"], item["dedup_key"]), item) is not item
    ]
    stowed = await _store(tx, list(first.values()))
    for item in repeated:
        stowed |= await _store(tx, [item])
    tx.wrote()
    return [stowed[item["message_id"]] for item in items]


async def _store(tx: Writes, items: Sequence[Json]) -> dict[UUID, Stowed]:
    rows = await tx.fetch(
        "SELECT outcome, message_id FROM ingest($1::jsonb) ORDER BY ix",
        msgspec.json.encode(items).decode(),
    )
    return {
        item["message_id"]: Stowed(row["outcome"], row["message_id"])
        for item, row in zip(items, rows, strict=True)
    }


def ref_hash(message_id: str) -> bytes:
    """Return what a provider's message id is remembered by: 16 bytes, whatever its length."""
    return sha256(message_id.strip().encode("utf-8", "surrogatepass")).digest()[:16]


def clean(text: str) -> str:
    """Return ``text`` without what PostgreSQL cannot hold: NUL and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


class _Content:
    """The parts of a message as the columns of its row."""

    def __init__(self, event: MessageIn) -> None:
        self.text = ""
        self.folds: list[Json] = []
        self.html: str | None = None
        self.attachments: list[Json] = []
        self.meta: Json = _meta(event)
        for part in event.parts:
            match part:
                case Html(html=html, remote_images=remote):
                    self.html = clean(html)
                    if remote:
                        self.meta["remote_images"] = remote
                case Media():
                    self.attachments.append(_attachment(part))
                case CalendarEvent():
                    self.meta.setdefault("calendar", []).append(msgspec.to_builtins(part))
                case _:
                    self._add_text(part)

    @property
    def reply_text(self) -> str:
        """The text without its folds."""
        kept, place = [], 0
        for fold in sorted(self.folds, key=lambda fold: int(fold["start"])):
            kept.append(self.text[place : fold["start"]])
            place = max(place, fold["end"])
        return "".join([*kept, self.text[place:]]).strip()

    @property
    def preview(self) -> str:
        """The beginning of what the client says, on one line."""
        words = " ".join(self.reply_text[: PREVIEW * 4].split())
        if not words and self.attachments:
            words = " ".join(one["filename"] for one in self.attachments)
        return words[:PREVIEW]

    def _add_text(self, part: Part) -> None:
        said = _said(part)
        if not said:
            return
        if self.text:
            self.text += "\n\n"
        start = len(self.text)
        self.text += said
        if isinstance(part, RichText):
            self.folds += [
                {"start": start + fold.start, "end": start + fold.end, "kind": fold.kind}
                for fold in part.folds
            ]


def _meta(event: MessageIn) -> Json:
    """Return what of a message is kept beside its content; what is empty is left out."""
    sender = None if event.from_us else event.sender.display
    meta = {
        "automatic": event.automatic,
        "trust": event.trust,
        "quoted": event.quoted,
        "warnings": list(event.warnings),
        "context": dict(event.context),
        "sender_name": clean(sender or "")[:200],
    }
    return {name: value for name, value in meta.items() if value}


def _said(part: Part) -> str:
    """Return what a part says in words."""
    match part:
        case RichText(text=text):
            return clean(text)
        case Location(lat=lat, lon=lon, title=title):
            return clean(f"{title or ''} {lat:.6f}, {lon:.6f}".strip())
        case SharedContact(name=name, phones=phones):
            return clean(" ".join([name, *phones]))
        case Forwarded(origin=origin, parts=parts):
            inner = "\n".join(filter(None, map(_said, parts)))
            return clean(f"{origin}\n{inner}".strip())
        case Unsupported(fallback=fallback):
            return clean(fallback)
        case _:
            return ""


def _attachment(media: Media) -> Json:
    return {
        "id": new_id(),
        "kind": media.kind,
        "filename": clean(media.filename or "")[:200],
        "mime": clean(media.mime or "application/octet-stream")[:100],
        "size": media.size or 0,
        "blob": media.source.blob if isinstance(media.source, Stored) else None,
        "content_id": None if media.content_id is None else clean(media.content_id),
        "inline": media.inline,
        "unavailable": media.unavailable,
    }


def _peer(event: MessageIn, account: OwnAccount) -> Address:
    """Return whom the message is exchanged with: its sender, or the recipient of ours."""
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
