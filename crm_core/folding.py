"""Folding: what all spellings of a text have in common, whatever the accents and the alphabet.

Three depths, each coarser than the one before:

* ``fold``: case and accents are gone. "Ștefan" and the cedilla spelling "Ştefan" are "stefan".
* ``readings``: the alphabet is gone too. "Ștefan", "Stefan", "Штефан" and "Shtefan" share one.
* ``skeleton``: most vowels are gone. It survives typing errors and finds candidates; it decides
  nothing.

Romanian without its accents loses the difference of ș and s, of ț and t: the readings of the
other alphabet give it up as well, or the two would never meet.
"""

import re
import sys
import unicodedata
from functools import lru_cache


MARKS = dict.fromkeys(
    point for point in range(sys.maxunicode) if unicodedata.category(chr(point)) == "Mn"
)
"""Deletes what an accent becomes when its letter is decomposed."""

STROKES = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "ґ": "г",
    }
)
"""Letters whose accent is part of the letter: Unicode does not decompose them."""

CYRILLIC = str.maketrans(
    {
        "а": "a",
        "б": "b",
        "в": "v",
        "г": "g",
        "д": "d",
        "е": "e",
        "ж": "j",
        "з": "z",
        "и": "i",
        "і": "i",
        "й": "i",
        "к": "k",
        "л": "l",
        "м": "m",
        "н": "n",
        "о": "o",
        "п": "p",
        "р": "r",
        "с": "s",
        "т": "t",
        "у": "u",
        "ф": "f",
        "х": "h",
        "ц": "t",
        "ч": "k",
        "ш": "s",
        "щ": "sk",
        "ъ": None,
        "ы": "i",
        "ь": None,
        "э": "e",
        "ю": "iu",
        "я": "ia",
        "є": "ie",
    }
)

GROUPS = {
    "sch": "s",
    "sh": "s",
    "zh": "j",
    "kh": "",
    "gh": "g",
    "ph": "f",
    "ts": "t",
    "tz": "t",
    "dzh": "g",
    "dj": "g",
    "ch": "k",
    "ck": "k",
    "x": "ks",
}
"""What several Latin letters stand for. Romanian writes к as "ch", the rest ч: both are k."""

GROUP = re.compile(r"dzh|sch(?=[mnlrwaou])|sh|zh|kh|gh|ph|ts|tz|dj|ch|ck|x")
SILENT = re.compile(r"(?:(?<=^c)|(?<=^g))[ei](?=[aou])|(?<=[cg])[ei](?=[ou])")
"""Romanian "ci", "ge" before a vowel: the i is only spelling, as in Ciobanu (Чобану)."""

SINGLES = str.maketrans({"c": "k", "q": "k", "w": "v", "y": "i", "h": None})
DOUBLES = re.compile(r"([a-z])\1+")
WORD = re.compile(r"[^\W_]+")
VOWELS = str.maketrans(dict.fromkeys("aeiou"))
SIBILANTS = str.maketrans("zj", "ss")


def fold(text: str) -> str:
    """Return ``text`` in lower case without accents, its white space collapsed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold().translate(STROKES))
        text = unicodedata.normalize("NFC", text.translate(MARKS))
    return " ".join(text.casefold().split())


def words(text: str) -> list[str]:
    """Return the folded words of ``text``, in order, once each."""
    return list(dict.fromkeys(WORD.findall(fold(text))))


def readings(text: str) -> list[str]:
    """Return the folded words of ``text`` as they read in any alphabet, once each.

    A letter that is written in two ways gives its word two readings: Romanian "â" stands where
    Russian has "ы" but loses its accent to "a"; Moldovan "э" stands for both "ă" and "e".
    """
    found: dict[str, None] = {}
    for word in WORD.findall(unicodedata.normalize("NFC", text.casefold())):
        found.update(dict.fromkeys(_readings(word)))
    return list(found)


def skeleton(text: str) -> list[str]:
    """Return the consonants of each word of ``text``, once each; equal across alphabets."""
    found = (_skeleton(word) for word in words(text))
    return list(dict.fromkeys(bones for bones in found if bones))


@lru_cache(20_000)
def _readings(word: str) -> tuple[str, ...]:
    plain = _reading(fold(word))
    others = {_reading(fold(word.replace("â", "i").replace("э", "a")))} - {plain}
    return tuple(reading for reading in (plain, *others) if reading)


def _reading(folded: str) -> str:
    if folded.isascii():
        folded = SILENT.sub("", folded)
    else:
        folded = folded.replace("дж", "g").translate(CYRILLIC)
    spoken = GROUP.sub(lambda found: GROUPS[found[0]], folded)
    return DOUBLES.sub(r"\1", spoken.translate(SINGLES))


@lru_cache(20_000)
def _skeleton(folded: str) -> str:
    merged = _reading(folded).translate(SIBILANTS)
    return DOUBLES.sub(r"\1", merged[:1] + merged[1:].translate(VOWELS))
