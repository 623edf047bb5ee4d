"""Asking Telegram for news, again and again, and never losing any.

An update is confirmed by the next request, whose ``offset`` is above its id; that request is
made only after the journal has the update. The offset is our own and survives a restart.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec
import structlog

from channels.telegram.account import CLOUD_FILE, read_account
from channels.telegram.normalize import BOT, LIMIT
from channels.telegram.reporting import Reporter
from channels.telegram.troubles import Elsewhere, NotStored, problem_of, text_of
from channels.telegram.wire import Update, Wire, token_of
from inbox.contract import LeaseLost, Raw, RunContext
from infra.clock import now


log = structlog.get_logger()

WANTED = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "callback_query",
    "my_chat_member",
)
"""What we ask for. It is always said: the server remembers the last list, and leaves reactions
out unless they are named. https://core.telegram.org/bots/api#getupdates"""
BATCH = 100  # updates of one answer, the most there are
FORGOTTEN = timedelta(days=6)
"""After a week without updates their ids begin anew anywhere: an older offset is not used.
https://core.telegram.org/bots/api#update"""


class Pace(msgspec.Struct, frozen=True):
    """How often things are done, in seconds.

    Attributes:
        wait: How long a request waits for news; the server allows 50.
        slack: How much longer than that an answer may take.
        report: How often an unchanged state is reported.
        look: How often to ask how a web hook does.
        first: Upper bound of the first delay after a failure; it doubles.
        longest: Upper bound of all delays, but for what a problem asks for itself.
        pauses: Whether to obey the pauses that problems ask for.
    """

    wait: int = 50
    slack: float = 15.0
    report: float = 15.0
    look: float = 60.0
    first: float = 1.0
    longest: float = 60.0
    pauses: bool = True

    def delay(self, failures: int, pause: float | None) -> float:
        """Return how long to wait after so many failures in a row."""
        if pause is not None and self.pauses:
            return pause * random.uniform(1.0, 1.2)  # noqa: S311 - not a secret
        ceiling = min(self.longest, self.first * 2 ** min(failures - 1, 20))
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - not a secret


class Cursor(msgspec.Struct, frozen=True):
    """What to ask for next.

    Attributes:
        offset: Id above every update that is in the journal.
        at: When the last of them came.
    """

    offset: int
    at: datetime


class Poller:
    """Receives one bot's updates until it is cancelled or loses the lease."""

    def __init__(self, ctx: RunContext, wire: Wire, pace: Pace) -> None:
        self._ctx = ctx
        self._wire = wire
        self._pace = pace
        self._reporter = Reporter(ctx, every=pace.report)
        self._failures = 0
        self._cursor: Cursor | None = None
        self._is_fresh = True

    async def run(self) -> None:
        """Receive.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        is_ready = False
        while True:
            try:
                if not is_ready:
                    await self._begin()
                    is_ready = True
                await self._turn()
                self._failures = 0
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the bot must go on
                is_ready = False
                await self._recover(error)

    async def _begin(self) -> None:
        await self._reporter.connecting()
        await free_from_hooks(self._ctx, self._wire)
        self._is_fresh = True
        self._cursor = read_cursor(await self._ctx.cursor())

    async def _turn(self) -> None:
        began = time.monotonic()
        updates = await self._wire.updates(
            self._ctx, self._question(), patience=self._pace.wait + self._pace.slack
        )
        if updates:
            await self._keep(updates)
            self._reporter.received()
        await self._reporter.connected(backlog=0 if len(updates) < BATCH else None)
        was_fresh, self._is_fresh = self._is_fresh, False
        if was_fresh or updates:
            return
        if time.monotonic() - began < min(1.0, self._pace.wait / 2):
            await asyncio.sleep(self._pace.first)  # a server that does not wait for news

    def _question(self) -> Mapping[str, Any]:
        """Return what to ask; the first question waits for nothing, to see that all is well."""
        question: dict[str, Any] = {
            "limit": BATCH,
            "timeout": 0 if self._is_fresh else self._pace.wait,
            "allowed_updates": list(WANTED),
        }
        if self._cursor is not None and now() - self._cursor.at < FORGOTTEN:
            question["offset"] = self._cursor.offset
        return question

    async def _keep(self, updates: Sequence[Update]) -> None:
        """Write updates into the journal; only then is the offset ours to use."""
        ids = [update.id for update in updates if update.id is not None]
        cursor = Cursor(max(ids) + 1, now()) if ids else self._cursor
        try:
            await self._ctx.ingest(
                [raw_of(self._ctx, update) for update in updates],
                None if cursor is None else msgspec.json.encode(cursor).decode(),
            )
        except LeaseLost:
            raise
        except Exception as error:
            raise NotStored(repr(error)) from error
        self._cursor = cursor
        if not ids:
            raise ValueError("updates without an id cannot be confirmed")

    async def _recover(self, error: Exception) -> None:
        problem = problem_of(error)
        self._failures += 1
        delay = self._pace.delay(self._failures, problem.pause)
        log.info(
            "telegram.disconnected",
            account=str(self._ctx.account),
            code=problem.code,
            error=text_of(error),
            delay=round(delay, 1),
        )
        with suppress(Exception):  # the database may be what failed
            await self._reporter.failed(error)
        await asyncio.sleep(delay)


def raw_of(ctx: RunContext, update: Update) -> Raw:
    """Return an update as the journal keeps it.

    Ids begin anew after a silent week and might meet old ones, so a part of the key is made of
    the content.
    """
    account = read_account(ctx.config)
    headers = {BOT: token_of(ctx).partition(":")[0]}
    if account.largest_file != CLOUD_FILE:
        headers[LIMIT] = str(account.largest_file)
    name = "x" if update.id is None else str(update.id)
    return Raw(key=f"{name}/{crc32(update.body):08x}", body=update.body, headers=headers)


def read_cursor(stored: str | None) -> Cursor | None:
    """Return the cursor in a stored text; None when there is none of ours in it."""
    try:
        return msgspec.json.decode(stored or "", type=Cursor)
    except msgspec.MsgspecError:
        return None


async def free_from_hooks(ctx: RunContext, wire: Wire) -> None:
    """Take a web hook away that would keep updates from us, without dropping any.

    Raises:
        Elsewhere: It is another program's, and nobody said to take the bot over.
        CallFailed: Telegram did not answer.
    """
    url = await hook_of(ctx, wire)
    if not url:
        return
    if not (is_ours(ctx, url) or read_account(ctx.config).take_over):
        raise Elsewhere(url)
    await wire.call(ctx, "deleteWebhook", {"drop_pending_updates": False})


async def hook_of(ctx: RunContext, wire: Wire) -> str:
    """Return the address Telegram calls for this bot; "" when there is none.

    Raises:
        CallFailed: Telegram did not answer.
    """
    info = await wire.call(ctx, "getWebhookInfo")
    url = info.get("url") if isinstance(info, dict) else None
    return url if isinstance(url, str) else ""


def is_ours(ctx: RunContext, url: str) -> bool:
    """Say whether a web hook is this account's: the hub's public address may have changed."""
    key = ctx.hook_url.rpartition("/hook/")[2]
    return bool(key) and url.rstrip("/").endswith(f"/hook/{key}")
