"""Cutting a long text into messages: lengths in UTF-16 units, places in code points."""

import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

from inbox.contract import Span


BREAKS = ("\n\n", "\n", ". ", "! ", "? ", "… ", " ")  # best first
LOOK_BACK = 64  # code points of a cluster at most; what is longer is cut between code points
JOINER = "\u200d"
KEYCAP = "\u20e3"
FLAGS = range(0x1F1E6, 0x1F200)  # regional indicators: two of them make a flag
SKINS = range(0x1F3FB, 0x1F400)
TAGS = range(0xE0020, 0xE0080)


class Chunk(msgspec.Struct, frozen=True):
    """A piece of a text with the spans that fall into it; places are its own."""

    text: str
    spans: tuple[Span, ...] = ()


def units(text: str) -> int:
    """Return the length in UTF-16 code units, in which Telegram counts.

    https://core.telegram.org/bots/api#messageentity
    """
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, spans: Sequence[Span], limit: int) -> Iterator[Chunk]:
    """Cut a text into pieces of at most ``limit`` units; together they are the text.

    A piece ends after a paragraph, a line, a sentence or a word when one ends in its second half,
    and otherwise between two characters as people see them.
    """
    start = 0
    while start < len(text):
        end = _cut(text, start, _reach(text, start, limit))
        yield Chunk(text[start:end], tuple(_moved(spans, start, end)))
        start = end


def _reach(text: str, start: int, limit: int) -> int:
    """Return how far a piece may go at most."""
    width = 0
    for place in range(start, len(text)):
        width += 2 if text[place] > "\uffff" else 1
        if width > limit:
            return max(place, start + 1)
    return len(text)


def _cut(text: str, start: int, reach: int) -> int:
    if reach == len(text):
        return reach
    middle = start + (reach - start) // 2
    for mark in BREAKS:
        place = text.rfind(mark, middle, reach)
        if place >= 0 and not _is_inside(text, place + len(mark)):
            return place + len(mark)
    lowest = max(start, reach - LOOK_BACK)
    for place in range(reach, lowest, -1):
        if not _is_inside(text, place):
            return place
    return reach


def _is_inside(text: str, place: int) -> bool:
    """Tell whether a cut would tear what people see as one character.

    The rules of Unicode Standard Annex 29 that matter in chats: marks, joined emoji, skin tones,
    keycaps, flags, and the end of a line in two characters.
    """
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if before == "\r" and after == "\n":
        return True
    if after in {JOINER, KEYCAP} or before == JOINER:
        return True
    code = ord(after)
    if code in SKINS or code in TAGS or unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return before not in "\r\n"
    return code in FLAGS and _flags_before(text, place) % 2 == 1


def _flags_before(text: str, place: int) -> int:
    count = 0
    while count < place and ord(text[place - 1 - count]) in FLAGS:
        count += 1
    return count


def _moved(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            yield Span(first - start, last - start, span.kind, span.arg)
