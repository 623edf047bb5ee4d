"""Who a reply goes to: never anybody the agent did not mean, never ourselves.

A thread owns the address replies go to. Whatever happens to cards and conversations, the default
is that address, or the one its owner asked answers to be sent to.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec

from crm_core.addresses import AddressKind, canonical, compare_key
from crm_core.seeds import card_seed
from inbox.contract import Capabilities
from inbox.ingest import SCOPED
from infra.clock import new_id, now
from infra.db import Raw, Transaction
from infra.errors import Invalid


Role = Literal["to", "cc", "bcc"]

MOST_RECIPIENTS = 100  # per message

REACHED_AS: dict[str, tuple[AddressKind, ...]] = {
    "email": ("email",),
    "sms": ("phone",),
    "voice": ("phone", "sip_uri"),
    "telegram": ("telegram_user", "telegram_chat"),
    "webchat": ("web_visitor",),
}
"""Which addresses a kind of channel writes to."""

SHUT = {"opted_out": "does not want to be written to", "blocked_us": "has blocked us"}
"""Statuses of an identity that nothing is sent to."""

PEER = """
SELECT i.* FROM thread AS t JOIN identity AS i ON i.id = t.peer_identity_id WHERE t.id = $1
"""

ANSWERS_TO = """
SELECT r ->> 'kind' AS kind, r ->> 'value' AS value, r ->> 'display' AS display
  FROM (SELECT recipients FROM message
         WHERE thread_id = $1 AND kind = 'inbound' AND visibility = 'public' AND identity_id = $2
         ORDER BY n DESC LIMIT 1) AS latest, jsonb_array_elements(recipients) AS r
 WHERE r ->> 'role' = 'reply_to'
"""

OTHERS = """
SELECT r ->> 'role' AS role, r ->> 'kind' AS kind, r ->> 'value' AS value,
       r ->> 'display' AS display
  FROM (SELECT recipients FROM message
         WHERE thread_id = $1 AND visibility = 'public' AND kind IN ('inbound', 'outbound')
         ORDER BY n DESC LIMIT 1) AS latest, jsonb_array_elements(recipients) AS r
 WHERE r ->> 'role' IN ('to', 'cc')
