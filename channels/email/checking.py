"""Trying a mailbox's settings step by step, before they are stored."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec
from aiosmtplib.errors import SMTPException

from channels.email.account import MailAccount, read_account
from channels.email.errors import NO_FOLDER, SignInNeeded, TokenUnavailable, problem_of
from channels.email.imap.client import ImapClient
from channels.email.imap.failures import ImapError
from channels.email.oauth import Tokens
from channels.email.session import connect_imap, find_sent_folder, sign_in
from channels.email.smtp import SignIn, open_smtp
from inbox.contract import AccountInfo, Address, Fault, RunContext, SendError, SendFailed


STEPS = ("settings", "imap_connect", "imap_sign_in", "imap_folders", "smtp")
PATIENCE = 45.0  # seconds for everything
EXPECTED = (
    ImapError,
    SMTPException,
    OSError,
    SignInNeeded,
    TokenUnavailable,
    ValueError,
    msgspec.ValidationError,
)


async def check(ctx: RunContext, tokens: Tokens, smtp_sign_in: SignIn) -> AccountInfo:
    """Return what the servers say of the account, with the steps that were taken.

    Raises:
        SendFailed: A step did not work; ``error.scope`` names those that did, with commas between.
    """
    steps: list[str] = []
    async with asyncio.timeout(PATIENCE):
        with _step("settings", steps):
            account = read_account(ctx.config)
            account.tls()
        async with _connected(account, steps) as client:
            with _step("imap_sign_in", steps):
                await sign_in(client, ctx, account, tokens)
            with _step("imap_folders", steps):
                await client.select("INBOX")
                sent = await find_sent_folder(client, account)
                _expect_sent_folder(account, sent)
                await client.log_out()
        with _step("smtp", steps):
            smtp = await open_smtp(account, smtp_sign_in)
            smtp.close()
    return AccountInfo(
        external_id=account.address.lower(),
        name=account.name or account.address,
        address=Address("email", account.address),
        steps=tuple(steps),
    )


@asynccontextmanager
async def _connected(account: MailAccount, steps: list[str]) -> AsyncIterator[ImapClient]:
    with _step("imap_connect", steps):
        client = await connect_imap(account)
    async with client:
        yield client


@contextmanager
def _step(name: str, steps: list[str]) -> Iterator[None]:
    try:
        yield
    except EXPECTED as error:
        said = problem_of(error).as_send_error(error)
        raise SendFailed(msgspec.structs.replace(said, scope=",".join(steps))) from error
    except SendFailed as failed:
        raise SendFailed(msgspec.structs.replace(failed.error, scope=",".join(steps))) from failed
    steps.append(name)


def _expect_sent_folder(account: MailAccount, found: str | None) -> None:
    if found is None and account.sent_folder not in {"auto", "none"}:
        missing = SendError(
            fault=Fault.CONTENT,
            code=NO_FOLDER.code,
            text=f"there is no folder {account.sent_folder}",
        )
        raise SendFailed(missing)
