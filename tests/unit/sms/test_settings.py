"""Settings of gateways: what a person may write, and what is said of a slip."""

import pytest

from channels.sms.gateway.adapter import PROVIDERS, gateway_of
from channels.sms.gateway.grammar import read_preset
from channels.sms.gateway.presets import NAMES, document_of, shipped
from channels.sms.sender import read_sender
from hub.adapters import SMS_GATEWAYS
from inbox.contract import Address, Configures, Estimates, Offers, Paced, Pushed
from tests.unit.sms.calls import SENDER, SETTINGS, account


PRESET = {
    "send": {
        "url": "{base}/send",
        "encoding": "json",
        "auth": {"type": "bearer", "value": "{token}"},
        "fields": {"to": "{to}", "text": "{text}", "from": "{from}", "team": "{team}"},
        "success": {"http": [200], "path": "ok", "in": ["true"], "id": "id"},
        "errors": [{"when": {"path": "why", "regex": "^no credit"}, "class": "funds"}],
    },
    "mo": {
        "fields": {"from": "a", "text": "b"},
        "verify": {"type": "hmac", "header": "X-Sig", "key": "token"},
    },
    "dlr": {"fields": {"id": "i", "status": "s"}, "map": {"1": "delivered"}},
}


def custom(**changes):
    preset = {**PRESET, **changes}
    return {
        "address": SENDER,
        "region": "RO",
        "base_url": "https://sms.example.com",
        "values": {"team": "shop"},
        "preset": preset,
    }


def send(**changes):
    return {"send": {**PRESET["send"], **changes}}


@pytest.mark.parametrize("name", [*NAMES, "custom"])
def test_a_gateway_has_every_side_the_hub_asks_for(name):
    adapter = gateway_of(name)()
    for protocol in (Pushed, Configures, Offers, Paced, Estimates):
        assert isinstance(adapter, protocol)
    assert adapter.provider in PROVIDERS
    assert not set(adapter.redact) & set(adapter.config_schema["properties"])


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_says_where_it_was_read(name):
    assert "https://" in shipped(name).source


def test_the_adapters_of_the_hub_are_the_presets():
    assert (*NAMES, "custom") == SMS_GATEWAYS


def test_defaults_are_filled_in_and_numbers_read():
    adapter = gateway_of("twilio")()
    done = adapter.validated({"address": "0213334455", "region": "RO", **SETTINGS["twilio"]})
    assert done["address"] == SENDER
    assert (done["smart"], done["base_url"], done["messaging_service"]) == ("suggest", "", "")
    assert adapter.validated(done) == done


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": ""}, "address: write a number"),
        ({"address": "MAGAZINULMEU"}, "address: a name has at most 11"),
        ({"address": "Привет"}, "address: write a number"),
        ({"region": "Moldova"}, "region: write the two letters"),
        ({"account_sid": "AC1"}, "account_sid: this is no Account SID"),
        ({"account_sid": ""}, "account_sid: enter the Account SID"),
        ({"prices": [{"prefix": "+373", "price": "much"}]}, "prices.price: write a decimal"),
        ({"prices": [{"prefix": "+373x", "price": "1"}]}, "prices.prefix: write the beginning"),
        ({"per_second": 0}, "per_second: calls a second"),
        ({"currency": "lei"}, "currency: write its three letters"),
        ({"test_to": "nobody"}, "test_to: write a number"),
        ({"base_url": "ftp://x"}, "base_url: write an address"),
        ({"base_url": "http://x.example.com"}, "base_url: http is only for servers inside"),
        ({"smart": "maybe"}, "smart"),
        ({"colour": "red"}, "colour: there is no such setting"),
    ],
)
def test_a_slip_is_said_with_its_remedy(changes, said):
    adapter = gateway_of("twilio")()
    config = {"address": SENDER, "region": "RO", **SETTINGS["twilio"], **changes}
    with pytest.raises(ValueError, match=said.replace("+", r"\+")):
        adapter.validated(config)


