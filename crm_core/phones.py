"""Phone numbers: every spelling people use, to E.164.

Source of the numbering plans: ``phonenumbers``, the port of Google's libphonenumber. What it
does not do is here: numbers without their plus, the 8 and 810 of Soviet habit, spreadsheets'
floats, several numbers in one field, addresses of SIP and WhatsApp.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher, PhoneNumberType

from infra.errors import Invalid


LONGEST = 1_000  # characters of a text that are looked at
REGION = "MD"

SCIENTIFIC = re.compile(r"\s*[+-]?\d(?:[.,]\d+)?[eE][+]?\d+\s*")
FLOAT = re.compile(r"(?<![\d.,])(\d{7,15})[.,]0+(?![\d.,])")
HOST = re.compile(r"@[^\s;,/|]*")
PARAMETER = re.compile(r";(?!ext=)[a-z-]+=[^\s;]*", re.IGNORECASE)
NUMBER = re.compile(
    r"""
    (?P<plus>\+[ (]{0,2})? (?P<number>\(?\d[\d ().-]*)
    (?:
        [ ,;.]{0,3}
        (?:extension|ext|interior|int|добавочный|доб|внутренний|внутр|вн|x|\#)
        [ .:=]{0,3} (?P<ext>\d{1,7})(?![\d])
    )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
DIGITS = re.compile(r"\D+")
SHORTEST, LONGEST_NUMBER = 6, 18  # digits, with prefixes
FULL = 10  # digits from which a number may be international without its plus


class UnknownRegion(Invalid):
    """The text is not a country code."""

    code = "phone.unknown_region"
    title = "Not a country code of two letters"


class PhoneReading(msgspec.Struct, frozen=True):
    """What a text says as a phone number.

    Attributes:
        e164: The number as ``+37369123456``; None when there is no valid one.
        ext: The extension behind it, digits only.
        problem: Why there is none, when the reason can be told: ``precision_lost``.
    """

    e164: str | None = None
    ext: str | None = None
    problem: str = ""

    @property
    def valid(self) -> bool:
        """Whether the text holds a number that can be called from abroad."""
        return self.e164 is not None


def read_phone(text: str, region: str = REGION) -> PhoneReading:
    """Return the first valid number in ``text``; ``region`` says how local spellings read."""
    found = read_phones(text, region)
    return found[0] if found else PhoneReading(problem=_problem(text))


@lru_cache(4_096)
def read_phones(text: str, region: str = REGION) -> Sequence[PhoneReading]:
    """Return every valid number in ``text``, in order, once each.

    Raises:
        UnknownRegion: ``region`` is not a country.
    """
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise UnknownRegion(f"{region!r} is not a country code")
    if SCIENTIFIC.fullmatch(text):
        return ()
    plain = _plain(text[:LONGEST])
    found = _once(_scan(plain, region))
    if not found and "/" in plain:
        found = _once(_scan(plain.replace("/", " "), region))
    return found or _once(_match(plain, region))


def pretty(e164: str) -> str:
    """Return ``e164`` as people read it, such as "+373 69 123 456"."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def digits_of(text: str) -> str:
    """Return the digits of ``text``, of any script, as ASCII."""
    return DIGITS.sub("", _plain(text[:LONGEST]))


def _once(readings: Iterator[PhoneReading]) -> Sequence[PhoneReading]:
    by_number: dict[str | None, PhoneReading] = {}
    for reading in readings:
        _ = by_number.setdefault(reading.e164, reading)
    return tuple(by_number.values())


def _plain(text: str) -> str:
    """Return ``text`` in ASCII digits, with plain spaces, without host and parameters."""
    if not text.isascii():
        text = "".join(map(_plain_letter, unicodedata.normalize("NFKC", text.replace("№", " "))))
    text = PARAMETER.sub(" ", HOST.sub(" ", " ".join(text.split())))
    return FLOAT.sub(r"\1", text)


def _plain_letter(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter == "\N{MINUS SIGN}" or unicodedata.category(letter) in {"Zs", "Cf", "Pd"}:
        return " "
    return letter


def _scan(text: str, region: str) -> Iterator[PhoneReading]:
    """Find the numbers that stand alone: a letter that touches one may be a mistyped digit."""
    for found in NUMBER.finditer(text):
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        touches = found["ext"] is None and not found["number"].endswith(" ") and after.isalpha()
        if before.isalpha() or touches:
            continue
        e164 = _valid(DIGITS.sub("", found["number"]), region, plus=found["plus"] is not None)
        if e164 is not None:
            yield PhoneReading(e164, found["ext"])


def _match(text: str, region: str) -> Iterator[PhoneReading]:
    """Find numbers that run into each other or into other figures."""
    for match in PhoneNumberMatcher(text, region):
        touches = text[: match.start][-1:].isalpha() or text[match.end :][:1].isalpha()
        if not touches and _is_callable(match.number):
            yield PhoneReading(_e164(match.number), match.number.extension)


def _valid(digits: str, region: str, *, plus: bool) -> str | None:
    if not SHORTEST <= len(digits) <= LONGEST_NUMBER:
        return None
    for candidate in _candidates(digits, plus=plus):
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if _is_callable(number):
            return _e164(number)
    return None


def _candidates(digits: str, *, plus: bool) -> Iterator[str]:
    """Yield the ways to read ``digits``, the likeliest first."""
    if plus:
        yield f"+{digits}"
        if digits.startswith("0"):
            yield digits
        return
    yield digits
    if len(digits) >= FULL:
        yield f"+{digits}"
    for prefix in ("00", "810"):
        if digits.startswith(prefix):
            yield f"+{digits.removeprefix(prefix)}"
    if digits.startswith("8"):
        yield digits[1:]
        if len(digits) == 11:
            yield f"+7{digits[1:]}"


def _is_callable(number: phonenumbers.PhoneNumber) -> bool:
    """Whether a client can be reached there: premium services are valid and nobody's."""
    return (
        phonenumbers.is_valid_number(number)
        and phonenumbers.number_type(number) != PhoneNumberType.PREMIUM_RATE
    )


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _problem(text: str) -> str:
    return "precision_lost" if SCIENTIFIC.fullmatch(text) else ""
