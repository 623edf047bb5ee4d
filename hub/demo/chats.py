"""The chats of demo data: a bot, a number and a site's window that speak to nobody outside.

Their payloads are the contract's own events, so what is told needs no provider's format.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from hub.demo.adapter import WELL
from inbox.contract import (
    AccountId,
    AccountInfo,
    Capabilities,
    ChannelKind,
    Event,
    ExternalRef,
    Health,
    Level,
    MediaCaps,
    Outbound,
    Raw,
    Receipt,
    Rendered,
    RunContext,
    ThreadRef,
    WireOp,
)
from inbox.services import Services


FILES = MediaCaps(
    mimes={"*/*": Level.FULL}, max_bytes=50_000_000, max_caption=1024, per_message=10
)
SHOWN: Mapping[str, Level] = dict.fromkeys(
    ("bold", "italic", "strike", "code", "link"), Level.FULL
)
CAPABILITIES: Mapping[ChannelKind, Capabilities] = {
    "telegram": Capabilities(
        text_max=4096,
        text_unit="utf16",
        text_split=True,
        formatting=SHOWN,
        media=dict.fromkeys(("image", "video", "audio", "file"), FILES),
        reply=Level.FULL,
        edit=Level.FULL,
        delete=Level.FULL,
        reactions=1,
        initiate="after_inbound",
        groups=True,
    ),
    "sms": Capabilities(
        text_max=10, text_unit="sms_segments", text_split=False, initiate="always", metered=True
    ),
    "webchat": Capabilities(
        text_max=8000,
        text_unit="codepoints",
        text_split=False,
        formatting=SHOWN,
        media={"*": FILES},
        reply=Level.FULL,
        edit=Level.FULL,
        delete=Level.FULL,
        reactions=1,
        delivered=True,
        read_in=True,
        initiate="after_inbound",
    ),
}


class DemoChat:
    """A channel without servers: it knows what its kind carries, and sends nothing anywhere."""

    kind: ClassVar[ChannelKind]
    provider: ClassVar[str]
    config_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    redact: ClassVar[tuple[str, ...]] = ()
    exclusive: ClassVar[bool] = False
    resend_safe: ClassVar[bool] = True
    isolated: ClassVar[bool] = False

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what the kind carries."""
        del thread
        return CAPABILITIES[self.kind]

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Read events as ``payload`` wrote them."""
        del account
        return msgspec.json.decode(raw.body, type=list[Event])

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say that one call hands everything over."""
        del caps
        op = WireOp(key=f"{message.id}/0", method="say", payload={}, recipients=(message.to,))
        return Rendered(ops=(op,))

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Say that it was sent."""
        del ctx
        return Receipt(external_ids=(op.key,))

    async def edit(self, ctx: RunContext, ref: ExternalRef, new: Outbound) -> Receipt:
        """Say that it was changed."""
        del ctx, new
        return Receipt(external_ids=(ref.message_id,))

    async def delete(self, ctx: RunContext, refs: Sequence[ExternalRef]) -> None:
        """Take it back from nobody."""

    async def react(self, ctx: RunContext, ref: ExternalRef, emojis: Sequence[str]) -> None:
        """Show a sign to nobody."""

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Say that all is well."""
        del ctx
        return AccountInfo(external_id="demo", name="demo data")

    async def probe(self, ctx: RunContext) -> Health:
        """Say that all is well."""
        del ctx
        return WELL


class DemoBot(DemoChat):
    """Telegram, without Telegram."""

    kind: ClassVar[ChannelKind] = "telegram"
    provider: ClassVar[str] = "telegram.demo"


class DemoNumber(DemoChat):
    """SMS, without an operator."""

    kind: ClassVar[ChannelKind] = "sms"
    provider: ClassVar[str] = "sms.demo"


class DemoWindow(DemoChat):
    """A chat on a site, without the site."""

    kind: ClassVar[ChannelKind] = "webchat"
    provider: ClassVar[str] = "webchat.demo"


CHATS: Mapping[str, type[DemoChat]] = {
    "telegram": DemoBot,
    "sms": DemoNumber,
    "webchat": DemoWindow,
}


def payload(events: Sequence[Event]) -> bytes:
    """Return events as the journal keeps them."""
    return msgspec.json.encode(list(events))


def open_adapter(services: Services, kind: str) -> DemoChat:
    """Return the adapter of a kind as the hub runs it."""
    del services
    return CHATS[kind]()
