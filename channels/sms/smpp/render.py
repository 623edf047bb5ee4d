"""Which submit_sm a message becomes: one call for each part of a long text.

Each part is an operation with a row of its own, so whatever stops the hub between two parts, the
first is not sent again and the second is. The reference that joins them comes from the message's
id: every attempt writes the same.
"""

import hashlib
from decimal import Decimal
from uuid import UUID

import msgspec

from channels.sms.gsm import count, split
from channels.sms.smpp.account import SmppAccount
from inbox.contract import (
    Capabilities,
    Cost,
    Html,
    Location,
    Outbound,
    Part,
    Rendered,
    RichText,
    SharedContact,
    WireOp,
)


MOST_PARTS = 10

CAPABILITIES = Capabilities(
    text_max=MOST_PARTS,
    text_unit="sms_segments",
    text_split=False,
    delivered=True,
    initiate="always",
    metered=True,
)


def capabilities_of(account: SmppAccount) -> Capabilities:
    """Say what an account carries; nobody can answer a sender of letters."""
    return msgspec.structs.replace(
        CAPABILITIES, delivered=account.receipts, replies=not account.is_one_way
    )


def render(message: Outbound, caps: Capabilities) -> Rendered:
    """Return the calls that send a message, one a part."""
    del caps  # what is too long is refused by the one who writes, not cut here
    text, losses = _written(message)
    pieces = split(text)
    encoding = count(text).encoding
    ops = tuple(
        WireOp(
            key=f"{message.id}/{n}",
            method="submit_sm",
            payload={
                "to": message.to.value,
                "text": piece,
                "encoding": encoding,
                "ref": reference_of(message.id),
                "n": n + 1,
                "total": len(pieces),
            },
            recipients=(message.to,),
            bucket=("acct",),
        )
        for n, piece in enumerate(pieces)
    )
    return Rendered(ops=ops, losses=losses)


def reference_of(message_id: UUID) -> int:
    """Return the 8-bit reference that joins the parts of a message (3GPP TS 23.040)."""
    return hashlib.sha256(message_id.bytes).digest()[0]


def cost_of(parts: int, price: str, currency: str) -> Cost | None:
    """Return what parts cost; None when nobody said the price."""
    if not price:
        return None
    return Cost(amount=str(Decimal(price) * parts), currency=currency, units=parts)


def _written(message: Outbound) -> tuple[str, tuple[str, ...]]:
    texts: list[str] = []
    losses: set[str] = set()
    for part in message.parts:
        text = _text_of(part, losses)
        if text:
            texts.append(text)
    for row in message.buttons:
        for button in row:
            losses.add("buttons")
            texts.append(f"{button.label}: {button.url}" if button.url else button.label)
    return "\n".join(texts), tuple(sorted(losses))


def _text_of(part: Part, losses: set[str]) -> str:
    match part:
        case RichText(text=text, spans=spans):
            if spans:
                losses.add("formatting")
            return _with_links(part) if spans else text
        case Location(lat=lat, lon=lon, title=title):
            losses.add("location")
            place = f"https://maps.google.com/?q={lat:.6f},{lon:.6f}"
            return f"{title}: {place}" if title else place
        case SharedContact(name=name, phones=phones):
            losses.add("contact")
            return " ".join((name, *phones))
        case Html():
            return ""
        case _:
            losses.add(type(part).__name__.lower())
            return ""


def _with_links(part: RichText) -> str:
    """Return a text with the addresses of its links behind the words they hide under."""
    text = part.text
    for span in sorted(part.spans, key=lambda span: span.end, reverse=True):
        if span.kind == "link" and span.arg and span.arg not in text:
            text = f"{text[: span.end]} ({span.arg}){text[span.end :]}"
    return text
