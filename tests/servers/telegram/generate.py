"""Updates made from the Bot API's schema: every kind, every field, and broken in every way."""

import json
import random
import string
from collections.abc import Iterator
from typing import Any

from tests.servers.telegram.schema import LIST, Field, bot_api, choices_of


LETTERS = string.ascii_letters + "ăîșțЖя😀👍🏽🇷🇴\u200d\u0301 <>&\"'\n"
OFTEN = (1.0, 1.0, 0.2, 0.12, 0.06)  # how often an optional field is there, by depth
DEEPEST = 9
MOST_OBJECTS = 400  # in one update
LONGEST_COPY = 4000  # characters: copies of copies grow fast
STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    -(2**70),
    1.5,
    1e308,
    "",
    "x" * 5000,
    "\ud83d",
    "\x00",
    [],
    {},
    [[]],
    [None, {"type": "hologram"}],
    {"type": "hologram"},
    {"id": "x"},
)


class Generator:
    """Makes updates; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._schema = bot_api()
        self._objects = 0
        self.kinds = [name for name in self._schema.types["Update"] if name != "update_id"]

    def updates(self, count: int) -> Iterator[bytes]:
        """Return updates as they come over the wire: of each kind in turn, every other broken."""
        for number in range(count):
            update = self.update(self.kinds[number % len(self.kinds)], number + 1)
            body = json.dumps(self.broken(update) if number % 2 else update).encode()
            yield self.torn(body) if number % 20 == 19 else body

    def update(self, kind: str, number: int) -> dict[str, Any]:
        """Return an update that fits the schema."""
        self._objects = 0
        field = self._schema.types["Update"][kind]
        return {"update_id": number, kind: self.value(kind, field, 1)}

    def nested(self, depth: int) -> bytes:
        """Return a message whose rich text is nested so deep."""
        opened = '{"type":"bold","text":' * depth
        text = f'{opened}"x"{"}" * depth}'
        chat = '{"id":1,"type":"private"}'
        block = f'{{"type":"paragraph","text":{text}}}'
        message = (
            f'{{"message_id":1,"date":1,"chat":{chat},"rich_message":{{"blocks":[{block}]}}}}'
        )
        return f'{{"update_id":1,"message":{message}}}'.encode()

    # ------------------------------------------------------------ values

    def value(self, name: str, field: Field, depth: int) -> Any:
        """Return a value of a field."""
        kind = field.type
        if kind.startswith(LIST):
            inner = field._replace(type=kind.removeprefix(LIST))
            if depth > DEEPEST or self._objects > MOST_OBJECTS:
                return []
            return [self.value(name, inner, depth + 1) for _ in range(self._chance.choice((1, 2)))]
        kind = self._chance.choice(choices_of(kind))
        simple = self._simple(kind, name, field)
        return self._object(kind, depth) if simple is None else simple

    def _simple(self, kind: str, name: str, field: Field) -> Any:
        match kind:
            case "Integer":
                return self._number(name)
            case "String":
                return self._chance.choice(field.values) if field.values else self._text()
            case "Float":
                return self._chance.uniform(-90, 90)
            case "Boolean" | "True" | "False":
                return kind != "False"
            case _:
                return None

    def _object(self, kind: str, depth: int) -> Any:
        members = self._schema.unions.get(kind)
        if members is not None:
            if kind == "RichText" and (depth > DEEPEST or self._chance.random() < 0.6):
                return self._text()
            return self._object(self._chance.choice(members), depth) if members else {}
        self._objects += 1
        if depth > DEEPEST or self._objects > MOST_OBJECTS:
            return {}
        often = OFTEN[min(depth, len(OFTEN) - 1)]
        return {
            name: self.value(name, field, depth + 1)
            for name, field in self._schema.types.get(kind, {}).items()
            if field.is_required or self._chance.random() < often
        }

    def _number(self, name: str) -> int:
        if "date" in name:
            return 1_795_500_000 + self._chance.randrange(10**6)
        return self._chance.choice((0, 1, 5, -100_123, 700_001, 2**52))

    def _text(self) -> str:
        return "".join(self._chance.choice(LETTERS) for _ in range(self._chance.randrange(1, 20)))

    # ------------------------------------------------------------ damage

    def broken(self, update: dict[str, Any]) -> dict[str, Any]:
        """Return an update some of whose places hold something else, or nothing."""
        for _ in range(self._chance.randrange(1, 6)):
            holders = [update, *_holders(update)]
            holder = self._chance.choice(holders)
            if not holder:
                continue
            place = self._chance.choice(
                list(holder) if isinstance(holder, dict) else range(len(holder))
            )
            match self._chance.randrange(4):
                case 0:
                    del holder[place]
                case 1 if isinstance(holder, dict):
                    holder["something_new"] = self._chance.choice(STRANGE)
                case 2:
                    other = json.dumps(self._chance.choice(holders))
                    holder[place] = json.loads(other) if len(other) < LONGEST_COPY else other
                case _:
                    holder[place] = self._chance.choice(STRANGE)
        return update

    def torn(self, body: bytes) -> bytes:
        """Return a body whose bytes were damaged on the way."""
        torn = bytearray(body)
        for _ in range(self._chance.randrange(1, 8)):
            if torn:
                torn[self._chance.randrange(len(torn))] = self._chance.randrange(256)
        return bytes(torn[: self._chance.randrange(len(torn) + 1)] if len(torn) % 3 else torn)


def _holders(value: Any) -> Iterator[Any]:
    """Return every object and list inside a value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        inside = one.values() if isinstance(one, dict) else one
        found = [each for each in inside if isinstance(each, dict | list)]
        yield from found
        waiting += found
