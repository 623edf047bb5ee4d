"""Answers are exactly what their shapes say: no field is missing, none is there unannounced."""

from typing import Any, TypeVar

import msgspec


Shape = TypeVar("Shape")


def strictly(answer: Any, shape: type[Shape]) -> Shape:
    """Decode an answer that may have no field its shape does not name."""
    assert answer.status in {200, 201}, answer.text
    value = msgspec.json.decode(answer.body, type=shape)
    assert names(msgspec.to_builtins(value)) == names(answer.json)
    return value


def names(value: Any, path: str = "") -> set[str]:
    """Return the path of every field in a JSON value."""
    if isinstance(value, dict):
        found = set()
        for name, each in value.items():
            found |= {f"{path}.{name}"} | names(each, f"{path}.{name}")
        return found
    if isinstance(value, list | tuple):
        return {name for each in value for name in names(each, f"{path}[]")}
    return set()
