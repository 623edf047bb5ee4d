"""A visitor writes, an agent answers: nothing is lost, doubled or out of order."""

import asyncio
import random

from websockets.exceptions import WebSocketException

from inbox.contract import AccountId, Address, Outbound, RichText, ThreadRef
from infra.clock import new_id, now
from tests.fault_proxy import FaultProxy
from tests.servers.visitor import Visitor, new_cid


async def test_a_visitor_writes_and_is_answered(office):
    key = await office.widget()
    async with office.visitor(key) as ana:
        assert (await ana.write("Bună ziua"))["t"] == "ack"
        rows = await office.until("SELECT text, channel FROM message WHERE kind = 'inbound'")
        assert [(row["text"], row["channel"]) for row in rows] == [("Bună ziua", "webchat")]
        await office.answer(ana.me["id"], "Cu ce vă ajutăm?")
        answer = await ana.entry(lambda entry: entry.get("dir") == "out")
        assert answer["text"] == "Cu ce vă ajutăm?"


async def test_loading_the_widget_stores_nothing(office):
    key = await office.widget()
    async with office.visitor(key):
        pass
    assert not await office.sql("SELECT 1 FROM webchat_visitor")
    assert not await office.sql("SELECT 1 FROM webchat_session")


async def test_the_same_message_twice_is_one(office):
    key = await office.widget()
    cid = new_cid()
    async with office.visitor(key) as ana:
        first = await ana.write("Bună", cid=cid)
        ana.cut()
    async with office.visitor(key, token=ana.token) as again:
        second = await again.write("Bună", cid=cid)
        assert (second["seq"], second["id"]) == (first["seq"], first["id"])
    assert len(await office.sql("SELECT 1 FROM journal")) == 1


async def test_what_arrived_and_was_read_reaches_the_agents(office):
    key = await office.widget()
    async with office.visitor(key) as ana:
        await ana.write("Bună")
        message = await office.answer(ana.me["id"], "Da?")
        answer = await ana.entry(lambda entry: entry.get("dir") == "out")
        await ana.say("got", upto=answer["seq"])
        await office.until(
            "SELECT 1 FROM delivery WHERE message_id = $1::text::uuid AND state = 'delivered'",
            message,
        )
        await ana.say("read", upto=answer["seq"])
        await office.until("SELECT 1 FROM journal WHERE kind = 'read'")


async def test_twenty_hard_cuts_lose_and_double_nothing(office):
    """400 messages each way while the line is reset again and again (chat.md 3.4)."""
    key = await office.widget()
    office.hub.webchat.services.budgets.scale = 1000  # nobody writes that fast
    most, rng = 400, random.Random(7)
    sent = [(new_cid(), f"{number}") for number in range(most)]
    acked: set[str] = set()
    cuts = 0
    async with FaultProxy(office.base.removeprefix("http://"), rng) as proxy:
        ana = Visitor(f"http://{proxy.host}", key, origin=f"http://{proxy.host}")
        await ana.open()
        await ana.write("0", cid=sent[0][0])
        acked.add(sent[0][0])
        visitor_id = ana.me["id"] or (await ana.wait(lambda f: f["t"] == "session"))["me"]["id"]
        answers = asyncio.create_task(_answers(office, key, visitor_id, most))
        deadline = asyncio.get_running_loop().time() + 150
        while len(acked) < most or len(_texts(ana, "out")) < most or cuts < 25:
            assert asyncio.get_running_loop().time() < deadline
            try:
                for cid, text in [one for one in sent if one[0] not in acked][:25]:
                    await ana.say("send", cid=cid, text=text)
                async with asyncio.timeout(0.1 + rng.random() * 0.3):
                    while True:
                        frame = await ana.wait(lambda f: f["t"] in {"ack", "nack"})
                        if frame["t"] == "ack":
                            acked.add(frame["cid"])
            except (ConnectionError, TimeoutError, OSError, WebSocketException):
                pass
            if cuts < 25:
                cuts += 1
                proxy.reset_all()
            try:
                await ana.close()
                await ana.open()
            except (ConnectionError, TimeoutError, OSError, WebSocketException):
                await asyncio.sleep(0.1)
        await answers
        await ana.close()
    assert cuts >= 20
    assert sorted(ana.log) == list(range(1, 2 * most + 1))
    assert sorted(_texts(ana, "in"), key=int) == [text for _, text in sent]
    assert _texts(ana, "out") == [f"a{number}" for number in range(most)]
    await office.until("SELECT 1 FROM message WHERE kind = 'inbound' OFFSET $1", most - 1)
    assert len(await office.sql("SELECT 1 FROM message WHERE kind = 'inbound'")) == most


def _texts(visitor: Visitor, direction: str) -> list[str]:
    entries = [visitor.log[seq] for seq in sorted(visitor.log)]
    return [entry["text"] for entry in entries if entry.get("dir") == direction]


async def _answers(office, key: str, visitor_id: str, most: int) -> None:
    """Answer through the adapter, as the sender does."""
    adapter = office.hub.webchat.adapter
    widget = await office.hub.webchat.chat.widgets.get(key)
    for number in range(most):
        message = Outbound(
            id=new_id(),
            thread=ThreadRef(AccountId(widget.id), visitor_id),
            thread_id=new_id(),
            to=Address("web_visitor", visitor_id),
            parts=(RichText(text=f"a{number}"),),
            at=now(),
        )
        for op in adapter.render(message, adapter.capabilities()).ops:
            await adapter.send(widget.ctx, op)
            await adapter.send(widget.ctx, op)  # an unknown outcome is tried again: no harm
