"""What somebody typed into the search box, read."""

import re

import msgspec

from crm_core.folding import fold
from inbox.lexemes import MAIL, WORD


MOST_WORDS = 12  # of a query that are looked for
PHONE_TAIL = 8  # digits that tell numbers apart, whatever prefix they are written with
NUMBER = re.compile(r"\s*#?(\d{1,18})\s*")
LOOKS_LIKE_PHONE = re.compile(r"[\s\d().+\-/]+")
PHRASE = re.compile(r"[\"«„“”]([^\"»“”]+)[\"»“”]")


class Word(msgspec.Struct, frozen=True):
    """A word of a query.

    Attributes:
        raw: In lower case, its letters unfolded: what Russian stems are made from.
    """

    folded: str
    raw: str


class Query(msgspec.Struct, frozen=True):
    """A query.

    Attributes:
        phrases: Folded words that must follow each other.
        marks: Of a phone number or a mail address, as the index has them.
        is_open: The last word may go on: nobody has typed a space after it yet.
        number: It may be the number of a conversation.
    """

    words: tuple[Word, ...]
    phrases: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    is_open: bool = False
    number: int | None = None


def parse_query(text: str) -> Query:
    """Read a query; whatever was typed is one."""
    text = text.replace("\0", "")
    found = list(dict.fromkeys(WORD.findall(text.casefold().replace("ё", "е"))))[:MOST_WORDS]
    number = NUMBER.fullmatch(text)
    return Query(
        words=tuple(Word(fold(word), word) for word in found),
        phrases=tuple(" ".join(WORD.findall(fold(part))) for part in PHRASE.findall(text)),
        marks=_marks(text),
        is_open=bool(text) and not text[-1].isspace() and text[-1].isalnum(),
        number=int(number[1]) if number else None,
    )


def _marks(text: str) -> tuple[str, ...]:
    digits = re.sub(r"\D", "", text)
    if LOOKS_LIKE_PHONE.fullmatch(text) and len(digits) >= 4:
        return (f"p:{digits[: -PHONE_TAIL - 1 : -1]}",)
    return tuple(f"e:{fold(found)}" for found in MAIL.findall(text))
