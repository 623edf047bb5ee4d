"""The packets of SMPP 3.4 (SMPP Developers Forum, 12 October 1999, issue 1.2), byte by byte.

Reading is tolerant: a status nobody knows stays a number, optional parameters nobody knows are
kept, and text in what should be ASCII is read as Latin-1. What cannot be read at all is
``Broken``, with the reason.
"""

import struct
from collections.abc import Mapping
from enum import IntEnum

import msgspec


HEADER = struct.Struct("!IIII")
LONGEST = 70_000  # bytes of a packet: 64 KiB of payload and what belongs to it
RESPONSE = 0x8000_0000
UDHI = 0x40  # bit of esm_class: the text begins with a header (section 5.2.12)


class Command(IntEnum):
    """What a packet asks for (section 5.1.2.1); a response is ``command | RESPONSE``."""

    BIND_RECEIVER = 0x1
    BIND_TRANSMITTER = 0x2
    SUBMIT_SM = 0x4
    DELIVER_SM = 0x5
    UNBIND = 0x6
    BIND_TRANSCEIVER = 0x9
    OUTBIND = 0xB
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    GENERIC_NACK = 0x8000_0000


class Tag(IntEnum):
    """Optional parameters that are read here (section 5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Broken(ValueError):
    """A packet that cannot be read; the message says where."""


class Pdu(msgspec.Struct, frozen=True):
    """A packet as it comes over the wire.

    Attributes:
        command: A ``Command``, its response, or whatever the other side invented.
    """

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def packed(self) -> bytes:
        """Return its bytes."""
        size = HEADER.size + len(self.body)
        return HEADER.pack(size, self.command, self.status, self.sequence) + self.body

    @property
    def is_response(self) -> bool:
        """It answers a request of ours."""
        return bool(self.command & RESPONSE)


class Party(msgspec.Struct, frozen=True):
    """An address with its type of number and numbering plan (sections 5.2.5 and 5.2.6)."""

    ton: int
    npi: int
    value: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The body of submit_sm and deliver_sm (sections 4.4.1 and 4.6.1).

    Attributes:
        text: The octets of the short message, or of the message payload when that is used.
        more: Optional parameters by tag, without the message payload.
    """

    source: Party
    destination: Party
    esm_class: int = 0
    protocol_id: int = 0
    registered: int = 0
    validity: str = ""
    data_coding: int = 0
    text: bytes = b""
    service_type: str = ""
    more: Mapping[int, bytes] = {}


SHORT = 254  # octets that fit short_message; more go into message_payload


def write_message(message: Message) -> bytes:
    """Return the body of a submit_sm or deliver_sm."""
    is_long = len(message.text) > SHORT
    short = b"" if is_long else message.text
    head = (
        _text(message.service_type, 5)
        + _party(message.source)
        + _party(message.destination)
        + bytes((message.esm_class, message.protocol_id, 0))
        + _text("", 0)
        + _text(message.validity, 16)
        + bytes((message.registered, 0, message.data_coding, 0, len(short)))
        + short
    )
    more = dict(message.more)
    if is_long:
        more[Tag.MESSAGE_PAYLOAD] = message.text
    return head + b"".join(
        struct.pack("!HH", tag, len(value)) + value for tag, value in more.items()
    )


def read_message(body: bytes) -> Message:
    """Read the body of a submit_sm or deliver_sm.

    Raises:
        Broken: It ends in the middle of something.
    """
    reader = _Reader(body)
    service_type = reader.text()
    source, destination = reader.party(), reader.party()
    esm_class, protocol_id = reader.octet(), reader.octet()
    reader.octet()  # priority
    reader.text()  # delivery time
    validity = reader.text()
    registered = reader.octet()
    reader.octet()  # replace
    data_coding = reader.octet()
    reader.octet()  # id of a canned message
    text = reader.take(reader.octet())
    more = reader.parameters()
    return Message(
        source=source,
        destination=destination,
        esm_class=esm_class,
        protocol_id=protocol_id,
        registered=registered,
        validity=validity,
        data_coding=data_coding,
        text=text or more.pop(Tag.MESSAGE_PAYLOAD, b""),
        service_type=service_type,
        more=more,
    )


def read_data(body: bytes) -> Message:
    """Read the body of a data_sm (section 4.7.1), whose text is always a message payload.

    Raises:
        Broken: It ends in the middle of something.
    """
    reader = _Reader(body)
    service_type = reader.text()
    source, destination = reader.party(), reader.party()
    esm_class, registered, data_coding = reader.octet(), reader.octet(), reader.octet()
    more = reader.parameters()
    return Message(
        source=source,
        destination=destination,
        esm_class=esm_class,
        registered=registered,
        data_coding=data_coding,
        text=more.pop(Tag.MESSAGE_PAYLOAD, b""),
        service_type=service_type,
        more=more,
    )


def write_bind(system_id: str, password: str, system_type: str, address_range: str) -> bytes:
    """Return the body of a bind (section 4.1)."""
    return (
        _text(system_id, 15)
        + _text(password, 8 if len(password) <= 8 else 64)  # 9 octets, but many centres take more
        + _text(system_type, 12)
        + bytes((0x34, 0, 0))
        + _text(address_range, 40)
    )


def message_id(body: bytes) -> str:
    """Return the id in a response to submit_sm; "" when the centre gave none."""
    return body.partition(b"\0")[0].decode("latin-1")


def _text(value: str, longest: int) -> bytes:
    return value.encode("latin-1", "replace")[:longest] + b"\0"


def _party(party: Party) -> bytes:
    return bytes((party.ton, party.npi)) + _text(party.value, 20)


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octet(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        taken = self._body[self._at : self._at + count]
        if len(taken) < count:
            raise Broken(f"it ends at octet {len(self._body)} and needs {self._at + count}")
        self._at += count
        return taken

    def text(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise Broken(f"the text at octet {self._at} has no end")
        found = self._body[self._at : end].decode("latin-1")
        self._at = end + 1
        return found

    def party(self) -> Party:
        ton, npi = self.octet(), self.octet()
        return Party(ton, npi, self.text())

    def parameters(self) -> dict[int, bytes]:
        """Read what is left; a last parameter that was cut off is left out."""
        found: dict[int, bytes] = {}
        while self._at + 4 <= len(self._body):
            tag, size = struct.unpack("!HH", self.take(4))
            value = self._body[self._at : self._at + size]
            self._at += size
            if len(value) == size:
                found.setdefault(tag, value)
        return found
