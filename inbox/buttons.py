"""Pressed buttons: the client's answer without words."""

from typing import Any

from inbox.case import Case
from inbox.content import clean
from inbox.contract import ButtonPressed
from inbox.edits import open_message
from inbox.naming import find_message
from inbox.status import reopen
from inbox.tables import MessageRow
from inbox.verdicts import PROCESSED, STRANGER, Verdict, ignored
from infra.clock import now
from infra.db import Transaction


KNOWN = """
SELECT EXISTS (SELECT FROM conversation_event
                WHERE conversation_id = $1 AND type = 'button' AND data ->> 'key' = $2)
"""


async def apply_button(tx: Transaction, event: ButtonPressed) -> Verdict:
    """Tell in the timeline which button a client pressed; the client waits for an answer."""
    message_id = await find_message(tx, event.ref)
    if message_id is None:
        return STRANGER
    case, message = await open_message(tx, message_id)
    key = clean(event.dedup_key)
    if await tx.fetchval(KNOWN, case.row.id, key):
        return ignored("duplicate")
    label = _label(message, event.button)
    case.actor_kind = "client"
    case.add_entry(
        "button",
        key=key,
        message_id=message.id,
        seq=message.seq,
        button=clean(event.button)[:200],
        label=label,
        name=clean(event.sender.display or event.sender.value)[:200],
    )
    client_moved(case, label, reason="button")
    await case.announce()
    return PROCESSED


def client_moved(case: Case, preview: str, *, reason: str) -> None:
    """Bring a conversation back to the queue: the client did something that wants an answer."""
    reopen(case, reason=reason)
    case.row.waiting_since = case.row.waiting_since or now()
    case.row.preview, case.row.preview_kind = preview[:160], "inbound"
    case.touch()


def _label(message: MessageRow, button: str) -> str:
    """Return what is written on a button of a message, else its id."""
    for part in message.parts:
        rows: list[list[dict[str, Any]]] = (
            part.get("rows", []) if part["type"] == "buttons" else []
        )
        for one in (one for row in rows for one in row):
            if one.get("id") == button:
                return str(one["label"])
    return clean(button)[:200]
