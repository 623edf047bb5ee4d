"""Reading JSON that somebody else may have made to hurt: any depth, and any part that is whole.

The fast reader gives up about a thousand levels down, on half a surrogate pair, and on a text
that is cut off. What it refuses is read again token by token, with a stack of our own, and
whatever was read until then is returned.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec


TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]|[^\s\[\]{},:"]+', re.DOTALL)
MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
"""A text that does not end is one token: to look for its end at every quote takes for ever."""
RESULT = re.compile(rb'"result"\s*:\s*\[')
MOST = 60_000  # tokens: some 40 ms
WORDS = {"true": True, "false": False, "null": None}

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read(body: bytes) -> dict[str, Any]:
    """Return the object in ``body``; an empty one when there is none."""
    try:
        found = msgspec.json.decode(body)
    except UNREADABLE:
        found = _patiently(body.decode(errors="replace"))
    return found if isinstance(found, dict) else {}


def _patiently(text: str) -> Any:
    """Return the first value of a text, as far as it goes."""
    top: list[Any] = []
    containers: list[list[Any] | dict[str, Any]] = [top]
    names: list[str | None] = [None]
    for count, token in enumerate(TOKEN.finditer(text)):
        if count > MOST or (len(containers) == 1 and top):
            break
        word, inside = token[0], containers[-1]
        if word in "]}":
            if len(containers) > 1:
                containers.pop()
                names.pop()
            continue
        value = _value(word)
        if isinstance(inside, list):
            inside.append(value)
        elif names[-1] is None:
            names[-1] = value if isinstance(value, str) else str(word)
            continue
        else:
            inside[names[-1]] = value
            names[-1] = None
        if word in "[{":
            containers.append(value)
            names.append(None)
    return top[0] if top else None


def _value(word: str) -> Any:
    if word == "{":
        return {}
    if word == "[":
        return []
    try:
        return WORDS[word] if word in WORDS else json.loads(word, strict=False)
    except ValueError:
        return None


def results(body: bytes) -> list[bytes]:
    """Return the elements of an answer's ``result`` as they came.

    One that nobody can read does not keep the others from being found.
    """
    try:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=_Answer).result]
    except UNREADABLE:
        return list(_cut(body))


class _Answer(msgspec.Struct):
    result: list[msgspec.Raw] = []


def _cut(body: bytes) -> Iterator[bytes]:
    """Cut by brackets alone; an element that does not end is left out: it will come again."""
    found = RESULT.search(body)
    if found is None:
        return
    depth, begin = 0, found.end()
    for mark in MARK.finditer(body, begin):
        word = mark[0]
        if word in b"[{":
            depth += 1
        elif depth == 0 and word in b",]":
            if piece := body[begin : mark.start()].strip():
                yield piece
            begin = mark.end()
        if word in b"]}":
            depth -= 1
        if depth < 0:
            return
