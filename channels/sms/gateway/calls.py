"""Calling a provider: a preset and values become a request, its answer a receipt or a fault."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlencode, urlsplit

import aiohttp
import msgspec
from aiohttp import ClientConnectorError, ClientTimeout, TCPConnector
from aiohttp.client_exceptions import ClientConnectorCertificateError, ConnectionTimeoutError

from channels.sms.gateway.fill import Values, fill, fill_text
from channels.sms.gateway.grammar import Auth, Call, Problem
from channels.sms.gateway.reading import Unreadable, holds, parse, pick_text
from inbox.contract import Fault, SendError, SendFailed
from infra.outbound import Blocked, public_socket


PATIENCE = ClientTimeout(total=None, sock_connect=10, sock_read=20)  # seconds
LONGEST_ANSWER = 256 * 1024  # bytes
LONGEST_TEXT = 300  # characters of a provider's words that are kept
SHORTEST_SECRET = 4  # characters: hiding shorter ones would garble everything
HIDDEN = "•••"
CONTENT_TYPES = {
    "form": "application/x-www-form-urlencoded",
    "json": "application/json",
    "xml": "application/xml; charset=utf-8",
    "raw": "text/plain; charset=utf-8",
}

CODES: Mapping[Fault, str] = {
    Fault.TRANSIENT: "sms.try_later",
    Fault.THROTTLED: "sms.throttled",
    Fault.UNKNOWN: "sms.no_answer",
    Fault.CONTENT: "sms.text_refused",
    Fault.RECIPIENT: "sms.bad_number",
    Fault.REFUSED: "sms.opted_out",
    Fault.WINDOW: "sms.not_now",
    Fault.AUTH: "sms.sign_in_refused",
    Fault.FUNDS: "sms.no_credit",
    Fault.MOVED: "sms.rejected",
    Fault.BUG: "sms.rejected",
}

STATUSES = {401: Fault.AUTH, 402: Fault.FUNDS, 403: Fault.AUTH, 429: Fault.THROTTLED}


class Prepared(msgspec.Struct, frozen=True):
    """A request, ready to be made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


class Answered(msgspec.Struct, frozen=True):
    """A provider's yes."""

    status: int
    document: Any


def prepare(call: Call, values: Values) -> Prepared:
    """Return the request that a call makes with these values. Pure."""
    url = fill_text(call.url, values) or ""
    filled = fill(call.headers, values)
    headers = {name: _line(value) for name, value in filled.items()}
    fields = fill(call.fields, values)
    query: dict[str, str] = {}
    if call.auth is not None:
        _sign(call.auth, values, headers, query)
    body: bytes | None = None
    if call.encoding == "query":
        query |= fields or {}
    elif fields is not None:
        headers.setdefault("Content-Type", CONTENT_TYPES[call.encoding])
        body = _body(call.encoding, fields)
    if query:
        url += ("&" if urlsplit(url).query else "?") + urlencode(query)
    return Prepared(call.method, url, headers, body)


def _body(encoding: str, fields: Any) -> bytes:
    if encoding == "form":
        return urlencode(fields).encode()
    if encoding == "json":
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return str(fields).encode("utf-8", "replace")


def _sign(auth: Auth, values: Values, headers: dict[str, str], query: dict[str, str]) -> None:
    def filled(template: str) -> str:
        return fill_text(template, values) or ""

    match auth.type:
        case "basic":
            pair = f"{filled(auth.user)}:{filled(auth.password)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        case "bearer":
            headers["Authorization"] = _line(f"Bearer {filled(auth.value)}")
        case "header":
            headers[auth.name] = _line(filled(auth.value))
        case "query":
            query[auth.name] = filled(auth.value)


def _line(value: str) -> str:
    """Return a header's value without line ends, which would begin another header."""
    return " ".join(value.splitlines()).strip()


