"""What a provider hands over: calls to journal rows, rows to events. Pure."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

import msgspec

from channels.sms.gateway.grammar import Incoming, Lines, Preset
from channels.sms.gateway.reading import Unreadable, holds, parse_json, parse_xml, pick, pick_text
from channels.sms.sender import party, thread_key
from inbox.contract import (
    AccountId,
    Cost,
    DeliveryChanged,
    Event,
    ExternalRef,
    Fault,
    Ignored,
    Media,
    MessageIn,
    Part,
    Piece,
    Raw,
    RemoteMedia,
    RichText,
    SendError,
    ThreadRef,
)


KINDS = ("mo", "dlr")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_FILES = 10
INDEX = re.compile(r"\[\d+\]$")
TIMES = ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%a, %d %b %Y %H:%M:%S %z", "%y%m%d%H%M")
LONGEST_ID = 200  # characters of a name in a key


class Delivered(msgspec.Struct, frozen=True):
    """A call taken apart: what it carries, as plain values, and what its text was.

    Attributes:
        kind: ``mo`` or ``dlr``; "" when the address does not say.
        values: Parameters of address and form; a repeated one is a list.
    """

    kind: str
    values: Mapping[str, Any]
    body: str = ""


def raws_of(preset: Preset, call: Delivered, context: Mapping[str, str]) -> list[Raw]:
    """Return one payload per message or receipt of a call.

    Its key names what happened, so the same call made again is the same row.

    Args:
        preset: The provider.
        call: What it handed over.
        context: What the reader must know of the account: ``region`` and ``own``.
    """
    try:
        found = list(_items(preset, call))
    except Unreadable as error:
        return [_unreadable(call, str(error), context)]
    raws = [_raw(preset, kind, item, context) for kind, item in found]
    return list({raw.key: raw for raw in raws}.values())


def _items(preset: Preset, call: Delivered) -> Iterator[tuple[str, Any]]:
    """Yield the messages and receipts in a call; what is neither is one of kind ``other``."""
    for kind in [call.kind] if call.kind else KINDS:
        incoming: Incoming | None = getattr(preset, kind)
        if incoming is None:
            continue
        fitting = [one for one in _listed(incoming, call) if fits(kind, incoming, one)]
        if fitting:
            yield from ((kind, one) for one in fitting)
            return
    yield "other", _document(preset.mo or preset.dlr or Incoming(fields={}), call)


def fits(kind: str, incoming: Incoming, item: Any) -> bool:
    """Say whether an item is what ``incoming`` describes."""
    if incoming.when is not None and not holds(incoming.when, None, item):
        return False
    fields = incoming.fields
    if kind == "dlr":
        name = pick_text(item, fields.get("id")) or pick_text(item, fields.get("ref"))
        return bool(name and pick_text(item, fields["status"]))
    has_text = pick(item, fields["text"]) is not None or bool(files_of(incoming, item))
    return bool(pick_text(item, fields["from"])) and has_text


def _listed(incoming: Incoming, call: Delivered) -> list[Any]:
    document = _document(incoming, call)
    if isinstance(incoming.format, Lines):
        return _lines(incoming.format, call.values)
    if incoming.items is None:
        return [document]
    listed = pick(document, incoming.items)
    if listed is None:
        return [document]  # a provider that hands over one by one leaves the list out
    return listed if isinstance(listed, list) else [listed]


def _document(incoming: Incoming, call: Delivered) -> Any:
    text = call.body.strip()
    if incoming.format == "xml" and text:
        return parse_xml(text)
    if text.startswith(("{", "[")) or (incoming.format == "json" and text):
        document = parse_json(text)
        return {**call.values, **document} if isinstance(document, dict) else document
    return dict(call.values)


def _lines(form: Lines, values: Mapping[str, Any]) -> list[Any]:
    entries: list[str] = []
    for name, value in values.items():
        if name == form.name or INDEX.sub("", name) == form.name:
            entries += value if isinstance(value, list) else [value]
    return [
        dict(zip(form.lines, str(entry).split("\n"), strict=False))
        for entry in entries
        if str(entry).strip()
    ]


def _raw(preset: Preset, kind: str, item: Any, context: Mapping[str, str]) -> Raw:
    text = json.dumps(item, ensure_ascii=False, sort_keys=True, default=str)
    body = text.encode("utf-8", "surrogatepass")
    incoming: Incoming | None = getattr(preset, kind, None) if kind in KINDS else None
    return Raw(
        key=f"{kind}/{name_of(incoming, kind, item)}", kind=kind, body=body, headers=context
    )


def name_of(incoming: Incoming | None, kind: str, item: Any) -> str:
    """Return what tells a message or receipt from any other; the same when it comes again."""
    if incoming is not None:
        fields = incoming.fields
        name = pick_text(item, fields.get("id")) or pick_text(item, fields.get("ref"))
        if name and kind == "mo":
            return name[:LONGEST_ID]
        rest = [pick_text(item, fields.get(field)) for field in ("status", "part", "to")]
        if name:
            return "/".join(one[:LONGEST_ID] for one in (name, *rest) if one)
    text = json.dumps(item, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unreadable(call: Delivered, why: str, context: Mapping[str, str]) -> Raw:
    body = call.body.encode("utf-8", "surrogatepass")
    return Raw(
        key=f"unreadable/{hashlib.sha256(body).hexdigest()}",
        kind="unreadable",
        body=body,
        headers={**context, "why": why[:200]},
    )


# ---------------------------------------------------------------- events


def normalize(incoming: Incoming | None, account: AccountId, raw: Raw) -> Sequence[Event]:
    """Return what a payload means; never raises on what a provider may have sent.

    Args:
        incoming: How payloads of this kind are read; None when nobody knows.
        account: Whose they are.
        raw: What ``raws_of`` made.
    """
    at = raw.received_at or EPOCH
    if incoming is None or raw.kind not in KINDS:
        reason = "sms.unreadable" if raw.kind == "unreadable" else "sms.unknown_call"
        return [Ignored(account=account, dedup_key=raw.key, at=at, reason=reason)]
    try:
        item = parse_json(raw.body)
    except Unreadable:
        return [Ignored(account=account, dedup_key=raw.key, at=at, reason="sms.unreadable")]
    if not fits(raw.kind, incoming, item):
        return [Ignored(account=account, dedup_key=raw.key, at=at, reason="sms.unknown_call")]
    at = _time(pick_text(item, incoming.fields.get("at"))) or at
    if raw.kind == "mo":
        return [_message(incoming, account, raw, item, at)]
    return [_receipt(incoming, account, raw, item, at)]


def _message(incoming: Incoming, account: AccountId, raw: Raw, item: Any, at: datetime) -> Event:
    fields, region = incoming.fields, raw.headers.get("region", "MD")
    sender = party(pick_text(item, fields["from"]), region)
    ours = pick_text(item, fields.get("to")) or raw.headers.get("own", "")
    key = thread_key(party(ours, region).value, sender.value)
    text = pick_text(item, fields["text"]).replace("\0", "")
    files = files_of(incoming, item)
    parts: list[Part] = [RichText(text=text)] if text or not files else []
    name = name_of(incoming, raw.kind, item)
    return MessageIn(
        account=account,
        dedup_key=f"mo/{name}",
        at=at,
        ref=ExternalRef(ThreadRef(account, key), name),
        sender=sender,
        parts=(*parts, *files),
        piece=_piece(fields, item, key),
    )


def _piece(fields: Mapping[str, Any], item: Any, key: str) -> Piece | None:
    """Return which part of a long message an item is.

    The reference alone is one of 256 and says nothing: parts of one message also share sender,
    recipient and total.
    """
    ref, n, total = (
        pick_text(item, fields.get(name)) for name in ("piece_ref", "piece_n", "piece_total")
    )
    if not (ref and n.isdecimal() and total.isdecimal()):
        return None
    if not 1 <= int(n) <= int(total) <= 255 or int(total) == 1:
        return None
    return Piece(key=f"{key}/{ref}/{total}", n=int(n), total=int(total))


def files_of(incoming: Incoming, item: Any) -> list[Media]:
    """Return the files an item names."""
    if incoming.files is None:
        return []
    count = pick_text(item, incoming.files.count)
    found = []
    for n in range(min(int(count), MOST_FILES) if count.isdecimal() and len(count) < 4 else 0):
        url = pick_text(item, incoming.files.url.replace("{n}", str(n)))
        mime = pick_text(item, incoming.files.mime.replace("{n}", str(n))) or None
        if not url.startswith("https://"):
            continue
        main = (mime or "").partition("/")[0]
        found.append(
            Media(
                kind=main if main in {"image", "video", "audio"} else "file",  # type: ignore[arg-type]
                source=RemoteMedia(handle=url),
                filename=urlsplit(url).path.rpartition("/")[2][:100] or None,
                mime=mime,
            )
        )
    return found


def _receipt(
    incoming: Incoming, account: AccountId, raw: Raw, item: Any, at: datetime
) -> DeliveryChanged:
    fields = incoming.fields
    name = pick_text(item, fields.get("id")) or pick_text(item, fields.get("ref"))
    status = pick_text(item, fields["status"])
    state = incoming.map.get(status, incoming.map.get("*", "unknown"))
    return DeliveryChanged(
        account=account,
        dedup_key=f"dlr/{name_of(incoming, raw.kind, item)}",
        at=at,
        ref=ExternalRef(ThreadRef(account, ""), name),
        state=state,
        error=_why(fields, item, status) if state in {"failed", "bounced", "expired"} else None,
        cost=_cost(fields, item, raw.headers.get("currency", "")),
    )


def _why(fields: Mapping[str, Any], item: Any, status: str) -> SendError:
    code = pick_text(item, fields.get("error"))
    text = pick_text(item, fields.get("error_text"))
    said = ": ".join(one for one in (status, code, text) if one and one != "0")
    return SendError(fault=Fault.RECIPIENT, code="sms.not_delivered", text=said[:300])


def _cost(fields: Mapping[str, Any], item: Any, currency: str) -> Cost | None:
    parts = pick_text(item, fields.get("parts"))
    units = int(parts) if parts.isdecimal() and 0 < len(parts) < 4 else 1
    told = pick_text(item, fields.get("currency"))
    return cost_of(pick_text(item, fields.get("price")), told or currency, units)


def cost_of(price: str, currency: str, units: int, *, most: int = 10_000) -> Cost | None:
    """Return a price a provider told; several write what they take as a negative number."""
    try:
        amount = abs(Decimal(price.replace(",", ".")))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount == 0 or amount > most:
        return None
    return Cost(amount=f"{amount.normalize():f}", currency=currency.upper()[:3], units=units)


def _time(text: str) -> datetime | None:
    """Return a moment as providers write it: RFC 3339, Unix seconds, or one of their own forms."""
    text = text.strip()
    try:
        if text.isdecimal() and len(text) in {10, 13}:
            return datetime.fromtimestamp(int(text[:10]), tz=UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        for form in TIMES:
            try:
                moment = datetime.strptime(text, form)  # noqa: DTZ007 - its zone is set below
                break
            except ValueError:
                continue
        else:
            return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
