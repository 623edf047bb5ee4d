"""Web hooks: where providers call, one address per account.

The last part of the address is a secret of the account and finds it. A payload is in the journal
before the provider hears that it arrived; what the inbox thinks of it is none of the provider's
business, so a payload nobody understands is answered like any other.
"""

from collections.abc import Callable

import structlog
from aiohttp import web

from inbox.accounts import HOOKS, Account, AccountContext, account_of_hook
from inbox.adapters import Adapters, UnknownProvider
from inbox.contract import Forged, Pushed, Reply, Request
from infra.db import DATABASE_AWAY, Database
from infra.http.guard import hook
from infra.http.site import PEER


log = structlog.get_logger()

BODY_LIMIT = 1024 * 1024  # bytes of one call
COME_AGAIN = {"Retry-After": "30"}
"""Seconds; Telegram's server honours it, others fall back on their own patience."""

ContextOf = Callable[[Account], AccountContext]


def add_hooks(
    app: web.Application, db: Database, adapters: Adapters, context_of: ContextOf
) -> None:
    """Let providers call ``/hook/<key>`` and whatever follows it."""

    @hook
    async def receive(request: web.Request) -> web.StreamResponse:
        try:
            async with db.read() as sql:
                account = await account_of_hook(sql, request.match_info["key"])
            if account is None:
                return web.Response(status=404, text="no such address\n")
            return await _receive(request, await _channel(adapters, account), context_of(account))
        except DATABASE_AWAY as error:
            log.warning("hook.database_away", error=repr(error))
            return web.Response(status=503, headers=COME_AGAIN, text="come again\n")

    for path in (f"{HOOKS}/{{key}}", f"{HOOKS}/{{key}}/{{rest:.*}}"):
        app.router.add_route("*", path, receive)


async def _channel(adapters: Adapters, account: Account) -> Pushed | None:
    try:
        adapter = await adapters.get(account.provider)
    except UnknownProvider:
        return None
    return adapter if isinstance(adapter, Pushed) else None


async def _receive(
    request: web.Request, channel: Pushed | None, ctx: AccountContext
) -> web.StreamResponse:
    if channel is None:
        return web.Response(status=404, text="this account takes no calls\n")
    body = await _body(request)
    if body is None:
        return web.Response(status=413, text="too long\n")
    call = _call(request, ctx, body)
    try:
        channel.authenticate(ctx, call)
    except Forged as error:
        log.warning("hook.forged", account=str(ctx.account), why=str(error), ip=call.peer)
        return web.Response(status=403, text="the signature is missing or wrong\n")
    raws, reply = channel.accept(ctx, call)
    if raws:
        await ctx.ingest(raws)
    return _answer(reply)


async def _body(request: web.Request) -> bytes | None:
    """Return the body; None when it is too long, whatever its header says."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _call(request: web.Request, ctx: AccountContext, body: bytes) -> Request:
    rest = request.match_info.get("rest", "")
    path = f"/{rest}" if rest else ""
    query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
    return Request(
        method=request.method,
        path=path,
        url=f"{ctx.hook_url}{path}{query}",
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query),
        body=body,
        peer=request[PEER].ip,
    )


def _answer(reply: Reply) -> web.Response:
    return web.Response(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        headers=dict(reply.headers),
    )
