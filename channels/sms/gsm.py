"""How many messages a text is, and how to make it fewer: GSM 03.38, UCS-2 and plain spellings.

Sources: 3GPP TS 23.038 section 6.2.1 (the alphabet and its extension table) and TS 23.040
section 9.2.3.24.1 (the header of a part takes 6 octets: 7 septets or 3 UTF-16 units). A browser
counts the same by ``tests/corpus/sms/segments.json``.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec


Encoding = Literal["gsm7", "ucs2"]
Smart = Literal["off", "suggest", "always"]
"""What an account does about letters that make a text longer than it must be."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each, an escape and the character; a part never ends between them."""

ALONE: Mapping[Encoding, int] = {"gsm7": 160, "ucs2": 70}
JOINED: Mapping[Encoding, int] = {"gsm7": 153, "ucs2": 67}

PLAIN: Mapping[str, str] = {
    "ă": "a", "â": "a", "î": "i", "ș": "s", "ş": "s", "ț": "t", "ţ": "t",
    "Ă": "A", "Â": "A", "Î": "I", "Ș": "S", "Ş": "S", "Ț": "T", "Ţ": "T",
    "…": "...",
    **dict.fromkeys("„“”‟«»″", '"'),
    **dict.fromkeys("‘’‚‛‹›′ʼ", "'"),
    **dict.fromkeys("‐‑‒–—―−•", "-"),
    **dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009", " "),
    **dict.fromkeys("\u200a\u2028\u2029\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff", ""),
}  # fmt: skip
"""What stands for what: Romanian letters in their comma and cedilla forms, typographic signs and
blanks, and characters nobody sees. The joiner U+200D stays, for it holds emojis together."""


class Counted(msgspec.Struct, frozen=True):
    """What a text takes.

    Attributes:
        units: Septets of GSM, or UTF-16 units of UCS-2, in all parts together.
        parts: Messages that are paid for; 0 when there is no text.
        per_part: Units that go into one of that many parts.
        forced_by: The first character outside the GSM alphabet, the reason for UCS-2.
    """

    encoding: Encoding
    units: int
    parts: int
    per_part: int
    forced_by: str | None = None


def count(text: str) -> Counted:
    """Return what ``text`` takes."""
    encoding, forced_by = encoding_of(text)
    units = sum(width_of(letter, encoding) for letter in text)
    parts = len(split(text))
    per_part = ALONE[encoding] if units <= ALONE[encoding] else JOINED[encoding]
    return Counted(encoding, units, parts, per_part, forced_by)


def encoding_of(text: str) -> tuple[Encoding, str | None]:
    """Return how ``text`` is sent, and the first character that keeps it out of GSM."""
    for letter in text:
        if letter not in BASIC and letter not in EXTENSION:
            return "ucs2", letter
    return "gsm7", None


def width_of(letter: str, encoding: Encoding) -> int:
    """Return the units one character takes."""
    if encoding == "ucs2":
        return 2 if ord(letter) > 0xFFFF else 1
    return 2 if letter in EXTENSION else 1


def split(text: str) -> list[str]:
    """Return the texts of the parts, as a provider or a handset joins them again.

    No part ends inside an escape or a surrogate pair, so parts of a text full of them are a unit
    shorter than they could be. A text without characters has no part.
    """
    encoding, _ = encoding_of(text)
    whole = sum(width_of(letter, encoding) for letter in text)
    if whole <= ALONE[encoding]:
        return [text] if text else []
    return list(_cut(text, encoding))


def _cut(text: str, encoding: Encoding) -> Iterator[str]:
    room, start, used = JOINED[encoding], 0, 0
    for at, letter in enumerate(text):
        width = width_of(letter, encoding)
        if used + width > room:
            yield text[start:at]
            start, used = at, 0
        used += width
    yield text[start:]


def plain(text: str) -> str:
    """Return ``text`` in plain spellings; letters of other scripts stay as they are."""
    return "".join(PLAIN.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


def suggest(text: str) -> tuple[str, Counted] | None:
    """Return a plain spelling of ``text`` that takes fewer parts, when there is one."""
    spelled = plain(text)
    counted = count(spelled)
    return (spelled, counted) if counted.parts < count(text).parts else None


def spelled(text: str, smart: Smart) -> str:
    """Return ``text`` as an account sends it.

    ``always`` writes plainly when that takes fewer parts, or frees the text from UCS-2, which
    some networks show as blocks; a text it would not help keeps its letters.
    """
    if smart != "always":
        return text
    simple = plain(text)
    before, after = count(text), count(simple)
    is_better = after.parts < before.parts or after.encoding != before.encoding
    return simple if is_better else text
