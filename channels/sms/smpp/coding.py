"""Texts as octets: data codings, and the header that makes parts of one text.

Sources: 3GPP TS 23.038 (the alphabet in the order of its octets), TS 23.040 section 9.2.3.24
(headers of parts), SMPP 3.4 section 5.2.19 (data_coding).
"""

import struct
from collections.abc import Mapping
from typing import Literal, NamedTuple

from channels.sms.gsm import Encoding
from channels.sms.smpp.pdu import UDHI, Message, Tag


Alphabet = Literal["gsm7", "latin1", "ascii"]
"""What a centre means by its default alphabet, data_coding 0."""

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
EXTENSION = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F,
    "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
OCTET_OF = {letter: octet for octet, letter in enumerate(BASIC) if octet != ESCAPE}
EXTENDED = {octet: letter for letter, octet in EXTENSION.items()}

DEFAULT, LATIN1, UCS2 = 0x00, 0x03, 0x08  # data_coding
NAMED = {0x01: "ascii", 0x03: "latin-1", 0x05: "shift_jis", 0x06: "iso8859-5", 0x07: "iso8859-8",
         0x08: "utf-16-be", 0x0E: "euc_kr"}  # fmt: skip
"""What the other codings are read as (SMPP 3.4 section 5.2.19)."""
BINARY = {0x02, 0x04}


class Concat(NamedTuple):
    """Which part of a long text a message is; ``ref`` tells apart the texts of one sender."""

    ref: str
    n: int
    total: int


def gsm_encoded(text: str) -> bytes:
    """Return GSM 03.38, one septet an octet; what it lacks becomes a question mark."""
    octets = bytearray()
    for letter in text:
        if letter in EXTENSION:
            octets += bytes((ESCAPE, EXTENSION[letter]))
        else:
            octets.append(OCTET_OF.get(letter, 0x3F))
    return bytes(octets)


def gsm_decoded(octets: bytes) -> str:
    """Read GSM 03.38; an escape to nothing known shows the basic letter, as handsets do."""
    letters = []
    is_escaped = False
    for octet in octets:
        if is_escaped:
            letters.append(EXTENDED.get(octet, BASIC[octet & 0x7F].replace("\x1b", " ")))
            is_escaped = False
        elif octet == ESCAPE:
            is_escaped = True
        else:
            letters.append(BASIC[octet & 0x7F])
    return "".join(letters)


def encoded(text: str, encoding: Encoding, alphabet: Alphabet) -> tuple[int, bytes]:
    """Return data_coding and octets of a text."""
    if encoding == "ucs2":
        return UCS2, text.encode("utf-16-be", "replace")
    match alphabet:
        case "latin1":
            return DEFAULT, text.encode("latin-1", "replace")
        case "ascii":
            return DEFAULT, text.encode("ascii", "replace")
        case _:
            return DEFAULT, gsm_encoded(text)


def decoded(octets: bytes, data_coding: int, alphabet: Alphabet) -> str | None:
    """Return the text of octets; None when they are no text.

    The upper half of the codings are those of GSM (TS 23.038 section 4): their class bits are
    left out and the alphabet bits are read.
    """
    coding = data_coding
    if coding >= 0x10:
        if coding & 0xF0 == 0xF0:  # data coding / message class
            coding = 0x04 if coding & 0x04 else DEFAULT
        elif coding & 0x80 == 0:  # general data coding
            coding = (DEFAULT, 0x04, UCS2, DEFAULT)[(coding >> 2) & 3]
        elif coding & 0xF0 == 0xE0:  # message waiting, UCS-2
            coding = UCS2
        else:
            coding = DEFAULT
    if coding in BINARY:
        return None
    if coding in NAMED:
        return _clean(octets.decode(NAMED[coding], "replace"))
    match alphabet:
        case "latin1":
            return _clean(octets.decode("latin-1"))
        case "ascii":
            return _clean(octets.decode("ascii", "replace"))
        case _:
            return gsm_decoded(octets)


def _clean(text: str) -> str:
    return text.replace("\0", "")


def header_of(ref: int, n: int, total: int) -> bytes:
    """Return the header of a part: its reference has 8 bits, for every handset knows those."""
    return bytes((5, 0, 3, ref & 0xFF, total, n))


def split_header(message: Message) -> tuple[Mapping[int, bytes], bytes]:
    """Return the information elements before a text, and the text; a bad header is text."""
    octets = message.text
    if not message.esm_class & UDHI or not octets:
        return {}, octets
    size = octets[0]
    head = octets[1 : 1 + size]
    if len(head) < size:
        return {}, octets
    found: dict[int, bytes] = {}
    while len(head) >= 2:
        found.setdefault(head[0], head[2 : 2 + head[1]])
        head = head[2 + head[1] :]
    return found, octets[1 + size :]


def concat_of(message: Message, elements: Mapping[int, bytes]) -> Concat | None:
    """Say which part of a long text a message is; None when it is whole or the header lies."""
    short, wide = elements.get(0x00, b""), elements.get(0x08, b"")
    found = None
    if len(short) == 3:
        found = Concat(f"8-{short[0]}", short[2], short[1])
    elif len(wide) == 4:
        ref, total, n = struct.unpack("!HBB", wide)
        found = Concat(f"16-{ref}", n, total)
    elif Tag.SAR_MSG_REF_NUM in message.more:
        ref, total, n = (
            int.from_bytes(message.more.get(tag, b""), "big")
            for tag in (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
        )
        found = Concat(f"sar-{ref}", n, total)
    if found is None or found.total < 2 or not 1 <= found.n <= found.total <= 255:
        return None
    return found
