"""What each provider hands over, as its documentation shows it, and what the inbox makes of it."""

from datetime import UTC, datetime

import msgspec
import pytest

from inbox.contract import DeliveryChanged, Ignored, MessageIn, RemoteMedia, RichText
from tests.unit.sms import calls
from tests.unit.sms.calls import account, form_call, json_call, query_call


FROM, TO = "+40721000000", "+40213334455"


def received(name, call, **config):
    adapter, ctx = account(name, **config)
    raws, reply = adapter.accept(ctx, call)
    events = [event for raw in raws for event in adapter.normalize(ctx.account, raw)]
    return raws, events, reply


def event_of(name, call, **config):
    _, events, reply = received(name, call, **config)
    assert len(events) == 1
    assert reply.status == 200
    return events[0]


MESSAGES = {
    "twilio": (
        form_call(
            "",
            {
                "ToCountry": "RO",
                "SmsMessageSid": "SM1",
                "NumMedia": "0",
                "SmsSid": "SM1",
                "SmsStatus": "received",
                "Body": "Bună, da & nu",
                "To": TO,
                "NumSegments": "1",
                "MessageSid": "SM1",
                "AccountSid": "AC0",
                "From": FROM,
                "ApiVersion": "2010-04-01",
            },
        ),
        "SM1",
    ),
    "vonage": (
        json_call(
            "/mo",
            {
                "channel": "sms",
                "message_uuid": "aaaaaaaa-bbbb",
                "to": TO[1:],
                "from": FROM[1:],
                "timestamp": "2026-11-24T10:00:00Z",
                "text": "Bună, da & nu",
                "message_type": "text",
                "sms": {"num_messages": "1", "keyword": "BUNA"},
                "usage": {"currency": "EUR", "price": "0.0333"},
            },
        ),
        "aaaaaaaa-bbbb",
    ),
    "plivo": (
        form_call(
            "/mo",
            {
                "From": FROM[1:],
                "To": TO[1:],
                "Type": "sms",
                "Text": "Bună, da & nu",
                "MessageUUID": "u1",
            },
        ),
        "u1",
    ),
    "infobip": (
        json_call(
            "/mo",
            {
                "results": [
                    {
                        "messageId": "817790313235066447",
                        "from": FROM[1:],
                        "to": TO[1:],
                        "text": "Bună, da & nu",
                        "cleanText": "da & nu",
                        "keyword": "BUNA",
                        "receivedAt": "2026-11-24T10:00:00.000+0000",
                        "smsCount": 1,
                        "price": {"pricePerMessage": 0, "currency": "EUR"},
                        "callbackData": "",
                    }
                ],
                "messageCount": 1,
                "pendingMessageCount": 0,
            },
        ),
        "817790313235066447",
    ),
    "smslink": (
        query_call(
            "/mo",
            {
                "sender": "0721000000",
                "receiver": "0213334455",
                "message": "Bună, da & nu",
                "timestamp": "1795514400",
                "network_id": "1",
                "network_name": "Vodafone Romania",
                "k": "h00k-of-smslink",
            },
        ),
        None,
    ),
    "smsc": (
        form_call(
            "/mo",
            {
                "sms_id": "77",
                "phone": FROM[1:],
                "mes": "Bună, da & nu",
                "to": TO[1:],
                "ts": "1795514400",
            },
        ),
        "77",
    ),
    "kannel": (
        query_call(
            "/mo",
            {"id": "abc", "from": FROM, "to": TO, "text": "Bună, da & nu", "charset": "UTF-8"},
        ),
        "abc",
    ),
}

