"""What updates mean: one golden file per kind of content, and what must hold for any bytes."""

import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from channels.telegram.account import LOCAL_FILE
from channels.telegram.content import KNOWN, SERVICE
from channels.telegram.loose_json import results
from channels.telegram.normalize import normalize
from inbox.contract import (
    AccountId,
    Event,
    Ignored,
    MessageIn,
    Raw,
    ReactionChanged,
    RichText,
    SharedContact,
    Unsupported,
)
from tests.servers.telegram.schema import bot_api


ACCOUNT = AccountId(UUID(int=1))
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
ION = {"id": 700_001, "is_bot": False, "first_name": "Ion"}
CHAT = {"id": 700_001, "type": "private", "first_name": "Ion"}


def events_of(body: bytes, **headers: str) -> list[Event]:
    raw = Raw(
        key="1",
        body=body,
        headers={"bot": "42"} | headers,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return list(normalize(ACCOUNT, raw))


def message(**content: Any) -> bytes:
    frame = {"message_id": 1, "date": 1_766_000_000, "chat": CHAT, "from": ION}
    return json.dumps({"update_id": 1, "message": frame | content}).encode()


def parts_of(**content: Any) -> tuple[Any, ...]:
    [event] = events_of(message(**content))
    assert isinstance(event, MessageIn)
    return event.parts


# ---------------------------------------------------------------- golden files


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_update_means_what_its_golden_file_says(path):
    golden = json.loads(path.read_text())
    raw = Raw(
        key=str(golden["update"]["update_id"]),
        body=json.dumps(golden["update"]).encode(),
        headers={"bot": "42"},
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    found = json.loads(msgspec.json.encode(normalize(ACCOUNT, raw)))
    assert [plain(event) for event in found] == golden["events"]


def plain(value: Any) -> Any:
    """Return a value without the account, which is the same everywhere."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name != "account"}
    return [plain(one) for one in value] if isinstance(value, list) else value


def test_every_field_of_a_message_is_known():
    fields = bot_api().types["Message"]
    assert set(fields) <= KNOWN


def test_every_content_of_a_message_is_shown_or_named():
    """Nothing the schema can put into a message ends in silence."""
    contents = set(bot_api().types["Message"]) & KNOWN - SERVICE
    for field in contents - {"chat", "message_id", "sender_chat"}:
        [event] = events_of(message(**{field: {"title": "x"}}))
        assert isinstance(event, MessageIn | Ignored), field
        if isinstance(event, MessageIn):
            assert event.parts, field


# ---------------------------------------------------------------- single rules


def test_offsets_are_code_points_however_many_units_a_character_has():
    text = "👨‍👩‍👧 a 🇲🇩 b"
    offset = len(text[: text.index("b")].encode("utf-16-le")) // 2
    [part] = parts_of(text=text, entities=[{"type": "bold", "offset": offset, "length": 1}])
    assert text[part.spans[0].start : part.spans[0].end] == "b"


def test_half_a_surrogate_pair_and_nul_keep_their_places():
    body = message(text="TEXT", entities=[{"type": "bold", "offset": 4, "length": 1}])
    [event] = events_of(body.replace(b"TEXT", b"a\\ud83d\\u0000 b"))
    assert event.parts[0].text == "a\ufffd\ufffd b"
    assert event.parts[0].spans[0].start == 4


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x", "", "http://[", None, 5]
)
def test_link_that_is_no_address_is_plain_text(url):
    [part] = parts_of(
        text="aici", entities=[{"type": "text_link", "offset": 0, "length": 4, "url": url}]
    )
    assert part == RichText(text="aici")


def test_entity_outside_the_text_is_cut_or_left_out():
    [part] = parts_of(
        text="scurt",
        entities=[
            {"type": "bold", "offset": 3, "length": 99},
            {"type": "bold", "offset": 99, "length": 1},
            {"type": "bold", "offset": -1, "length": 2},
            {"type": "bold", "offset": 0, "length": 10**30},
        ],
    )
    assert [(span.start, span.end) for span in part.spans] == [(3, 5), (0, 5)]


def test_a_file_is_too_big_for_the_cloud_and_not_for_a_server_of_our_own():
    document = {"file_id": "x", "file_unique_id": "y", "file_size": 21 * 1024 * 1024}
    body = message(document=document)
    [cloud] = events_of(body)
    [local] = events_of(body, file_limit=str(LOCAL_FILE))
    assert cloud.parts[0].unavailable == "too_big"
    assert local.parts[0].unavailable is None


def test_photo_without_sizes_is_named():
    [part] = parts_of(photo=[])
    assert part == Unsupported(type_name="photo", fallback="[photo]")


@pytest.mark.parametrize(
    "more",
    [
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}},
        {"via_bot": {"id": 5, "is_bot": True, "first_name": "x"}},
        {"chat": {"id": -5, "type": "group", "title": "x"}},
        {"contact": {"phone_number": "1", "first_name": "x", "user_id": 5}},
        {"contact": {"phone_number": "1", "first_name": "x"}},
    ],
)
def test_contact_proves_nothing_when_somebody_else_may_have_made_it(more):
    own = {"phone_number": "37369123456", "first_name": "Ion", "user_id": 700_001}
    [event] = events_of(message(**{"contact": own} | more))
    found = json.loads(msgspec.json.encode(event.parts))
    assert '"is_sender": true' not in json.dumps(found)


def test_own_contact_proves_one_number_and_not_those_written_into_its_card():
    card = "BEGIN:VCARD\nTEL:+40722000000\nEND:VCARD"
    own = {"phone_number": "37369123456", "first_name": "Ion", "user_id": 700_001, "vcard": card}
    [part] = parts_of(contact=own)
    assert part == SharedContact(name="Ion", phones=("+37369123456",), is_sender=True)


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("/start abc-_9", "abc-_9"),
        ("/start@punte_bot abc", "abc"),
        ("/start", None),
        ("/start a b", None),
        ("/start " + "x" * 65, None),
        ("/started abc", None),
    ],
)
def test_deep_link_payload(text, payload):
    [event] = events_of(message(text=text))
    assert event.start_payload == payload


def test_deep_link_payload_in_a_group_is_text():
    group = {"id": -5, "type": "group", "title": "x"}
    [event] = events_of(message(text="/start abc", chat=group))
    assert event.start_payload is None


# ---------------------------------------------------------------- hostile input


def nested(depth: int) -> Any:
    value: Any = "adânc"
    for _ in range(depth):
        value = {"type": "bold", "text": value}
    return value


@pytest.mark.parametrize("depth", [5, 40, 900, 1000, 3000])
def test_nesting_of_rich_text_costs_nothing_and_loses_nothing(depth):
    text = "".join(['{"type":"bold","text":'] * depth) + '"adânc"' + "}" * depth
    rich = '{"blocks":[{"type":"paragraph","text":%s}]}' % text  # noqa: UP031 - json.dumps recurses
    body = message(rich_message="RICH").replace(b'"RICH"', rich.encode())
    began = time.process_time()
    [event] = events_of(body)
    took = time.process_time() - began
    assert event.parts[0].text == "adânc"
    assert took < 0.2


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_megabyte_of_brackets_is_given_up_in_time(opening):
    body = message(text="sus", hologram="DEEP").replace(
        b'"DEEP"', opening * (900_000 // len(opening))
    )
    began = time.process_time()
    [event] = events_of(body)
    assert time.process_time() - began < 1.0
    assert event.parts[0].text == "sus"


@pytest.mark.parametrize("filling", ['"', '\\\\"', "\\\\", '"a"b', '","', "x", "1e9", "[]", '{"'])
def test_a_megabyte_that_is_cut_off_is_read_in_time(filling):
    whole = message(text="sus", hologram="HERE")
    body = whole[: whole.index(b"HERE")] + filling.encode() * (1_000_000 // len(filling))
    began = time.process_time()
    [event] = events_of(body)
    assert time.process_time() - began < 1.0
    assert event.parts[0].text == "sus"
    began = time.process_time()
    results(b'{"ok":true,"result":[{"update_id":1},' + body)
    assert time.process_time() - began < 2.0


POISON = {
    "hidden origin without a name": {
        "message": {"text": "f", "forward_origin": {"type": "hidden_user", "date": 1}}
    },
    "unknown origin": {"message": {"text": "f", "forward_origin": {"type": "hologram"}}},
    "unknown chat type": {"message": {"text": "f", "chat": {"id": 1, "type": "community"}}},
    "unknown entity": {
        "message": {"text": "f", "entities": [{"type": "new", "offset": 0, "length": 1}]}
    },
    "unknown content": {"message": {"hologram": {"file_id": "x"}}},
    "unknown rich block": {"message": {"rich_message": {"blocks": [{"type": "hologram"}]}}},
    "date before all time": {"message": {"text": "f", "date": -62135596800 - 10**12}},
    "date after all time": {"message": {"text": "f", "date": 10**30}},
    "entities that are none": {"message": {"text": "f", "entities": {"a": 1}}},
    "text that is none": {"message": {"text": ["f"], "caption": {"x": 1}}},
    "photo that is none": {"message": {"photo": {"file_id": "x"}}},
    "sizes that are none": {"message": {"photo": [1, "x", None, {"file_id": "x", "width": "9"}]}},
    "sender that is none": {"message": {"text": "f", "from": 5}},
    "location out of this world": {"message": {"location": {"latitude": 1e300, "longitude": 0}}},
}


@pytest.mark.parametrize("update", POISON.values(), ids=POISON.keys())
def test_what_stops_a_strict_reader_is_shown(update):
    body = message(**update["message"])
    [event] = events_of(body)
    assert isinstance(event, MessageIn)
    assert event.parts


def test_unknown_reaction_is_a_reaction():
    changed = {"chat": CHAT, "message_id": 1, "date": 1, "user": ION, "old_reaction": []}
    body = {"message_reaction": changed | {"new_reaction": [{"type": "hologram"}]}}
    [event] = events_of(json.dumps(body).encode())
    assert isinstance(event, ReactionChanged)
    assert event.emojis == ("❔",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"update_id":1}',
        b'{"update_id":1,"message":null}',
        b'{"update_id":1,"message":{}}',
        b'{"message":{"chat":{"id":"5"},"message_id":true}}',
        b"<html>502</html>",
    ],
)
def test_what_is_no_update_is_ignored_with_a_reason(body):
    [event] = events_of(body)
    assert isinstance(event, Ignored)
    assert event.reason.startswith("telegram.")


JUNK: list[Any] = [
    None,
    True,
    -1,
    10**40,
    1e308,
    "",
    "x" * 5000,
    "\ud83d",
    [],
    {},
    [[]],
    {"id": {}},
]


def mutated(rng: random.Random, value: Any) -> Any:
    """Return a value with something in it replaced, dropped or repeated."""
    if rng.random() < 0.04:
        return rng.choice(JUNK)
    if isinstance(value, dict):
        kept = {k: mutated(rng, v) for k, v in value.items() if rng.random() > 0.02}
        if kept and rng.random() < 0.05:
            kept[rng.choice(list(kept))] = rng.choice(list(kept.values()))
        return kept
    if isinstance(value, list):
        return [mutated(rng, one) for one in value] * rng.choice([1, 1, 1, 3])
    return value


def test_spoilt_updates_never_raise_and_never_take_long():
    rng = random.Random(20_260_824)
    updates = [json.loads(path.read_text())["update"] for path in GOLDEN]
    slowest, shown = timedelta(0), 0
    for _ in range(100):
        for update in updates:
            body = json.dumps(mutated(rng, update)).encode()
            began = time.process_time()
            events = events_of(body)
            slowest = max(slowest, timedelta(seconds=time.process_time() - began))
            shown += sum(isinstance(event, MessageIn) for event in events)
            msgspec.json.encode(events)  # nothing in them that no database holds
            assert len(events) == 1
    assert shown > 1000
    assert slowest < timedelta(seconds=0.25)


def test_a_body_cut_anywhere_gives_what_was_whole():
    body = message(text="Bună ziua", photo=[{"file_id": "x", "width": 1, "height": 1}])
    for end in range(len(body)):
        assert len(events_of(body[:end])) == 1


def test_importing_the_adapter_does_not_import_aiogram():
    code = (
        "import sys, channels.telegram.adapter as a; from inbox.services import Services;"
        "a.open_adapter(Services(reply_keys=(b'x',)));"
        "sys.exit('aiogram' in sys.modules or 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path.cwd())
    assert done.returncode == 0
