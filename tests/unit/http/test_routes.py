"""A declaration that promises what it cannot keep fails where it is written."""

from types import SimpleNamespace

import msgspec
import pytest

from infra.http.openapi import document
from infra.http.routes import Input, Json, collect, route


class Loose(msgspec.Struct):
    """A body that would swallow what it does not know."""

    name: str


class Said(Input):
    """What a client sends."""

    name: str


class Shown(msgspec.Struct):
    """What a client gets."""

    name: str


def test_a_body_must_forbid_what_it_does_not_know():
    with pytest.raises(TypeError, match="must forbid unknown fields"):

        @route("POST", "/x")
        async def handler(call, body: Loose) -> None: ...


def test_a_parameter_must_be_in_the_path():
    with pytest.raises(TypeError, match="not in /x"):

        @route("GET", "/x")
        async def handler(call, thing_id: int) -> None: ...


def test_ready_made_json_is_described_as_its_shape():
    @route("PUT", "/things/{thing_id}")
    async def put(call, thing_id: int, body: Said) -> Json[Shown]:
        """Put a thing."""

    (declared,) = collect(SimpleNamespace(put=put))
    operation = document("T", "1", [declared])["paths"]["/things/{thing_id}"]["put"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Shown"}
    assert operation["summary"] == "Put a thing"
    assert "401" in operation["responses"]
