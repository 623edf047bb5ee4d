"""Clients who want no more texts: the words they write, and what follows from them.

The words are those carriers expect to be obeyed (CTIA, Messaging Principles and Best Practices,
section 5.1.3: STOP, END, CANCEL, UNSUBSCRIBE, QUIT) and what people here write instead. A word
counts when it is the whole message: "stop by at noon" is none. It is the address that opted out,
so every SMS account obeys, and nothing reaches an adapter: see ``inbox.clearance``.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

import asyncpg

from crm_core.staff.visibility import Viewer
from inbox.case import Case, open_any, open_case
from inbox.changes import message_changed
from inbox.contract import Fault, MessageIn, RichText, SendError
from inbox.delivery import Fate, settle
from inbox.posting import record
from inbox.tables import DeliveryRow, MessageRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, NotFound


Wish = Literal["stop", "start", "help"]

LONGEST = 40  # characters of a message that can be a word
EDGES = " \t\r\n.,!\"'«»„”“-*"
BLANKS = re.compile(r"\s+")

SAID: Mapping[Wish, Sequence[str]] = {
    "stop": (
        "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "OPT OUT",
        "DEZABONARE", "DEZABONEAZA", "DEZABONEAZA-MA", "OPRESTE", "STOP SMS",
        "СТОП", "ОТПИСАТЬСЯ", "ОТПИСКА", "ОТПИСАТЬ", "ОТКАЗ", "ОТМЕНА",
    ),
    "start": (
        "START", "UNSTOP", "SUBSCRIBE", "OPTIN", "OPT IN",
        "ABONARE", "DA PRIMESC", "ABONEAZA-MA",
        "СТАРТ", "ПОДПИСАТЬСЯ", "ПОДПИСКА",
    ),
    "help": ("HELP", "INFO", "AJUTOR", "ПОМОЩЬ"),
}  # fmt: skip

POLICY = "policy"
"""Key of ``meta`` of a message the hub sends by rule: it is the last word, so it may go out."""

HELP_EVERY = timedelta(minutes=10)  # or two machines would help each other for ever
OPTED_OUT = SendError(
    fault=Fault.REFUSED,
    code="recipient.opted_out",
    text="the client does not want to be written to",
)

SENDER = """
SELECT m.conversation_id, m.thread_id, m.account_id, m.identity_id, i.kind, i.value, i.display,
       i.status, a.kind AS channel, a.config ->> 'optout_reply' AS optout_reply,
       a.config ->> 'help_reply' AS help_reply
  FROM message AS m
  JOIN identity AS i ON i.id = m.identity_id
  JOIN channel_account AS a ON a.id = m.account_id
 WHERE m.id = $1
"""

MARK = """
UPDATE identity SET status = $2, status_reason = $3
 WHERE id = $1 AND status <> $2 AND ($2 = 'opted_out' OR status = 'opted_out')
RETURNING 1
"""

QUEUED = """
SELECT d.id, d.message_id FROM delivery AS d JOIN message AS m ON m.id = d.message_id
 WHERE d.identity_id = $1 AND d.state = 'queued'
 ORDER BY m.conversation_id, m.id, d.id
"""

HELPED = """
SELECT 1 FROM message
 WHERE thread_id = $1 AND kind = 'outbound' AND meta ->> 'policy' = 'help' AND at > $2 LIMIT 1
"""

IN_CASE = """
SELECT i.id, i.kind, i.value, i.status FROM identity AS i
 WHERE i.id = $2 AND EXISTS (SELECT FROM thread AS t JOIN message AS m ON m.thread_id = t.id
                              WHERE m.conversation_id = $1 AND t.peer_identity_id = i.id)
"""


class NotOptedOut(Conflict):
    """There is nothing to take back."""

    code = "identity.not_opted_out"
    title = "This client did not opt out"


def _folded(text: str) -> str:
    """Return a text without case, marks, surrounding signs and doubled blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return BLANKS.sub(" ", bare).strip(EDGES)


WISHES: Mapping[str, Wish] = {
    _folded(word): wish for wish, words in SAID.items() for word in words
}


def wish_of(event: MessageIn) -> Wish | None:
    """Return what a message asks for when it is one of the words and nothing else."""
    is_plain = event.sender.kind == "phone" and event.piece is None and not event.from_us
    if not is_plain or len(event.parts) != 1 or not isinstance(event.parts[0], RichText):
        return None
    text = event.parts[0].text
    return WISHES.get(_folded(text)) if len(text) <= LONGEST else None


