"""A stored answer as the value adapters take: built from rows, the same in every attempt."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from inbox.contract import (
    AccountId,
    Address,
    Button,
    ExternalRef,
    Media,
    MediaKind,
    Outbound,
    Recipient,
    RichText,
    Span,
    Stored,
    ThreadRef,
)
from infra.db import Raw, Transaction


MOST_REFERENCES = 50  # ids of earlier messages: the oldest and the newest of a long thread

MESSAGE = """
SELECT m.id, m.text, m.spans::text AS spans, m.parts::text AS parts, m.at, m.seq,
       coalesce(m.subject, t.subject) AS subject, m.in_reply_to,
       m.thread_id, t.account_id, t.key, a.name AS agent_name, c.kind, c.address
  FROM message AS m JOIN thread AS t ON t.id = m.thread_id
  JOIN channel_account AS c ON c.id = t.account_id
  LEFT JOIN agent AS a ON a.id = m.agent_id
 WHERE m.id = $1
"""

COPIES = """
SELECT d.id, d.role, d.part, d.identity_id, i.kind, i.value, i.display
  FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id
  JOIN message AS m ON m.id = d.message_id
 WHERE d.message_id = $1 AND d.part = 0
 ORDER BY array_position(ARRAY['to', 'cc', 'bcc'], d.role), array_position(
          ARRAY(SELECT r ->> 'value' FROM jsonb_array_elements(m.recipients) AS r), i.value)
"""

FILES = """
SELECT kind, filename, mime, size, blob, content_id, is_inline FROM attachment
 WHERE message_id = $1 AND blob IS NOT NULL ORDER BY position
"""

EARLIER = """
SELECT id, external_id, kind FROM message
 WHERE thread_id = $1 AND external_id IS NOT NULL AND visibility = 'public' AND n < (
       SELECT n FROM message WHERE id = $2)
 ORDER BY n
"""


class Addressed(msgspec.Struct, frozen=True):
    """A message to deliver, and whose address is which identity's."""

    message: Outbound
    identities: dict[tuple[str, str], UUID]


async def load_outbound(raw: Raw | Transaction, message_id: UUID) -> Addressed:
    """Return a stored answer as the contract has it.

    It names every recipient, also those that have it already: who a call hands it to is said by
    the call.
    """
    row = await raw.fetchrow(MESSAGE, message_id)
    if row is None:
        raise LookupError(f"no message {message_id} to deliver")
    copies = await raw.fetch(COPIES, message_id)
    files = await raw.fetch(FILES, message_id)
    earlier = await raw.fetch(EARLIER, row["thread_id"], message_id)
    thread = ThreadRef(AccountId(row["account_id"]), row["key"])
    first, *others = (Recipient(_address(one), one["role"]) for one in copies)
    message = Outbound(
        id=row["id"],
        thread=thread,
        thread_id=row["thread_id"],
        to=first.address,
        copies=tuple(others),
        parts=(RichText(text=row["text"], spans=_spans(row)), *map(_media, files)),
        at=row["at"],
        sender=Address("email", row["address"]) if row["kind"] == "email" else None,
        reply_to=_answered(row, earlier, thread),
        references=_references(earlier),
        buttons=_buttons(row),
        subject=row["subject"],
        sender_name=row["agent_name"],
    )
    identities = {(one["kind"], one["value"]): one["identity_id"] for one in copies}
    return Addressed(message, identities)


def _address(row: asyncpg.Record) -> Address:
    return Address(row["kind"], row["value"], display=row["display"] or None)


def _media(row: asyncpg.Record) -> Media:
    return Media(
        kind=msgspec.convert(row["kind"], MediaKind),
        source=Stored(blob=row["blob"]),
        filename=row["filename"] or None,
        mime=row["mime"],
        size=row["size"],
        content_id=row["content_id"],
        inline=row["is_inline"],
    )


def _answered(
    row: asyncpg.Record, earlier: Sequence[asyncpg.Record], thread: ThreadRef
) -> ExternalRef | None:
    """Return the message that is answered: the one named, in a mail else the client's latest.

    A mail always answers something; a chat quotes what it was told to quote.
    """
    candidates = [one for one in earlier if one["id"] == row["in_reply_to"]]
    if row["kind"] == "email":
        candidates += [one for one in reversed(earlier) if one["kind"] == "inbound"]
        candidates += reversed(earlier)
    for one in candidates:
        return ExternalRef(thread, one["external_id"])
    return None


def _spans(row: asyncpg.Record) -> tuple[Span, ...]:
    return msgspec.json.decode(row["spans"], type=tuple[Span, ...])


def _buttons(row: asyncpg.Record) -> tuple[tuple[Button, ...], ...]:
    for part in msgspec.json.decode(row["parts"]):
        if part["type"] == "buttons":
            return msgspec.convert(part["rows"], tuple[tuple[Button, ...], ...])
    return ()


def _references(earlier: Sequence[asyncpg.Record]) -> tuple[str, ...]:
    ids = [one["external_id"] for one in earlier]
    if len(ids) > MOST_REFERENCES:
        ids = [ids[0], *ids[1 - MOST_REFERENCES :]]
    return tuple(ids)
