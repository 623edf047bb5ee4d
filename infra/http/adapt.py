"""Handlers of aiohttp made of declared routes: read, convert, call, encode."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from infra.errors import HubError, Invalid, TooLarge
from infra.http.problems import problem
from infra.http.routes import Cookie, Json, Reply, Route


MakeCall = Callable[[web.Request, Route], Awaitable[Any]]

READ_TIMEOUT = 20.0  # seconds a client may take to send the next part of its body

encoder = msgspec.json.Encoder()


class Slow(HubError):
    """The client stopped sending, or the hub did not finish in time."""

    code = "hub.timeout"
    status = 503
    title = "It took too long"


class KeyMissing(Invalid):
    """The operation must not happen twice, so the client names it."""

    code = "hub.idempotency_key"
    title = "The header Idempotency-Key must be a UUID"


def mount(app: web.Application, routes: Iterable[Route], make_call: MakeCall) -> None:
    """Add ``routes`` to ``app``; ``make_call`` makes the handlers' first argument."""
    for declared in routes:
        handle = _adapt(declared, make_call)
        if declared.method == "GET":
            app.router.add_get(declared.path, handle)  # and HEAD
        else:
            app.router.add_route(declared.method, declared.path, handle)


def _adapt(
    declared: Route, make_call: MakeCall
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    decoder = None if declared.body is None else msgspec.json.Decoder(declared.body)

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(declared.timeout):
                call = await make_call(request, declared)
                args = await _arguments(request, declared, decoder)
                result = await declared.handler(call, **args)
        except HubError as error:
            return problem(error)
        except TimeoutError:
            return problem(Slow(f"gave up after {declared.timeout:.0f} s"))
        return _respond(result, declared)

    return handle


async def _arguments(
    request: web.Request, declared: Route, decoder: msgspec.json.Decoder[Any] | None
) -> dict[str, Any]:
    try:
        args: dict[str, Any] = {
            name: msgspec.convert(request.match_info[name], kind, strict=False)
            for name, kind in declared.path_types.items()
        }
        if declared.query is not None:
            args["query"] = msgspec.convert(dict(request.query), declared.query, strict=False)
        if "key" in declared.names:
            args["key"] = _key(request)
        if "request" in declared.names:
            args["request"] = request
        if "upload" in declared.names:
            args["upload"] = _parts(request, declared.limit)
        if decoder is not None:
            args["body"] = decoder.decode(await _read(request, declared.limit))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(str(error)) from error
    return args


def _key(request: web.Request) -> UUID:
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as error:
        raise KeyMissing from error


async def _read(request: web.Request, limit: int) -> bytes:
    return b"".join([part async for part in _parts(request, limit)])


async def _parts(request: web.Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it arrives.

    Raises:
        TooLarge: It has more than ``limit`` bytes; no more than that were read.
        Slow: The client stopped sending.
    """
    if (request.content_length or 0) > limit:
        raise TooLarge(f"at most {limit} bytes", limit=limit)
    total = 0
    while True:
        try:
            async with asyncio.timeout(READ_TIMEOUT):
                part = await request.content.readany()
        except TimeoutError as error:
            raise Slow("the body did not arrive") from error
        if not part:
            return
        total += len(part)
        if total > limit:
            raise TooLarge(f"at most {limit} bytes", limit=limit)
        yield part


def _respond(result: Any, declared: Route) -> web.StreamResponse:
    cookies: Iterable[Cookie] = ()
    if isinstance(result, Reply):
        result, cookies = result.value, result.cookies
    if isinstance(result, web.StreamResponse):
        return result
    if isinstance(result, Json):
        response = web.Response(text=result.text, status=declared.status)
        response.content_type = "application/json"
    elif declared.returns is None:
        response = web.Response(status=HTTPStatus.NO_CONTENT)
    else:
        response = web.Response(
            body=encoder.encode(result), status=declared.status, content_type="application/json"
        )
    for cookie in cookies:
        _set(response, cookie)
    return response


def _set(response: web.Response, cookie: Cookie) -> None:
    response.set_cookie(
        cookie.name,
        cookie.value,
        max_age=cookie.max_age if cookie.value else 0,
        path="/",
        secure=cookie.secure,
        httponly=True,
        samesite="Lax",
    )
