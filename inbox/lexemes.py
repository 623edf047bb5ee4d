"""The words a message is found by.

A text is indexed by its folded words, so neither accents nor case matter, and by their stems, so
"comenzi" and "comenzile" meet. Stems are PostgreSQL's (``romanian``, ``russian``, ``english``);
Russian ones need their letters unfolded, Romanian ones are of folded words, for people type both.
Marks beside the words hold what is not a word: ``p:`` a phone number backwards, ``e:`` a mail
address, ``s:`` a word of the conversation's subject, ``B~`` and ``b~`` where in time a message is.
"""

import re
from collections.abc import Iterable

import msgspec

from crm_core.folding import fold


LONGEST_TEXT = 100_000  # characters of a message that are indexed
LONGEST_WORD = 64  # characters
MOST_WORDS = 3_000  # per message

NEAR = 12  # bits: 4,096 messages share a near bucket
FAR = 16  # bits: 65,536 messages share a far bucket

WORD = re.compile(r"[^\W_]+")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
PHONE = re.compile(r"\+?\d(?:[\d\s().\-/]{5,20})\d")
MAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,200}\.\w{2,20}")

ROMANIAN = frozenset(
    ("si", "este", "de", "la", "cu", "pentru", "sa", "nu", "va", "am", "in", "pe", "ca", "din")
)
ENGLISH = frozenset(
    ("the", "and", "of", "to", "is", "for", "you", "we", "are", "it", "this", "that", "have")
)
"""The commonest words: enough to tell the two Latin languages apart."""


class Lexemes(msgspec.Struct, frozen=True):
    """What a text is indexed by.

    Attributes:
        words: Folded words, once each.
        romanian: Text whose Romanian stems are added.
        other: Text whose Russian and English stems are added.
        marks: Phone numbers and mail addresses.
    """

    words: list[str]
    romanian: str
    other: str
    marks: list[str]


def lexemes_of(text: str) -> Lexemes:
    """Return what ``text`` is indexed by."""
    text = text[:LONGEST_TEXT].replace("\0", "")
    found = list(dict.fromkeys(WORD.findall(text.casefold().replace("ё", "е"))))[:MOST_WORDS]
    kept = [word for word in found if len(word) <= LONGEST_WORD]
    folded = {word: fold(word) for word in kept}
    latin = [folded[word] for word in kept if not CYRILLIC.search(word)]
    cyrillic = [word for word in kept if CYRILLIC.search(word)]
    is_romanian, is_english = _languages(latin)
    return Lexemes(
        words=list(dict.fromkeys(folded.values())),
        romanian=" ".join(latin) if is_romanian else "",
        other=" ".join([*cyrillic, *(latin if is_english else ())]),
        marks=[*phone_marks(text), *mail_marks(text)],
    )


def phone_marks(text: str) -> list[str]:
    """Return a mark for each phone number in ``text``: its digits backwards."""
    digits = (re.sub(r"\D", "", found) for found in PHONE.findall(text))
    return list(dict.fromkeys(f"p:{one[::-1]}" for one in digits if 6 <= len(one) <= 15))


def mail_marks(text: str) -> list[str]:
    """Return a mark for each mail address in ``text``."""
    return list(dict.fromkeys(f"e:{fold(one)[:200]}" for one in MAIL.findall(text)))


def bucket_marks(n: int) -> list[str]:
    """Return the marks of the buckets the message number ``n`` is in."""
    return [f"B~{n >> NEAR}", f"b~{n >> FAR}"]


def quoted(lexeme: str) -> str:
    """Return a lexeme as it is written in a ``tsquery``."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def any_of(lexemes: Iterable[str]) -> str:
    """Return the ``tsquery`` text for any of ``lexemes``."""
    return "(" + " | ".join(quoted(one) for one in dict.fromkeys(lexemes)) + ")"


def _languages(latin: list[str]) -> tuple[bool, bool]:
    """Say whether Latin words look Romanian and whether they look English; in doubt both."""
    words = set(latin)
    romanian, english = len(words & ROMANIAN), len(words & ENGLISH)
    return romanian >= english, english >= romanian
