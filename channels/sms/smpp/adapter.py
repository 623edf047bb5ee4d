"""SMS over SMPP 3.4, as the inbox sees it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import msgspec

from channels.sms.render import MOST_PARTS
from channels.sms.smpp import checking
from channels.sms.smpp.account import (
    INTERNATIONAL,
    ISDN,
    NATIONAL,
    PRESETS,
    SCHEMA,
    SECRETS,
    SmppAccount,
    read_account,
    validated,
)
from channels.sms.smpp.binds import Binds, NotBound
from channels.sms.smpp.coding import encoded, header_of
from channels.sms.smpp.normalize import normalize
from channels.sms.smpp.pdu import UDHI, Message, Party, write_message
from channels.sms.smpp.receiving import Receiver
from channels.sms.smpp.render import (
    CAPABILITIES,
    capabilities_of,
    cost_of,
    estimate,
    render,
)
from channels.sms.smpp.session import NeverWritten, Pace, Session
from channels.sms.smpp.statuses import (
    BindRefused,
    NotAnswered,
    Refused,
    SessionLost,
    problem_of,
    refusal,
    text_of,
)
from inbox.contract import (
    AccountId,
    AccountInfo,
    Address,
    Capabilities,
    ChannelKind,
    Estimate,
    Event,
    Fault,
    Health,
    HealthState,
    Outbound,
    Rate,
    Raw,
    Receipt,
    Rendered,
    RunContext,
    SendError,
    SendFailed,
    ThreadRef,
    WireOp,
)
from inbox.services import Services


LOCAL = {"127.0.0.1", "::1", "localhost"}
SEALED = SendError(
    fault=Fault.CONTENT, code="sandbox.sealed", text="this hub sends nothing to the outside"
)
TOO_LONG = SendError(
    fault=Fault.CONTENT, code="sms.too_long", text=f"a text has at most {MOST_PARTS} parts"
)


class SmppAdapter:
    """Serves every bind of this process.

    Args:
        sandbox: Send only to centres on this machine.
        pace: How patient we are; tests are in more of a hurry.
    """

    kind: ClassVar[ChannelKind] = "sms"
    provider: ClassVar[str] = "sms.smpp"
    config_schema: ClassVar[Mapping[str, Any]] = SCHEMA
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = PRESETS
    check_steps: ClassVar[tuple[str, ...]] = checking.STEPS
    redact: ClassVar[tuple[str, ...]] = SECRETS
    exclusive: ClassVar[bool] = True
    resend_safe: ClassVar[bool] = False
    isolated: ClassVar[bool] = False

    def __init__(self, *, sandbox: bool = False, pace: Pace | None = None) -> None:
        self._sandbox = sandbox
        self._pace = pace or Pace()
        self._binds = Binds(self._pace)

    # ------------------------------------------------------------ pure

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what an SMS carries."""
        del thread
        return CAPABILITIES

    def capabilities_of(
        self, config: Mapping[str, Any], thread: ThreadRef | None = None
    ) -> Capabilities:
        """Say what an account carries; without receipts nobody knows what was delivered."""
        del thread
        return capabilities_of(read_account(config))

    def estimate(self, config: Mapping[str, Any], text: str, to: Address | None) -> Estimate:
        """Say what a text takes and costs."""
        del to
        return estimate(read_account(config), text)

    def rates(self, config: Mapping[str, Any]) -> Mapping[str, Rate]:
        """Return the rate the provider allows the account."""
        rate = read_account(config).rate
        return {"acct": Rate(per_second=rate, burst=max(1.0, rate))} if rate else {}

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Say what a packet means."""
        return normalize(account, raw)

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say which parts a message is sent in."""
        return render(message, caps)

    # ------------------------------------------------------------ wire

    async def run(self, ctx: RunContext) -> None:
        """Hold the bind and receive until cancelled.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        await Receiver(ctx, self._binds, self._pace).run()

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Make one submit_sm.

        Raises:
            SendFailed: It was not taken, or nobody knows.
        """
        account = _account_of(ctx)
        if self._sandbox and account.host not in LOCAL:
            raise SendFailed(SEALED)
        if op.payload["total"] > MOST_PARTS:
            raise SendFailed(TOO_LONG)
        session = await self._session(ctx, account)
        try:
            name = await session.submit(_body(account, op))
        except Refused as error:
            raise SendFailed(refusal(error)) from error
        except NeverWritten as error:
            raise SendFailed(_not_bound(error)) from error
        except (NotAnswered, SessionLost, OSError) as error:
            code = "smpp.no_answer" if isinstance(error, NotAnswered) else "smpp.lost"
            raise SendFailed(
                SendError(fault=Fault.UNKNOWN, code=code, text=text_of(error))
            ) from error
        return Receipt(
            external_ids=(name,) if name else (),
            cost=cost_of(1, account.price, account.currency),
        )

    async def _session(self, ctx: RunContext, account: SmppAccount) -> Session:
        try:
            return await self._binds.of(ctx.account, account, ctx.secret("password"))
        except NotBound as error:
            raise SendFailed(_not_bound(error)) from error
        except (BindRefused, OSError, ValueError) as error:  # nothing was written yet
            raise SendFailed(problem_of(error).as_send_error(error)) from error

    # ------------------------------------------------------------ settings

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Bind and ask whether the centre is there.

        Raises:
            SendFailed: A step did not work; ``error.scope`` names those that did.
        """
        return await checking.check(ctx, self._pace)

    async def probe(self, ctx: RunContext) -> Health:
        """Say whether the account works right now."""
        try:
            await self.check(ctx)
        except SendFailed as failed:
            bad = failed.error.fault is Fault.AUTH
            return Health(
                state=HealthState.BAD_CREDENTIALS if bad else HealthState.DISCONNECTED,
                code=failed.error.code,
                text=failed.error.text,
            )
        return Health(state=HealthState.CONNECTED)

    def validated(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings with their defaults filled in.

        Raises:
            ValueError: They break a rule; the message names the field and the remedy.
        """
        return validated(config)

    async def close(self) -> None:
        """Unbind what was bound for sending alone."""
        await self._binds.close()


