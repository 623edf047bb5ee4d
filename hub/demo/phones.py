"""Phone numbers that are valid, and the ways in which people write them down."""

import random

from phonenumbers import is_valid_number, parse


COUNTRIES = {"MD": 60, "RO": 25, "RU": 8, "GB": 7}  # where clients come from, in percent
MD_PREFIXES = ("60", "61", "62", "65", "67", "68", "69", "76", "77", "78", "79")

ANYWHERE = {
    "+{code}{a}{b}{c}": 20,
    "+{code} {a} {b} {c}": 18,
    "+{code} ({a}) {b}-{c}": 12,
    "+{code}-{a}-{b}-{c}": 8,
    "00{code}{a}{b}{c}": 5,
    "+{code}.{a}.{b}.{c}": 3,
    "WhatsApp: +{code}{a}{b}{c}": 1,
}
AT_HOME = {"0{a}{b}{c}": 12, "0{a} {b} {c}": 12, "{code}{a}{b}{c}": 6}
"""Spellings with their weights; those at home read right only in the branch's own country."""


def new_number(dice: random.Random) -> str:
    """Return a valid mobile number as E.164: ranges are allotted, so not every number is one."""
    while True:
        number = _maybe(dice)
        if is_valid_number(parse(number)):
            return number


def written(number: str, dice: random.Random) -> str:
    """Return ``number`` in one of the spellings found in real address books."""
    code = next(code for code in ("373", "40", "44", "7") if number.startswith(f"+{code}"))
    local = number.removeprefix(f"+{code}")
    spellings = ANYWHERE | AT_HOME if code == "373" else ANYWHERE
    spelling = dice.choices(list(spellings), list(spellings.values()))[0]
    return spelling.format(code=code, a=local[:-6], b=local[-6:-3], c=local[-3:])


def _maybe(dice: random.Random) -> str:
    match dice.choices(list(COUNTRIES), list(COUNTRIES.values()))[0]:
        case "MD":
            return f"+373{dice.choice(MD_PREFIXES)}{dice.randrange(10**6):06}"
        case "RO":
            return f"+407{dice.randrange(2, 9)}{dice.randrange(10**7):07}"
        case "RU":
            return f"+7912{dice.randrange(10**7):07}"
        case _:
            return f"+447400{dice.randrange(10**6):06}"
