"""Reading what a provider says: formats to plain values, and values by their path."""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET  # entities are refused before it sees them

from channels.sms.gateway.grammar import Path, Pattern, Success, When


STEP = re.compile(r"[^.\[\]]+")
DEEPEST = 60  # elements inside each other
LONGEST_VALUE = 2_000  # characters a regular expression is tried on


class Unreadable(ValueError):
    """The payload is not in the format it should be in."""


def parse(form: str | Pattern, text: str) -> Any:
    """Return the values of an answer; a text is under ``#``.

    Raises:
        Unreadable: It is not in that format.
    """
    if isinstance(form, Pattern):
        found = re.search(form.regex, text[:LONGEST_VALUE], re.DOTALL)
        if found is None:
            raise Unreadable("the answer does not look like the preset says")
        return found.groupdict()
    if form == "json":
        return parse_json(text)
    if form == "xml":
        return parse_xml(text)
    return {"#": text}


def parse_json(text: str | bytes) -> Any:
    """Return decoded JSON.

    Raises:
        Unreadable: It is none, or is nested beyond reason.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON: {str(error) or type(error).__name__}") from error


def parse_xml(text: str) -> Any:
    """Return elements as objects: attributes and children by name, text under ``#``.

    Raises:
        Unreadable: It is no XML, declares entities, or is nested beyond reason.
    """
    if "<!" in text:
        raise Unreadable("XML with declarations is not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without declarations nothing expands
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise Unreadable(f"no XML: {error}") from error
    return {_bare(root.tag): _element(root, 0)}


def _element(element: ET.Element, depth: int) -> dict[str, Any]:
    if depth > DEEPEST:
        raise Unreadable("XML that is nested beyond reason")
    values: dict[str, Any] = {_bare(name): value for name, value in element.attrib.items()}
    for child in element:
        name, inner = _bare(child.tag), _element(child, depth + 1)
        if name in values:
            earlier = values[name]
            values[name] = [*earlier, inner] if isinstance(earlier, list) else [earlier, inner]
        else:
            values[name] = inner
    values["#"] = (element.text or "").strip()
    return values


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def pick(document: Any, path: Path | None) -> Any:
    """Return what is at a path, of several paths at the first that leads somewhere; else None."""
    if path is None:
        return None
    if isinstance(path, list):
        return next((found for one in path if (found := pick(document, one)) is not None), None)
    if isinstance(document, Mapping) and path in document:
        return _bottom(document[path])
    here = document
    for step in STEP.findall(path):
        here = _step(here, step)
        if here is None:
            return None
    return _bottom(here)


def _step(here: Any, step: str) -> Any:
    match here:
        case Mapping():
            return next(iter(here.values()), None) if step == "*" else here.get(step)
        case list() if step == "*":
            return here[0] if here else None
        case list() if step.isdecimal():
            return here[int(step)] if int(step) < len(here) else None
        case _:
            return None


def _bottom(value: Any) -> Any:
    """Return an element of XML that has nothing but a text as that text."""
    if isinstance(value, Mapping) and set(value) == {"#"}:
        return value["#"]
    return value


def pick_text(document: Any, path: Path | None) -> str:
    """Return what is at a path as text; "" when there is nothing or no single value."""
    found = pick(document, path)
    if isinstance(found, list) and found:
        found = found[0]
    if found is None or isinstance(found, Mapping | list):
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found)


def holds(when: When | Success, status: int | None, document: Any) -> bool:
    """Say whether a condition holds for an answer."""
    if when.http is not None:
        wanted = when.http if isinstance(when.http, list) else [when.http]
        if status not in wanted:
            return False
    if when.path is None:
        return True
    found = pick(document, when.path)
    text = pick_text(document, when.path)
    if when.exists is not None and (found is not None) != when.exists:
        return False
    if when.among is not None and text not in {str(one) for one in when.among}:
        return False
    return when.regex is None or re.search(when.regex, text[:LONGEST_VALUE]) is not None
