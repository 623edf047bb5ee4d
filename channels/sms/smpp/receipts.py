"""Delivery receipts: free text by the letter of SMPP 3.4 (appendix B), so read by a pattern.

Centres write dates with or without seconds, the id and the error in decimal or hex, leave words
out and add their own. The optional parameters 0x001E and 0x0427 win over the text, as they are
the standard's own (section 5.3.2).
"""

import re
from typing import Literal

import msgspec

from channels.sms.smpp.pdu import Message, Tag
from inbox.contract import DeliveryState, Fault


Ids = Literal["same", "decimal", "hex"]
"""How a centre writes ids in receipts that its answers to submit_sm write the other way."""

WORD = re.compile(
    r"\b(id|sub|dlvrd|submit date|done date|stat|err|text)\s*:\s*(.*?)"
    r"(?=\s+(?:sub|dlvrd|submit date|done date|stat|err|text)\s*:|$)",
    re.IGNORECASE | re.DOTALL,
)
LONGEST_TEXT = 2_000  # octets of a receipt that are looked at

STATE_WORDS = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED",
    5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}  # fmt: skip
"""Values of 0x0427 (section 5.2.28)."""

STATES: dict[str, DeliveryState] = {
    "ENROUTE": "sent",
    "ACCEPTD": "sent",
    "SCHEDULED": "sent",
    "DELIVRD": "delivered",
    "EXPIRED": "expired",
    "DELETED": "failed",
    "UNDELIV": "failed",
    "REJECTD": "failed",
    "UNKNOWN": "unknown",
}
FAULTS = {"UNDELIV": Fault.TRANSIENT, "EXPIRED": Fault.TRANSIENT, "REJECTD": Fault.CONTENT}
"""None says the address is dead: a phone that was off is not one that does not exist."""


class ReceiptText(msgspec.Struct, frozen=True):
    """What a receipt says.

    Attributes:
        id: The centre's name of the message, as the receipt writes it.
        word: DELIVRD, UNDELIV, ... in capitals; "" when it says nothing.
        error: The network's own error, as it is written.
    """

    id: str
    word: str
    error: str = ""

    @property
    def state(self) -> DeliveryState:
        """What became of the message; ``unknown`` when the word is none of the standard's."""
        return STATES.get(self.word, "unknown")


def is_receipt(message: Message) -> bool:
    """Say whether a deliver_sm reports on something we sent (section 5.2.12)."""
    kind = message.esm_class & 0x3C
    has_both = Tag.RECEIPTED_MESSAGE_ID in message.more and Tag.MESSAGE_STATE in message.more
    return kind in {0x04, 0x20} or has_both


def read_receipt(message: Message) -> ReceiptText | None:
    """Read a receipt; None when it names no message."""
    text = message.text[:LONGEST_TEXT].decode("latin-1").replace("\0", "")
    said: dict[str, str] = {}
    for word, value in WORD.findall(text):
        if word.lower() == "text":
            break  # what the message said, which may look like a receipt itself
        said.setdefault(word.lower(), value.strip())
    name = message.more.get(Tag.RECEIPTED_MESSAGE_ID, b"").partition(b"\0")[0].decode("latin-1")
    word = said.get("stat", "").upper()[:7]
    state = message.more.get(Tag.MESSAGE_STATE, b"")
    if state and (state[0] in STATE_WORDS):
        word = STATE_WORDS[state[0]]
    name = (name or said.get("id", "")).strip()
    return ReceiptText(name[:100], word, said.get("err", "")[:20]) if name else None


def id_as_sent(name: str, ids: Ids) -> str:
    """Return an id of a receipt as the answer to submit_sm wrote it.

    Args:
        ids: ``decimal`` where the receipt has the decimal of an answer in hex, ``hex`` where it
            is the other way round.
    """
    try:
        if ids == "decimal":
            return f"{int(name, 10):x}"
        if ids == "hex":
            return str(int(name, 16))
    except ValueError:
        return name
    return name