"""

LOCK = """
SELECT pg_advisory_xact_lock(k.key) FROM (
    SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY 1
) AS k
"""
"""Addresses are locked in the order of their keys, as the ingest does it: no deadlock."""

OURS = """
SELECT lower(address) FROM channel_account WHERE removed_at IS NULL AND lower(address) = ANY($1)
UNION SELECT compare FROM identity WHERE is_own AND compare = ANY($1)
"""


class RecipientGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody an agent writes to."""

    role: Role = "to"
    kind: AddressKind
    value: Annotated[str, msgspec.Meta(max_length=320)]
    display: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody a message goes to, with the identity their address has here."""

    identity_id: UUID
    role: Role
    kind: str
    value: str
    display: str
    status: str


class Unreachable(Invalid):
    """Somebody among the recipients must not be written to."""

    code = "recipient.unreachable"
    title = "This recipient cannot be written to"


async def default_recipients(
    raw: Raw | Transaction, thread_id: UUID, caps: Capabilities
) -> list[RecipientGiven]:
    """Return who an answer in a thread goes to: its peer, or where the peer wants answers."""
    peer = await _peer(raw, thread_id)
    if caps.copies:
        wanted = await raw.fetch(ANSWERS_TO, thread_id, peer["id"])
        ours = await _ours(raw, [row["value"] for row in wanted])
        given = [_given(row, "to") for row in wanted if row["value"].casefold() not in ours]
        if given:
            return given
    return [_given(peer, "to")]


async def reply_all(
    raw: Raw | Transaction, thread_id: UUID, caps: Capabilities
) -> list[RecipientGiven]:
    """Return the default recipients and everybody else the latest message was for, but us."""
    first = await default_recipients(raw, thread_id, caps)
    if not caps.copies:
        return first
    others = await raw.fetch(OTHERS, thread_id)
    ours = await _ours(raw, [row["value"] for row in others])
    taken = {one.value.casefold() for one in first} | ours
    copies = [_given(row, "cc") for row in others if row["value"].casefold() not in taken]
    return [*first, *copies]


async def resolve(
    tx: Transaction,
    given: Sequence[RecipientGiven],
    *,
    account_id: UUID,
    channel: str,
    caps: Capabilities,
    peer_id: UUID | None,
) -> list[Recipient]:
    """Return the identities ``given`` addresses have, making those that are new.

    Args:
        account_id: The channel account that sends.
        channel: Its kind.
        peer_id: The identity a channel without copies is bound to; None for a new thread.

    Raises:
        Invalid: An address is none, or the channel cannot write to it.
        Unreachable: Somebody opted out or blocked us.
    """
    wanted = _canonical(given, channel)
    if caps.copies or peer_id is None:
        ours = await _ours(tx, [one.value for one in wanted])
        wanted = [one for one in wanted if one.value.casefold() not in ours]
        await _lock(tx, wanted, account_id)
        found = [await _identity(tx, one, account_id) for one in wanted]
    else:
        found = [await _bound(tx, one, peer_id) for one in wanted]
    if not any(one.role == "to" for one in found):
        raise Invalid("nobody but ourselves would get this message")
    if not caps.copies and len(found) > 1:
        raise Invalid("this channel writes to one recipient at a time")
    for one in found:
        if one.status in SHUT:
            raise Unreachable(f"{one.display or one.value} {SHUT[one.status]}", address=one.value)
    return found


async def _bound(tx: Transaction, one: RecipientGiven, peer_id: UUID) -> Recipient:
    row = await tx.fetchrow("SELECT * FROM identity WHERE id = $1", peer_id)
    if row is None or (row["kind"], row["value"]) != (one.kind, one.value):
        raise Invalid("this channel writes to the one its thread is bound to and to nobody else")
    return _recipient(row, one)


def _canonical(given: Sequence[RecipientGiven], channel: str) -> list[RecipientGiven]:
    if len(given) > MOST_RECIPIENTS:
        raise Invalid(f"a message has at most {MOST_RECIPIENTS} recipients")
    reached = REACHED_AS.get(channel, ())
    chosen: dict[tuple[str, str], RecipientGiven] = {}
    for one in sorted(given, key=lambda one: ("to", "cc", "bcc").index(one.role)):
        if one.kind not in reached:
            raise Invalid(f"this channel does not write to {one.kind} addresses")
        address = canonical(one.kind, one.value)
        same = (address.kind, address.compare)
        if same not in chosen:
            chosen[same] = msgspec.structs.replace(one, value=address.value)
    return list(chosen.values())


async def _lock(tx: Transaction, wanted: Sequence[RecipientGiven], account_id: UUID) -> None:
    names = [
        f"{one.kind}/{_scope(one, account_id)}/{compare_key(one.kind, one.value)}"
        for one in wanted
    ]
    await tx.execute(LOCK, names)


async def _identity(tx: Transaction, one: RecipientGiven, account_id: UUID) -> Recipient:
    row = await tx.fetchrow(
        "SELECT * FROM ingest_identity($1::jsonb, $2)", _seed_of(one, account_id), now()
    )
    if row is None:
        raise Invalid(f"{one.value} cannot be written to")
    return _recipient(row, one)


def _scope(one: RecipientGiven, account_id: UUID) -> str:
    return str(account_id) if one.kind in SCOPED else ""


def _recipient(row: asyncpg.Record, one: RecipientGiven) -> Recipient:
    return Recipient(
        identity_id=row["id"],
        role=one.role,
        kind=row["kind"],
        value=row["value"],
        display=one.display or row["display"],
        status=row["status"],
    )


def _seed_of(one: RecipientGiven, account_id: UUID) -> str:
    seed = card_seed(one.kind, one.value, one.display)
    return msgspec.json.encode(
        {
            "id": new_id(),
            "kind": one.kind,
            "scope": _scope(one, account_id),
            "value": one.value,
            "compare": seed.compare,
            "raw": seed.raw,
            "extension": None,
            "grams": seed.grams,
            "display": seed.display,
            "status": "ok",
            "verified": False,
        }
    ).decode()


async def _peer(raw: Raw | Transaction, thread_id: UUID) -> asyncpg.Record:
    peer = await raw.fetchrow(PEER, thread_id)
    if peer is None:
        raise Invalid(f"{thread_id} is no thread")
    return peer


async def _ours(raw: Raw | Transaction, values: Iterable[str]) -> set[str]:
    rows = await raw.fetch(OURS, [value.casefold() for value in values])
    return {row[0] for row in rows}


def _given(row: asyncpg.Record, role: Role) -> RecipientGiven:
    return msgspec.convert(
        {
            "role": role,
            "kind": row["kind"],
            "value": row["value"],
            "display": row["display"] or None,
        },
        RecipientGiven,
    )
