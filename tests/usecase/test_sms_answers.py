"""An answer by SMS: sent by the hub's sender, and what its receipts make of it."""

import asyncio

import pytest

from channels.sms.gateway.adapter import gateway_of
from inbox import journal
from inbox.processing import Processor
from inbox.sending import Sender
from infra.blobs import Blobs
from infra.bus import LocalBus
from tests import seed
from tests.servers.context import MemoryContext
from tests.servers.sms_gateway import sms_provider
from tests.unit.sms.calls import SECRETS, SENDER, SETTINGS, form_call
from tests.usecase.inbox.office import Office


MESSAGE = {"MessageSid": "SM0", "From": "+40721000000", "To": SENDER, "Body": "Unde e comanda?"}


class Desk:
    """A hub with one account at Twilio, whose provider is a stand-in."""

    def __init__(self, office, blobs, provider):
        self.office, self.blobs, self.provider = office, blobs, provider
        self.adapter = gateway_of("twilio")()
        settings = {"address": SENDER, "region": "RO", **SETTINGS["twilio"]}
        settings |= {"base_url": provider.url, "allow_private": True}
        self.ctx = MemoryContext(self.adapter.validated(settings), **SECRETS["twilio"])
        self.sender = Sender(office.db, LocalBus(), self.open_line)
        self.processor = Processor(office.db, LocalBus(), blobs, self.adapter_of, None)

    async def adapter_of(self, _provider):
        return self.adapter

    async def open_line(self, _account):
        return self.adapter, self.ctx

    async def connect(self):
        self.account = await seed.account(
            self.office.db,
            branch_id=self.office.branch_id,
            kind="sms",
            provider="sms.twilio",
            address=SENDER,
        )
        self.office.caps["sms.twilio"] = self.adapter.capabilities()

    async def called(self, fields, path=""):
        raws, _ = self.adapter.accept(self.ctx, form_call(path, fields))
        async with self.office.db.transaction() as tx:
            await journal.take(tx, self.blobs, self.account, raws)
        await self.processor.run_due()

    async def answer(self, text):
        await self.called(MESSAGE)
        agent = await self.office.agent()
        case = await self.office.value("SELECT id FROM conversation")
        message = await self.office.answer(case, agent, text)
        async with self.office.db.transaction() as tx:
            await tx.execute("UPDATE delivery SET not_before = now() WHERE state = 'queued'")
        await self.sender.run_due()
        return message

    async def state(self):
        return await self.office.value("SELECT state FROM delivery")


@pytest.fixture
async def desk(db, tmp_path):
    async with sms_provider() as provider:
        provider.answer = (201, {"sid": "SM{n}", "num_segments": "1"}, {})
        made = Desk(await Office(db).open(), Blobs(tmp_path), provider)
        await made.connect()
        yield made


async def test_it_leaves_from_the_number_that_was_written_to(desk):
    await desk.answer("Vine mâine.")
    (fields,) = desk.provider.taken
    assert (fields["From"], fields["To"], fields["Body"]) == (
        SENDER,
        "+40721000000",
        "Vine mâine.",
    )
    assert await desk.state() == "sent"


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["delivered"], "delivered"),
        (["delivered", "sent", "queued"], "delivered"),
        (["sent", "delivered", "delivered"], "delivered"),
        (["undelivered"], "failed"),
    ],
    ids=["told", "out of order", "twice", "failed"],
)
async def test_receipts_say_what_became_of_it(desk, statuses, state):
    await desk.answer("Vine mâine.")
    for status in statuses:
        await desk.called({"MessageSid": "SM1", "MessageStatus": status}, "/dlr")
    assert await desk.state() == state


async def test_an_answer_nobody_acknowledged_is_not_sent_again(desk):
    desk.provider.cut = "after"
    await desk.answer("Vine mâine.")
    assert await desk.state() == "unknown"
    desk.provider.cut = ""
    for _ in range(3):
        await desk.sender.run_due()
        await asyncio.sleep(0.01)
    assert len(desk.provider.asked) == 1
