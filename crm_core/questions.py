"""What somebody typed into the search box may mean: a number, a phone, an address, a name."""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, product

import msgspec

from crm_core import folding
from crm_core.addresses import mail_domain
from crm_core.grams import BONES, WHOLE, trigrams
from crm_core.phones import REGION, digits_of, read_phones


LONGEST = 200  # characters of a question that are looked at
SHORTEST = 3  # digits or letters from which a piece of an address is looked for
MOST_WORDS = 6
MOST_READINGS = 4

CARD_NUMBER = re.compile(r"(?:cl[\s-]?|[#№]\s?)?0*([1-9]\d{0,14})", re.IGNORECASE)
PREFIXES = re.compile(r"^(?:810|00|0|8)")
"""Ways to begin a number that is not stored so: they are no part of its end."""


class Question(msgspec.Struct, frozen=True, dict=True):
    """A text typed into the search box, read in every way it may be meant.

    Attributes:
        text: On one line.
        region: How local phone numbers read.
    """

    text: str
    region: str = REGION

    @classmethod
    def of(cls, text: str, region: str = REGION) -> "Question":
        """Read what was typed."""
        return cls(" ".join(text[:LONGEST].replace("\0", " ").split()), region)

    @cached_property
    def number(self) -> int | None:
        """The card number it may be, such as "#12" or "CL-000012"."""
        found = CARD_NUMBER.fullmatch(self.text)
        return int(found[1]) if found else None

    @cached_property
    def phones(self) -> list[str]:
        """The whole phone numbers in it, in E.164."""
        return [each.e164 for each in read_phones(self.text, self.region) if each.e164]

    @cached_property
    def digits(self) -> str:
        """The digits, when there is nothing else in it that could be meant."""
        if any(letter.isalpha() for letter in self.text):
            return ""
        digits = digits_of(self.text)
        return digits if len(digits) >= SHORTEST else ""

    @cached_property
    def figures(self) -> list[str]:
        """Pieces of a stored phone number: the digits, with and without a local prefix."""
        pieces = dict.fromkeys((self.digits, PREFIXES.sub("", self.digits)))
        return [piece for piece in pieces if len(piece) >= SHORTEST]

    @property
    def endings(self) -> list[str]:
        """What a phone number may end with, read backwards as the index has it."""
        return [piece[::-1] for piece in self.figures]

    @cached_property
    def address(self) -> str:
        """A piece of a mail address, or of another address in letters; "" when it is none."""
        if " " in self.text or len(self.text) < SHORTEST or self.digits:
            return ""
        local, at, domain = self.text.rpartition("@")
        return (local + at + mail_domain(domain) if at and domain else self.text).casefold()

    @property
    def is_whole_address(self) -> bool:
        """Whether it is all of a phone number or of a mail address: nothing else is meant."""
        return bool(self.phones) or "." in self.address.partition("@")[2]

    @cached_property
    def names(self) -> list[list[str]]:
        """The words of a name in every reading: folded, and in the other alphabet."""
        if self.digits or "@" in self.text:
            return []
        spoken = [folding.readings(word) for word in folding.WORD.findall(self.text.casefold())]
        readings = product(*filter(None, spoken[:MOST_WORDS]))
        folded = tuple(folding.words(self.text)[:MOST_WORDS])
        found = dict.fromkeys([folded, *islice(readings, MOST_READINGS)])
        return [list(each) for each in found if each]

    @cached_property
    def bones(self) -> list[str]:
        """The skeletons of the words, when each has enough of one."""
        if not self.names:
            return []
        found = folding.skeleton(self.text)
        return found if found and all(len(bones) > 2 for bones in found) else []

    def whole_words(self) -> Iterator[list[str]]:
        """Yield the index elements of names that have all the words."""
        yield from ([WHOLE + word for word in words] for words in self.names)

    def beginnings(self) -> Iterator[tuple[list[str], list[str]]]:
        """Yield the index elements and patterns of names whose words begin so."""
        for words in self.names:
            grams = [gram for word in words for gram in trigrams(f" {word}")]
            if grams:
                yield grams, [f"% {like(word)}%" for word in words]

    def pieces(self) -> Iterator[tuple[list[str], list[str]]]:
        """Yield the index elements and patterns of names that have the words inside."""
        for words in self.names:
            grams = [gram for word in words for gram in trigrams(word)]
            if grams:
                yield grams, [f"%{like(word)}%" for word in words]

    def skeletons(self) -> list[str]:
        """Return the index elements of names with the same consonants."""
        return [BONES + bones for bones in self.bones]


def like(text: str) -> str:
    """Return ``text`` as a pattern of LIKE that means itself."""
    return re.sub(r"([\\%_])", r"\\\1", text)
