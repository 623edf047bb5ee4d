"""SMS over a provider's HTTP interface, as the inbox sees it; the provider is a preset."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from channels.sms.account import SmsAccount
from channels.sms.gateway import checking
from channels.sms.gateway.calls import Answered
from channels.sms.gateway.fill import fill_text
from channels.sms.gateway.grammar import Answer, Incoming, Path, Preset, Verify
from channels.sms.gateway.incoming import KINDS, cost_of, normalize, raws_of
from channels.sms.gateway.line import Line, account_of, invalid_settings
from channels.sms.gateway.media import fetch
from channels.sms.gateway.presets import NAMES, shipped
from channels.sms.gateway.reading import pick, pick_text
from channels.sms.gateway.received import delivered_of, kind_of
from channels.sms.gateway.settings import (
    CUSTOM_SECRETS,
    custom_preset,
    custom_schema,
    gateway_schema,
    validated_custom,
    validated_gateway,
)
from channels.sms.gateway.verify import verify
from channels.sms.gsm import count, spelled
from channels.sms.render import MOST_PARTS, estimate_sms, render_sms, sms_capabilities
from inbox.contract import (
    AccountId,
    AccountInfo,
    Address,
    Capabilities,
    ChannelKind,
    Cost,
    Estimate,
    Event,
    Fault,
    Forged,
    Health,
    Outbound,
    Rate,
    Raw,
    Receipt,
    Rendered,
    Reply,
    Request,
    RunContext,
    SendError,
    SendFailed,
    ThreadRef,
    WireOp,
)
from inbox.services import Services


READER = "incoming"
"""Header of a payload that carries how it is read, where only the account knows."""


class SmsGateway:
    """Serves every account of one provider; this class those with a preset of their own.

    Args:
        sandbox: Call nobody outside this machine.
    """

    kind: ClassVar[ChannelKind] = "sms"
    provider: ClassVar[str] = "sms.custom"
    preset: ClassVar[Preset | None] = None
    config_schema: ClassVar[Mapping[str, Any]] = custom_schema()
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    redact: ClassVar[tuple[str, ...]] = CUSTOM_SECRETS
    exclusive: ClassVar[bool] = False
    resend_safe: ClassVar[bool] = False
    isolated: ClassVar[bool] = False

    def __init__(self, *, sandbox: bool = False) -> None:
        self._sandbox = sandbox

    # ------------------------------------------------------------ pure

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what an SMS carries."""
        del thread
        if self.preset is None:
            return sms_capabilities(receipts=True, one_way=False)
        return sms_capabilities(
            receipts=self.preset.dlr is not None, one_way=not self.preset.is_two_way
        )

    def capabilities_of(
        self, config: Mapping[str, Any], thread: ThreadRef | None = None
    ) -> Capabilities:
        """Say what an SMS carries from this sender: a name of letters cannot be answered."""
        del thread
        preset = self._preset_of(config)
        return sms_capabilities(
            receipts=preset.dlr is not None,
            one_way=account_of(config).sender.is_one_way or not preset.is_two_way,
        )

    def estimate(self, config: Mapping[str, Any], text: str, to: Address | None) -> Estimate:
        """Say what a text takes and costs."""
        return estimate_sms(config, text, to)

    def rates(self, config: Mapping[str, Any]) -> Mapping[str, Rate]:
        """Return the rate the provider takes parts at."""
        per_second = account_of(config).per_second
        return {"acct": Rate(per_second=per_second, burst=max(per_second, MOST_PARTS))}

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Say what a payload means."""
        return normalize(self._reader_of(raw), account, raw)

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say which call sends a message."""
        del caps
        return render_sms(message)

    def validated(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings with their defaults filled in.

        Raises:
            ValueError: They break a rule; the message names the field and the remedy.
        """
        if self.preset is None:
            return validated_custom(config)
        return validated_gateway(self.preset, config)

    # ------------------------------------------------------------ sending

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Make the call that sends a message.

        Raises:
            SendFailed: The provider did not take it, or nobody knows.
        """
        line = self._line(ctx)
        text = spelled(str(op.payload["text"]), line.account.smart)
        to, parts = str(op.payload["to"]), count(text).parts
        if not 0 < parts <= MOST_PARTS:
            said = f"{parts} parts, at most {MOST_PARTS}" if parts else "there is no text"
            raise SendFailed(SendError(fault=Fault.CONTENT, code="sms.too_long", text=said))
        sender = str(op.payload.get("from", ""))
        values = line.message_values(sender=sender, to=to, text=text, ref=_ref(op))
        answered = await line.make(line.preset.send, values)
        return Receipt(
            external_ids=_ids(answered, line.preset.send.success.id, values),
            cost=_cost(answered, line, to, parts),
        )

    def names_of(self, ctx: RunContext, op: WireOp) -> tuple[str, ...]:
        """Return the name a message gets from us; none where the provider gives the names."""
        path = self._preset_of(ctx.config).send.success.id
        if not isinstance(path, str) or "{" not in path:
            return ()
        return (fill_text(path, {"ref": _ref(op)}) or "",)

    async def fetch_media(
        self, ctx: RunContext, handle: str, limit: int
    ) -> tuple[AsyncIterator[bytes], str | None]:
        """Stream a file of a message.

        Raises:
            SendFailed: It cannot be had.
        """
        line = self._line(ctx)
        if line.preset.media is None:
            refused = SendError(fault=Fault.CONTENT, code="media.refused", text="no files here")
            raise SendFailed(refused)
        return await fetch(
            line.preset.media,
            line.own_values(),
            handle,
            limit,
            allow_private=line.account.allow_private,
        )

    # ------------------------------------------------------------ receiving

    def authenticate(self, ctx: RunContext, req: Request) -> None:
        """Check that the provider made a call.

        Raises:
            Forged: It did not, or it calls about something it never does.
        """
        preset = self._preset_of(ctx.config)
        kind = kind_of(req.path)
        rules: list[Verify] = []
        for name, incoming in (("mo", preset.mo), ("dlr", preset.dlr)):
            is_meant = incoming is not None and kind in {"", name}
            if incoming is not None and is_meant and incoming.verify not in rules:
                rules.append(incoming.verify)
        if not rules:
            raise Forged("the provider has nothing to say there")
        for rule in rules:
            verify(rule, ctx, req)

    def accept(self, ctx: RunContext, req: Request) -> tuple[Sequence[Raw], Reply]:
        """Take a call apart into messages and receipts."""
        account, preset = account_of(ctx.config), self._preset_of(ctx.config)
        call = delivered_of(preset, req)
        raws = raws_of(preset, call, context_of(account))
        if self.preset is None:
            raws = [_with_reader(preset, raw) for raw in raws]
        kinds = [raw.kind for raw in raws if raw.kind in KINDS]
        incoming = incoming_of(preset, kinds[0] if kinds else call.kind or "mo")
        answer = incoming.reply if incoming is not None else Answer()
        body = answer.body.encode()
        return raws, Reply(status=answer.status, body=body, content_type=answer.type)

    async def provision(self, ctx: RunContext, public_url: str) -> None:
        """Do nothing: where to call is said with each message, or by a person once."""

    async def deprovision(self, ctx: RunContext) -> None:
        """Do nothing, for nothing was done."""

    # ------------------------------------------------------------ settings

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Try the settings; only an account with ``test_to`` really sends a message.

        Raises:
            SendFailed: A step did not work; ``error.scope`` names those that did.
        """
        return await checking.check(self._line(ctx))

    async def probe(self, ctx: RunContext) -> Health:
        """Say whether the account works right now."""
        return await checking.probe(self._line(ctx))

    # ------------------------------------------------------------ inside

    def _line(self, ctx: RunContext) -> Line:
        return Line(ctx, self._preset_of(ctx.config), self.redact, sandbox=self._sandbox)

    def _preset_of(self, config: Mapping[str, Any]) -> Preset:
        if self.preset is not None:
            return self.preset
        try:
            return custom_preset(config)
        except ValueError as error:
            raise invalid_settings(error) from error

    def _reader_of(self, raw: Raw) -> Incoming | None:
        if self.preset is not None:
            return incoming_of(self.preset, raw.kind)
        try:
            return msgspec.json.decode(raw.headers.get(READER, "null"), type=Incoming | None)
        except msgspec.MsgspecError:
            return None


def incoming_of(preset: Preset, kind: str) -> Incoming | None:
    """Return how messages or receipts of a provider are read."""
    return {"mo": preset.mo, "dlr": preset.dlr}.get(kind)


def context_of(account: SmsAccount) -> dict[str, str]:
    """Return what reading a payload takes of an account."""
    return {"region": account.region, "own": account.address, "currency": account.currency}


def _with_reader(preset: Preset, raw: Raw) -> Raw:
    incoming = incoming_of(preset, raw.kind)
    if incoming is None:
        return raw
    headers = {**raw.headers, READER: msgspec.json.encode(incoming).decode()}
    return msgspec.structs.replace(raw, headers=headers)


def _ref(op: WireOp) -> str:
    """Return our name of a call, in characters every provider takes."""
    return op.key.replace("/", "-")


def _ids(answered: Answered, path: Path | None, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the provider's names of a message: one per part at some; ours when it gives none."""
    if isinstance(path, str) and "{" in path:
        return (fill_text(path, values) or values["ref"],)
    found = pick(answered.document, path)
    several = found if isinstance(found, list) else [found]
    names = tuple(str(one) for one in several if isinstance(one, str | int) and str(one))
    return names or (values["ref"],)


def _cost(answered: Answered, line: Line, to: str, parts: int) -> Cost | None:
    """Return what the provider says a message costs, else what the price table does."""
    success = line.preset.send.success
    told = pick_text(answered.document, success.segments)
    units = int(told) if told.isdecimal() and told != "0" and len(told) < 4 else parts
    currency = pick_text(answered.document, success.currency) or line.account.currency
    price = cost_of(pick_text(answered.document, success.cost), currency, units)
    return price or line.account.cost(to, units)


def gateway_of(name: str) -> type[SmsGateway]:
    """Return the adapter of a provider: one of ``NAMES``, or ``custom``.

    Raises:
        ValueError: There is no preset of that name.
    """
    if name == "custom":
        return SmsGateway
    preset = shipped(name)
    attributes = {
        "provider": f"sms.{name}",
        "preset": preset,
        "config_schema": gateway_schema(preset),
        "redact": tuple(one.name for one in preset.secrets),
        "__doc__": f"Serves every account at {preset.title}.",
    }
    return type(f"{name.capitalize()}Gateway", (SmsGateway,), attributes)


PROVIDERS = tuple(f"sms.{name}" for name in (*NAMES, "custom"))


def open_adapter(services: Services, name: str) -> SmsGateway:
    """Return the adapter of a provider as the hub runs it."""
    return gateway_of(name)(sandbox=services.sandbox)
