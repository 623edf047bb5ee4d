"""One client writes by mail, Telegram and SMS: one card, one timeline, each answer its own way."""

import json
from email.message import EmailMessage

import pytest

from crm_core.identities import add_identity
from hub.adapters import adapters as all_adapters
from inbox.accounts import AccountContext, load_account
from inbox.carried import carried
from inbox.contract import Raw
from inbox.offers import offers_in
from inbox.outbound import load_outbound
from inbox.posting import MessageGiven, Via
from inbox.processing import Processor
from inbox.reply import reply
from inbox.services import Services
from infra.blobs import Blobs
from infra.clock import new_id
from infra.vault import Vault
from tests import seed
from tests.company import founded


PHONE = "+37369123456"
MAIL = "ion@client.example"
USER = 777000111
VAULT = Vault(b"k" * 32)
CONFIGS = {
    "email.imap": {"address": "support@hub.test"},
    "telegram": {"address": "@shop_bot"},
    "sms.twilio": {"address": "+37322000000"},
}


class Company:
    """A hub without its network: payloads go in, what providers would get comes out."""

    def __init__(self, db, tmp_path):
        self.db = db
        self.blobs = Blobs(tmp_path / "blobs")
        self.adapters = all_adapters(Services(reply_keys=(b"r" * 32,)))
        self.processor = Processor(db, db._bus, self.blobs, self.adapters.get, self._read)
        self.accounts = {}

    async def open(self):
        self.owner = await founded(self.db)
        for provider, config in CONFIGS.items():
            account = await seed.account(
                self.db,
                branch_id=self.owner.branch_id,
                kind=provider.partition(".")[0],
                provider=provider,
                address=config["address"],
            )
            async with self.db.transaction() as tx:
                await tx.execute(
                    "UPDATE channel_account SET config = $2::jsonb WHERE id = $1",
                    account,
                    json.dumps(config),
                )
            self.accounts[provider] = account
        self.viewer = self.owner.owner
        return self

    async def _read(self, adapter, account, raws):
        """Read mails here: nothing in these is hostile."""
        return [adapter.normalize(account, raw) for raw in raws]

    async def arrives(self, provider: str, raw: Raw) -> None:
        async with self.db.read() as sql:
            account = await load_account(sql, self.accounts[provider])
        await AccountContext(self.db, VAULT, self.blobs, account).ingest([raw])
        await self.processor.run_due()

    async def mail(self, text: str) -> None:
        letter = EmailMessage()
        letter["From"] = f"Ion Rusu <{MAIL}>"
        letter["To"] = "support@hub.test"
        letter["Subject"] = "Comanda"
        letter["Message-ID"] = f"<{new_id()}@client.example>"
        letter.set_content(text)
        raw = Raw(key=f"INBOX/1/{new_id()}", body=letter.as_bytes(), headers={"role": "inbox"})
        await self.arrives("email.imap", raw)

    async def telegram(self, **content) -> None:
        who = {"id": USER, "is_bot": False, "first_name": "Ion"}
        number = new_id().int % 10**9
        message = {
            "message_id": number,
            "date": 1_795_000_000,
            "from": who,
            "chat": {"id": USER, "type": "private", "first_name": "Ion"},
            **content,
        }
        update = {"update_id": number, "message": message}
        raw = Raw(key=str(number), body=json.dumps(update).encode(), headers={"bot": "42"})
        await self.arrives("telegram", raw)

    async def sms(self, text: str) -> None:
        body = {
            "MessageSid": f"SM{new_id().hex}",
            "From": PHONE,
            "To": "+37322000000",
            "Body": text,
        }
        raw = Raw(key=body["MessageSid"], body=json.dumps(body).encode(), kind="mo")
        await self.arrives("sms.twilio", raw)

    async def value(self, sql: str, *args):
        async with self.db.read() as raw:
            return await raw.fetchval(sql, *args)


@pytest.fixture
async def company(db, tmp_path):
    return await Company(db, tmp_path).open()


