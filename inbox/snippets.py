"""The place of a text that matched, marked for the reader's eye."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from crm_core.folding import fold
from inbox.lexemes import WORD


BEGIN, END = "\u0002", "\u0003"  # around what matched; no text has them
LENGTH = 160  # characters of a snippet
LEAD = 40  # characters before the first match
LOOKED_AT = 6_000  # characters of a text that are looked through


def snippet(text: str, words: Collection[str], beginnings: Sequence[str]) -> str:
    """Return the part of ``text`` around its first match, every match marked.

    Args:
        words: Folded words that match.
        beginnings: Folded beginnings of words that match.
    """
    text = text[:LOOKED_AT].replace(BEGIN, "").replace(END, "")
    spans = [
        found.span()
        for found in WORD.finditer(text)
        if (word := _folded(found[0])) in words or word.startswith(tuple(beginnings))
    ]
    start = max(0, spans[0][0] - LEAD) if spans else 0
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    end = min(len(text), start + LENGTH)
    while end < len(text) and not text[end].isspace() and end < start + LENGTH + LEAD:
        end += 1
    return _marked(text, start, end, spans)


def has_phrase(text: str, phrases: Sequence[str]) -> bool:
    """Whether the words of every phrase follow each other in ``text``."""
    if not phrases:
        return True
    line = " " + " ".join(WORD.findall(fold(text))) + " "
    return all(f" {phrase} " in line for phrase in phrases)


def _marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    pieces = ["…"] if start else []
    at = start
    for low, high in spans:
        if high > end:
            break
        pieces += [text[at:low], BEGIN, text[low:high], END]
        at = high
    pieces.append(text[at:end])
    if end < len(text):
        pieces.append("…")
    return " ".join("".join(pieces).split())


@lru_cache(20_000)
def _folded(word: str) -> str:
    return fold(word)
