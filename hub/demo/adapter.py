"""The mailboxes of demo data: they read mail like any other, and send nothing anywhere."""

import asyncio
from typing import ClassVar

from channels.email.adapter import EmailAdapter
from inbox.contract import (
    AccountInfo,
    Health,
    HealthState,
    Receipt,
    RunContext,
    SendError,
    SendFailed,
    WireOp,
)
from inbox.services import Services


WELL = Health(state=HealthState.CONNECTED, text="Demo: nothing leaves this machine.")


class DemoMailbox(EmailAdapter):
    """A mailbox without servers: sealed off by having nowhere to send to.

    Attributes:
        fault: What the next ``send`` fails with; the story of the demo data sets it.
    """

    provider: ClassVar[str] = "email.demo"

    fault: SendError | None = None

    async def run(self, ctx: RunContext) -> None:
        """Be healthy until cancelled."""
        await ctx.health(WELL)
        await asyncio.Event().wait()

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Say that the mail was sent, or fail as the story wants.

        Raises:
            SendFailed: The story wants it.
        """
        fault, self.fault = self.fault, None
        if fault is not None:
            raise SendFailed(fault)
        return Receipt(external_ids=self.names_of(ctx, op))

    async def was_sent(self, ctx: RunContext, op: WireOp) -> Receipt | None:
        """Say that nobody can tell."""
        return None

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Say that all is well."""
        return AccountInfo(external_id="demo", name="demo data")

    async def probe(self, ctx: RunContext) -> Health:
        """Say that all is well."""
        return WELL


def open_adapter(services: Services) -> DemoMailbox:
    """Return the adapter as the hub runs it."""
    return DemoMailbox(services.reply_keys, sandbox=True)
