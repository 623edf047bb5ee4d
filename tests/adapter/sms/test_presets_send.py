"""Each preset against a stand-in that answers as its provider documents it."""

import logging

import pytest

from inbox.contract import Address, Fault, Outbound, RichText, SendFailed, ThreadRef
from infra.clock import new_id, now
from tests.servers.sms_gateway import sms_provider
from tests.unit.sms.calls import SECRETS, SENDER, SETTINGS, account


TO = "+40721000000"
TEXT = "Bună ziua & mulțumim!"
SID = SETTINGS["twilio"]["account_sid"]
CALLBACK = "https://hub.test/hook/key-of-the-account/dlr"

INFOBIP_YES = {
    "bulkId": "2034072219640523072",
    "messages": [
        {
            "messageId": "41793026727",
            "status": {
                "groupId": 1,
                "groupName": "PENDING",
                "id": 26,
                "name": "PENDING_ACCEPTED",
                "description": "Message accepted, pending for delivery.",
            },
            "destination": "40721000000",
            "details": {"messageCount": 1},
        }
    ],
}

YES = {  # preset: path, status, answer, ids, fields that were sent, cost
    "twilio": (
        f"/2010-04-01/Accounts/{SID}/Messages.json",
        201,
        {
            "sid": "SM9",
            "num_segments": "1",
            "price": "-0.0075",
            "price_unit": "USD",
            "status": "queued",
        },
        ("SM9",),
        {"To": TO, "From": SENDER, "Body": TEXT, "StatusCallback": CALLBACK},
        ("0.0075", "USD"),
    ),
    "vonage": (
        "/v1/messages",
        202,
        {"message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"},
        ("aaaaaaaa-bbbb-cccc-dddd-0123456789ab",),
        {"channel": "sms", "message_type": "text", "to": TO[1:], "from": SENDER[1:], "text": TEXT}
        | {"webhook_url": CALLBACK, "webhook_version": "v1"},
        None,
    ),
    "plivo": (
        "/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/",
        202,
        {"message": "message(s) queued", "message_uuid": ["db3ce55a"], "api_id": "db342550"},
        ("db3ce55a",),
        {"src": SENDER[1:], "dst": TO[1:], "text": TEXT, "url": CALLBACK, "method": "POST"},
        None,
    ),
    "infobip": ("/sms/3/messages", 200, INFOBIP_YES, None, {}, None),
    "smslink": (
        "/sms/gateway/communicate/index.php",
        200,
        "MESSAGE;1;Message sent to 0721000000;138593021,0",
        ("138593021",),
        {"connection_id": "CONN", "to": "0721000000", "message": TEXT, "sender": "0213334455"},
        None,
    ),
    "smsru": (
        "/sms/send",
        200,
        {
            "status": "OK",
            "status_code": 100,
            "sms": {
                "40721000000": {
                    "status": "OK",
                    "status_code": 100,
                    "sms_id": "000000-10000000",
                    "cost": "1.86",
                }
            },
            "balance": 4122.56,
        },
        ("000000-10000000",),
        {"to": TO[1:], "msg": TEXT, "from": SENDER[1:], "json": "1"},
        ("1.86", "EUR"),
    ),
    "smsc": (
        "/sys/send.php",
        200,
        {"id": 1, "cnt": 1, "cost": "1.4", "balance": "100.5"},
        ("1",),
        {"phones": TO, "mes": TEXT, "sender": SENDER[1:], "charset": "utf-8", "fmt": "3"},
        ("1.4", "EUR"),
    ),
    "kannel": (
        "/cgi-bin/sendsms",
        202,
        "0: Accepted for delivery",
        None,
        {"username": "hub", "to": TO[1:], "from": SENDER[1:], "text": TEXT, "coding": "2"},
        None,
    ),
}

