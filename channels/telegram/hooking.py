"""Being called by Telegram: whose calls are believed, and whether they reach us.

https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog

from channels.telegram.account import read_account
from channels.telegram.fields import Object, moment, obj, text, whole
from channels.telegram.polling import WANTED, Pace, hook_of, is_ours, raw_of
from channels.telegram.reporting import Reporter
from channels.telegram.troubles import Elsewhere, NoPublicAddress, problem_of, text_of
from channels.telegram.wire import CallFailed, Update, Wire, token_of, update_id
from inbox.contract import (
    Forged,
    Health,
    HealthState,
    LeaseLost,
    Raw,
    Reply,
    Request,
    RunContext,
)
from infra.clock import now


log = structlog.get_logger()

HEADER = "x-telegram-bot-api-secret-token"
CONNECTIONS = 40  # calls at once; Telegram keeps the order inside each chat
RECENT = timedelta(minutes=10)  # how long a failed call is shown


def secret_of(ctx: RunContext) -> str:
    """Return what Telegram has to say with each call.

    It is made of the token, so every node knows it and a new token changes it.

    Raises:
        CallFailed: The account has no token.
    """
    digest = hmac.digest(
        token_of(ctx).encode(), f"punte web hook of {ctx.account}".encode(), hashlib.sha256
    )
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def authenticate(ctx: RunContext, request: Request) -> None:
    """Check in constant time that Telegram calls.

    Raises:
        Forged: It does not.
    """
    said = request.headers.get(HEADER, "")
    if not said:
        raise Forged("the secret is missing")
    try:
        secret = secret_of(ctx)
    except CallFailed as error:
        raise Forged("the account has no token") from error
    if not hmac.compare_digest(said.encode("utf-8", "surrogateescape"), secret.encode()):
        raise Forged("the secret is wrong")


def accept(ctx: RunContext, request: Request) -> tuple[list[Raw], Reply]:
    """Take a call for what it is: one update, whatever is in it."""
    update = Update(update_id(request.body), request.body)
    return ([raw_of(ctx, update)] if request.body else []), Reply()


async def provision(ctx: RunContext, wire: Wire, url: str) -> None:
    """Let Telegram call ``url``.

    Raises:
        CallFailed: It did not agree.
    """
    params = {
        "url": url,
        "secret_token": secret_of(ctx),
        "allowed_updates": list(WANTED),
        "max_connections": CONNECTIONS,
        "drop_pending_updates": False,
    }
    await wire.call(ctx, "setWebhook", params)


async def expect_free(ctx: RunContext, wire: Wire) -> None:
    """Look whether the bot is ours to be called for.

    Raises:
        Elsewhere: Telegram calls another program, and nobody said to take the bot over.
        CallFailed: Telegram did not answer.
    """
    url = await hook_of(ctx, wire)
    if url and not is_ours(ctx, url) and not read_account(ctx.config).take_over:
        raise Elsewhere(url)


class HookKeeper:
    """Keeps Telegram calling us until cancelled, and says how that goes."""

    def __init__(self, ctx: RunContext, wire: Wire, pace: Pace) -> None:
        self._ctx = ctx
        self._wire = wire
        self._pace = pace
        self._reporter = Reporter(ctx, every=pace.report)
        self._failures = 0
        self._is_set = False

    async def run(self) -> None:
        """Look after the web hook.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        while True:
            try:
                await self._look()
                self._failures = 0
                await asyncio.sleep(self._pace.look)
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the bot must go on
                await self._recover(error)

    async def _look(self) -> None:
        await self._reporter.connecting()
        info = obj(await self._wire.call(self._ctx, "getWebhookInfo"))
        url = text(info.get("url"))
        self._expect_free(url)
        if not self._is_set or url != self._ctx.hook_url:
            # the first time even if the address is right: the secret may be an older token's
            await provision(self._ctx, self._wire, self._ctx.hook_url)
            self._is_set = True
        await self._reporter.say(health_of(info))

    def _expect_free(self, url: str) -> None:
        if not self._ctx.hook_url:
            raise NoPublicAddress("PUNTE_PUBLIC_URL says where Telegram reaches the hub")
        is_free = not url or is_ours(self._ctx, url)
        if not is_free and (self._is_set or not read_account(self._ctx.config).take_over):
            raise Elsewhere(url)

    async def _recover(self, error: Exception) -> None:
        problem = problem_of(error)
        self._failures += 1
        log.info(
            "telegram.hook_failed",
            account=str(self._ctx.account),
            code=problem.code,
            error=text_of(error),
        )
        with suppress(Exception):  # the database may be what failed
            await self._reporter.failed(error)
        await asyncio.sleep(self._pace.delay(self._failures, problem.pause))


def health_of(info: Object) -> Health:
    """Return how a web hook does: what waits for us, and what Telegram says of its last call.

    https://core.telegram.org/bots/api#webhookinfo
    """
    backlog = whole(info.get("pending_update_count"))
    failed_at, said = moment(info.get("last_error_date")), text(info.get("last_error_message"))
    details = _details(info)
    if failed_at is not None and now() - failed_at < RECENT and backlog:
        return Health(
            state=HealthState.DEGRADED,
            code="telegram.hook_failing",
            remedy="check_public_address",
            text=said[:500],
            backlog=backlog,
            details=details,
        )
    return Health(state=HealthState.CONNECTED, backlog=backlog, details=details)


def _details(info: Object) -> Mapping[str, str]:
    failed_at = moment(info.get("last_error_date"))
    found: dict[str, Any] = {
        "webhook_ip": text(info.get("ip_address"))[:50],
        "last_error": text(info.get("last_error_message"))[:300],
        "last_error_at": "" if failed_at is None else failed_at.isoformat(),
    }
    return {name: value for name, value in found.items() if value}
