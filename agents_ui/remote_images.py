"""Loading remote images of mails for agents: the sender's server learns nothing of them.

The address of every connection is checked where its socket is made, after the name was resolved
and for each redirect anew, so neither DNS rebinding nor an odd spelling leads inside.
"""

import asyncio
import socket
from typing import Any

import aiohttp

from infra.errors import HubError
from infra.outbound import Blocked, is_public
from infra.sniff import HEAD, sniff


LIMIT = 10 << 20  # bytes of an image
TIMEOUT = 15.0  # seconds to load it
REDIRECTS = 3
AGENT = "Punte image proxy"


class NoImage(HubError):
    """The address cannot be loaded, or is no image."""

    code = "image.unavailable"
    status = 404
    title = "The image cannot be loaded"


class RemoteImages:
    """Loads images from the public Internet.

    Args:
        guarded: False lets it load from this machine and network, for tests.
    """

    def __init__(self, *, guarded: bool = True) -> None:
        self._guarded = guarded
        self._http: aiohttp.ClientSession | None = None

    async def load(self, url: str) -> tuple[str, bytes]:
        """Return an image's type, by its content, and the image.

        Raises:
            NoImage: It cannot be loaded, is too large, or is no raster image.
        """
        if not url.startswith(("http://", "https://")):
            raise NoImage
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._session().get(url, max_redirects=REDIRECTS) as response,
            ):
                if response.status != 200 or (response.content_length or 0) > LIMIT:
                    raise NoImage
                data = await _read(response)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise NoImage from error
        mime = sniff(data[:HEAD])
        if mime is None or not mime.startswith("image/"):
            raise NoImage
        return mime, data

    async def close(self) -> None:
        """Close the connections kept."""
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=self._socket, limit=20),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": AGENT, "Accept": "image/*"},
                auto_decompress=False,
                trust_env=False,
            )
        return self._http

    def _socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, place = address
        if self._guarded and not is_public(str(place[0])):
            raise Blocked(f"{place[0]} is not on the public Internet")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LIMIT:
            raise NoImage
        parts.append(part)
    return b"".join(parts)
