"""The talks of the demo data, read from ``dialogues/<language>.txt``.

``@`` begins a talk with its subject and perhaps a ``[tag]``; ``<`` is the client, ``>`` an agent,
``~`` a note, ``=`` what becomes of the conversation. ``+word`` at the end of a line attaches
something, ``{word}`` is filled in anew for every client.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import msgspec


Language = Literal["ro", "ru", "en"]
Side = Literal["client", "agent", "note"]

SIDES: dict[str, Side] = {"<": "client", ">": "agent", "~": "note"}


class Turn(msgspec.Struct, frozen=True):
    """One message of a talk.

    Attributes:
        extras: What comes with it: ``html``, ``poza``, ``schita``, ``oferta`` and the like.
    """

    side: Side
    text: str
    extras: tuple[str, ...] = ()


class Dialogue(msgspec.Struct, frozen=True):
    """One talk; ``state`` is what becomes of it when it is over."""

    language: Language
    subject: str
    tag: str
    turns: tuple[Turn, ...]
    state: str


def dialogues(language: Language) -> list[Dialogue]:
    """Return the talks of a language, in the order they are written down."""
    text = files("hub.demo").joinpath("dialogues", f"{language}.txt").read_text("utf-8")
    blocks = re.split(r"(?m)^@ ", text)[1:]
    return [_read(language, block.splitlines()) for block in blocks]


def _read(language: Language, lines: list[str]) -> Dialogue:
    subject, _, tag = lines[0].partition("[")
    state = next((line[1:].strip() for line in lines if line.startswith("=")), "open")
    return Dialogue(language, subject.strip(), tag.rstrip("] "), tuple(_turns(lines[1:])), state)


def _turns(lines: list[str]) -> Iterator[Turn]:
    for line in lines:
        side = SIDES.get(line[:1])
        if side is not None:
            text, *extras = re.split(r" \+(?=\w+(?: \+|$))", line[1:].strip())
            yield Turn(side, text, tuple(extras))
