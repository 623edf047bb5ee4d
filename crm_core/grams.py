"""Trigrams: infix search on a GIN index, without an extension of PostgreSQL."""

from collections.abc import Iterable


WHOLE = "="  # marks an element that is a whole word; no trigram of a word begins so
BONES = "~"  # marks an element that is a word's skeleton


def trigrams(text: str) -> list[str]:
    """Return the three-letter pieces of ``text``, once each; a shorter text has none."""
    return list(dict.fromkeys(text[at : at + 3] for at in range(len(text) - 2)))


def word_grams(words: Iterable[str]) -> list[str]:
    """Return what finds ``words`` by any piece of three letters or by their first two.

    The space before a word makes its beginning a piece of its own.
    """
    return list(dict.fromkeys(gram for word in words for gram in trigrams(f" {word}")))
