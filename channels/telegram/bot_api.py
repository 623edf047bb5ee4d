"""aiogram, for connections and requests; the only module that imports it.

What comes back is bytes: see ``channels.telegram.wire``. An error that leaves this module was
raised outside the handler of its cause, for aiohttp's errors name the URL and the URL holds the
token.
"""

import json
import ssl
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp
import msgspec
from aiohttp import ClientTimeout, FormData, TraceConfig

from channels.telegram.light_import import without_validators
from channels.telegram.loose_json import read
from channels.telegram.wire import CallFailed, FilePart, redacted
from infra.outbound import Blocked, public_socket


with without_validators():
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.methods.base import TelegramMethod

CONNECT = 10.0  # seconds for one connection
ANSWER = 64 * 1024 * 1024  # bytes of the longest answer
CHUNK = 64 * 1024
MOST_BOTS = 1000  # whose objects are kept


class Call(TelegramMethod[Any]):
    """Any method of the Bot API, with whatever parameters this version of it has."""

    params: Any
    files: Any


class Sent(msgspec.Struct):
    """Whether a request has left, as far as one can know."""

    is_sent: bool = False


class RawSession(AiohttpSession):
    """aiogram's session, with answers as they came.

    Args:
        guarded: Connect to public addresses only.
        polls: Connections wait for news most of the time, so their number has no limit.
    """

    def __init__(self, api: TelegramAPIServer, *, guarded: bool, polls: bool) -> None:
        super().__init__(api=api, limit=0 if polls else 100)
        self._connector_init["ssl"] = ssl.create_default_context()
        self._connector_init["ttl_dns_cache"] = 60
        if guarded:
            self._connector_init["socket_factory"] = public_socket
            self._connector_init["ttl_dns_cache"] = 0

    async def create_session(self) -> aiohttp.ClientSession:
        """Return the session; it keeps no cookies and says when a request has left."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=self._connector_type(**self._connector_init),
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=[_tracing()],
            )
            self._should_reset_connector = False
        return self._session

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Any:
        """Make a request and return the answer's bytes.

        Raises:
            CallFailed: The Bot API said no, or did not say anything.
        """
        session = await self.create_session()
        name, sent = method.__api_method__, Sent()
        try:
            async with session.post(
                self.api.api_url(token=bot.token, method=name),
                **_content(method),
                timeout=ClientTimeout(total=timeout, sock_connect=CONNECT),
                allow_redirects=False,
                trace_request_ctx=sent,
            ) as response:
                answer = await _limited(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = failure_of(error, name, bot.token, after_write=sent.is_sent)
        else:
            checked = refusal_of(answer, response.status, name, bot.token)
            if checked is None:
                return answer
            failure = checked
        raise failure

    async def download(
        self, token: str, path: str, limit: int, seconds: float
    ) -> AsyncGenerator[bytes, None]:
        """Stream a file of at most ``limit`` bytes.

        Raises:
            CallFailed: It is not there, too long, or the connection broke.
        """
        session = await self.create_session()
        failure: CallFailed | None = None
        got = 0
        try:
            async with session.get(
                self.api.file_url(token, path),
                timeout=ClientTimeout(total=seconds, sock_connect=CONNECT, sock_read=60),
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    failure = CallFailed(
                        "file", f"HTTP {response.status}", status=response.status, trouble="file"
                    )
                else:
                    async for chunk in response.content.iter_chunked(CHUNK):
                        got += len(chunk)
                        if got > limit:
                            failure = CallFailed("file", "longer than allowed", trouble="too_big")
                            break
                        yield chunk
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = failure_of(error, "file", token, after_write=False)
        if failure is not None:
            raise failure


class BotApi:
    """One server, and one pool of connections to it that every bot shares."""

    def __init__(self, base: str, *, guarded: bool, polls: bool) -> None:
        self._session = RawSession(TelegramAPIServer.from_base(base), guarded=guarded, polls=polls)
        self._bots: dict[str, Bot] = {}
        self._methods: dict[str, type[Call]] = {}

    async def call(
        self,
        token: str,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, FilePart],
        seconds: float,
    ) -> bytes:
        """Make one call and return the answer's bytes.

        Raises:
            CallFailed: It did not work, or nobody knows.
        """
        request = self._method(method)(params=params, files=files)
        answer: bytes = await self._session.make_request(self._bot(token), request, seconds)
        return answer

    def download(
        self, token: str, path: str, limit: int, seconds: float
    ) -> AsyncGenerator[bytes, None]:
        """Stream a file."""
        return self._session.download(token, path, limit, seconds)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    def _bot(self, token: str) -> Bot:
        if token not in self._bots:
            while len(self._bots) >= MOST_BOTS:
                del self._bots[next(iter(self._bots))]
            self._bots[token] = Bot(token, session=self._session)
        return self._bots[token]

    def _method(self, name: str) -> type[Call]:
        if name not in self._methods:
            names = {"__api_method__": name, "__returning__": object, "__module__": __name__}
            self._methods[name] = type(name, (Call,), names)
        return self._methods[name]


def refusal_of(answer: bytes, status: int, method: str, token: str) -> CallFailed | None:
    """Return what an answer means when it is not a result.

    A proxy's page says nothing about what Telegram did; only the Bot API's own words do.
    """
    said = read(answer)
    if "ok" not in said:
        text = f"HTTP {status}: not an answer of the Bot API"
        return CallFailed(method, text, status=status, after_write=True, trouble="garbled")
    if said["ok"] is True and status < 300:
        return None
    more = said.get("parameters")
    parameters: dict[str, Any] = more if isinstance(more, dict) else {}
    code = said.get("error_code")
    description = said.get("description")
    pause, moved = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
    return CallFailed(
        method,
        redacted(str(description or f"HTTP {status}"), token)[:500],
        status=status,
        error_code=code if isinstance(code, int) else status,
        retry_after=max(1.0, float(pause)) if isinstance(pause, int | float) else None,
        migrate_to=moved if isinstance(moved, int) else None,
    )


def failure_of(error: Exception, method: str, token: str, *, after_write: bool) -> CallFailed:
    """Return what a broken connection means."""
    text = redacted(f"{type(error).__name__}: {error}", token)[:500]
    return CallFailed(method, text, after_write=after_write, trouble=_trouble(error))


TROUBLES: tuple[tuple[type[BaseException], str], ...] = (  # the first that fits
    (aiohttp.ClientConnectorDNSError, "host.not_found"),
    (aiohttp.ClientConnectorCertificateError, "tls.untrusted"),
    (ssl.SSLCertVerificationError, "tls.untrusted"),
    (aiohttp.ClientConnectorSSLError, "tls.failed"),
    (Blocked, "host.private"),
    (TimeoutError, "host.timeout"),
    (ConnectionRefusedError, "host.refused"),
    (aiohttp.ClientConnectorError, "host.unreachable"),
    (aiohttp.InvalidURL, "settings.invalid"),
)


def _trouble(error: BaseException) -> str:
    reasons = [error]
    if isinstance(error, aiohttp.ClientConnectorError):
        reasons.insert(0, error.os_error)
    if any("is not on the public Internet" in str(one) for one in reasons):
        return "host.private"  # several addresses make one error of another kind
    found = (code for one in reasons for kind, code in TROUBLES if isinstance(one, kind))
    return next(found, "host.lost")


def _content(method: TelegramMethod[Any]) -> dict[str, Any]:
    """Return a request's body: JSON, or a form when files go with it."""
    params: Mapping[str, Any] = method.params  # type: ignore[attr-defined]
    files: Mapping[str, FilePart] = method.files  # type: ignore[attr-defined]
    if not files:
        return {"json": dict(params)}
    form = FormData(quote_fields=False)
    for name, value in params.items():
        if value is not None:
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, part in files.items():
        form.add_field(
            name, part.chunks(), filename=_plain(part.filename) or name, content_type=part.mime
        )
    return {"data": form}


def _plain(filename: str) -> str:
    """Return a file name that cannot end the header it stands in."""
    return "".join(
        "_" if character in '"\\/' or ord(character) < 32 or ord(character) == 127 else character
        for character in filename
    )[:200]


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    answer = bytearray()
    async for chunk in response.content.iter_any():
        answer += chunk
        if len(answer) > ANSWER:
            raise aiohttp.ClientPayloadError("the answer does not end")
    return bytes(answer)


def _tracing() -> TraceConfig:
    async def note(_session: Any, context: Any, _params: Any) -> None:
        sent = context.trace_request_ctx
        if isinstance(sent, Sent):
            sent.is_sent = True

    tracing = TraceConfig()
    tracing.on_request_headers_sent.append(note)
    return tracing
