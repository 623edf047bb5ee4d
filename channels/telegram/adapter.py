"""Telegram bots, as the inbox sees them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from channels.telegram import checking, fetching, hooking
from channels.telegram.account import SCHEMA, SECRETS, read_account, validated
from channels.telegram.capabilities import RATES, capabilities
from channels.telegram.normalize import normalize
from channels.telegram.polling import Pace, Poller, free_from_hooks
from channels.telegram.render import render
from channels.telegram.sending import Sender
from channels.telegram.troubles import Elsewhere, problem_of, text_of
from channels.telegram.wire import CallFailed, Wire
from inbox.contract import (
    AccountId,
    AccountInfo,
    Capabilities,
    ChannelKind,
    Event,
    ExternalRef,
    Health,
    Outbound,
    Rate,
    Raw,
    Receipt,
    Rendered,
    Reply,
    Request,
    RunContext,
    SendFailed,
    ThreadRef,
    WireOp,
)
from inbox.services import Services


class TelegramAdapter:
    """Serves every bot of this process.

    Args:
        sandbox: Speak to servers on this machine only.
        pace: How often things are done; tests are in more of a hurry.
    """

    kind: ClassVar[ChannelKind] = "telegram"
    provider: ClassVar[str] = "telegram"
    config_schema: ClassVar[Mapping[str, Any]] = SCHEMA
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    check_steps: ClassVar[tuple[str, ...]] = checking.STEPS
    redact: ClassVar[tuple[str, ...]] = SECRETS
    exclusive: ClassVar[bool] = True
    resend_safe: ClassVar[bool] = False
    isolated: ClassVar[bool] = False

    def __init__(self, *, sandbox: bool = False, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._wire = Wire(sandbox=sandbox)
        self._sender = Sender(self._wire)

    # ------------------------------------------------------------ pure

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Say what an update means."""
        return normalize(account, raw)

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what a message carries with Telegram's own server."""
        return capabilities({}, thread)

    def capabilities_of(
        self, config: Mapping[str, Any], thread: ThreadRef | None = None
    ) -> Capabilities:
        """Say what an account's messages carry: a server of one's own takes bigger files."""
        return capabilities(config, thread)

    def rates(self, config: Mapping[str, Any]) -> Mapping[str, Rate]:
        """Say how fast a bot may write: at all, to one person, into one group."""
        del config
        return RATES

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say which calls deliver a message."""
        return render(message, caps)

    # ------------------------------------------------------------ sending

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Make one call.

        Raises:
            SendFailed: Telegram did not take it, or nobody knows.
        """
        return await self._sender.send(ctx, op)

    async def edit(self, ctx: RunContext, ref: ExternalRef, new: Outbound) -> Receipt:
        """Replace what a message says.

        Raises:
            SendFailed: It was not replaced, or nobody knows.
        """
        return await self._sender.edit(ctx, ref, new)

    async def delete(self, ctx: RunContext, refs: Sequence[ExternalRef]) -> None:
        """Take messages back, which works for two days.

        Raises:
            SendFailed: Some could not be taken back, or nobody knows.
        """
        await self._sender.delete(ctx, refs)

    async def react(self, ctx: RunContext, ref: ExternalRef, emojis: Sequence[str]) -> None:
        """Set our one reaction to a message, or none.

        Raises:
            SendFailed: Telegram did not take it.
        """
        await self._sender.react(ctx, ref, emojis)

    async def typing(self, ctx: RunContext, thread: ThreadRef, on: bool) -> None:
        """Show for five seconds that somebody writes.

        Raises:
            SendFailed: Telegram did not take it.
        """
        await self._sender.typing(ctx, thread, on)

    async def mark_read(self, ctx: RunContext, ref: ExternalRef) -> None:
        """Show that a message was read, where a business can.

        Raises:
            SendFailed: Telegram did not take it.
        """
        await self._sender.mark_read(ctx, ref)

    async def answer_button(self, ctx: RunContext, token: str, text: str | None) -> None:
        """Answer who pressed a button.

        Raises:
            SendFailed: Telegram did not take it.
        """
        await self._sender.answer_button(ctx, token, text)

    # ------------------------------------------------------------ receiving

    async def run(self, ctx: RunContext) -> None:
        """Receive until cancelled: ask for updates, or see that Telegram calls us.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        if ctx.config.get("mode") == "webhook":
            await hooking.HookKeeper(ctx, self._wire, self._pace).run()
        else:
            await Poller(ctx, self._wire, self._pace).run()

    def authenticate(self, ctx: RunContext, req: Request) -> None:
        """Check that Telegram calls.

        Raises:
            Forged: It does not.
        """
        hooking.authenticate(ctx, req)

    def accept(self, ctx: RunContext, req: Request) -> tuple[Sequence[Raw], Reply]:
        """Take an update as it comes; what it means is found out from the journal."""
        return hooking.accept(ctx, req)

    async def provision(self, ctx: RunContext, public_url: str) -> None:
        """Let Telegram call ``public_url``, if the account wants to be called.

        A bot that another program receives for is left alone: ``run`` says so.

        Raises:
            SendFailed: Telegram did not agree.
        """
        if read_account(ctx.config).mode != "webhook":
            return
        try:
            await hooking.expect_free(ctx, self._wire)
            await hooking.provision(ctx, self._wire, public_url)
        except Elsewhere:
            return
        except CallFailed as error:
            raise SendFailed(problem_of(error).as_send_error(text_of(error))) from error

    async def deprovision(self, ctx: RunContext) -> None:
        """Let Telegram call us no more; it keeps what comes for a day.

        Raises:
            SendFailed: Telegram did not agree.
        """
        try:
            await free_from_hooks(ctx, self._wire)
        except Elsewhere:
            return  # another program's
        except CallFailed as error:
            raise SendFailed(problem_of(error).as_send_error(text_of(error))) from error

    async def fetch_media(
        self, ctx: RunContext, handle: str, limit: int
    ) -> tuple[AsyncIterator[bytes], str | None]:
        """Stream a client's file.

        Raises:
            SendFailed: It cannot be had.
        """
        return await fetching.fetch(ctx, self._wire, handle, limit)

    # ------------------------------------------------------------ settings

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Try the settings step by step.

        Raises:
            SendFailed: A step did not work; ``error.scope`` names those that did.
        """
        return await checking.check(ctx, self._wire)

    async def probe(self, ctx: RunContext) -> Health:
        """Say whether the bot works right now."""
        return await checking.probe(ctx, self._wire)

    def validated(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings with their defaults filled in.

        Raises:
            ValueError: They break a rule; the message names the field and the remedy.
        """
        return validated(config)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()


def open_adapter(services: Services) -> TelegramAdapter:
    """Return the adapter as the hub runs it."""
    return TelegramAdapter(sandbox=services.sandbox)
