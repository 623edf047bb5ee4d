"""Filling in a preset's templates: variables and a handful of filters, nothing else."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import phonenumbers


VARIABLE = re.compile(r"\{(\w+)(?:\|(\w+))?\}")

Values = Mapping[str, str]


def fill(template: Any, values: Values) -> Any:
    """Return ``template`` with its variables filled in.

    A field that begins with a variable nobody set disappears, with everything behind it: an
    optional ``{callback}?id={ref}`` is there as a whole or not at all.
    """
    match template:
        case str():
            return fill_text(template, values)
        case Mapping():
            filled = {key: fill(value, values) for key, value in template.items()}
            return {key: value for key, value in filled.items() if value is not None}
        case list():
            return [value for one in template if (value := fill(one, values)) is not None]
        case _:
            return template


def fill_text(template: str, values: Values) -> str | None:
    """Return a filled-in text; None when its first variable, at its beginning, is not set."""
    first = VARIABLE.match(template)
    if first is not None and not values.get(first[1]):
        return None
    return VARIABLE.sub(lambda found: _value(found, values), template)


def _value(found: re.Match[str], values: Values) -> str:
    text = values.get(found[1]) or ""
    return FILTERS[found[2]](text) if found[2] else text


def _intl00(number: str) -> str:
    return f"00{number[1:]}" if number.startswith("+") else number


def _hex16(text: str) -> str:
    return text.encode("utf-16-be", "surrogatepass").hex().upper()


def _national(number: str) -> str:
    """Return a number as it is dialled inside its country, digits only."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    text = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", text)


def _ro_or_00(number: str) -> str:
    """Return a Romanian number as 07xxxxxxxx and any other with 00, as gateways there want."""
    return _national(number) if number.startswith("+40") else _intl00(number)


FILTERS: Mapping[str, Callable[[str], str]] = {
    "noplus": lambda text: text.lstrip("+"),
    "intl00": _intl00,
    "national": _national,
    "ro_or_00": _ro_or_00,
    "url": lambda text: quote(text, safe=""),
    "xml": escape,
    "hex16": _hex16,
}
