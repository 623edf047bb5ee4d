"""Updates from the Bot API's schema, whole and broken: each means something, none hurts."""

import time

import msgspec
import pytest

from channels.telegram.normalize import normalize
from inbox.contract import AccountId, Event, Raw
from infra.clock import new_id
from tests.servers.telegram.generate import Generator
from tests.servers.telegram.schema import bot_api


COUNT = 3000  # bench/telegram_fuzz.py makes 28 000
SLOW = 0.05  # seconds of processor time an update may take
ACCOUNT = AccountId(new_id())


def read(body: bytes, number: int):
    """Return what an update means, and how long reading it took, less what others took."""
    raw = Raw(key=str(number), body=body, kind="update")
    events, seconds = normalize(ACCOUNT, raw), []
    for _ in range(3):  # the collector may have had its turn in one of them
        begun = time.process_time()
        assert normalize(ACCOUNT, raw) == events
        seconds.append(time.process_time() - begun)
    return events, min(seconds)


def test_what_is_generated_fits_the_schema():
    made = Generator(1)
    for number in range(270):
        kind = made.kinds[number % len(made.kinds)]
        update = made.update(kind, number)
        assert not bot_api().problem("Update", update, at=kind) or _is_cut(update)


def _is_cut(update) -> bool:
    """Tell whether the generator ran out of room, and left objects empty."""
    return "{}" in str(update)


def test_no_update_breaks_the_reader_or_holds_it_up():
    for number, body in enumerate(Generator(7).updates(COUNT)):
        events, seconds = read(body, number)
        assert events, body
        assert seconds < SLOW, body
        msgspec.json.decode(msgspec.json.encode(events), type=tuple[Event, ...])


@pytest.mark.parametrize("depth", [5, 40, 1000, 20_000])
def test_nested_rich_text_costs_no_more_than_its_length(depth):
    events, seconds = read(Generator(1).nested(depth), 1)
    assert events
    assert seconds < SLOW + depth * 20e-6  # a message has 32 768 characters at most
