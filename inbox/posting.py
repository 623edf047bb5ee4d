"""What answers and notes have in common: stored once per request, shown as one line."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from crm_core.tables import ActivityRow
from inbox.attachments import FileGiven
from inbox.case import Case
from inbox.contract import Button, Span
from inbox.recipients import RecipientGiven
from inbox.tables import MessageRow
from infra.db import Raw, Transaction
from infra.errors import Conflict, Invalid


PREVIEW = 160  # characters of a list row's second line
LONGEST_TEXT = 200_000  # characters
SIGNATURE = "\n-- \n"  # what a signature comes after, by the custom of mail

ACTIVE = "SELECT id FROM agent WHERE id = ANY($1) AND status = 'active'"


class Via(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which account to answer with, and which of the client's addresses to write to."""

    account_id: UUID
    identity_id: UUID


class MessageGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer or a note as an agent sends it.

    Attributes:
        base_seq: The newest public entry the agent has seen.
        force: Send although something public came after ``base_seq``.
        spans: Formatted ranges of ``text``.
        thread_id: Where to answer; None is where the client wrote last.
        via: Answer over another channel; the conversation stays one.
        reply_to: The message that is quoted, where the channel can.
        buttons: Rows of buttons under the message, where the channel can.
        recipients: Who gets it; empty is who the thread says.
        not_before: Send it then; None is when the channel's undo window ends.
        status_after: What becomes of the conversation; None is that it waits for the client.
        mention_ids: Agents who are to see it: they follow the conversation from now on.
    """

    kind: Literal["reply", "note"] = "reply"
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] = ""
    base_seq: int = 0
    force: bool = False
    spans: Annotated[Sequence[Span], msgspec.Meta(max_length=1000)] = ()
    thread_id: UUID | None = None
    via: Via | None = None
    reply_to: UUID | None = None
    buttons: Annotated[Sequence[Sequence[Button]], msgspec.Meta(max_length=20)] = ()
    recipients: Sequence[RecipientGiven] = ()
    attachments: Sequence[FileGiven] = ()
    subject: str | None = None
    not_before: datetime | None = None
    status_after: Literal["waiting", "open", "closed"] | None = None
    mention_ids: Sequence[UUID] = ()


class Posted(msgspec.Struct, frozen=True):
    """A stored message; ``is_new`` is False when the request had been made before."""

    message_id: UUID
    conversation_id: UUID
    is_new: bool = True


class TokenReused(Conflict):
    """The idempotency key belongs to another message."""

    code = "request.key_reused"
    title = "This key was used for another request"


def check_content(given: MessageGiven) -> None:
    """Make sure there is something to say.

    Raises:
        Invalid: Neither text nor files.
    """
    if not given.text.strip() and not given.attachments:
        raise Invalid("a message has a text or a file")


def fingerprint(place: UUID, given: MessageGiven) -> str:
    """Return what two requests for the same message share, however the guard went."""
    said = msgspec.structs.replace(given, base_seq=0, force=False)
    return sha256(msgspec.json.encode((place, said))).hexdigest()


async def posted_before(
    tx: Transaction, token: UUID, *, place: UUID, given: MessageGiven, agent_id: UUID
) -> Posted | None:
    """Return the message of an earlier try of the same request; later tries wait for it.

    Raises:
        TokenReused: The token made another message.
    """
    await tx.lock(f"message:{token}")
    row = await tx.fetchrow(
        "SELECT id, conversation_id, agent_id, meta ->> 'request' AS request"
        " FROM message WHERE client_token = $1",
        token,
    )
    if row is None:
        return None
    if row["agent_id"] != agent_id or row["request"] != fingerprint(place, given):
        raise TokenReused("choose a new key for a new message")
    return Posted(row["id"], row["conversation_id"], is_new=False)


async def mention(case: Case, message: MessageRow, agent_ids: Sequence[UUID]) -> None:
    """Name agents in a message and let them follow the conversation.

    Raises:
        Invalid: One of them is no active agent.
    """
    wanted = list(dict.fromkeys(agent_ids))
    if not wanted:
        return
    known = {row["id"] for row in await case.tx.fetch(ACTIVE, wanted)}
    if known != set(wanted):
        raise Invalid("one of those mentioned is no active agent")
    message.mention_ids = wanted
    followers = case.row.follower_ids
    case.row.follower_ids = [*followers, *(one for one in wanted if one not in followers)]


async def record(case: Case, message: MessageRow, *, summary: str, about: UUID | None) -> None:
    """Put a message on its card's timeline and into the queue of the search index.

    Args:
        summary: One line of the message.
        about: The identity it was exchanged with; None for a note.
    """
    row = case.row
    case.tx.session.add(
        ActivityRow(
            kind="note" if message.kind == "note" else "message",
            card_id=row.card_id,
            origin_card_id=row.origin_card_id,
            conversation_id=row.id,
            identity_id=about,
            agent_id=message.agent_id,
            direction="" if message.kind == "note" else "out",
            channel=message.channel,
            ref=message.id,
            summary=summary,
            data={"subject": message.subject, "seq": message.seq, "automatic": ""},
        )
    )
    await case.tx.execute("INSERT INTO search_queue (message_id) VALUES ($1)", message.id)


def preview_of(given: MessageGiven) -> str:
    """Return the one line a list shows of a message."""
    said = given.text.partition(SIGNATURE)[0]
    line = " ".join(said[: PREVIEW * 4].split())[:PREVIEW]
    return line or ", ".join(file.filename for file in given.attachments)[:PREVIEW]


async def message_json(raw: Raw | Transaction, message_id: UUID) -> str:
    """Return a message as JSON text; the caller has checked who asks."""
    return str(
        await raw.fetchval(
            "SELECT message_json(m)::text FROM message AS m WHERE m.id = $1", message_id
        )
    )