NO = [  # preset, status, answer, fault, what of it is kept
    (
        "twilio",
        400,
        {"code": 21211, "message": "The 'To' number 1 is not valid"},
        Fault.RECIPIENT,
        "21211",
    ),
    ("twilio", 400, {"code": 21614, "message": "not a mobile number"}, Fault.RECIPIENT, "21614"),
    ("twilio", 400, {"code": 21610, "message": "unsubscribed recipient"}, Fault.REFUSED, "21610"),
    ("twilio", 429, {"code": 20429, "message": "Too Many Requests"}, Fault.THROTTLED, "20429"),
    ("twilio", 401, {"code": 20003, "message": "Authenticate"}, Fault.AUTH, "20003"),
    ("twilio", 400, {"code": 21617, "message": "exceeds the limit"}, Fault.CONTENT, "21617"),
    ("twilio", 400, {"code": 21604, "message": "A 'To' is required"}, Fault.BUG, "21604"),
    ("twilio", 400, {"code": 30038, "message": "limit of the account"}, Fault.FUNDS, "30038"),
    (
        "vonage",
        401,
        {"title": "Unauthorized", "detail": "You did not provide correct credentials."},
        Fault.AUTH,
        "401",
    ),
    (
        "vonage",
        402,
        {"title": "Payment Required", "detail": "Your balance is low"},
        Fault.FUNDS,
        "balance",
    ),
    (
        "vonage",
        422,
        {
            "title": "Your request parameters didn't validate.",
            "invalid_parameters": [{"name": "to", "reason": "invalid"}],
        },
        Fault.RECIPIENT,
        "invalid",
    ),
    ("vonage", 422, {"title": "Bad", "detail": "something else"}, Fault.BUG, "something else"),
    ("vonage", 429, {"title": "Rate Limit Hit"}, Fault.THROTTLED, "429"),
    ("plivo", 401, "Could not verify your access level for that URL.", Fault.AUTH, "401"),
    ("plivo", 400, {"error": "dst parameter is not valid"}, Fault.RECIPIENT, "dst"),
    ("plivo", 400, {"error": "insufficient credit"}, Fault.FUNDS, "insufficient"),
    ("plivo", 400, {"error": "something"}, Fault.BUG, "something"),
    (
        "infobip",
        401,
        {
            "requestError": {
                "serviceException": {"messageId": "UNAUTHORIZED", "text": "Invalid login details"}
            }
        },
        Fault.AUTH,
        "UNAUTHORIZED: Invalid",
    ),
    (
        "infobip",
        200,
        {
            "messages": [
                {
                    "status": {
                        "groupName": "REJECTED",
                        "name": "REJECTED_NOT_ENOUGH_CREDITS",
                        "description": "Not enough credits",
                    }
                }
            ]
        },
        Fault.FUNDS,
        "Not enough",
    ),
    (
        "infobip",
        200,
        {
            "messages": [
                {
                    "status": {
                        "groupName": "REJECTED",
                        "name": "REJECTED_DESTINATION_NOT_REGISTERED",
                        "description": "x",
                    }
                }
            ]
        },
        Fault.RECIPIENT,
        "REJECTED_DESTINATION",
    ),
    ("smslink", 200, "ERROR;2;Connection ID or Password incorrect", Fault.AUTH, "2: Connection"),
    ("smslink", 200, "ERROR;5;Insufficient credit", Fault.FUNDS, "5"),
    ("smslink", 200, "ERROR;7;Invalid phone number", Fault.RECIPIENT, "7"),
    ("smslink", 200, "ERROR;99;Something", Fault.BUG, "99"),
    (
        "smsru",
        200,
        {"status": "ERROR", "status_code": 200, "status_text": "Неправильный api_id"},
        Fault.AUTH,
        "200: Неправ",
    ),
    (
        "smsru",
        200,
        {"status": "OK", "sms": {"1": {"status": "ERROR", "status_code": 201}}},
        Fault.FUNDS,
        "201",
    ),
    (
        "smsru",
        200,
        {"status": "OK", "sms": {"1": {"status": "ERROR", "status_code": 207}}},
        Fault.RECIPIENT,
        "207",
    ),
    (
        "smsru",
        200,
        {"status": "OK", "sms": {"1": {"status": "ERROR", "status_code": 209}}},
        Fault.REFUSED,
        "209",
    ),
    (
        "smsru",
        200,
        {"status": "OK", "sms": {"1": {"status": "ERROR", "status_code": 220}}},
        Fault.TRANSIENT,
        "220",
    ),
    (
        "smsru",
        200,
        {"status": "OK", "sms": {"1": {"status": "ERROR", "status_code": 777}}},
        Fault.BUG,
        "777",
    ),
    ("smsc", 200, {"error": "authorise error", "error_code": 2}, Fault.AUTH, "2: authorise"),
    ("smsc", 200, {"error": "no money", "error_code": 3}, Fault.FUNDS, "3"),
    ("smsc", 200, {"error": "duplicate request", "error_code": 9}, Fault.THROTTLED, "9"),
    ("smsc", 200, {"error": "invalid number", "error_code": 7, "id": 2}, Fault.RECIPIENT, "7"),
    ("kannel", 403, "Authorization failed for sendsms", Fault.AUTH, "Authorization"),
    ("kannel", 503, "Temporal failure, try again later.", Fault.TRANSIENT, "Temporal"),
]


