"""Where the hub may connect to: a host that a person typed in must not lead inside the network.

The address is checked, not the name, and the connection goes to the address that was checked,
so neither a name that resolves differently the second time nor an odd spelling helps.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias


NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # RFC 6052, RFC 8215
COMPATIBLE = IPv6Network("::/96")  # IPv4-compatible, deprecated by RFC 4291 section 2.5.5.1
ASSIGNMENTS = IPv4Network("192.0.0.0/24")  # RFC 6890; a part of it counts as global
AddrInfo: TypeAlias = tuple[
    int | socket.AddressFamily,
    int | socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]
ATTEMPT = 10.0  # seconds for one address of a host that has several


class Blocked(OSError):
    """The host leads to an address the hub may not connect to."""


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Say whether an address is on the public Internet, whatever it is wrapped in.

    ``is_global`` alone says yes to NAT64, 6to4 and IPv4-compatible forms of 127.0.0.1 and to
    multicast. An IPv4 address inside an IPv6 one is taken out and judged itself.
    """
    try:
        ip = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(inner)
        return ip.is_global and not ip.is_multicast
    return ip.is_global and not ip.is_multicast and ip not in ASSIGNMENTS


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address a packet to ``ip`` ends at; Teredo is never global."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip in COMPATIBLE or any(ip in network for network in NAT64):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def public_socket(info: AddrInfo) -> socket.socket:
    """Return a socket for an address aiohttp is about to connect to.

    As ``TCPConnector(socket_factory=public_socket)`` it sees the final address of every
    connection, redirects and literal addresses included, which a resolver does not.

    Raises:
        Blocked: The address is not public.
    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise Blocked(f"{address[0]} is not on the public Internet")
    return socket.socket(family, kind, protocol)


async def connect(host: str, port: int, *, allow_private: bool = False) -> socket.socket:
    """Return a connected, non-blocking socket to the first address of ``host`` that answers.

    Raises:
        Blocked: The host has only addresses inside the network, and that is not allowed.
        OSError: It has no address, or none answers.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [entry for entry in found if allow_private or is_public(str(entry[4][0]))]
    if not allowed:
        raise Blocked(f"{host} is not on the public Internet")
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in allowed:
        link = socket.socket(family, kind, protocol)
        link.setblocking(False)
        try:
            async with asyncio.timeout(ATTEMPT):
                await loop.sock_connect(link, address)
        except OSError as error:
            link.close()
            failure = error
        except BaseException:
            link.close()
            raise
        else:
            return link
    raise failure
