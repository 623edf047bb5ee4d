"""Which submit_sm a message becomes: one call for each part of a long text.

Each part is an operation with a row of its own, so whatever stops the hub between two parts, the
first is not sent again and the second is. The reference that joins them comes from the message's
id: every attempt writes the same.
"""

import hashlib
from decimal import Decimal
from uuid import UUID

import msgspec

from channels.sms.gsm import count, split, suggest
from channels.sms.render import MOST_PARTS, losses_of, text_of
from channels.sms.smpp.account import SmppAccount
from inbox.contract import Capabilities, Cost, Estimate, Outbound, Rendered, WireOp


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
    text = text_of(message.parts, message.buttons)
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
    return Rendered(ops=ops, losses=losses_of(message))


def reference_of(message_id: UUID) -> int:
    """Return the 8-bit reference that joins the parts of a message (3GPP TS 23.040)."""
    return hashlib.sha256(message_id.bytes).digest()[0]


def estimate(account: SmppAccount, text: str) -> Estimate:
    """Say what a text takes and costs from an account."""
    counted = count(text)
    offered = suggest(text) if account.smart == "suggest" else None
    return Estimate(
        parts=counted.parts,
        units=counted.units,
        unit_max=counted.per_part,
        encoding=counted.encoding,
        forced_by=counted.forced_by,
        cost=cost_of(counted.parts, account.price, account.currency),
        suggestion=(offered[0], offered[1].parts) if offered else None,
    )


def cost_of(parts: int, price: str, currency: str) -> Cost | None:
    """Return what parts cost; None when nobody said the price."""
    if not price or not parts:
        return None
    return Cost(amount=str(Decimal(price) * parts), currency=currency, units=parts)
