"""A provider of SMS calls a hub: who it is, what is kept, what the inbox makes of it."""

from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from channels.sms.gateway.adapter import gateway_of
from hub.hooks import add_hooks
from inbox.accounts import AccountContext, seal_secrets
from inbox.adapters import Adapters
from inbox.processing import Processor
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.http.guard import guard
from infra.http.site import Site
from infra.vault import Vault
from tests import seed
from tests.company import founded
from tests.unit.sms.calls import SECRETS, SENDER, SETTINGS


VAULT = Vault(b"k" * 32)
KEY = "key-of-the-account"
PUBLIC = "https://hub.example"
TWILIO = RequestValidator(SECRETS["twilio"]["auth_token"])
MESSAGE = {"MessageSid": "SM1", "From": "+40721000000", "To": SENDER, "Body": "Bună ziua"}


class Post:
    """A served hub with one account at Twilio."""

    def __init__(self, url, db, processor):
        self.url, self.db, self.processor = url, db, processor

    async def value(self, query):
        async with self.db.read() as raw:
            return await raw.fetchval(query)

    async def call(self, fields, *, path="", signed=None, host=None):
        signature = TWILIO.compute_signature(f"{PUBLIC}/hook/{KEY}{path}", signed or fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= {} if signed == "" else {"X-Twilio-Signature": signature}
        headers |= {"Host": host} if host else {}
        url = f"{self.url}/hook/{KEY}{path}"
        async with (
            aiohttp.ClientSession() as http,
            http.post(url, data=urlencode(fields), headers=headers) as answer,
        ):
            return answer.status, await answer.text(), answer.content_type


@asynccontextmanager
async def served(db, blobs):
    adapter = gateway_of("twilio")()
    app = web.Application()

    def context_of(account):
        return AccountContext(db, VAULT, blobs, account, public_url=PUBLIC)

    async def adapter_of(_provider):
        return adapter

    add_hooks(app, db, Adapters({"sms.twilio": lambda: adapter}), context_of)
    guard(app, Site())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    processor = Processor(db, LocalBus(), blobs, adapter_of, None)
    try:
        yield Post(f"http://127.0.0.1:{port}", db, processor)
    finally:
        await runner.cleanup()


@pytest.fixture
async def post(db, tmp_path):
    company = await founded(db)
    settings = {"address": SENDER, "region": "RO", **SETTINGS["twilio"]}
    config = gateway_of("twilio")().validated(settings)
    account = await seed.account(
        db, branch_id=company.branch_id, kind="sms", provider="sms.twilio", address=SENDER
    )
    sealed = seal_secrets(VAULT, f"account/{account}", SECRETS["twilio"])
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel_account SET hook_key = $1, secrets = $2, config = $3::jsonb",
            KEY,
            sealed,
            web.json_response(config).text,
        )
    async with served(db, Blobs(tmp_path / "blobs")) as post:
        yield post


async def test_a_message_is_answered_kept_and_becomes_a_conversation(post):
    assert await post.call(MESSAGE) == (200, "<Response/>", "text/xml")
    await post.processor.run_due()
    assert await post.value("SELECT state FROM journal") == "processed"
    assert await post.value("SELECT text FROM message") == "Bună ziua"
    assert await post.value("SELECT value FROM identity WHERE kind = 'phone'") == "+40721000000"


async def test_the_host_a_caller_names_does_not_matter(post):
    status, _, _ = await post.call(MESSAGE, host="evil.example")
    assert status in {200, 421}  # whatever the site thinks of the name, the signature is ours
    assert await post.value("SELECT count(*) FROM journal") == (status == 200)


async def test_a_replayed_call_is_one_row_and_one_message(post):
    for _ in range(3):
        status, _, _ = await post.call(MESSAGE)
        assert status == 200
    await post.processor.run_due()
    assert await post.value("SELECT count(*) FROM journal") == 1
    assert await post.value("SELECT count(*) FROM message") == 1


@pytest.mark.parametrize(
    ("fields", "signed"),
    [(MESSAGE, ""), ({**MESSAGE, "Body": "altceva"}, MESSAGE), (MESSAGE, {"Body": "x"})],
    ids=["missing", "changed", "another's"],
)
async def test_a_forged_call_is_refused_and_leaves_nothing(post, capfd, fields, signed):
    status, text, _ = await post.call(fields, signed=signed)
    assert status == 403
    assert await post.value("SELECT count(*) FROM journal") == 0
    said = "".join([text, *capfd.readouterr()])
    assert SECRETS["twilio"]["auth_token"] not in said


async def test_a_receipt_of_a_stranger_becomes_no_message(post):
    receipt = {"MessageSid": "SM404", "MessageStatus": "delivered", "To": "+40721000000"}
    status, _, _ = await post.call(receipt, path="/dlr")
    assert status == 200
    await post.processor.run_due()
    assert await post.value("SELECT count(*) FROM message") == 0