RECEIPTS = [  # preset, call, name of the message, state
    (
        "twilio",
        form_call("/dlr", {"MessageSid": "SM1", "MessageStatus": "delivered", "To": FROM}),
        "SM1",
        "delivered",
    ),
    (
        "twilio",
        form_call("", {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}),
        "SM1",
        "failed",
    ),
    (
        "twilio",
        form_call("/dlr", {"MessageSid": "SM1", "MessageStatus": "new-word"}),
        "SM1",
        "unknown",
    ),
    ("vonage", json_call("/dlr", {"message_uuid": "u", "status": "submitted"}), "u", "sent"),
    (
        "vonage",
        json_call(
            "/dlr",
            {"message_uuid": "u", "status": "rejected", "error": {"title": "1170", "detail": "x"}},
        ),
        "u",
        "failed",
    ),
    (
        "vonage",
        query_call("/dlr", {"messageId": "0A0", "status": "expired", "err-code": "1"}),
        "0A0",
        "expired",
    ),
    (
        "plivo",
        form_call("/dlr", {"MessageUUID": "u1", "Status": "delivered", "To": FROM[1:]}),
        "u1",
        "delivered",
    ),
    (
        "plivo",
        form_call("/dlr", {"ParentMessageUUID": "u1", "MessageUUID": "u2", "Status": "sent"}),
        "u1",
        "sent",
    ),
    (
        "infobip",
        json_call("/dlr", {"results": [{"messageId": "m", "status": {"groupName": "EXPIRED"}}]}),
        "m",
        "expired",
    ),
    (
        "smslink",
        query_call("/dlr", {"message_id": "9", "status": "1", "timestamp": "1795514400"}),
        "9",
        "delivered",
    ),
    (
        "smslink",
        query_call("", {"message_id": "9", "status": "0", "timestamp": "1795514400"}),
        "9",
        "failed",
    ),
    (
        "smsru",
        form_call("", calls.smsru_form("sms_status\n000-1\n103\n1795514400")),
        "000-1",
        "delivered",
    ),
    (
        "smsru",
        form_call("/dlr", calls.smsru_form("sms_status\n000-1\n105\n1795514400")),
        "000-1",
        "failed",
    ),
    (
        "smsc",
        form_call("", {"id": "1", "phone": FROM[1:], "status": "1", "ts": "1795514400"}),
        "1",
        "delivered",
    ),
    (
        "smsc",
        form_call("/dlr", {"id": "1", "phone": FROM[1:], "status": "20", "err": "6"}),
        "1",
        "failed",
    ),
    (
        "kannel",
        query_call("/dlr", {"id": "our-ref", "status": "8", "reply": "ACK/"}),
        "our-ref",
        "sent",
    ),
    (
        "kannel",
        query_call("/dlr", {"id": "our-ref", "status": "16", "reply": "NACK/0x0000000b"}),
        "our-ref",
        "failed",
    ),
]


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_from_whom_it_is_from(name):
    call, id_ = MESSAGES[name]
    event = event_of(name, call)
    assert isinstance(event, MessageIn)
    assert (event.sender.kind, event.sender.value) == ("phone", FROM)
    assert event.ref.thread.key == f"{TO}:{FROM}"
    assert event.parts == (RichText(text="Bună, da & nu"),)
    assert id_ is None or event.ref.message_id == id_
    assert event.at.tzinfo is not None


@pytest.mark.parametrize("name", MESSAGES)
def test_a_call_that_is_made_again_has_the_same_key(name):
    call, _ = MESSAGES[name]
    first, second = (received(name, call)[0][0] for _ in range(2))
    assert first.key == second.key


@pytest.mark.parametrize(("name", "call", "id_", "state"), RECEIPTS)
def test_a_receipt_says_what_became_of_a_message(name, call, id_, state):
    event = event_of(name, call)
    assert isinstance(event, DeliveryChanged)
    assert (event.ref.message_id, event.state) == (id_, state)
    assert (event.error is not None) == (state in {"failed", "expired"})


def test_a_receipt_says_why_and_what_it_cost():
    document = {
        "messageId": "m",
        "status": {"groupName": "UNDELIVERABLE"},
        "error": {"name": "EC_ABSENT_SUBSCRIBER", "description": "Absent"},
        "price": {"pricePerMessage": 0.01, "currency": "EUR"},
        "messageCount": 2,
        "doneAt": "2026-11-24T10:00:05.000+0000",
    }
    event = event_of("infobip", json_call("/dlr", {"results": [document]}))
    assert "EC_ABSENT_SUBSCRIBER: Absent" in event.error.text
    assert (event.cost.amount, event.cost.currency, event.cost.units) == ("0.01", "EUR", 2)
    assert event.at == datetime(2026, 11, 24, 10, 0, 5, tzinfo=UTC)


def test_states_of_one_message_are_different_events():
    calls_ = [
        form_call("/dlr", {"MessageSid": "S", "MessageStatus": s}) for s in ("sent", "delivered")
    ]
    keys = {received("twilio", call)[0][0].key for call in calls_}
    assert len(keys) == 2