def message(ctx, text=TEXT):
    return Outbound(
        id=new_id(),
        thread=ThreadRef(ctx.account, f"{SENDER}:{TO}"),
        thread_id=new_id(),
        to=Address("phone", TO),
        parts=(RichText(text=text),),
        at=now(),
    )


def op_of(adapter, ctx, text=TEXT):
    (op,) = adapter.render(message(ctx, text), adapter.capabilities()).ops
    return op


@pytest.mark.parametrize("name", YES)
async def test_a_message_is_sent_as_the_provider_wants_it(name):
    path, status, answer, ids, sent, cost = YES[name]
    async with sms_provider() as provider:
        adapter, ctx = account(name, provider.url)
        op = op_of(adapter, ctx)
        provider.answer = (status, answer, {})
        receipt = await adapter.send(ctx, op)
    ((_, asked, fields, headers),) = provider.asked
    assert asked == path
    assert {key: fields[key] for key in sent} == sent
    assert receipt.external_ids == (ids or adapter.names_of(ctx, op))
    assert adapter.names_of(ctx, op) in {(), receipt.external_ids}
    told = receipt.cost and (receipt.cost.amount, receipt.cost.currency)
    assert told == cost
    secret = next(iter(SECRETS[name].values()))
    assert "Authorization" in headers or secret in fields.values()


async def test_infobip_gets_a_message_inside_a_list():
    async with sms_provider() as provider:
        adapter, ctx = account("infobip", provider.url)
        op = op_of(adapter, ctx)
        provider.answer = (200, INFOBIP_YES, {})
        await adapter.send(ctx, op)
    ((_, _, body, headers),) = provider.asked
    (one,) = body["messages"]
    assert headers["Authorization"] == "App k3y-of-infobip"
    assert one["sender"] == SENDER[1:]
    assert one["destinations"] == [{"to": TO[1:], "messageId": f"{op.key.replace('/', '-')}"}]
    assert one["content"] == {"text": TEXT}
    assert one["webhooks"]["delivery"] == {"url": CALLBACK}


async def test_kannel_is_told_where_to_report_with_its_own_placeholders():
    async with sms_provider() as provider:
        adapter, ctx = account("kannel", provider.url)
        op = op_of(adapter, ctx)
        provider.answer = (202, "0: Accepted for delivery", {})
        await adapter.send(ctx, op)
    report = provider.asked[0][2]["dlr-url"]
    assert report.startswith(f"{CALLBACK}?k=h00k-of-kannel&id={op.key.replace('/', '-')}&")
    assert report.endswith("&status=%d&reply=%A&fid=%F&at=%T")


@pytest.mark.parametrize("name", ["twilio", "vonage", "plivo", "infobip", "kannel"])
async def test_without_a_public_address_no_report_is_asked_for(name):
    _, status, answer, *_ = YES[name]
    async with sms_provider() as provider:
        adapter, ctx = account(name, provider.url)
        ctx.hook_url = ""
        provider.answer = (status, answer, {})
        await adapter.send(ctx, op_of(adapter, ctx))
    assert "hub.test" not in str(provider.asked)
    assert "/dlr" not in str(provider.asked)


@pytest.mark.parametrize(("name", "status", "answer", "fault", "kept"), NO)
async def test_a_no_says_what_may_be_done(name, status, answer, fault, kept):
    async with sms_provider() as provider:
        adapter, ctx = account(name, provider.url)
        provider.answer = (status, answer, {})
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
    assert failed.value.error.fault is fault
    assert kept in failed.value.error.text


