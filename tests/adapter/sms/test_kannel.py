"""The Kannel preset with a real Kannel in front of a centre that nobody here wrote."""

from contextlib import asynccontextmanager

import pytest

from channels.sms.gateway.adapter import gateway_of
from inbox.contract import (
    Address,
    DeliveryChanged,
    Fault,
    HealthState,
    MessageIn,
    Outbound,
    RichText,
    SendFailed,
    ThreadRef,
)
from infra.clock import new_id, now
from tests.servers.context import MemoryContext
from tests.servers.hooks import hook
from tests.servers.kannel import PASSWORD, USER, kannel
from tests.servers.smsc import smsc


TO = "+40721000000"
SENDER = "+40213334455"
MO = "from=%p&to=%P&text=%b&charset=%C&id=%I&ts=%T"


@asynccontextmanager
async def chain(tmp_path, *, password=PASSWORD):
    """Run centre, Kannel and an account, each told where the next one is."""
    adapter = gateway_of("kannel")()
    ctx = MemoryContext({}, password=password, hook_secret="h00k&secret")
    async with hook(adapter, ctx) as calls, smsc() as centre:
        mo_url = f"{ctx.hook_url}/mo?k=h00k%26secret&{MO}"
        async with kannel(centre.port, tmp_path, mo_url=mo_url) as gateway:
            base = f"http://127.0.0.1:{gateway.port}"
            settings = {"address": SENDER, "region": "RO", "user": USER, "base_url": base}
            ctx.config = adapter.validated({**settings, "allow_private": True})
            await centre.bound()
            yield adapter, ctx, calls, centre


def op_of(adapter, ctx, text="Bună ziua"):
    outbound = Outbound(
        id=new_id(),
        thread=ThreadRef(ctx.account, f"{SENDER}:{TO}"),
        thread_id=new_id(),
        to=Address("phone", TO),
        parts=(RichText(text=text),),
        at=now(),
    )
    return adapter.render(outbound, adapter.capabilities()).ops[0]


def states(events):
    return [one.state for one in events if isinstance(one, DeliveryChanged)]


@pytest.mark.slow
async def test_a_message_is_sent_and_its_receipts_come_back(tmp_path):
    async with chain(tmp_path) as (adapter, ctx, calls, centre):
        await centre.behave(receipts="delivered")
        op = op_of(adapter, ctx)
        receipt = await adapter.send(ctx, op)
        events = await calls.told(lambda events: "delivered" in states(events))
        (taken,) = await centre.taken()
        assert receipt.external_ids == adapter.names_of(ctx, op)
        assert {one.ref.message_id for one in events} == set(receipt.external_ids)
        assert set(states(events)) <= {"sent", "delivered"}
        assert taken["coding"] == 8
        assert calls.forged == 0


@pytest.mark.slow
async def test_what_the_centre_refuses_is_a_failure_with_its_reason(tmp_path):
    async with chain(tmp_path) as (adapter, ctx, calls, centre):
        await centre.behave(submit="refuse", status=0x0B)
        await adapter.send(ctx, op_of(adapter, ctx))
        events = await calls.told(lambda events: "failed" in states(events))
        (failed,) = [one for one in events if one.state == "failed"]
        assert "NACK" in failed.error.text


@pytest.mark.slow
async def test_a_wrong_password_is_the_accounts_fault(tmp_path):
    async with chain(tmp_path, password="wrong") as (adapter, ctx, _, centre):
        with pytest.raises(SendFailed) as failed:
            await adapter.send(ctx, op_of(adapter, ctx))
        assert failed.value.error.fault is Fault.AUTH
        assert "wrong" not in str(failed.value)
        assert await centre.taken() == []
        health = await adapter.probe(ctx)
        assert health.state is HealthState.BAD_CREDENTIALS


@pytest.mark.slow
async def test_settings_are_tried_without_sending_anything(tmp_path):
    async with chain(tmp_path) as (adapter, ctx, _, centre):
        info = await adapter.check(ctx)
        assert info.steps == ("settings", "sign_in", "request")
        assert PASSWORD not in info.details["request"]
        assert "h00k" not in info.details["request"]
        assert await centre.taken() == []
        ctx.config = {**ctx.config, "test_to": TO}
        info = await adapter.check(ctx)
        assert info.steps[-1] == "sent"
        (taken,) = await centre.taken()
        assert taken["to"] == TO[1:]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["Salut! @£$ {da}", "Привет, șțăîâ 😀"])
async def test_a_message_of_a_client_comes_in_as_it_was_written(tmp_path, text):
    async with chain(tmp_path) as (_, ctx, calls, centre):
        is_plain = text.isascii() or "£" in text
        gsm = {"@": 0, "£": 1, "$": 2}
        body = (
            b"".join(
                bytes([0x1B, 0x28 if c == "{" else 0x29])
                if c in "{}"
                else bytes([gsm.get(c, ord(c))])
                for c in text
            )
            if is_plain
            else text.encode("utf-16-be")
        )
        await centre.deliver(
            {
                "source_addr": TO[1:],
                "source_addr_ton": 1,
                "source_addr_npi": 1,
                "destination_addr": SENDER[1:],
                "dest_addr_ton": 1,
                "data_coding": 0 if is_plain else 8,
                "hex": body.hex(),
            }
        )
        (event,) = await calls.told(lambda events: len(events) == 1)
        assert isinstance(event, MessageIn)
        assert event.sender == Address("phone", TO)
        assert event.ref.thread.key == f"{SENDER}:{TO}"
        assert event.parts == (RichText(text=text),)
        assert len(ctx.journal) == 1