def test_a_list_is_taken_apart_and_a_repetition_in_it_counts_once():
    one = {"messageId": "1", "status": {"groupName": "DELIVERED"}}
    two = {"messageId": "2", "status": {"groupName": "DELIVERED"}}
    raws, events, _ = received("infobip", json_call("/dlr", {"results": [one, two, one]}))
    assert len(raws) == 2
    assert [event.ref.message_id for event in events] == ["1", "2"]


def test_smsru_wants_to_hear_100_and_twilio_an_empty_answer():
    reply = received("smsru", form_call("/dlr", calls.smsru_form("sms_status\n1\n103\n1")))[2]
    assert reply.body == b"100"
    reply = received("twilio", MESSAGES["twilio"][0])[2]
    assert (reply.body, reply.content_type) == (b"<Response/>", "text/xml")


def test_parts_of_a_long_message_say_which_they_are():
    fields = {
        "msisdn": FROM[1:],
        "to": TO[1:],
        "messageId": "0B",
        "text": "partea a doua",
        "type": "text",
        "concat": "true",
        "concat-ref": "7",
        "concat-part": "2",
        "concat-total": "3",
    }
    event = event_of("vonage", query_call("/mo", fields))
    assert (event.piece.n, event.piece.total) == (2, 3)
    assert event.piece.key == f"{TO}:{FROM}/7/3"
    odd = event_of("vonage", query_call("/mo", {**fields, "concat-part": "9"}))
    assert odd.piece is None


def test_pictures_are_fetched_later():
    fields = {
        "MessageSid": "MM1",
        "From": FROM,
        "To": TO,
        "Body": "",
        "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM1/Media/ME1",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "http://169.254.169.254/latest",
        "MediaContentType1": "image/png",
    }
    event = event_of("twilio", form_call("", fields))
    (picture,) = event.parts
    assert picture.kind == "image"
    assert picture.source == RemoteMedia(handle=fields["MediaUrl0"])
    assert picture.filename == "ME1"


@pytest.mark.parametrize("charset", ["UTF-16BE", "UTF-8", "ISO-8859-16", "GSM", "no-such"])
def test_kannel_hands_text_over_in_a_character_set_of_its_own(charset):
    codec = {"GSM": "utf-8", "no-such": "utf-8"}.get(charset, charset)
    text = "Bună, și țara" if charset != "UTF-16BE" else "Привет ș"
    encoded = "".join(f"%{byte:02X}" for byte in text.encode(codec))
    call = query_call("/mo", {"id": "1", "from": FROM, "to": TO, "charset": charset})
    call = msgspec.structs.replace(call, url=f"{call.url}&text={encoded}")
    assert event_of("kannel", call).parts == (RichText(text=text),)


def test_a_national_number_is_read_by_the_accounts_country():
    call = query_call(
        "/mo", {"sender": "069123456", "receiver": "1234", "message": "da", "timestamp": "1"}
    )
    event = event_of("smslink", call, region="MD")
    assert event.sender.value == "+37369123456"
    assert event.ref.thread.key == "1234:+37369123456"


def test_a_name_can_write_and_is_no_phone():
    fields = {"MessageSid": "S", "From": "ORANGE", "To": TO, "Body": "Reclamă"}
    event = event_of("twilio", form_call("", fields))
    assert (event.sender.kind, event.sender.value) == ("external_id", "ORANGE")


def test_the_secret_of_the_address_is_not_in_the_journal():
    raws, _, _ = received("smslink", MESSAGES["smslink"][0])
    assert b"h00k" not in msgspec.json.encode(raws)


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"[" * 100_000,
        b"<x/>",
        b"null",
        b'"x"',
        b"a=1",
        b'{"results": 7}',
    ],
)
def test_whatever_is_handed_over_is_kept_and_never_raises(name, body):
    for path in ("", "/mo", "/dlr"):
        for content in ("application/json", "application/x-www-form-urlencoded", ""):
            call = json_call(path, {})
            call = msgspec.structs.replace(call, body=body, headers={"content-type": content})
            raws, events, reply = received(name, call)
            assert len(raws) == len(events) == 1
            assert isinstance(events[0], Ignored)
            assert reply.status == 200
