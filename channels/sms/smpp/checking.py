"""Trying a bind's settings step by step, before they are stored."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLError

import msgspec

from channels.sms.smpp.account import E164, SmppAccount, read_account
from channels.sms.smpp.session import Pace, Session
from channels.sms.smpp.statuses import ALREADY_BOUND, BindRefused, Refused, problem_of
from inbox.contract import AccountInfo, Address, RunContext, SendError, SendFailed


STEPS = ("settings", "connect", "bind", "enquire_link")
PATIENCE = 40.0  # seconds for everything
EXPECTED = (OSError, Refused, TimeoutError, ValueError, SSLError, msgspec.ValidationError)
REACHED = {"smpp.lost", "smpp.silent"}


async def check(ctx: RunContext, pace: Pace) -> AccountInfo:
    """Bind as a transmitter, ask whether the centre is there, and unbind.

    A transmitter takes no messages away from the bind that receives. A centre that says the
    account is bound already has taken the password.

    Raises:
        SendFailed: A step did not work; ``error.scope`` names those that did, with commas between.
    """
    steps: list[str] = []
    async with asyncio.timeout(PATIENCE):
        with _step(steps):
            account = read_account(ctx.config)
            account.tls()
        steps.append("settings")
        with _step(steps):
            try:
                session = await Session.open(account, ctx.secret("password"), "transmitter", pace)
            except BindRefused as refused:
                steps.append("connect")
                if refused.status != ALREADY_BOUND:
                    raise
                return _info(account, (*steps, "bind"))
        steps += ["connect", "bind"]
        try:
            with _step(steps):
                await session.enquire()
        finally:
            await session.close()
        steps.append("enquire_link")
    return _info(account, tuple(steps))


def _info(account: SmppAccount, steps: tuple[str, ...]) -> AccountInfo:
    address = Address("phone", account.address) if E164.fullmatch(account.address) else None
    return AccountInfo(
        external_id=f"{account.system_id}@{account.host}:{account.port}",
        name=account.address,
        address=address,
        steps=steps,
    )


@contextmanager
def _step(steps: list[str]) -> Iterator[None]:
    try:
        yield
    except EXPECTED as error:
        said: SendError = problem_of(error).as_send_error(error)
        done = [*steps, "connect"] if said.code in REACHED and "connect" not in steps else steps
        raise SendFailed(msgspec.structs.replace(said, scope=",".join(done))) from error