def _body(account: SmppAccount, op: WireOp) -> bytes:
    payload = op.payload
    data_coding, octets = encoded(payload["text"], payload["encoding"], account.alphabet)
    is_part = payload["total"] > 1
    if is_part:
        octets = header_of(payload["ref"], payload["n"], payload["total"]) + octets
    return write_message(
        Message(
            source=account.source,
            destination=_destination(payload["to"]),
            esm_class=UDHI if is_part else 0,
            registered=1 if account.receipts else 0,
            validity=_validity(account.validity_hours),
            data_coding=data_coding,
            text=octets,
        )
    )


def _destination(number: str) -> Party:
    if number.startswith("+"):
        return Party(INTERNATIONAL, ISDN, number[1:])
    return Party(NATIONAL, ISDN, number)


def _validity(hours: int) -> str:
    """Return a relative time (SMPP 3.4 section 7.1.1.2); "" leaves it to the centre."""
    if not hours:
        return ""
    span = timedelta(hours=hours)
    return f"0000{span.days:02}{span.seconds // 3600:02}0000000R"


def _account_of(ctx: RunContext) -> SmppAccount:
    try:
        return read_account(ctx.config)
    except msgspec.ValidationError as error:
        raise SendFailed(problem_of(error).as_send_error(error)) from error


def _not_bound(error: Exception) -> SendError:
    return SendError(fault=Fault.TRANSIENT, code="smpp.not_bound", text=text_of(error))


def open_adapter(services: Services) -> SmppAdapter:
    """Return the adapter as the hub runs it."""
    return SmppAdapter(sandbox=services.sandbox)
