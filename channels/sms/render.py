"""What an SMS says: pure, so that every attempt and every estimate is the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.sms.account import read_account
from channels.sms.gsm import count, spelled, suggest
from channels.sms.sender import ours_of
from inbox.contract import (
    Address,
    Button,
    Capabilities,
    Estimate,
    Forwarded,
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
"""More are refused by many carriers, and nobody reads them."""


def sms_capabilities(*, receipts: bool, one_way: bool) -> Capabilities:
    """Say what an SMS carries."""
    return Capabilities(
        text_max=MOST_PARTS,
        text_unit="sms_segments",
        text_split=False,
        delivered=receipts,
        initiate="always",
        metered=True,
        replies=not one_way,
        thread_key="own:peer",
    )


def render_sms(message: Outbound) -> Rendered:
    """Return the one call that sends a message; whoever takes it cuts it into parts."""
    text = text_of(message.parts, message.buttons)
    counted = count(text)
    op = WireOp(
        key=f"{message.id}/0",
        method="sms.send",
        payload={"from": ours_of(message.thread.key), "to": message.to.value, "text": text},
        recipients=(message.to,),
        weight=max(counted.parts, 1),
        bucket=("acct", f"chat:{message.to.value}"),
    )
    return Rendered(ops=(op,), losses=losses_of(message))


def text_of(parts: Sequence[Part], buttons: Sequence[Sequence[Button]] = ()) -> str:
    """Return what can be said in letters; links of buttons follow."""
    said = [one for part in parts if (one := _said(part))]
    links = [f"{one.label}: {one.url}" for row in buttons for one in row if one.url]
    return "\n\n".join([*said, *links])


def _said(part: Part) -> str:
    match part:
        case RichText(text=text):
            return text
        case Location(lat=lat, lon=lon, title=title):
            place = f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lon:.6f}"
            return f"{title}: {place}" if title else place
        case SharedContact(name=name, phones=phones):
            return " ".join([name, *phones])
        case Forwarded(parts=parts):
            return text_of(parts)
        case _:
            return ""


def losses_of(message: Outbound) -> tuple[str, ...]:
    """Name what of a message nobody will see."""
    carried = RichText | Html | Location | SharedContact | Forwarded
    losses = {type(part).__name__ for part in message.parts if not isinstance(part, carried)}
    if any(part.spans for part in message.parts if isinstance(part, RichText)):
        losses.add("formatting")
    if any(one.url is None for row in message.buttons for one in row):
        losses.add("buttons")
    return tuple(sorted(losses))


def estimate_sms(config: Mapping[str, Any], text: str, to: Address | None) -> Estimate:
    """Say what a text takes and costs from an account with these settings."""
    account = read_account({name: config[name] for name in FIELDS if name in config})
    counted = count(spelled(text, account.smart))
    offered = suggest(text) if account.smart == "suggest" else None
    return Estimate(
        parts=counted.parts,
        units=counted.units,
        unit_max=counted.per_part,
        encoding=counted.encoding,
        forced_by=counted.forced_by,
        cost=account.cost(to.value if to else "", counted.parts),
        suggestion=(offered[0], offered[1].parts) if offered else None,
    )


FIELDS = ("address", "region", "smart", "prices", "currency")
