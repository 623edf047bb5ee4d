"""Which value of a field stays when two cards become one."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from crm_core.tables import CardRow
from infra.errors import Invalid


Choice = Literal["winner", "loser"]

PERSON = ("kind", "display_name", "given_name", "family_name")
"""Whose name it is, is one question: these follow ``display_name`` unless chosen apart."""
SINGLE = ("legal_name", "birthday", "locale", "about", "lifecycle")
PLACE = ("branch_id", "team_id", "owner_id")
EARLIEST, LATEST = ("first_contact_at",), ("last_in_at", "last_out_at")
FIELDS = (*PERSON, *SINGLE, *PLACE)
JOURNEY = ("stranger", "lost", "lead", "prospect", "client", "repeat", "partner", "blocked")
MOMENTS = (*EARLIEST, *LATEST)


class Differing(msgspec.Struct, frozen=True):
    """A field two cards differ in, and what it becomes."""

    field: str
    winner: Any
    loser: Any
    result: Any


def field_of(card: CardRow, name: str) -> Any:
    """Return a field as JSON has it; a custom one is named ``custom.<key>``."""
    group, _, key = name.partition(".")
    value = card.custom.get(key) if group == "custom" else getattr(card, name)
    return msgspec.to_builtins(value)


def set_field(card: CardRow, name: str, value: Any) -> None:
    """Write a field back from its JSON form."""
    group, _, key = name.partition(".")
    if group == "custom":
        custom = {**card.custom, key: value}
        card.custom = {each: kept for each, kept in custom.items() if kept is not None}
        return
    annotation = CardRow.__annotations__[name].__args__[0]
    setattr(card, name, msgspec.convert(value, annotation))


def differing(winner: CardRow, loser: CardRow, choices: Mapping[str, str]) -> list[Differing]:
    """Return the fields in which the cards differ and what a merge makes of each.

    Without a choice an empty field takes the other's value, a person's word goes before a
    channel's, and the younger before the older.

    Raises:
        Invalid: A choice is of no field that differs, or is no choice.
    """
    names = [*FIELDS, *(f"custom.{key}" for key in sorted({*winner.custom, *loser.custom}))]
    pairs = {name: (field_of(winner, name), field_of(loser, name)) for name in names}
    differ = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    for name, choice in choices.items():
        if name not in pairs or choice not in {"winner", "loser"}:
            raise Invalid(f"{name!r} cannot be chosen from {choice!r}")
    taken = {name: choices.get(name) or _default(winner, loser, name) for name in differ}
    for name in PERSON:
        if name in taken and name not in choices and "display_name" in taken:
            taken[name] = taken["display_name"]
    return [
        Differing(name, ours, theirs, theirs if taken[name] == "loser" else ours)
        for name, (ours, theirs) in differ.items()
    ]


def moments(winner: CardRow, loser: CardRow) -> Iterator[tuple[str, datetime | None]]:
    """Yield when the client was first and last in contact, over both cards."""
    for name in MOMENTS:
        both = [each for each in (getattr(winner, name), getattr(loser, name)) if each]
        pick = min if name in EARLIEST else max
        yield name, pick(both) if both else None


def _default(winner: CardRow, loser: CardRow, name: str) -> Choice:
    ours, theirs = field_of(winner, name), field_of(loser, name)
    if ours in {None, ""} or theirs in {None, ""}:
        return "loser" if ours in {None, ""} else "winner"
    if name == "lifecycle":
        return "loser" if _stage(theirs) > _stage(ours) else "winner"
    if name in PLACE or name == "kind":
        return "winner"
    return "loser" if _weight(loser, name) > _weight(winner, name) else "winner"


def _stage(lifecycle: str) -> int:
    """How far a client has come; being lost is overtaken by any return, being blocked is not."""
    return JOURNEY.index(lifecycle)


def _weight(card: CardRow, name: str) -> tuple[bool, str]:
    wrote = card.provenance.get(name, {})
    return wrote.get("by") == "agent", str(wrote.get("at", ""))