def masked(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text without any secret, as it is or in the spellings of requests."""
    for secret in sorted(secrets.values(), key=len, reverse=True):
        if len(secret) < SHORTEST_SECRET:
            continue
        encoded = quote(secret, safe="")
        spellings = {secret, encoded, quote(encoded, safe=""), quote_plus(secret)}
        for spelling in spellings | {json.dumps(secret)[1:-1]}:
            text = text.replace(spelling, HIDDEN)
    return text


def shown(request: Prepared, secrets: Mapping[str, str]) -> str:
    """Return a request for people's eyes: no secret is in it."""
    headers = {
        name: HIDDEN if name.lower() == "authorization" else value
        for name, value in request.headers.items()
    }
    address = unquote(request.url)
    lines = [f"{request.method} {address}", *(f"{k}: {v}" for k, v in headers.items())]
    body = (request.body or b"").decode("utf-8", "replace")
    if request.headers.get("Content-Type") == CONTENT_TYPES["form"]:
        body = unquote(body.replace("+", " "))
    return masked("\n".join([*lines, "", body]).strip(), secrets)[:2_000]


async def make(
    call: Call, request: Prepared, *, secrets: Mapping[str, str], allow_private: bool
) -> Answered:
    """Make a request and return a yes.

    Raises:
        SendFailed: The provider said no, or nobody knows what it says.
    """
    try:
        status, headers, body = await _exchange(request, allow_private=allow_private)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise SendFailed(_failure(error, secrets)) from None  # its text may hold the address
    text = body.decode("utf-8", "replace")
    try:
        document = parse(call.response, text)
        readable = True
    except Unreadable:
        document, readable = {"#": text}, False
    retry_after = _seconds(headers.get("Retry-After", ""))
    no = _said_no(call, status, document, text, readable=readable, retry_after=retry_after)
    if no is not None:
        raise SendFailed(msgspec.structs.replace(no, text=masked(no.text, secrets)[:LONGEST_TEXT]))
    return Answered(status, document)


async def _exchange(
    request: Prepared, *, allow_private: bool
) -> tuple[int, Mapping[str, str], bytes]:
    connector = TCPConnector(socket_factory=None if allow_private else public_socket)
    traces = [_one_connection()]
    async with (
        aiohttp.ClientSession(
            connector=connector, timeout=PATIENCE, trace_configs=traces
        ) as session,
        session.request(
            request.method,
            request.url,
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
        ) as answer,
    ):
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > LONGEST_ANSWER:
                break
        return answer.status, dict(answer.headers), bytes(body)


def _one_connection() -> aiohttp.TraceConfig:
    """Return what keeps aiohttp from making a GET again whose connection broke.

    It takes GET for harmless to repeat; here it sends a message, and a second one.
    """
    trace = aiohttp.TraceConfig()
    made: list[object] = []

    async def begun(*_: object) -> None:
        if made:
            raise aiohttp.ServerDisconnectedError
        made.append(trace)

    trace.on_connection_create_start.append(begun)
    return trace


def _failure(error: BaseException, secrets: Mapping[str, str]) -> SendError:
    """Return what a broken connection means: before the request left nothing was sent."""
    cause = getattr(error, "os_error", None) or error.__cause__ or error
    text = masked(" ".join(str(error).split()) or type(error).__name__, secrets)[:LONGEST_TEXT]
    if isinstance(cause, Blocked) or isinstance(error, Blocked):
        return SendError(fault=Fault.AUTH, code="host.private", text=str(cause))
    if isinstance(error, ClientConnectorCertificateError):
        return SendError(fault=Fault.AUTH, code="tls.untrusted", text=text)
    if isinstance(error, aiohttp.InvalidURL):
        return SendError(fault=Fault.AUTH, code="settings.invalid", text="the address is none")
    if isinstance(error, ClientConnectorError | ConnectionTimeoutError):
        return SendError(fault=Fault.TRANSIENT, code="host.unreachable", text=text)
    return SendError(fault=Fault.UNKNOWN, code=CODES[Fault.UNKNOWN], text=text)


def _said_no(
    call: Call, status: int, document: Any, text: str, *, readable: bool, retry_after: float | None
) -> SendError | None:
    """Return why an answer is no yes: the preset's rows first, then what HTTP means."""
    for row in call.errors:
        if holds(row.when, status, document):
            return _by_row(row, status, document, text, retry_after)
    is_plain = status < 300 or call.success.http is not None
    if is_plain and readable and holds(call.success, status, document):
        return None
    fault = _by_status(status, readable=readable)
    return SendError(
        fault=fault,
        code=CODES[fault],
        text=f"HTTP {status}: {' '.join(text.split())}",
        retry_after=retry_after if retry_after or fault is not Fault.THROTTLED else 5.0,
    )


def _by_row(
    row: Problem, status: int, document: Any, text: str, retry_after: float | None
) -> SendError:
    code = pick_text(document, row.code) or f"HTTP {status}"
    message = pick_text(document, row.message) or " ".join(text.split())
    told = _seconds(pick_text(document, row.retry_after))
    return SendError(
        fault=row.fault,
        code=CODES[row.fault],
        text=f"{code}: {message}",
        retry_after=told or retry_after,
    )


def _by_status(status: int, *, readable: bool) -> Fault:
    if status in STATUSES:
        return STATUSES[status]
    if status in {502, 504} and not readable:
        return Fault.UNKNOWN  # a proxy speaks: the provider behind it may have the message
    if status >= 500:
        return Fault.TRANSIENT
    if status < 300 and not readable:
        return Fault.UNKNOWN
    return Fault.BUG


def _seconds(text: str) -> float | None:
    """Return seconds to wait; a date (RFC 9110 section 10.2.3) is taken for a minute."""
    text = text.strip()
    if not text:
        return None
    try:
        return min(max(float(text), 1.0), 3_600.0)
    except ValueError:
        return 60.0