async def heed(tx: Transaction, event: MessageIn, message_id: UUID) -> None:
    """Obey a message that was just stored, if it is one of the words and came as an SMS."""
    wish = wish_of(event)
    if wish is None:
        return
    found = await tx.fetchrow(SENDER, message_id)
    if found is None or found["channel"] != "sms":
        return
    case = await open_any(tx, found["conversation_id"])
    match wish:
        case "stop":
            if await _mark(case, found["identity_id"], found["value"], how="client"):
                await _call_back(tx, found["identity_id"])
                await _say(case, found, found["optout_reply"], policy="opt_out")
        case "start":
            await _mark(case, found["identity_id"], found["value"], how="client", out=False)
        case "help":
            if not await tx.fetchval(HELPED, found["thread_id"], now() - HELP_EVERY):
                await _say(case, found, found["help_reply"], policy="help")
    case.touch()
    await case.announce()


async def lift(
    tx: Transaction, conversation_id: UUID, identity_id: UUID, *, reason: str, viewer: Viewer
) -> None:
    """Note that a client wants to be written to again, as an agent was told.

    Args:
        reason: How the client said so; it stays with the address and in the log of changes.

    Raises:
        NotFound: There is no such conversation, or nobody with that address in it.
        Forbidden: The viewer may not answer in it.
        NotOptedOut: The client did not opt out.
    """
    case = await open_case(tx, conversation_id, viewer=viewer, action="reply")
    found = await tx.fetchrow(IN_CASE, conversation_id, identity_id)
    if found is None:
        raise NotFound(f"no address {identity_id} in this conversation")
    said = " ".join(reason.split())[:500]
    if not await _mark(case, identity_id, found["value"], how="agent", reason=said, out=False):
        raise NotOptedOut(f"{found['value']} can be written to")
    await case.announce()


async def shut_out(tx: Transaction, identity_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of ``identity_ids`` who opted out."""
    rows = await tx.fetch(
        "SELECT id FROM identity WHERE id = ANY($1) AND status = 'opted_out'", identity_ids
    )
    return {row["id"] for row in rows}


async def _mark(
    case: Case,
    identity_id: UUID,
    value: str,
    *,
    how: Literal["client", "provider", "agent"],
    reason: str = "",
    out: bool = True,
) -> bool:
    """Set an address's status and say so in the timeline; False when it was so before."""
    type_ = "opt_out" if out else "opt_in"
    status = "opted_out" if out else "ok"
    because = f"{how}: {reason}" if reason else how
    if not await case.tx.fetchval(MARK, identity_id, status, because):
        return False
    case.add_entry(
        type_, identity_id=str(identity_id), address=value, how=how, reason=reason or None
    )
    return True


async def _call_back(tx: Transaction, identity_id: UUID) -> None:
    """Cancel what is queued for somebody, scheduled messages too."""
    fate = Fate(state="cancelled", error=OPTED_OUT)
    rows = await tx.fetch(QUEUED, identity_id)
    for message_id in dict.fromkeys(row["message_id"] for row in rows):
        ids = [row["id"] for row in rows if row["message_id"] == message_id]
        await settle(tx, message_id, dict.fromkeys(ids, fate))


async def _say(case: Case, to: asyncpg.Record, text: str | None, *, policy: str) -> None:
    """Queue a text of the account's own to whoever wrote; no agent's clock notices."""
    if not text or not text.strip():
        return
    tx = case.tx
    message = MessageRow(
        conversation_id=case.row.id,
        seq=case.next_seq(),
        kind="outbound",
        thread_id=to["thread_id"],
        account_id=to["account_id"],
        channel=to["channel"],
        text=text,
        reply_text=text,
        recipients=[
            {"role": "to", "kind": to["kind"], "value": to["value"], "display": to["display"]}
        ],
        meta={POLICY: policy},
        at=now(),
    )
    tx.session.add(message)
    await tx.session.flush()
    tx.session.add(
        DeliveryRow(
            message_id=message.id, identity_id=to["identity_id"], role="to", not_before=now()
        )
    )
    await record(case, message, summary=text[:200], about=to["identity_id"])
    await message_changed(tx, message.id)
