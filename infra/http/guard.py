"""What every request passes: who asks, foreign pages refused, safe headers, one log line.

Source of the headers: OWASP ASVS 5.0 section 3.4; of the Origin check: 3.5.1 and 4.4.2.
"""

import re
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from infra.clock import new_id
from infra.errors import Forbidden
from infra.http.problems import failure, problem, refusal
from infra.http.site import PEER, Site
from infra.metrics import HTTP_SECONDS


log = structlog.get_logger()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds: not logged

TRACE = web.RequestKey("trace", str)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
HSTS = "max-age=31536000"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def hook(handler: Handler) -> Handler:
    """Mark a handler that other services call: any origin may, and its path is a secret."""
    handler.is_hook = True  # type: ignore[attr-defined]  # functions carry what they are
    return handler


class ForeignOrigin(Forbidden):
    """A page of another site made the browser send this."""

    code = "hub.foreign_origin"
    title = "Sent by a page of another site"


def guard(app: web.Application, site: Site) -> None:
    """Put the guards around every handler of ``app``."""
    app.middlewares.append(_outermost(site))
    app.on_response_prepare.append(_headers(site))


def refuse_foreign(request: web.Request, site: Site) -> None:
    """Refuse a request that a browser sends on behalf of a page of another site.

    A program with an API key has no ambient authority to abuse, so it may leave ``Origin``
    out; a browser never does on an unsafe method or when it opens a socket.

    Raises:
        ForeignOrigin: It does not come from our own page.
    """
    origin = request.headers.get("Origin")
    if origin is None and request.headers.get("Authorization", "").startswith("Bearer "):
        return
    if not site.is_own(origin, request[PEER]):
        raise ForeignOrigin(f"Origin {origin!r} is not the hub's")


def _outermost(site: Site) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        peer = site.peer(request)
        request[PEER] = peer
        request[TRACE] = _trace(request) if peer.via_proxy else new_id().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request[TRACE]):
            response = await _answer(request, handler, site)
            seconds = time.perf_counter() - started
            labels = request.method, _route(request), str(response.status)
            HTTP_SECONDS.labels(*labels).observe(seconds)
            if request.path not in QUIET:
                log.info(
                    "http.request",
                    method=request.method,
                    path=_route(request) if _is_hook(request) else request.path,
                    status=response.status,
                    ms=round(seconds * 1000, 1),
                    ip=peer.ip,
                )
        return response

    return middleware


async def _answer(request: web.Request, handler: Handler, site: Site) -> web.StreamResponse:
    try:
        if request.method not in SAFE_METHODS and not _is_hook(request):
            refuse_foreign(request, site)
        return await handler(request)
    except ForeignOrigin as error:
        return problem(error)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        allow = {"Allow": answer.headers["Allow"]} if "Allow" in answer.headers else {}
        return refusal(answer.status, allow)
    except ConnectionResetError:
        raise  # the client left: nobody to answer
    except Exception:
        log.exception("http.failed", method=request.method, path=_route(request))
        return failure(500, request[TRACE])


def _headers(site: Site) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            if not response.headers.setdefault(name, value):
                del response.headers[name]  # the handler does without it
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if (trace := request.get(TRACE)) is not None:
            response.headers.setdefault("X-Request-Id", trace)
        if (peer := request.get(PEER)) is not None and site.is_secure(peer):
            response.headers.setdefault("Strict-Transport-Security", HSTS)

    return add


def _is_hook(request: web.Request) -> bool:
    return getattr(request.match_info.handler, "is_hook", False)


def _route(request: web.Request) -> str:
    """Return the route a request took: a label with few values, whatever is asked for."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


def _trace(request: web.Request) -> str:
    """Take the proxy's request id, if it is one: it goes into the log as it is."""
    given = request.headers.get("X-Request-Id", "")
    return given if re.fullmatch(r"[\w.-]{8,64}", given, re.ASCII) else new_id().hex
