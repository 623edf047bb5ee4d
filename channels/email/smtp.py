"""One SMTP transaction, driven stage by stage (RFC 5321).

Only while the server may have the whole mail and has not said so is the outcome unknown: from
the moment the final dot is written until its answer is read. Everything before is certainly
not sent and can be tried again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPDataError, SMTPResponseException
from aiosmtplib.errors import SMTPException, SMTPRecipientRefused, SMTPServerDisconnected

from channels.email.account import ADDRESS, MailAccount
from channels.email.addressing import ascii_domain
from channels.email.errors import (
    BAD_ADDRESS,
    PERHAPS,
    Problem,
    problem_of,
    problem_of_recipient,
    problem_of_sender,
)
from inbox.contract import SendError, SendFailed
from infra.outbound import connect


REPLY = 60.0  # seconds for an answer
LAST_REPLY = 600.0  # seconds for the answer to the final dot, RFC 5321 section 4.5.3.2.6
TRANSFER = 1800.0  # seconds for the mail itself
PIECE = 64 << 10  # bytes written at once
LINE_END = re.compile(rb"\r\n|\n|\r")
DOT = re.compile(rb"^\.", re.MULTILINE)

SignIn = Callable[[SMTP], Awaitable[None]]


class Outcome(msgspec.Struct, frozen=True):
    """What the server said when it took the mail, and whom it did not take it for."""

    answer: str
    refused: dict[str, SendError]


async def open_smtp(account: MailAccount, sign_in: SignIn) -> SMTP:
    """Return a connection that is signed in.

    Raises:
        SMTPException, OSError, TimeoutError: It cannot be had; see ``errors.problem_of``.
    """
    server = account.smtp
    link = await connect(server.host, server.port, allow_private=account.allow_private)
    client = SMTP(
        hostname=server.host,
        sock=link,
        use_tls=server.security == "tls",
        start_tls=False,
        tls_context=account.tls(),
        local_hostname=account.domain,
        timeout=REPLY,
    )
    try:
        await client.connect()
        if server.security == "starttls":
            await client.starttls(server_hostname=server.host)
        await sign_in(client)
    except BaseException:
        client.close()
        raise
    return client


def password_sign_in(user: str, password: str) -> SignIn:
    """Return the sign-in with a password; none is done when the account has none."""

    async def sign_in(client: SMTP) -> None:
        if password:
            await client.login(user, password)

    return sign_in


def token_sign_in(user: str, token_of: Callable[[str], Awaitable[str]]) -> SignIn:
    """Return the sign-in with an access token; a refused one is renewed once.

    Args:
        user: The account's login.
        token_of: Returns a token, given the one that was refused or "".
    """

    async def sign_in(client: SMTP) -> None:
        token = await token_of("")
        try:
            await client.auth_xoauth2(user, token)
        except SMTPAuthenticationError:
            await client.auth_xoauth2(user, await token_of(token))

    return sign_in


async def submit(
    account: MailAccount, sign_in: SignIn, raw: bytes, recipients: Sequence[str]
) -> Outcome:
    """Hand a mail to the server for all its recipients.

    Raises:
        SendFailed: It did not take it for anybody, or nobody knows.
    """
    try:
        client = await open_smtp(account, sign_in)
    except (SMTPException, OSError) as error:
        raise _failed(problem_of(error), error) from error
    try:
        await _mail(client, account.address, raw, recipients)
        refused = await _recipients(client, recipients)
        if len(refused) == len(recipients):
            return Outcome("", refused)
        answer = await Transfer(client, raw).run()
        await _quit(client)
        return Outcome(answer, refused)
    finally:
        client.close()


async def _quit(client: SMTP) -> None:
    with suppress(SMTPException, OSError):  # the mail is taken: the goodbye does not matter
        await client.quit(timeout=5)


async def _mail(client: SMTP, sender: str, raw: bytes, recipients: Sequence[str]) -> None:
    people = [ascii_domain(one) for one in (sender, *recipients)]
    options = [f"SIZE={len(raw)}"] if client.supports_extension("size") else []
    encoding = "ascii"
    if not all(person.isascii() for person in people) or not _is_ascii_header(raw):
        options.append("SMTPUTF8")
        encoding = "utf-8"
    try:
        if encoding != "ascii" and not client.supports_extension("smtputf8"):
            raise SMTPDataError(553, "5.6.7 the server takes no such address")
        await client.mail(people[0], options=options, encoding=encoding)
    except SMTPResponseException as error:
        raise _failed(problem_of_sender(error), error) from error
    except (SMTPException, OSError) as error:
        raise _failed(problem_of(error), error) from error


def _is_ascii_header(raw: bytes) -> bool:
    return raw.partition(b"\r\n\r\n")[0].isascii()


async def _recipients(client: SMTP, recipients: Sequence[str]) -> dict[str, SendError]:
    refused = {}
    for recipient in recipients:
        address = ascii_domain(recipient)
        if not ADDRESS.fullmatch(address):
            # aiosmtplib would look for an address in it, and write to somebody else.
            refused[recipient] = BAD_ADDRESS.as_send_error(ValueError("no mail address"))
            continue
        try:
            await client.rcpt(address, encoding="ascii" if address.isascii() else "utf-8")
        except SMTPRecipientRefused as error:
            refused[recipient] = problem_of_recipient(error).as_send_error(error)
        except (SMTPException, OSError) as error:
            raise _failed(problem_of(error), error) from error
    return refused


class Transfer:
    """The mail itself: DATA, its lines, the final dot, and the answer to it."""

    def __init__(self, client: SMTP, raw: bytes) -> None:
        self._client = client
        lines = LINE_END.sub(b"\r\n", raw)
        if not lines.endswith(b"\r\n"):
            lines += b"\r\n"
        self._lines = DOT.sub(b"..", lines)
        self._is_dotted = False

    async def run(self) -> str:
        """Return what the server said when it took the mail.

        Raises:
            SendFailed: It did not, or the connection broke before it said so.
        """
        try:
            return await self._run()
        except SMTPResponseException as error:
            raise _failed(problem_of(error), error) from error
        except (SMTPException, OSError) as error:
            raise _failed(PERHAPS if self._is_dotted else problem_of(error), error) from error

    async def _run(self) -> str:
        answer = await self._client.execute_command(b"DATA")
        if answer.code != 354:
            raise SMTPDataError(answer.code, answer.message)
        protocol = self._client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("the connection was lost")
        async with asyncio.timeout(TRANSFER):
            for start in range(0, len(self._lines), PIECE):
                protocol.write(self._lines[start : start + PIECE])
                # It has flow control, and no public way to wait for it.
                await protocol._drain_helper()  # noqa: SLF001
        if not protocol.is_connected:
            raise SMTPServerDisconnected("the connection was lost")
        self._is_dotted = True
        protocol.write(b".\r\n")
        answer = await protocol.read_response(timeout=LAST_REPLY)
        if answer.code != 250:
            raise SMTPDataError(answer.code, answer.message)
        return f"{answer.code} {answer.message}"


def _failed(problem: Problem, error: BaseException) -> SendFailed:
    return SendFailed(problem.as_send_error(error))
