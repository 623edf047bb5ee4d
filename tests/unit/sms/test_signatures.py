"""Who calls: every provider's own way of signing, and every way to fake it."""

import hashlib
import hmac

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from inbox.contract import Forged
from infra.clock import now
from tests.unit.sms import calls
from tests.unit.sms.calls import HOOK, SECRETS, account, form_call, json_call, query_call


TWILIO = RequestValidator(SECRETS["twilio"]["auth_token"])
SMS = {"MessageSid": "SM1", "From": "+40721000000", "To": "+40213334455", "Body": "Bună ziua"}


def believed(name, call, **secrets):
    adapter, ctx = account(name)
    ctx.secrets |= secrets
    try:
        adapter.authenticate(ctx, call)
    except Forged as forged:
        said = str(forged)
    else:
        return True
    assert not any(secret and secret in said for secret in ctx.secrets.values())
    return False


# ---------------------------------------------------------------- Twilio


def twilio_call(path, fields, **changed):
    signature = TWILIO.compute_signature(f"{HOOK}{path}", fields)
    return form_call(path, {**fields, **changed}, x_twilio_signature=signature)


@pytest.mark.parametrize("path", ["", "/mo", "/dlr"])
def test_twilio_is_believed_as_its_own_library_signs(path):
    assert believed("twilio", twilio_call(path, SMS))


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=40), max_size=6))
def test_twilio_signs_whatever_a_form_holds(fields):
    assert believed("twilio", twilio_call("", fields))


def test_twilio_signs_with_and_without_a_port():
    signature = TWILIO.compute_signature("https://hub.test:443/hook/key-of-the-account", SMS)
    assert believed("twilio", form_call("", SMS, x_twilio_signature=signature))


def test_twilio_signs_json_by_the_hash_of_its_body():
    call = json_call("/dlr", {"MessageSid": "SM1"})
    query = f"bodySHA256={hashlib.sha256(call.body).hexdigest()}"
    url = f"{HOOK}/dlr?{query}"
    signature = TWILIO.compute_signature(url, {})
    signed = json_call("/dlr", {"MessageSid": "SM1"}, query=query, x_twilio_signature=signature)
    assert TWILIO.validate(url, signed.body.decode(), signature)
    assert believed("twilio", signed)
    assert not believed("twilio", msgspec.structs.replace(signed, body=b'{"MessageSid": "SM2"}'))
    unhashed = json_call(
        "/dlr", {}, x_twilio_signature=TWILIO.compute_signature(f"{HOOK}/dlr", {})
    )
    assert not believed("twilio", unhashed)


@pytest.mark.parametrize(
    "call",
    [
        form_call("", SMS),
        form_call("", SMS, x_twilio_signature=""),
        form_call("", SMS, x_twilio_signature="AAAA"),
        form_call("", SMS, x_twilio_signature="ключ"),
        twilio_call("", SMS, Body="Altceva"),
        twilio_call("", SMS, Extra="1"),
        msgspec.structs.replace(twilio_call("/mo", SMS), url=f"{HOOK}/dlr", path="/dlr"),
        form_call(
            "", SMS, x_twilio_signature=RequestValidator("other").compute_signature(HOOK, SMS)
        ),
    ],
    ids=["missing", "empty", "wrong", "not ascii", "changed", "added", "elsewhere", "other key"],
)
def test_twilio_is_not_faked(call):
    assert not believed("twilio", call)


def test_twilio_without_a_token_believes_nobody():
    assert not believed("twilio", twilio_call("", SMS), auth_token="")


# ---------------------------------------------------------------- Vonage

STATUS = {"message_uuid": "aaaaaaaa-0123", "status": "delivered", "to": "40721000000"}


def vonage_call(document=STATUS, **claims):
    call = json_call("/dlr", document)
    token = calls.vonage_token(call.body, **claims)
    return json_call("/dlr", document, authorization=f"Bearer {token}")


def test_vonage_is_believed_by_its_jwt():
    assert believed("vonage", vonage_call())


@pytest.mark.parametrize(
    "call",
    [
        json_call("/dlr", STATUS),
        json_call("/dlr", STATUS, authorization="Bearer x.y.z"),
        json_call("/dlr", STATUS, authorization=f"Basic {'A' * 20}"),
        vonage_call(secret="some-other-secret-of-32-bytes-long"),
        vonage_call(age=3_600),
        vonage_call(age=-3_600),
        vonage_call(exp=1_600_000_000),
        vonage_call(payload_hash="0" * 64),
        vonage_call(payload_hash=None),
        vonage_call(jti=None),
        vonage_call(iat=None),
        msgspec.structs.replace(vonage_call(), body=b'{"status":"failed"}'),
        msgspec.structs.replace(vonage_call(), body=b""),
    ],
    ids=[
        *("missing", "no token", "basic", "other key", "old", "ahead", "expired", "other body"),
        *("no hash", "no id", "no time", "changed", "emptied"),
    ],
)
def test_vonage_is_not_faked(call):
    assert not believed("vonage", call)


def test_vonage_takes_no_token_without_an_algorithm():
    call = json_call("/dlr", STATUS)
    claims = {"iat": int(now().timestamp()), "jti": "1"}
    claims["payload_hash"] = hashlib.sha256(call.body).hexdigest()
    token = calls.jwt.encode(claims, "", algorithm="none")
    assert not believed("vonage", json_call("/dlr", STATUS, authorization=f"Bearer {token}"))


