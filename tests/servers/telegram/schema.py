"""The Bot API's types and methods as data, and a check of values against them."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


PRIMITIVES = {
    "Integer": (int,),
    "String": (str,),
    "Boolean": (bool,),
    "True": (bool,),
    "False": (bool,),
    "Float": (int, float),
    "InputFile": (str,),
}
LIST = "Array of "


class Field(NamedTuple):
    """A field of a type or a parameter of a method."""

    type: str
    is_required: bool
    values: tuple[str, ...]


class Schema(NamedTuple):
    """The API; see ``prune.py`` for how it is written."""

    reactions: tuple[str, ...]
    unions: Mapping[str, tuple[str, ...]]
    types: Mapping[str, Mapping[str, Field]]
    methods: Mapping[str, Mapping[str, Field]]

    def problem(self, kind: str, value: Any, *, at: str = "value") -> str:
        """Say what is wrong with a value of a type; "" when nothing is."""
        if kind.startswith(LIST):
            return self._list_problem(kind.removeprefix(LIST), value, at)
        choices = choices_of(kind)
        if len(choices) > 1:
            found = [self.problem(one, value, at=at) for one in choices]
            return "" if "" in found else found[0]
        if kind in PRIMITIVES:
            return primitive_problem(kind, value, at)
        if kind in self.unions:
            return self._union_problem(kind, value, at)
        if kind in self.types:
            return self._object_problem(kind, value, at)
        return ""

    def _list_problem(self, kind: str, value: Any, at: str) -> str:
        if not isinstance(value, list):
            return f"{at} must be an Array"
        found = (self.problem(kind, one, at=f"{at}[{n}]") for n, one in enumerate(value))
        return next((one for one in found if one), "")

    def _union_problem(self, kind: str, value: Any, at: str) -> str:
        if kind == "RichText" and isinstance(value, str | list):
            return ""
        members = self.unions[kind]
        found = [self.problem(one, value, at=at) for one in members]
        return "" if "" in found or not members else f"{at} is no {kind}: {found[0]}"

    def _object_problem(self, kind: str, value: Any, at: str) -> str:
        if not isinstance(value, dict):
            return f"{at} must be an Object"
        fields = self.types[kind]
        return fields_problem(self, fields, value, at)


def fields_problem(
    schema: Schema, fields: Mapping[str, Field], value: Mapping[str, Any], at: str
) -> str:
    """Say what is wrong with an object of known fields; "" when nothing is."""
    for name, field in fields.items():
        where = f"{at}.{name}" if at else name
        if value.get(name) is None:
            if field.is_required:
                return f'parameter "{where}" is required'
            continue
        if field.values and value[name] not in field.values:
            return f'"{where}" must be one of {", ".join(field.values)}'
        if found := schema.problem(field.type, value[name], at=where):
            return found
    strangers = value.keys() - fields.keys()
    return f"{at or 'request'} has the unknown field {min(strangers)!r}" if strangers else ""


def primitive_problem(kind: str, value: Any, at: str) -> str:
    """Say what is wrong with a number, a text or a truth."""
    good = PRIMITIVES[kind]
    if isinstance(value, bool) and bool not in good:
        return f"{at} must be of type {kind}"
    return "" if isinstance(value, good) else f"{at} must be of type {kind}"


@cache
def choices_of(kind: str) -> tuple[str, ...]:
    """Return the types of ``A or B`` and of ``A, B and C``."""
    return tuple(re.split(r", | or | and ", kind))


def field_of(short: str) -> Field:
    """Read ``<type>[!][=a|b]``."""
    kind, _, values = short.partition("=")
    return Field(
        kind.removesuffix("!"), kind.endswith("!"), tuple(values.split("|")) if values else ()
    )


def _fields(group: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Field]]:
    return {
        name: {key: field_of(short) for key, short in fields.items()}
        for name, fields in group.items()
    }


@cache
def bot_api() -> Schema:
    """Return the API."""
    raw = json.loads(Path(__file__).with_name("schema.json").read_text("utf-8"))
    return Schema(
        tuple(raw["reactions"]),
        {name: tuple(members) for name, members in raw["unions"].items()},
        _fields(raw["types"]),
        _fields(raw["methods"]),
    )
