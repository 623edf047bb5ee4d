"""Reading what a client sent: the Bot API takes JSON, forms, multipart and queries alike."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import BodyPartReader, web

from tests.servers.telegram.schema import Field, choices_of


class Upload(NamedTuple):
    """A file of a multipart request."""

    filename: str
    content_type: str
    data: bytes


class Sent(NamedTuple):
    """The parameters of a call, as values, and its files by the name of their part."""

    params: dict[str, Any]
    files: dict[str, Upload]


class ApiError(Exception):
    """What the Bot API answers instead of a result."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str, **parameters: Any) -> ApiError:
    """Return a refusal of a request that is wrong."""
    return ApiError(400, f"Bad Request: {description}", **parameters)


async def read_request(request: web.Request, fields: Mapping[str, Field]) -> Sent:
    """Read the parameters and files of a call.

    Raises:
        ApiError: A parameter is not what its type says.
    """
    raw: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    kind = request.content_type
    if kind == "application/json":
        body = await request.read()
        raw |= json.loads(body) if body else {}
    elif kind == "multipart/form-data":
        await _read_parts(request, raw, files)
    elif kind == "application/x-www-form-urlencoded":
        raw |= dict(await request.post())
    else:
        await request.read()
    return Sent({name: _value(name, raw[name], fields.get(name)) for name in raw}, files)


async def _read_parts(request: web.Request, raw: dict[str, Any], files: dict[str, Upload]) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad("a part without a name")
        data = bytes(await part.read())
        if part.filename is None:
            raw[part.name] = data.decode()
        else:
            kind = part.headers.get("Content-Type", "")
            files[part.name] = Upload(part.filename, kind, data)


def _value(name: str, raw: Any, field: Field | None) -> Any:
    if not isinstance(raw, str) or field is None:
        return raw
    choices = choices_of(field.type)
    if "String" in choices or "InputFile" in choices:
        is_number = "Integer" in choices and raw.lstrip("-").isdigit()
        return int(raw) if is_number else raw
    if field.type in {"Boolean", "True"}:
        return raw.lower() in {"true", "1", "yes"}
    try:
        return json.loads(raw)
    except ValueError:
        raise bad(f"can't parse {name} JSON object") from None
