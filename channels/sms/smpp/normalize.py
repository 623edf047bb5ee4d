"""What a deliver_sm means: a message, a part of one, or a receipt. Pure and total."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import get_args

from channels.sms.smpp.account import INTERNATIONAL
from channels.sms.smpp.coding import Alphabet, concat_of, decoded, split_header
from channels.sms.smpp.pdu import Broken, Message, Party, read_data, read_message
from channels.sms.smpp.receipts import (
    FAULTS,
    Ids,
    id_as_sent,
    is_receipt,
    read_receipt,
)
from crm_core.phones import read_phone
from inbox.contract import (
    AccountId,
    Address,
    DeliveryChanged,
    Event,
    ExternalRef,
    Fault,
    Ignored,
    MessageIn,
    Part,
    Piece,
    Raw,
    RichText,
    SendError,
    ThreadRef,
    Unsupported,
)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODES = {"failed": "sms.undelivered", "expired": "sms.expired", "unknown": "sms.no_word"}
LONGEST_NAME = 100  # characters of a sender that is no number


def normalize(account: AccountId, raw: Raw) -> Sequence[Event]:
    """Read a packet from the journal; its headers say how the account writes things."""
    try:
        message = read_data(raw.body) if raw.kind == "data_sm" else read_message(raw.body)
    except Broken:
        return [_ignored(account, raw, "smpp.broken")]
    sender = address_of(message.source, raw.headers.get("region", "RO"))
    if sender is None:
        return [_ignored(account, raw, "smpp.no_sender")]
    thread = ThreadRef(account, sender.value)
    if is_receipt(message):
        return [_receipt(account, raw, message, thread)]
    return [_message(account, raw, message, sender)]


def address_of(party: Party, region: str) -> Address | None:
    """Return whose address a number is; one that is no telephone is a name of its network."""
    value = "".join(letter for letter in party.value if letter.isprintable()).strip()
    if not value:
        return None
    digits = value.removeprefix("+")
    if digits.isascii() and digits.isdecimal():
        written = f"+{digits}" if party.ton == INTERNATIONAL or value != digits else value
        spellings = (written, f"+{digits}") if len(digits) >= 9 else (written,)
        for spelling in spellings:
            number = read_phone(spelling, region).e164
            if number:
                return Address("phone", number)
    return Address("external_id", f"sms:{value[:LONGEST_NAME]}", display=value[:LONGEST_NAME])


def _message(account: AccountId, raw: Raw, message: Message, sender: Address) -> Event:
    elements, octets = split_header(message)
    concat = concat_of(message, elements)
    text = decoded(octets, message.data_coding, _alphabet(raw))
    part: Part = (
        Unsupported(type_name="sms.binary", fallback=f"{len(octets)} B")
        if text is None
        else RichText(text=text)
    )
    piece = None
    if concat is not None:
        to = message.destination.value
        piece = Piece(
            key=f"{sender.value}/{to}/{concat.ref}/{concat.total}",
            n=concat.n,
            total=concat.total,
        )
    return MessageIn(
        account=account,
        dedup_key=_name(raw),
        at=raw.received_at or EPOCH,
        ref=ExternalRef(ThreadRef(account, sender.value), _name(raw)),
        sender=sender,
        parts=(part,),
        piece=piece,
        context={"to": message.destination.value} if message.destination.value else {},
    )


def _receipt(account: AccountId, raw: Raw, message: Message, thread: ThreadRef) -> Event:
    receipt = read_receipt(message)
    if receipt is None:
        return _ignored(account, raw, "smpp.receipt_of_nothing")
    if receipt.word in {"ENROUTE", "ACCEPTD", "SCHEDUL"}:
        return _ignored(account, raw, "smpp.on_its_way")
    error = None
    if receipt.state in {"failed", "expired", "unknown"}:
        error = SendError(
            fault=FAULTS.get(receipt.word, Fault.UNKNOWN),
            code=CODES[receipt.state],
            text=f"{receipt.word} err {receipt.error}" if receipt.error else receipt.word,
        )
    name = id_as_sent(receipt.id, _ids(raw))
    return DeliveryChanged(
        account=account,
        dedup_key=f"{name}/{receipt.state}",
        at=raw.received_at or EPOCH,
        ref=ExternalRef(thread, name),
        state=receipt.state,
        error=error,
    )


def _name(raw: Raw) -> str:
    """Return what the receiver named the packet, for the centre gives it no name."""
    return raw.headers.get("packet") or raw.key


def _alphabet(raw: Raw) -> Alphabet:
    said = raw.headers.get("alphabet")
    return next((one for one in get_args(Alphabet) if one == said), "gsm7")


def _ids(raw: Raw) -> Ids:
    said = raw.headers.get("ids")
    return next((one for one in get_args(Ids) if one == said), "same")


def _ignored(account: AccountId, raw: Raw, reason: str) -> Ignored:
    return Ignored(account=account, dedup_key=raw.key, at=raw.received_at or EPOCH, reason=reason)
