"""Keeping a mailbox connected: read, wait for news, read; and come back after every failure."""

import asyncio
import random
import time
from contextlib import suppress

import msgspec
import structlog

from channels.email.account import MailAccount, read_account
from channels.email.errors import SignInNeeded, problem_of
from channels.email.folder import FolderReader, Role, Suspects
from channels.email.history import catch_up
from channels.email.imap.client import ImapClient
from channels.email.keys import Cursor, read_cursor
from channels.email.oauth import Tokens
from channels.email.reporting import Reporter
from channels.email.session import find_sent_folder, open_imap
from inbox.contract import LeaseLost, RunContext


log = structlog.get_logger()


class Pace(msgspec.Struct, frozen=True):
    """How often things are done, in seconds.

    Attributes:
        idle: How long one IDLE lasts: servers and routers drop longer ones, and the sent
            folder is looked at in between.
        poll: How often to ask a server without IDLE.
        compare: How often everything is compared with the journal.
        report: How often an unchanged state is reported.
        first: Upper bound of the first delay before connecting again; it doubles.
        longest: Upper bound of all delays, but for what a problem asks for itself.
        steady: A connection that lasted so long starts the delays anew.
        pauses: Whether to obey the pauses that problems ask for.
    """

    idle: float = 120.0
    poll: float = 60.0
    compare: float = 3600.0
    report: float = 15.0
    first: float = 1.0
    longest: float = 300.0
    steady: float = 60.0
    pauses: bool = True


class Receiver:
    """Receives one account's mail until it is cancelled or loses the lease.

    Args:
        doors: How many accounts of this process may connect at once.
    """

    def __init__(
        self, ctx: RunContext, tokens: Tokens, pace: Pace, doors: asyncio.Semaphore
    ) -> None:
        self._ctx = ctx
        self._doors = doors
        self._tokens = tokens
        self._pace = pace
        self._reporter = Reporter(ctx, every=pace.report)
        self._suspects = Suspects()
        self._failures = 0
        self._was_connected = False

    async def run(self) -> None:
        """Receive; it returns when it has to be started with fresh secrets.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        while True:
            began = time.monotonic()
            try:
                await self._connection()
            except LeaseLost:
                raise
            except SignInNeeded as error:
                if self._was_connected:
                    return  # another process may have renewed the token: begin with what is stored
                await self._recover(error)
            except Exception as error:  # noqa: BLE001 - whatever it was, the mailbox must go on
                if time.monotonic() - began > self._pace.steady:
                    self._failures = 0
                await self._recover(error)

    async def _recover(self, error: Exception) -> None:
        problem = problem_of(error)
        self._failures += 1
        delay = self._delay(problem.pause)
        log.info(
            "email.disconnected",
            account=str(self._ctx.account),
            code=problem.code,
            error=repr(error),
            delay=round(delay, 1),
        )
        with suppress(Exception):  # the database may be what failed
            await self._reporter.failed(error)
        await asyncio.sleep(delay)

    def _delay(self, pause: float | None) -> float:
        if pause is not None and self._pace.pauses:
            return pause * random.uniform(1.0, 1.2)  # noqa: S311 - not a secret
        ceiling = min(self._pace.longest, self._pace.first * 2 ** min(self._failures - 1, 20))
        return random.uniform(0.0, ceiling)  # noqa: S311 - not a secret

    async def _connection(self) -> None:
        account = read_account(self._ctx.config)
        await self._reporter.connecting()
        async with self._doors:
            client = await open_imap(self._ctx, account, self._tokens)
        async with client:
            mailbox = Mailbox(
                client,
                self._ctx,
                account,
                suspects=self._suspects,
                reporter=self._reporter,
                pace=self._pace,
            )
            self._was_connected = True
            await mailbox.stay()


class Mailbox:
    """One account on one connection."""

    def __init__(
        self,
        client: ImapClient,
        ctx: RunContext,
        account: MailAccount,
        *,
        suspects: Suspects,
        reporter: Reporter,
        pace: Pace,
    ) -> None:
        self._client = client
        self._ctx = ctx
        self._account = account
        self._suspects = suspects
        self._reporter = reporter
        self._pace = pace
        self._cursor = Cursor()
        self._compared_at = float("-inf")
        self._sent_uidnext: int | None = None

    async def stay(self) -> None:
        """Read everything that is missing, then whatever comes, until the connection breaks."""
        self._cursor = read_cursor(await self._ctx.cursor())
        inbox = self._reader("INBOX", "inbox")
        name = await find_sent_folder(self._client, self._account)
        sent = self._reader(name, "sent") if name else None
        while True:
            if self._has_to_compare:
                await self._compare(inbox, sent)
            else:
                await inbox.read_new()
            if sent is not None and await self._sent_has_grown(sent):
                await self._read_sent(inbox, sent)
            if not self._has_to_compare:
                await self._reporter.connected(backlog=0)
                await self._wait()

    @property
    def _has_to_compare(self) -> bool:
        return time.monotonic() - self._compared_at >= self._pace.compare

    async def _compare(self, inbox: FolderReader, sent: FolderReader | None) -> None:
        self._suspects.pardon(after=self._pace.compare)
        await catch_up([inbox, sent] if sent else [inbox], self._reporter)
        inbox.tell_of_suspects()
        self._compared_at = time.monotonic()

    async def _read_sent(self, inbox: FolderReader, sent: FolderReader) -> None:
        is_new = await sent.select()
        if not is_new:
            await sent.read_new()
        if await inbox.select() or is_new:
            self._compared_at = float("-inf")  # a folder was numbered anew
        else:
            await inbox.read_new()

    async def _sent_has_grown(self, sent: FolderReader) -> bool:
        before, self._sent_uidnext = self._sent_uidnext, await self._client.uidnext_of(sent.folder)
        return self._sent_uidnext is None or self._sent_uidnext != before

    async def _wait(self) -> None:
        if self._client.has_news:
            return
        if self._client.offers("IDLE"):
            seconds = self._pace.report if self._reporter.is_behind else self._pace.idle
            await self._client.idle(min(seconds, self._pace.idle))
        else:
            await asyncio.sleep(self._pace.poll)
            await self._client.noop()

    def _reader(self, folder: str, role: Role) -> FolderReader:
        return FolderReader(
            self._client,
            self._ctx,
            self._account,
            folder=folder,
            role=role,
            cursor=self._cursor,
            suspects=self._suspects,
            reporter=self._reporter,
        )
