"""Names of people: how they are cleaned, split, ordered and found."""

import re
import unicodedata

from crm_core import folding
from crm_core.grams import BONES, WHOLE, word_grams


LONGEST = 120  # characters kept of a name
QUOTES = " \t\"'`«»“”„‟‘’‚,;<>"
ADDRESS = re.compile(r"\S+@\S+\.\S+")
ASIDE = re.compile(r"[(\[][^)\]]*[)\]]")
PART = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
PATRONYMIC = re.compile(r"\w+(?:вич|вна|ична|vici|vich|vna)", re.IGNORECASE)
TITLES = frozenset(
    [
        "dl",
        "dna",
        "d-na",
        "dra",
        "d-ra",
        "dr",
        "ing",
        "prof",
        "mr",
        "mrs",
        "ms",
        "miss",
        "г-н",
        "г-жа",
        "г-н.",
        "д-р",
        "пан",
        "пани",
    ]
)
COMPANY = re.compile(
    r"\b(?:s\.?\s?r\.?\s?l|s\.?a|i\.?i|llc|ltd|gmbh|inc|corp|ооо|оао|зао|ао|чп|ип|тов|фоп)\b"
    r"|\b(?:support|info|no-?reply|team|office|shop|news|newsletter|service|sales)\b",
    re.IGNORECASE,
)


def clean_name(text: str) -> str:
    """Return ``text`` as it may be shown: one line, no quotes around, nothing invisible.

    Returns "" for what is no name: an empty text, or an address in the place of the name.
    """
    text = clean_text(text).strip(QUOTES)[:LONGEST].rstrip()
    return "" if ADDRESS.fullmatch(text) else text


def clean_text(text: str) -> str:
    """Return ``text`` on one line, without what cannot be seen."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text)
        text = "".join(letter if _shows(letter) else " " for letter in text)
    return " ".join(text.split())


def split_name(name: str) -> tuple[str, str]:
    """Guess the given and the family name in ``name``; both are "" when it is not a person's.

    Only what the spelling says is believed: a comma or capitals mark the family name, a
    patronymic has its place. Else the given name comes first, as mail programs write it.
    """
    name = ASIDE.sub(" ", name)
    if COMPANY.search(name):
        return "", ""
    family, comma, given = name.partition(",")
    if comma and _parts(family) and _parts(given):
        return " ".join(_parts(given)), " ".join(_parts(family))
    parts = _parts(name)
    match len(parts):
        case 1:
            return parts[0], ""
        case 2 | 3:
            return _order(parts)
        case _:
            return "", ""


def full_name(given: str, family: str) -> str:
    """Return the name as it is shown when nobody wrote another."""
    return f"{given} {family}".strip()


def name_key(*names: str) -> str:
    """Return what spellings of one name share across alphabets, in any order of its words.

    It finds candidates for duplicates; equal keys prove nothing.
    """
    return " ".join(sorted(folding.skeleton(" ".join(names))))


def sort_key(name: str) -> str:
    """Return what names are ordered by: the database knows no language's order."""
    return folding.fold(name)


def search_text(*names: str) -> str:
    """Return the words ``names`` are found by: folded, and read in either alphabet."""
    text = " ".join(names)
    return " ".join(dict.fromkeys((*folding.words(text), *folding.readings(text))))


def search_grams(*names: str) -> list[str]:
    """Return the index elements of ``names``: pieces of words, whole words, skeletons."""
    text = " ".join(names)
    words = dict.fromkeys((*folding.words(text), *folding.readings(text)))
    return [
        *word_grams(words),
        *(WHOLE + word for word in words),
        *(BONES + bones for bones in folding.skeleton(text) if len(bones) > 2),
    ]


def _shows(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _parts(name: str) -> list[str]:
    """Return the words of a name, or nothing when there is more in it than words."""
    words = [word for word in name.split() if word.strip(".").casefold() not in TITLES]
    return words if all(PART.fullmatch(word) for word in words) else []


def _order(parts: list[str]) -> tuple[str, str]:
    for place, part in enumerate(parts):
        if len(parts) == 3 and PATRONYMIC.fullmatch(part):
            given, family = (0, 2) if place == 1 else (1, 0)
            return parts[given], parts[family]
    capitals = [part for part in parts if part.isupper() and len(part) > 1]
    if len(capitals) == 1:
        given_parts = [part for part in parts if part is not capitals[0]]
        return " ".join(given_parts), capitals[0].title()
    return " ".join(parts[:-1]), parts[-1]
