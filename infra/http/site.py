"""Where the hub is reached: its own origin, and who is really on the other side of a proxy."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import msgspec
from aiohttp import web


class Peer(msgspec.Struct, frozen=True):
    """The other side of a request, as far as it can be believed.

    Attributes:
        ip: Address of the client; empty when it came over a Unix socket.
        scheme: ``http`` or ``https``, as the client sees it.
        host: Host and port the client asked for.
        via_proxy: A trusted proxy is in between: its headers were believed.
    """

    ip: str
    scheme: str
    host: str
    via_proxy: bool = False

    @property
    def origin(self) -> str:
        """Return the origin a page served to this client has."""
        return f"{self.scheme}://{self.host}".lower()


PEER = web.RequestKey("peer", Peer)


class Site:
    """The hub's own address.

    Args:
        public_url: Where browsers reach the hub; None when that is whatever they asked for.
        trusted_proxies: Addresses or networks whose ``X-Forwarded-*`` headers are believed;
            everybody else's are ignored.
    """

    def __init__(self, public_url: str | None = None, trusted_proxies: Sequence[str] = ()) -> None:
        self.public_url = public_url.rstrip("/") if public_url else None
        self._origin = origin_of(self.public_url) if self.public_url else None
        self._proxies = [ip_network(proxy, strict=False) for proxy in trusted_proxies]

    def peer(self, request: web.BaseRequest) -> Peer:
        """Return who sent ``request``.

        The rightmost address of ``X-Forwarded-For`` that is not a trusted proxy is the client:
        what stands left of it was written by the client itself.
        """
        remote = request.remote or ""
        if not self._trusts(remote):
            return Peer(remote, request.scheme, request.host)
        chain = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",")]
        client = next((a for a in reversed(chain) if a and not self._trusts(a)), remote)
        return Peer(
            ip=client,
            scheme=request.headers.get("X-Forwarded-Proto", request.scheme),
            host=request.headers.get("X-Forwarded-Host", request.host),
            via_proxy=True,
        )

    def is_secure(self, peer: Peer) -> bool:
        """Say whether ``peer`` reaches the hub over TLS."""
        return (self._origin or peer.origin).startswith("https://")

    def is_own(self, origin: str | None, peer: Peer) -> bool:
        """Say whether a page of ``origin`` is the hub's own."""
        return origin is not None and origin == (self._origin or peer.origin)

    def url(self, peer: Peer) -> str:
        """Return the address to write into links given to ``peer``, without a final slash."""
        return self.public_url or peer.origin

    def _trusts(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._proxies)


def origin_of(url: str) -> str:
    """Return the origin of ``url`` (RFC 6454 section 6.1), default ports left out."""
    parts = urlsplit(url)
    port = parts.port
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")