async def test_one_client_on_three_channels_is_one_card_with_one_timeline(company):
    await company.sms("Alo, unde e comanda?")
    await company.telegram(text="Bună")
    assert await company.value("SELECT count(*) FROM card WHERE merged_into IS NULL") == 2
    await company.telegram(
        contact={"phone_number": PHONE.lstrip("+"), "first_name": "Ion", "user_id": USER}
    )
    assert await company.value("SELECT count(*) FROM card WHERE merged_into IS NULL") == 1
    card = await company.value("SELECT id FROM card WHERE merged_into IS NULL")
    async with company.db.transaction() as tx:
        await add_identity(tx, card, kind="email", value=MAIL, viewer=company.viewer)
    await company.mail("Vă scriu și pe mail")
    channels = await company.value(
        "SELECT array_agg(DISTINCT channel ORDER BY channel) FROM activity"
        " WHERE card_id = $1 AND kind = 'message'",
        card,
    )
    assert channels == ["email", "sms", "telegram"]
    assert await company.value("SELECT count(*) FROM journal WHERE state <> 'processed'") == 0


async def test_every_answer_goes_back_to_the_address_it_is_for(company):
    await company.sms("Alo")
    await company.telegram(text="Bună")
    await company.telegram(
        contact={"phone_number": PHONE.lstrip("+"), "first_name": "Ion", "user_id": USER}
    )
    expected = {"sms": PHONE, "telegram": str(USER)}
    async with company.db.read() as raw:
        cases = await raw.fetch(
            "SELECT t.conversation_id AS id, a.kind FROM thread AS t"
            " JOIN channel_account AS a ON a.id = t.account_id"
        )
    for case in cases:
        to = await answered(company, case["id"])
        assert (to.value, case["kind"]) == (expected[case["kind"]], case["kind"])


async def test_an_answer_may_go_over_another_of_the_clients_channels(company):
    await company.mail("Bună ziua")
    case = await company.value("SELECT id FROM conversation")
    card = await company.value("SELECT card_id FROM conversation")
    async with company.db.transaction() as tx:
        await add_identity(tx, card, kind="phone", value=PHONE, viewer=company.viewer)
    caps_of = await caps(company)
    async with company.db.read() as raw:
        offers = await offers_in(raw, case, viewer=company.viewer, caps_of=caps_of)
    sms = next(one for one in offers if one.channel == "sms")
    to = await answered(
        company, case, via=Via(account_id=sms.account_id, identity_id=sms.identity_id)
    )
    assert to.value == PHONE
    await company.sms("Mulțumesc")
    assert await company.value("SELECT count(*) FROM conversation") == 1
    assert await company.value("SELECT channels FROM conversation") == ["email", "sms"]


async def test_a_number_without_a_name_is_called_as_its_card(company):
    await company.sms("Alo")
    async with company.db.transaction() as tx:
        await tx.execute("UPDATE card SET display_name = 'Ion Rusu'")
    author = "SELECT message_json(m) -> 'author' ->> 'name' FROM message AS m"
    assert await company.value(author) == "Ion Rusu"


async def caps(company):
    known = {one.provider: one for one in await company.adapters.all()}

    def caps_of(provider, config=None, thread=None, /):
        return carried(known[provider], config, thread)

    return caps_of


async def answered(company, case, **fields):
    """Answer; return the address the provider would be given."""
    given = MessageGiven(text="Vă răspundem", force=True, **fields)
    async with company.db.transaction() as tx:
        posted = await reply(
            tx,
            case,
            given=given,
            token=new_id(),
            viewer=company.viewer,
            caps_of=await caps(company),
        )
    async with company.db.read() as raw:
        addressed = await load_outbound(raw, posted.message_id)
    adapter = await company.adapters.get(
        await company.value(
            "SELECT a.provider FROM message AS m JOIN channel_account AS a ON a.id = m.account_id"
            " WHERE m.id = $1",
            posted.message_id,
        )
    )
    message = addressed.message
    rendered = adapter.render(message, carried(adapter, CONFIGS[adapter.provider], message.thread))
    assert rendered.ops
    return message.to