def test_a_preset_of_ones_own_is_taken():
    adapter = gateway_of("custom")()
    done = adapter.validated(custom())
    assert done["preset"] == PRESET
    assert adapter.validated(done) == done


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_of_ours_may_be_the_beginning_of_ones_own(name):
    document = {**document_of(name)}
    names = [one["name"] for one in [*document["settings"], *document["secrets"]]]
    assert read_preset(document, variables=names).title


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"send": {}}, "preset.send: object missing required field `url`"),
        (send(url="sms.example.com"), "preset.send.url: begin it with https"),
        (
            send(url="https://{team}.example.com/"),
            "preset.send.url: the host may not be filled in",
        ),
        (send(method="DELETE"), "preset.send.method"),
        (send(colour="red"), "colour"),
        (send(fields={"to": "{to}"}), r"preset.send.fields: nowhere is \{text\}"),
        (send(fields={"text": "{text}"}), r"preset.send.fields: nowhere is \{to\}"),
        (
            send(fields={"to": "{to}", "text": "{text}", "x": "{nothing}"}),
            r"send.fields.x: \{nothing\} is nothing",
        ),
        (send(fields={"to": "{to|upper}", "text": "{text}"}), "upper is no filter"),
        (send(fields="{to} {text}"), "it is an object of fields"),
        (
            send(encoding="raw", fields={"to": "{to}", "text": "{text}"}),
            "it is the text of the body",
        ),
        (send(success={"in": ["OK"]}), "give the path"),
        (
            send(errors=[{"when": {"path": "a", "regex": "(a+)+$"}, "class": "bug"}]),
            "write it simpler",
        ),
        (
            send(errors=[{"when": {"path": "a", "regex": "("}, "class": "bug"}]),
            "no regular expression",
        ),
        (send(errors=[{"when": {"http": 400}, "class": "sad"}]), "preset.send.errors"),
        ({"mo": {"fields": {"from": "a"}}}, "preset.mo.fields: say where text is"),
        (
            {"dlr": {"fields": {"status": "s"}, "map": {"1": "sent"}}},
            "preset.dlr.fields: say where id",
        ),
        ({"dlr": {"fields": {"id": "i", "status": "s"}}}, "preset.dlr.map: say what each status"),
        (
            {"dlr": {"fields": {"id": "i", "status": "s"}, "map": {"1": "arrived"}}},
            "preset.dlr.map",
        ),
        ({"mo": {**PRESET["mo"], "verify": {"type": "hmac", "key": "token"}}}, "in which header"),
        (
            {"mo": {**PRESET["mo"], "verify": {"type": "basic", "key": "nobody"}}},
            "name the secret",
        ),
        ({"mo": {**PRESET["mo"], "verify": {"type": "ip"}}}, "preset.mo.verify"),
    ],
)
def test_a_slip_in_a_preset_is_said_with_its_remedy(changes, said):
    with pytest.raises(ValueError, match=said):
        gateway_of("custom")().validated(custom(**changes))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0721 000 000", "number", "+40721000000"),
        ("+37369123456", "number", "+37369123456"),
        ("1234", "short", "1234"),
        ("Punte", "name", "Punte"),
        ("A & B Shop", "name", "A & B Shop"),
    ],
)
def test_a_sender_is_a_number_a_short_code_or_a_name(text, kind, value):
    sender = read_sender(text, "RO")
    assert (sender.kind, sender.value) == (kind, value)
    assert sender.is_one_way == (kind == "name")


def test_a_name_of_letters_gets_no_answers():
    adapter, ctx = account("twilio")
    assert adapter.capabilities_of(ctx.config).replies
    assert not adapter.capabilities_of({**ctx.config, "address": "Punte"}).replies
    russian, settings = account("smsru")
    assert not russian.capabilities_of(settings.config).replies


def test_an_estimate_counts_and_prices_by_the_longest_prefix():
    prices = [
        {"price": "0.1"},
        {"prefix": "+40", "price": "0.05"},
        {"prefix": "+4072", "price": "0.035"},
    ]
    adapter, ctx = account("twilio", prices=prices, currency="RON")
    text = "Bună ziua! " * 10
    said = adapter.estimate(ctx.config, text, Address("phone", "+40721000000"))
    assert (said.parts, said.encoding, said.forced_by) == (2, "ucs2", "ă")
    assert (said.cost.amount, said.cost.currency) == ("0.07", "RON")
    assert said.suggestion == ("Buna ziua! " * 10, 1)
    other = adapter.estimate(ctx.config, "a", Address("phone", "+37369123456"))
    assert other.cost.amount == "0.1"
    free, silent = account("twilio")
    assert free.estimate(silent.config, "a", None).cost is None


def test_the_rate_is_the_accounts():
    adapter, ctx = account("twilio", per_second=3)
    assert adapter.rates(ctx.config)["acct"].per_second == 3
