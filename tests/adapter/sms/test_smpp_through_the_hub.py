"""A long text out and its receipts in, through a real database and a real centre."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from channels.sms.smpp.adapter import SmppAdapter
from inbox.accounts import Account, AccountContext, seal_secrets
from inbox.contract import AccountId
from inbox.processing import Processor
from inbox.sending import Sender
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.vault import Vault, new_key
from tests import seed
from tests.adapter.sms.lines import CLIENT, HASTE, PASSWORD, context, deliver, part
from tests.servers.smsc import smsc
from tests.usecase.inbox.office import Office


LONG = "Bună ziua! Comanda dumneavoastră a fost expediată și ajunge mâine. " * 3
PARTS = 3
COUNT = "SELECT count(*) FROM journal"


class Hub:
    """One SMPP account on a hub of one process."""

    def __init__(self, office, account_id, ctx, centre, blobs):
        self.office = office
        self.account_id = account_id
        self.ctx = ctx
        self.centre = centre
        self.adapter = SmppAdapter(pace=HASTE)
        self.processor = Processor(office.db, LocalBus(), blobs, self._adapter_of, self._isolate)

    async def _adapter_of(self, _provider):
        return self.adapter

    async def _isolate(self, adapter, account, raws):
        return [adapter.normalize(account, raw) for raw in raws]

    async def line(self, _account):
        return self.adapter, self.ctx

    async def send(self):
        await Sender(self.office.db, LocalBus(), self.line).run_due()

    async def take_in(self, journal: int):
        """Wait until so many packets are in the journal, and work them off."""
        async with asyncio.timeout(15):
            while await self.office.value(COUNT) < journal:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.03)
        await self.processor.run_due()

    async def states(self):
        rows = await self.office.rows("SELECT state FROM delivery ORDER BY part")
        return [row["state"] for row in rows]


def receipt(name, word="DELIVRD"):
    text = f"id:{name} sub:001 dlvrd:001 submit date:2611241200 done date:2611241200 stat:{word}"
    return deliver("", esm_class=4, data_coding=0) | {"hex": f"{text} err:000".encode().hex()}


@asynccontextmanager
async def bound(hub):
    running = asyncio.create_task(hub.adapter.run(hub.ctx))
    try:
        await hub.centre.bound()
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def hub(db, tmp_path):
    office = await Office(db).open()
    async with smsc() as centre:
        config = dict(context(centre.port).config)
        account_id = await seed.account(
            db, branch_id=office.branch_id, kind="sms", provider="sms.smpp", address="+40721999999"
        )
        vault = Vault.parse(new_key())
        sealed = seal_secrets(vault, f"account/{account_id}", {"password": PASSWORD})
        account = Account(
            AccountId(account_id), "sms", "sms.smpp", "SMS", "+40721999999", config, sealed, True
        )
        blobs = Blobs(tmp_path)
        ctx = AccountContext(db, vault, blobs, account)
        made = Hub(office, account_id, ctx, centre, blobs)
        office.caps["sms.smpp"] = made.adapter.capabilities()
        async with bound(made):
            yield made


async def answered(hub):
    """Let the client write and an agent answer at length; return the names of the parts."""
    await hub.centre.deliver(deliver("Unde e?"))
    await hub.take_in(1)
    case = await hub.office.value("SELECT id FROM conversation")
    await hub.office.answer(case, await hub.office.agent(), LONG)
    await hub.send()
    assert await hub.states() == ["sent"] * PARTS
    return [one["id"] for one in await hub.centre.taken()]


async def test_receipts_in_any_order_twice_and_of_strangers_end_in_the_truth(hub):
    first, second, third = await answered(hub)
    await hub.centre.deliver(receipt(third), receipt("999"), receipt(third))
    await hub.take_in(4)
    assert await hub.states() == ["sent", "sent", "delivered"]
    await hub.centre.deliver(receipt(first), receipt(second), receipt(first, "ENROUTE"))
    await hub.take_in(7)
    assert await hub.states() == ["delivered"] * PARTS


async def test_one_part_that_failed_is_seen(hub):
    first, second, third = await answered(hub)
    await hub.centre.deliver(receipt(first), receipt(second, "UNDELIV"), receipt(third))
    await hub.take_in(4)
    assert await hub.states() == ["delivered", "failed", "delivered"]
    status = await hub.office.value("SELECT status FROM identity WHERE value = $1", CLIENT)
    assert status == "ok"  # a phone that is off is a number all the same


async def test_parts_of_two_clients_with_one_reference_are_two_messages(hub):
    bob = "+40721000002"
    await hub.centre.deliver(
        part("Alice doi", 7, 2, 2),
        part("Bob unu ", 7, 1, 2, bob),
        part("Alice unu ", 7, 1, 2),
        part("Bob doi", 7, 2, 2, bob),
    )
    await hub.take_in(4)
    rows = await hub.office.rows("SELECT text FROM message ORDER BY text")
    assert [row["text"] for row in rows] == ["Alice unu Alice doi", "Bob unu Bob doi"]
