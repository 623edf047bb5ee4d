"""Paper: the simplest chat channel there can be, to test everything that is not a channel.

Its wire format is a JSON object a message: ``{"id", "chat", "from", "name", "text", "at"}`` and
its provider is a dictionary. The conformance suite runs over it first; the benches use it where
the real chat channels do not exist yet.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from inbox.accounts import Services
from inbox.contract import (
    AccountId,
    AccountInfo,
    Address,
    Capabilities,
    ChannelKind,
    Event,
    ExternalRef,
    Fault,
    Health,
    HealthState,
    Ignored,
    MessageIn,
    Outbound,
    Raw,
    Receipt,
    Rendered,
    RichText,
    RunContext,
    SendError,
    SendFailed,
    ThreadRef,
    WireOp,
)


LIMIT = 4096  # characters of one message; longer ones are split


class Slip(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A message on the wire."""

    id: int
    chat: str
    sender: str
    text: str
    name: str = ""
    at: float = 0.0  # seconds since 1970


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Slip)


class PaperAdapter:
    """A chat channel whose provider is ``delivered``.

    Attributes:
        delivered: What was sent, by key: a second call with a key is seen here.
        refusals: Faults to answer the next calls with, by chat.
    """

    kind: ClassVar[ChannelKind] = "telegram"
    provider: ClassVar[str] = "paper"
    config_schema: ClassVar[Mapping[str, Any]] = {"type": "object", "properties": {}}
    redact: ClassVar[tuple[str, ...]] = ("token",)
    exclusive: ClassVar[bool] = False
    resend_safe: ClassVar[bool] = True
    isolated: ClassVar[bool] = False

    def __init__(self) -> None:
        self.delivered: dict[str, WireOp] = {}
        self.refusals: dict[str, SendError] = {}

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say that text of any length is split."""
        return Capabilities(
            text_max=LIMIT, text_unit="codepoints", text_split=True, initiate="after_inbound"
        )

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Read a slip; anything else is ignored with a reason."""
        try:
            slip = DECODER.decode(raw.body)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            at = raw.received_at or datetime.now(UTC)
            return [Ignored(account=account, dedup_key=raw.key, at=at, reason=f"paper.{error}")]
        thread = ThreadRef(account, slip.chat)
        return [
            MessageIn(
                account=account,
                dedup_key=f"{slip.chat}/{slip.id}",
                at=datetime.fromtimestamp(max(0.0, min(slip.at, 4e9)), UTC),
                ref=ExternalRef(thread, str(slip.id)),
                sender=Address("telegram_user", slip.sender, display=slip.name or None),
                parts=(RichText(text=slip.text),),
            )
        ]

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Split a text; each piece is one call."""
        text = "\n\n".join(part.text for part in message.parts if isinstance(part, RichText))
        pieces = [text[n : n + LIMIT] for n in range(0, len(text), LIMIT)] or [""]
        losses = tuple(type(p).__name__ for p in message.parts if not isinstance(p, RichText))
        return Rendered(
            ops=tuple(
                WireOp(
                    key=f"{message.id}/{n}",
                    method="slip",
                    payload={"chat": message.thread.key, "text": piece},
                    recipients=(message.to,),
                )
                for n, piece in enumerate(pieces)
            ),
            losses=losses,
        )

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Put a slip where the provider keeps them; the same key twice is one slip."""
        refusal = self.refusals.pop(op.payload["chat"], None)
        if refusal is not None:
            raise SendFailed(refusal)
        self.delivered.setdefault(op.key, op)
        return Receipt(external_ids=(op.key,), state="delivered")

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Say whether the token is ``good``."""
        if ctx.secret("token") != "good":
            raise SendFailed(SendError(fault=Fault.AUTH, code="paper.token", text="bad token"))
        return AccountInfo(external_id="paper", name="Paper")

    async def probe(self, ctx: RunContext) -> Health:
        """Say that it does well."""
        return Health(state=HealthState.CONNECTED)


def slip(n: int, *, chat: str, text: str, name: str = "", at: float = 0.0) -> Raw:
    """Return a payload as its provider would send it."""
    body = ENCODER.encode(Slip(n, chat, chat, text, name, at))
    return Raw(key=f"{chat}/{n}", body=body)


def open_adapter(_services: Services) -> PaperAdapter:
    """Return the adapter as the hub loads it."""
    return PaperAdapter()
