"""Presets against Prism, which holds their requests against a description of the interface."""

import msgspec
import pytest

from inbox.contract import Fault, HealthState, SendFailed
from tests.adapter.sms.test_presets_send import op_of
from tests.servers.prism import prism
from tests.unit.sms.calls import account


pytestmark = pytest.mark.slow


async def test_twilio_takes_what_we_send():
    async with prism("twilio") as url:
        adapter, ctx = account("twilio", url)
        receipt = await adapter.send(ctx, op_of(adapter, ctx))
        assert receipt.external_ids == ("SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)
        assert (await adapter.probe(ctx)).state is HealthState.CONNECTED
        info = await adapter.check(ctx)
        assert (info.name, info.steps) == ("Punte", ("settings", "sign_in", "request"))
        op = op_of(adapter, ctx)
        wrong = msgspec.structs.replace(op, payload={**op.payload, "to": "0721"})
        with pytest.raises(SendFailed) as failed:  # Prism looks: it gives the 400 of the interface
            await adapter.send(ctx, wrong)
        assert failed.value.error.fault is Fault.RECIPIENT


async def test_infobip_takes_what_we_send():
    async with prism("infobip") as url:
        adapter, ctx = account("infobip", url)
        op = op_of(adapter, ctx)
        receipt = await adapter.send(ctx, op)
        assert receipt.external_ids == adapter.names_of(ctx, op)