def vonage_sig(algorithm, *, age=0, changed=False):
    fields = {
        "msisdn": "40721000000",
        "to": "40213334455",
        "messageId": "0A01",
        "text": "a&b=c",
        "timestamp": str(int(now().timestamp()) - age),
    }
    text = "".join(
        f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields)
    )
    key = SECRETS["vonage"]["signature_secret"]
    if algorithm == "md5hash":
        sig = hashlib.md5(f"{text}{key}".encode(), usedforsecurity=False).hexdigest()
    else:
        sig = hmac.new(key.encode(), text.encode(), algorithm).hexdigest()
    if changed:
        fields["text"] = "altceva"
    return query_call("/mo", {**fields, "sig": sig})


@pytest.mark.parametrize("algorithm", ["md5hash", "md5", "sha1", "sha256", "sha512"])
def test_vonages_older_interface_signs_its_parameters(algorithm):
    assert believed("vonage", vonage_sig(algorithm))
    assert not believed("vonage", vonage_sig(algorithm, changed=True))
    assert not believed("vonage", vonage_sig(algorithm, age=3_600))


# ---------------------------------------------------------------- Plivo

PLIVO = {"MessageUUID": "u1", "From": "40721000000", "To": "40213334455", "Text": "Bună"}


def test_plivo_is_believed_by_either_version():
    url = f"{HOOK}/mo"
    assert believed("plivo", form_call("/mo", PLIVO, **calls.plivo_v3(url, PLIVO)))
    assert believed("plivo", form_call("/mo", PLIVO, **calls.plivo_v2(url)))
    several = calls.plivo_v3(url, PLIVO)
    several["x_plivo_signature_v3"] = f"AAAA,{several['x_plivo_signature_v3']}"
    assert believed("plivo", form_call("/mo", PLIVO, **several))


def test_plivo_signs_the_address_of_a_get_with_its_sorted_parameters():
    key = SECRETS["plivo"]["auth_token"].encode()
    text = f"{HOOK}/dlr?MessageUUID=u1&Status=sent.77"
    made = calls.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    signed = {"x_plivo_signature_v3": made, "x_plivo_signature_v3_nonce": "77"}
    assert believed("plivo", query_call("/dlr", {"Status": "sent", "MessageUUID": "u1"}, **signed))
    assert not believed(
        "plivo", query_call("/dlr", {"Status": "failed", "MessageUUID": "u1"}, **signed)
    )


@pytest.mark.parametrize(
    "call",
    [
        form_call("/mo", PLIVO),
        form_call("/mo", PLIVO, **calls.plivo_v3(f"{HOOK}/mo", {**PLIVO, "Text": "x"})),
        form_call("/mo", PLIVO, **calls.plivo_v3(f"{HOOK}/dlr", PLIVO)),
        form_call("/mo", PLIVO, **calls.plivo_v2(f"{HOOK}/mo", token="other")),
        form_call("/mo", PLIVO, x_plivo_signature_v3="AAAA"),
        form_call(
            "/mo",
            PLIVO,
            **calls.plivo_v2(f"{HOOK}/mo"),
            x_plivo_signature_v3="AAAA",
            x_plivo_signature_v3_nonce="1",
        ),
    ],
    ids=["missing", "changed", "elsewhere", "other key", "no nonce", "better one is wrong"],
)
def test_plivo_is_not_faked(call):
    assert not believed("plivo", call)


# ---------------------------------------------------------------- the others

INFOBIP = {"results": [{"messageId": "m1", "status": {"groupName": "DELIVERED"}}]}


def test_infobip_signs_in():
    good = calls.basic("hub", SECRETS["infobip"]["hook_password"])
    assert believed("infobip", json_call("/dlr", INFOBIP, authorization=good))
    assert not believed("infobip", json_call("/dlr", INFOBIP))
    bad = calls.basic("hub", "guessed")
    assert not believed("infobip", json_call("/dlr", INFOBIP, authorization=bad))
    other = calls.basic("", SECRETS["infobip"]["hook_password"])
    assert not believed("infobip", json_call("/dlr", INFOBIP, authorization=other))


def test_infobip_may_repeat_a_secret_instead():
    secret = {"hook_secret": "in-the-address"}
    assert believed("infobip", json_call("/dlr", INFOBIP, query="k=in-the-address"), **secret)
    assert not believed("infobip", json_call("/dlr", INFOBIP, query="k=guessed"), **secret)


def test_smsru_signs_its_entries():
    entry = "sms_status\n000000-000001\n103\n1700000000"
    assert believed("smsru", form_call("/dlr", calls.smsru_form(entry, entry)))
    assert not believed("smsru", form_call("/dlr", {"data[0]": entry}))
    forged = calls.smsru_form(entry) | {"data[0]": entry.replace("103", "104")}
    assert not believed("smsru", form_call("/dlr", forged))
    assert not believed("smsru", form_call("/dlr", calls.smsru_form(entry, api_id="guessed")))


@pytest.mark.parametrize("name", ["smslink", "smsc", "kannel"])
def test_a_secret_in_the_address_is_repeated(name):
    fields = {"id": "1", "message_id": "1", "status": "1"}
    secret = SECRETS[name]["hook_secret"]
    assert believed(name, query_call("/dlr", {**fields, "k": secret}))
    assert believed(name, form_call("/dlr", fields, query=f"k={secret}"))
    for wrong in ({}, {"k": ""}, {"k": "guessed"}, {"k": secret + "x"}):
        assert not believed(name, query_call("/dlr", {**fields, **wrong}))


def test_a_provider_without_messages_is_not_believed_to_have_one():
    assert not believed("smsru", form_call("/mo", calls.smsru_form("x")))
