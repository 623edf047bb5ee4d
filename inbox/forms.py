"""Forms that clients fill in: before a chat, to order a call, to rate, to leave a message."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from inbox.buttons import client_moved
from inbox.callbacks import MINUTES, order_call
from inbox.case import Case, open_any
from inbox.claims import claim
from inbox.content import clean
from inbox.contract import ExternalRef, FormSubmitted, MessageIn, RichText
from inbox.ingest import OwnAccount, item_of, store
from inbox.naming import KnownThread, find_thread
from inbox.verdicts import PROCESSED, Verdict, ignored
from inbox.visitor_tables import FormSubmissionRow
from infra.db import Transaction


LONGEST = 4000  # characters of one answer
MOST = 50  # answers of one form

WORDS = ("text", "topic", "phone", "email", "name", "window_from", "window_to")
"""What a form says as a message, in this order."""

KNOWN = "SELECT EXISTS (SELECT FROM form_submission WHERE journal_id = $1 AND form = $2)"


async def apply_form(
    tx: Transaction, event: FormSubmitted, account: OwnAccount, *, journal_id: int
) -> Verdict:
    """Store a filled-in form and do what it asks for.

    A form that comes before any message begins the conversation: with the message it leaves, or
    with what it says. A rating of a conversation that is not here rates nothing.
    """
    if await tx.fetchval(KNOWN, journal_id, event.form):
        return ignored("duplicate")
    values = {
        clean(name)[:100]: clean(value)[:LONGEST] for name, value in [*event.values.items()][:MOST]
    }
    thread = await find_thread(tx, event.thread)
    if event.form == "csat" and thread is None:
        return ignored("no_thread")
    says = event.form == "contact" or thread is None
    if says:
        await store(tx, [item_of(_message(event, values), account)])
        thread = await find_thread(tx, event.thread)
    if thread is None:
        return ignored("no_thread")
    case = await open_any(tx, thread.conversation_id)
    case.actor_kind = "client"
    tx.session.add(
        FormSubmissionRow(
            conversation_id=case.row.id,
            thread_id=thread.id,
            identity_id=thread.peer_identity_id,
            form=event.form,
            values=values,
            journal_id=journal_id,
            at=event.at,
        )
    )
    await _effect(case, thread, event, values, is_told=says)
    await case.announce()
    return PROCESSED


async def _effect(
    case: Case,
    thread: KnownThread,
    event: FormSubmitted,
    values: Mapping[str, str],
    *,
    is_told: bool,
) -> None:
    match event.form:
        case "prechat":
            await claim(case, thread.peer_identity_id, values)
            case.add_entry("prechat", values=dict(values))
        case "contact":
            await claim(case, thread.peer_identity_id, values)
        case "csat":
            case.add_entry("csat", score=_score(values), comment=values.get("comment", ""))
        case "callback":
            said = await claim(case, thread.peer_identity_id, values)
            phone = said.get("phone", "")
            minutes = await _minutes(case.tx, thread.account_id)
            await order_call(case, phone=phone, values=values, minutes=minutes)
            if not is_told:
                words = " ".join(filter(None, (phone, values.get("topic"))))
                client_moved(case, words, reason="callback")


def _message(event: FormSubmitted, values: Mapping[str, str]) -> MessageIn:
    """Return what a form says, as a message."""
    if event.form == "contact":
        text = values.get("text", "")
    else:
        text = "\n".join(values[name] for name in WORDS if values.get(name))
    name = f"form/{event.dedup_key}"
    return MessageIn(
        account=event.account,
        dedup_key=name,
        at=event.at,
        ref=ExternalRef(event.thread, name),
        sender=msgspec.structs.replace(
            event.sender, display=event.sender.display or values.get("name") or None
        ),
        parts=(RichText(text=text),),
    )


def _score(values: Mapping[str, str]) -> int | None:
    score = values.get("score", "")
    return int(score) if score in {"1", "2", "3", "4", "5"} else None


async def _minutes(tx: Transaction, account_id: UUID) -> int:
    """Return within how many minutes the account promises a call."""
    config: Any = msgspec.json.decode(
        await tx.fetchval("SELECT config::text FROM channel_account WHERE id = $1", account_id)
    )
    minutes = config.get("callback_minutes")
    return minutes if isinstance(minutes, int) and 0 < minutes <= 7 * 24 * 60 else MINUTES