@pytest.mark.parametrize("name", YES)
@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (401, "", Fault.AUTH),
        (500, "oops", Fault.TRANSIENT),
        (502, "<html>bad gateway</html>", Fault.UNKNOWN),
        (504, "<html>timeout</html>", Fault.UNKNOWN),
        (302, "", Fault.BUG),
        (200, "<html>hello</html>", Fault.UNKNOWN),
    ],
)
async def test_what_http_says_counts_for_every_provider(name, status, body, fault):
    async with sms_provider() as provider:
        adapter, ctx = account(name, provider.url)
        provider.answer = (status, body, {"Location": "/elsewhere"} if status == 302 else {})
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
        assert len(provider.asked) == 1
    assert failed.value.error.fault is fault


async def test_a_throttle_says_how_long():
    async with sms_provider() as provider:
        adapter, ctx = account("vonage", provider.url)
        provider.answer = (429, {"title": "Rate Limit Hit"}, {"Retry-After": "17"})
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
    assert failed.value.error.retry_after == 17


async def test_before_the_request_left_nothing_was_sent_and_after_it_nobody_knows():
    async with sms_provider() as provider:
        adapter, ctx = account("twilio", provider.url)
        op = op_of(adapter, ctx)
        provider.cut = "after"
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op)
        assert failed.value.error.fault is Fault.UNKNOWN
    with pytest.raises(SendFailed) as failed:
        await adapter.send(ctx, op)
    assert failed.value.error.fault is Fault.TRANSIENT


@pytest.mark.parametrize("name", YES)
async def test_a_call_that_broke_is_not_made_again_by_itself(name):
    async with sms_provider() as provider:
        adapter, ctx = account(name, provider.url)
        provider.cut = "after"
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
        assert len(provider.asked) == 1
    assert failed.value.error.fault is Fault.UNKNOWN


async def test_a_gateway_inside_the_network_must_be_allowed():
    async with sms_provider() as provider:
        adapter, ctx = account("twilio", provider.url)
        ctx.config = {**ctx.config, "allow_private": False}
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
        assert provider.asked == []
    assert (failed.value.error.fault, failed.value.error.code) == (Fault.AUTH, "host.private")


async def test_a_hub_in_a_sandbox_calls_nobody_outside():
    adapter, ctx = account("twilio")
    sealed = type(adapter)(sandbox=True)
    with pytest.raises(SendFailed) as failed:
        await sealed.send(ctx, op_of(sealed, ctx))
    assert failed.value.error.code == "sandbox.sealed"


async def test_a_text_of_too_many_parts_is_not_sent():
    async with sms_provider() as provider:
        adapter, ctx = account("twilio", provider.url)
        for text in ("я" * 671, ""):
            with pytest.raises(SendFailed) as failed:
                await adapter.send(ctx, op_of(adapter, ctx, text))
            assert failed.value.error.fault is Fault.CONTENT
        assert provider.asked == []


async def test_plain_letters_are_sent_when_the_account_says_always():
    async with sms_provider() as provider:
        adapter, ctx = account("twilio", provider.url, smart="always", prices=[{"price": "0.05"}])
        provider.answer = (201, {"sid": "SM1"}, {})
        receipt = await adapter.send(ctx, op_of(adapter, ctx))
    assert provider.asked[0][2]["Body"] == "Buna ziua & multumim!"
    assert receipt.cost is not None
    assert (receipt.cost.amount, receipt.cost.units) == ("0.05", 1)


@pytest.mark.parametrize("name", YES)
async def test_no_secret_is_in_what_is_logged_or_raised(name, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = SECRETS[name]
    async with sms_provider() as provider:
        adapter, ctx = account(name, provider.url)
        echo = " ".join(secrets.values())
        shown = []
        for status in (200, 400, 401, 500, 502):
            provider.answer = (status, f"ERROR;1;{echo}", {})
            with pytest.raises(SendFailed) as failed:
                await adapter.send(ctx, op_of(adapter, ctx))
            shown.append(f"{failed.value!r} {failed.value.error}")
        provider.cut = "after"
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
        shown.append(repr(failed.value))
        provider.cut = ""
        provider.answer = (200, {}, {})
        health = await adapter.probe(ctx)
        shown.append(str(health))
    said = " ".join([*shown, caplog.text, str(op_of(adapter, ctx))])
    for secret in secrets.values():
        assert secret not in said
