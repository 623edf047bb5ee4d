"""Files of messages: fetched from the provider, signed in, and from nowhere else."""

import base64
from collections.abc import AsyncIterator
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import ClientTimeout, TCPConnector

from channels.sms.gateway.fill import Values, fill_text
from channels.sms.gateway.grammar import MediaHosts
from inbox.contract import Fault, SendError, SendFailed
from infra.outbound import public_socket


PATIENCE = ClientTimeout(total=300, sock_connect=10, sock_read=30)  # seconds
MOST_MOVES = 3
CHUNK = 64 * 1024  # bytes
MOVED = {301, 302, 303, 307, 308}


async def fetch(
    rule: MediaHosts, values: Values, url: str, limit: int, *, allow_private: bool
) -> tuple[AsyncIterator[bytes], str | None]:
    """Stream a file of at most ``limit`` bytes, with its media type.

    A call of the provider names the file, so its host must be one the preset knows; only there
    the account signs in. The store it is passed on to is another's and is told nothing.

    Raises:
        SendFailed: It cannot be had; the fault says whether it is worth another try.
    """
    connector = TCPConnector(socket_factory=None if allow_private else public_socket)
    session = aiohttp.ClientSession(connector=connector, timeout=PATIENCE)
    try:
        answer = await _opened(session, rule, values, url)
        if (answer.content_length or 0) > limit:
            raise _refused("media.too_big", f"more than {limit} bytes")
    except SendFailed:
        await session.close()
        raise
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        await session.close()
        text = type(error).__name__
        failed = SendError(fault=Fault.TRANSIENT, code="media.unreachable", text=text)
        raise SendFailed(failed) from None
    mime = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() or None
    return _stream(session, answer, limit), mime


async def _opened(
    session: aiohttp.ClientSession, rule: MediaHosts, values: Values, url: str
) -> aiohttp.ClientResponse:
    for move in range(MOST_MOVES + 1):
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        is_own = host in rule.hosts or parts.netloc.lower() in rule.hosts
        is_known = is_own or any(host.endswith(end) for end in rule.follow if move)
        if not is_known or parts.scheme not in {"https", "http"}:
            raise _refused("media.refused", f"{host} is not the provider's")
        if parts.scheme == "http" and not is_own:
            raise _refused("media.refused", "the file is not offered over TLS")
        headers = _sign_in(rule, values) if is_own else {}
        answer = await session.get(url, headers=headers, allow_redirects=False)
        if answer.status in MOVED and answer.headers.get("Location"):
            url = urljoin(url, answer.headers["Location"])
            answer.close()
            continue
        if answer.status == 200:
            return answer
        answer.close()
        fault = Fault.TRANSIENT if answer.status >= 500 or answer.status == 429 else Fault.CONTENT
        raise SendFailed(
            SendError(fault=fault, code="media.refused", text=f"HTTP {answer.status}")
        )
    raise _refused("media.refused", "it is passed on and on")


def _sign_in(rule: MediaHosts, values: Values) -> dict[str, str]:
    user, password = fill_text(rule.user, values), fill_text(rule.password, values)
    if not user or not password:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


async def _stream(
    session: aiohttp.ClientSession, answer: aiohttp.ClientResponse, limit: int
) -> AsyncIterator[bytes]:
    read = 0
    async with session, answer:
        async for chunk in answer.content.iter_chunked(CHUNK):
            read += len(chunk)
            if read > limit:
                raise _refused("media.too_big", f"more than {limit} bytes")
            yield chunk


def _refused(code: str, text: str) -> SendFailed:
    return SendFailed(SendError(fault=Fault.CONTENT, code=code, text=text))
