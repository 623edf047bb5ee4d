"""A provider that does what a test tells it, and remembers what it was handed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from inbox.contract import (
    AccountId,
    AccountInfo,
    Address,
    Capabilities,
    ChannelKind,
    Event,
    Fault,
    Health,
    HealthState,
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
from inbox.sending import Sender
from infra.bus import LocalBus
from tests.usecase.inbox.office import MAIL


Script = Callable[[WireOp], Receipt | SendError]


def took(op: WireOp) -> Receipt:
    """Take everything."""
    return Receipt(external_ids=(f"<{op.key}@hub.test>",))


def error(fault: Fault, code: str = "test", **fields: Any) -> Script:
    """Answer every call with a fault."""
    return lambda _op: SendError(fault=fault, code=code, **fields)


class Post:
    """An adapter whose provider is a script."""

    kind: ClassVar[ChannelKind] = "email"
    provider: ClassVar[str] = "email.imap"
    config_schema: ClassVar[Mapping[str, Any]] = {}
    redact: ClassVar[tuple[str, ...]] = ()
    exclusive: ClassVar[bool] = False
    isolated: ClassVar[bool] = False

    def __init__(
        self, script: Script = took, *, parts: int = 1, resend_safe: bool = False
    ) -> None:
        self.script = script
        self.parts = parts
        self.resend_safe = resend_safe
        self.calls: list[WireOp] = []
        self.record: dict[str, Receipt] = {}

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        return MAIL

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        return ()

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        everybody = (message.to, *(copy.address for copy in message.copies))
        text = "".join(part.text for part in message.parts if isinstance(part, RichText))
        return Rendered(
            ops=tuple(
                WireOp(
                    key=f"{message.id}/{n}",
                    method="send",
                    payload={"text": text, "n": n},
                    recipients=everybody,
                    bucket=("acct", message.thread.key),
                )
                for n in range(self.parts)
            )
        )

    def names_of(self, ctx: RunContext, op: WireOp) -> tuple[str, ...]:
        return (f"<{op.key.split('/')[0]}@hub.test>",) if op.payload["n"] == 0 else ()

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        self.calls.append(op)
        outcome = self.script(op)
        if isinstance(outcome, SendError):
            raise SendFailed(outcome)
        return outcome

    async def check(self, ctx: RunContext) -> AccountInfo:
        return AccountInfo(external_id="1", name="post")

    async def probe(self, ctx: RunContext) -> Health:
        return Health(state=HealthState.CONNECTED)

    def handed(self) -> list[tuple[str, str]]:
        """Return what was handed over: the call's key and each recipient."""
        return [(op.key, one.value) for op in self.calls for one in op.recipients]


class Remembering(Post):
    """The same, with a record that can be looked at."""

    async def was_sent(self, ctx: RunContext, op: WireOp) -> Receipt | None:
        return self.record.get(op.key)


class Context:
    """What an adapter works with here: nothing."""

    account = AccountId(UUID(int=0))
    epoch = 0
    config: Mapping[str, Any] = {}


def sender(db, adapter: Post, *, owner: str = "one", lease: float = 60.0) -> Sender:
    """Return a worker that sends through ``adapter``, whatever the account."""

    async def line(_account: UUID) -> tuple[Post, RunContext]:
        return adapter, Context()

    return Sender(db, LocalBus(), line, owner=owner, lease=timedelta(seconds=lease))


def address(value: str) -> Address:
    """Return a mail address."""
    return Address("email", value)
