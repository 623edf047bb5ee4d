"""Trying an account's settings, and asking how it does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from channels.sms.gateway.calls import Answered, shown
from channels.sms.gateway.grammar import Success
from channels.sms.gateway.incoming import cost_of
from channels.sms.gateway.line import Line
from channels.sms.gateway.reading import pick_text
from inbox.contract import (
    AccountInfo,
    Address,
    Cost,
    Fault,
    Health,
    HealthState,
    SendError,
    SendFailed,
)
from infra.clock import new_id


TEST_TEXT = "Punte: test"
SAMPLE_TO = "+37369123456"
HEALTH: Mapping[Fault, tuple[HealthState, str]] = {
    Fault.AUTH: (HealthState.BAD_CREDENTIALS, "check_password"),
    Fault.FUNDS: (HealthState.NO_FUNDS, "top_up"),
    Fault.THROTTLED: (HealthState.DEGRADED, "wait"),
}
BLOCKED = {"host.private": "allow_private", "tls.untrusted": "check_certificate"}


async def check(line: Line) -> AccountInfo:
    """Return what the provider says of an account, with the steps that were taken.

    The step ``request`` shows the call a message would make, its secrets hidden. Only an account
    that names a number to try really sends a message to it.

    Raises:
        SendFailed: A step did not work; ``error.scope`` names those that did, commas between.
    """
    steps: list[str] = ["settings"]
    details: dict[str, str] = {}
    balance: Cost | None = None
    name = ""
    account, preset = line.account, line.preset
    if preset.check is not None:
        with _step("sign_in", steps):
            answered = await line.make(preset.check, line.own_values())
        balance = _balance(answered, preset.check.success, account.currency)
        name = pick_text(answered.document, preset.check.success.id)
        if balance is not None:
            details["sign_in"] = f"{balance.amount} {balance.currency}".strip()
    ref = f"test-{new_id()}"
    to = account.test_to or SAMPLE_TO
    sample = line.message_values(sender="", to=to, text=TEST_TEXT, ref=ref, hidden=True)
    steps.append("request")
    details["request"] = shown(line.prepared(preset.send, sample), line.secrets)
    if account.test_to:
        values = line.message_values(sender="", to=to, text=TEST_TEXT, ref=ref)
        with _step("sent", steps):
            answered = await line.make(preset.send, values)
        details["sent"] = pick_text(answered.document, preset.send.success.id) or ref
    return AccountInfo(
        external_id=account.address,
        name=name or account.name or preset.title,
        address=Address(
            "phone" if account.address.startswith("+") else "external_id", account.address
        ),
        balance=balance,
        steps=tuple(steps),
        details=details,
    )


async def probe(line: Line) -> Health:
    """Say whether an account works right now, and what is left on it."""
    if line.preset.check is None:
        return Health(state=HealthState.CONNECTED)
    try:
        answered = await line.make(line.preset.check, line.own_values())
    except SendFailed as failed:
        return _health(failed.error)
    balance = _balance(answered, line.preset.check.success, line.account.currency)
    details = {"balance": f"{balance.amount} {balance.currency}".strip()} if balance else {}
    return Health(state=HealthState.CONNECTED, details=details)


def _health(error: SendError) -> Health:
    state, remedy = HEALTH.get(error.fault, (HealthState.DISCONNECTED, "check_network"))
    if error.code in BLOCKED:
        state, remedy = HealthState.DISCONNECTED, BLOCKED[error.code]
    return Health(state=state, code=error.code, remedy=remedy, text=error.text)


def _balance(answered: Answered, success: Success, currency: str) -> Cost | None:
    told = pick_text(answered.document, success.currency) or currency
    return cost_of(pick_text(answered.document, success.cost), told, 0, most=10**12)


@contextmanager
def _step(name: str, steps: list[str]) -> Iterator[None]:
    try:
        yield
    except SendFailed as failed:
        raise SendFailed(msgspec.structs.replace(failed.error, scope=",".join(steps))) from failed
    steps.append(name)
