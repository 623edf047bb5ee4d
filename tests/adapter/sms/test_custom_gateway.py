"""A gateway an administrator describes: from the settings to a message sent and one received."""

import hmac
import json

import msgspec
import pytest

from channels.sms.gateway.adapter import gateway_of
from inbox.contract import DeliveryChanged, Fault, Forged, MessageIn, Raw, SendFailed
from tests.adapter.sms.test_presets_send import op_of
from tests.servers.context import MemoryContext
from tests.servers.sms_gateway import sms_provider
from tests.unit.sms.calls import SENDER, json_call


PRESET = {
    "send": {
        "url": "{base}/v2/sms",
        "encoding": "xml",
        "headers": {"X-Team": "{team}"},
        "auth": {"type": "bearer", "value": "{token}"},
        "fields": "<sms><to>{to|intl00}</to><text>{text|xml}</text><cb>{callback|xml}</cb></sms>",
        "response": "xml",
        "success": {
            "http": 200,
            "path": "sms.state",
            "in": ["queued"],
            "id": "sms.id",
            "cost": "sms.price",
        },
        "errors": [
            {
                "when": {"path": "sms.code", "in": [12]},
                "class": "recipient",
                "code": "sms.code",
                "message": "sms.why",
            }
        ],
    },
    "mo": {
        "verify": {"type": "hmac", "header": "X-Sign", "key": "token", "prefix": "sha256="},
        "format": "json",
        "items": "messages",
        "fields": {"id": "n", "from": "sender.phone", "to": "inbox", "text": "said"},
        "reply": {"status": 202, "body": '{"ok":true}', "type": "application/json"},
    },
    "dlr": {
        "verify": {"type": "hmac", "header": "X-Sign", "key": "token", "prefix": "sha256="},
        "format": "json",
        "fields": {"id": "n", "status": "now"},
        "map": {"got-it": "delivered", "*": "failed"},
    },
}


@pytest.fixture
async def line():
    async with sms_provider() as provider:
        adapter = gateway_of("custom")()
        config = adapter.validated(
            {
                "address": SENDER,
                "region": "RO",
                "base_url": provider.url,
                "allow_private": True,
                "values": {"team": "shop\r\nX-Evil: 1"},
                "preset": PRESET,
            }
        )
        yield adapter, MemoryContext(config, token="t0ken-of-ours"), provider


def signed(path, document, key="t0ken-of-ours"):
    call = json_call(path, document)
    made = hmac.new(key.encode(), call.body, "sha256").hexdigest()
    return json_call(path, document, x_sign=f"sha256={made}")


async def test_a_message_is_sent_in_the_gateways_own_form(line):
    adapter, ctx, provider = line
    provider.answer = (
        200,
        '<sms xmlns="urn:x" id="77"><state>queued</state><price>0.04</price></sms>',
        {},
    )
    receipt = await adapter.send(ctx, op_of(adapter, ctx, "1 < 2 & 3"))
    assert receipt.external_ids == ("77",)
    assert receipt.cost.amount == "0.04"
    ((_, path, _, headers),) = provider.asked
    assert path == "/v2/sms"
    assert headers["Authorization"] == "Bearer t0ken-of-ours"
    assert headers["X-Team"] == "shop X-Evil: 1"
    assert provider.bodies[0].startswith(
        "<sms><to>0040721000000</to><text>1 &lt; 2 &amp; 3</text>"
    )


async def test_its_own_errors_are_known(line):
    adapter, ctx, provider = line
    provider.answer = (200, "<sms><code>12</code><why>no such phone</why></sms>", {})
    with pytest.raises(SendFailed) as failed:
        await adapter.send(ctx, op_of(adapter, ctx))
    assert failed.value.error.fault is Fault.RECIPIENT
    assert failed.value.error.text == "12: no such phone"


@pytest.mark.parametrize(
    "answer", ["<!DOCTYPE x [<!ENTITY a 'b'>]><sms/>", "<a>" * 500, "<sms", "{}"]
)
async def test_an_answer_nobody_can_read_leaves_open_what_happened(line, answer):
    adapter, ctx, provider = line
    provider.answer = (200, answer, {})
    with pytest.raises(SendFailed) as failed:
        await adapter.send(ctx, op_of(adapter, ctx))
    assert failed.value.error.fault is Fault.UNKNOWN


def test_it_is_believed_by_its_signature():
    adapter = gateway_of("custom")()
    config = adapter.validated(
        {
            "address": SENDER,
            "base_url": "https://a.example",
            "values": {"team": "x"},
            "preset": PRESET,
        }
    )
    ctx = MemoryContext(config, token="t0ken-of-ours")
    adapter.authenticate(ctx, signed("/mo", {"messages": []}))
    for forged in (json_call("/mo", {}), signed("/mo", {}, key="guessed")):
        with pytest.raises(Forged):
            adapter.authenticate(ctx, forged)


async def test_what_it_hands_over_can_be_read_without_its_settings(line):
    adapter, ctx, _ = line
    document = {"messages": [{"n": 5, "sender": {"phone": "0721000000"}, "said": "da"}]}
    raws, reply = adapter.accept(ctx, signed("/mo", document))
    assert (reply.status, reply.content_type, json.loads(reply.body)) == (
        202,
        "application/json",
        {"ok": True},
    )
    stored = msgspec.json.decode(msgspec.json.encode(raws), type=list[Raw])
    (event,) = gateway_of("custom")().normalize(ctx.account, stored[0])
    assert isinstance(event, MessageIn)
    assert (event.sender.value, event.ref.thread.key) == ("+40721000000", f"{SENDER}:+40721000000")
    raws, _ = adapter.accept(ctx, signed("/dlr", {"n": "77", "now": "lost"}))
    (event,) = adapter.normalize(ctx.account, raws[0])
    assert isinstance(event, DeliveryChanged)
    assert event.state == "failed"


async def test_trying_it_shows_the_request_without_its_secrets(line):
    adapter, ctx, provider = line
    info = await adapter.check(ctx)
    assert info.steps == ("settings", "request")
    assert provider.asked == []
    assert "<sms><to>0037369123456</to>" in info.details["request"]
    assert "t0ken" not in info.details["request"]
    ctx.config = {**ctx.config, "test_to": "+40721000000"}
    provider.answer = (200, "<sms><state>queued</state><id>9</id></sms>", {})
    info = await adapter.check(ctx)
    assert (info.steps, info.details["sent"]) == (("settings", "request", "sent"), "9")
