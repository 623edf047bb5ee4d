"""Shapes that several nouns of the API share."""

from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta

from crm_core.views import View
from infra.http.routes import Input


Item = TypeVar("Item")
Shape = TypeVar("Shape")

Limit = Annotated[int, Meta(ge=1, le=200)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
"""A line a person typed: a name, a subject."""
Text = Annotated[str, Meta(max_length=200_000)]
Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[a-z0-9_.]+$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Locale = Literal["en", "ro", "ru"]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]
Before: TypeAlias = Annotated[str, Meta(max_length=400)]
"""Where the previous page ended: opaque, as ``next`` said it."""


class Page(View, Generic[Item]):
    """A part of a list.

    Attributes:
        next: Hand it back as ``before`` for what follows; None at the end.
    """

    items: list[Item]
    next: str | None = None


class LivePage(View, Generic[Item]):
    """A part of a list that the live connection keeps current.

    Attributes:
        cursor: Follow ``/live`` from here: no later event is missed.
        next: Hand it back as ``before`` for what follows; None at the end.
    """

    cursor: str
    items: list[Item]
    next: str | None = None


class Paging(Input):
    """Which part of a list to return."""

    before: Before | None = None
    limit: Limit = 50


class AddressGiven(Input):
    """Somebody's address on a channel."""

    kind: Code
    value: Line
    display: Annotated[str, Meta(max_length=300)] | None = None


class AddresseeGiven(AddressGiven):
    """Somebody to send to."""

    role: Literal["to", "cc", "bcc"] = "to"


class FileGiven(Input):
    """A file uploaded before, by ``POST /api/uploads``."""

    blob: Sha256
    filename: Annotated[str, Meta(min_length=1, max_length=255)]
    mime: Annotated[str, Meta(max_length=127)] = "application/octet-stream"
    size: Annotated[int, Meta(ge=0)] = 0


Addressees = Annotated[tuple[AddresseeGiven, ...], Meta(max_length=200)]
Files = Annotated[tuple[FileGiven, ...], Meta(max_length=50)]
Ids = Annotated[tuple[UUID, ...], Meta(max_length=200)]


def given(body: Input, *, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the fields the client sent, leaving out those it did not mention."""
    return {
        name: value
        for name in body.__struct_fields__
        if (value := getattr(body, name)) is not UNSET and name not in but
    }


def as_(kind: type[Shape], body: Input) -> Shape:
    """Return what the client sent as the use case takes it."""
    return msgspec.convert(given(body), kind, from_attributes=True)
