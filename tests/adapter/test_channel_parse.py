"""``punte channel parse`` as a person or a script runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    b"{broken",
    b"\xff\xfe\x00\x01\x80",
    b"[" * 200_000 + b"]" * 200_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b"null",
    b'"text"',
    b"123456789012345678901234567890",
    b'{"MessageSid": {"deep": []}, "From": [], "Body": {}}',
    b'{"update_id": "x", "message": 7}',
    json.dumps({"MessageSid": "x" * 2_000_000, "From": "\ud800", "Body": "\u0000"}).encode(),
]


def parse(kind, path, *, plain=False):
    words = [sys.executable, "-m", "hub", "channel", "parse", kind, str(path)]
    return subprocess.run(
        words + ([] if plain else ["--json"]), cwd=ROOT, capture_output=True, check=False
    )


def lines(kind, path):
    done = parse(kind, path)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def file_of(tmp_path):
    def make(*payloads):
        path = tmp_path / "payloads"
        path.write_bytes(
            b"\n".join(p if isinstance(p, bytes) else json.dumps(p).encode() for p in payloads)
        )
        return path

    return make


def test_a_call_is_a_whole_request_or_what_it_carries(file_of):
    form = {"MessageSid": "SM1", "From": "+40721000000", "To": "+40213334455", "Body": "Bună"}
    whole = {"kind": "mo", "headers": {}, "query": {}, "body": form}
    encoded = {
        **whole,
        "body": "MessageSid=SM1&From=%2B40721000000&To=%2B40213334455&Body=Bun%C4%83",
    }
    said = lines("sms.twilio", file_of(form, whole, encoded))
    texts = {one["events"][0]["parts"][0]["text"] for one in said}
    assert [one["events"][0]["type"] for one in said] == ["MessageIn"] * 3
    assert texts == {"Bună"}
    assert {one["events"][0]["dedup_key"] for one in said} == {"mo/SM1"}


def test_what_it_is_is_guessed_by_its_fields(file_of):
    receipt = {"messageId": "1", "status": {"groupName": "DELIVERED"}}
    message = {"messageId": "2", "from": "385916242493", "to": "385921004026", "text": "Alo"}
    said = lines("sms.infobip", file_of({"results": [receipt, receipt]}, {"results": [message]}))
    assert [one["events"][0]["type"] for one in said] == ["DeliveryChanged", "MessageIn"]


def test_a_gateway_of_ones_own_brings_its_preset(file_of):
    preset = {
        "send": {
            "url": "https://sms.example.com",
            "fields": {"a": "{to}", "b": "{text}"},
            "success": {},
        },
        "mo": {"fields": {"id": "n", "from": "who", "text": "said"}, "verify": {"type": "none"}},
    }
    call = {"preset": preset, "kind": "mo", "body": {"n": 5, "who": "+37369123456", "said": "da"}}
    (said,) = lines("sms.custom", file_of(call))
    assert said["events"][0]["sender"]["value"] == "+37369123456"
    (bare,) = lines("sms.custom", file_of({"n": 5}))
    assert "preset" in bare["quarantined"]


def test_a_packet_is_given_in_hex(file_of):
    packet = "00" + "0101" + b"37369123456".hex() + "00" + "0101" + b"1234".hex() + "00"
    packet += "00" * 3 + "00" * 2 + "00" * 4 + "04" + b"salu".hex()
    said = lines("sms.smpp", file_of({"kind": "deliver_sm", "hex": packet}, packet, "zz"))
    assert [len(one["events"]) for one in said] == [1, 1, 0]
    assert said[2]["quarantined"].startswith("hex")


def test_an_update_and_an_act_are_read_as_the_hub_reads_them(file_of):
    chat = {"id": 7, "type": "private"}
    who = {"id": 7, "is_bot": False, "first_name": "Ion"}
    said = {"message_id": 1, "date": 1_795_514_400, "chat": chat, "from": who, "text": "Salut"}
    (update,) = lines("telegram", file_of({"update_id": 1, "message": said}))
    act = {"kind": "message", "visitor": "0198f000-0000-7000-8000-000000000001", "key": "k1"}
    act |= {"at": "2026-11-24T10:00:00Z", "message": "m1", "text": "Salut"}
    (visitor,) = lines("webchat", file_of(act))
    for one in (update, visitor):
        assert one["quarantined"] is None
        assert one["events"][0]["type"] == "MessageIn"
        assert one["events"][0]["parts"][0]["text"] == "Salut"


def test_a_mail_is_the_whole_file():
    (said,) = lines("email", ROOT / "tests/corpus/gmail_reply_ro.eml")
    assert said["events"][0]["type"] == "MessageIn"


@pytest.mark.parametrize(
    "kind",
    ["telegram", "webchat", "sms.twilio", "sms.vonage", "sms.smsru", "sms.kannel", "sms.custom"],
)
def test_no_payload_stops_the_others(kind, file_of):
    said = lines(kind, file_of(*HOSTILE))
    assert len(said) == len(HOSTILE)
    for one in said:
        assert bool(one["events"]) != bool(one["quarantined"])
    assert said[0]["quarantined"].startswith("not JSON")


def test_an_unknown_kind_is_one_sentence(file_of):
    done = parse("fax", file_of("{}"))
    assert done.returncode == 1
    assert b"there is email, telegram" in done.stderr
    assert b"Traceback" not in done.stderr


def test_people_read_one_event_a_line(file_of):
    form = {"MessageSid": "SM1", "From": "+40721000000", "To": "1234", "Body": "Bună"}
    done = parse("sms.twilio", file_of(form, b"{"), plain=True)
    assert done.stdout.decode().splitlines()[0] == "MessageIn Bună"
    assert done.stdout.decode().splitlines()[1].startswith("quarantined: not JSON")
