"""What the benches of the live connection stand on: a node, agents, and a crowd of sockets."""

import base64
import http.client
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.ground import Ground
from crm_core.staff.roles import seed_roles
from crm_core.staff.sessions import open_session
from crm_core.staff.tables import AgentRoleRow, AgentRow, BranchRow
from infra.clock import new_id


TABS = 10  # of an agent: what a node allows
BATCH = 50  # sockets opened at a time
TEXT, PING, PONG = 0x81, 0x89, 0x8A  # first bytes of whole frames (RFC 6455 section 5.2)
HELLO = {"op": "hello", "v": 1}


async def cookies(here: Ground, agents: int) -> list[str]:
    """Hire agents of every right and sign them in; return a cookie of each."""
    made = []
    async with here.db.transaction() as tx:
        roles = await seed_roles(tx)
        branch = BranchRow(name="Bench", code="BENCH")
        tx.session.add(branch)
        await tx.session.flush()
        for number in range(agents):
            login = f"agent{number}"
            row = AgentRow(
                id=new_id(),
                login=login,
                login_key=login,
                name=login,
                branch_id=branch.id,
                status="active",
            )
            tx.session.add(row)
            await tx.session.flush()
            tx.session.add(AgentRoleRow(agent_id=row.id, role_id=roles["head"]))
            await tx.session.flush()
            made.append(f"punte={(await open_session(tx, row.id)).token}")
    return made


class Process:
    """A server in a process of its own that printed its port."""

    def __init__(self, command: Sequence[str], **more: object) -> None:
        self._popen = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            **more,  # type: ignore[call-overload]
        )
        self.port = int(self._popen.stdout.readline() if self._popen.stdout else "")
        self.about = psutil.Process(self._popen.pid)

    @property
    def rss(self) -> int:
        """Bytes of memory it holds."""
        return int(self.about.memory_info().rss)

    @property
    def cpu(self) -> float:
        """Seconds of CPU it used so far."""
        times = self.about.cpu_times()
        return float(times.user + times.system)

    def stop(self) -> None:
        """End it."""
        self._popen.kill()
        self._popen.wait()


@contextmanager
def node(here: Ground) -> Iterator[Process]:
    """Run a node on ``here``."""
    root = str(Path(__file__).parent.parent)
    process = Process(
        [sys.executable, "-m", "bench.live_node", here.url, str(here.folder)], cwd=root
    )
    try:
        yield process
    finally:
        process.stop()


class Trigger:
    """Lets a node commit events; what it answers is read when the events have arrived."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port)

    def pull(self, n: int, size: int) -> None:
        """Ask for a commit of ``n`` events."""
        self._http.request("GET", f"/bench/fire?n={n}&size={size}")

    def committed(self) -> float:
        """Return the monotonic time of the commit that was asked for."""
        return float(json.load(self._http.getresponse())["committed"])


class Sock:
    """One websocket, as little as a client can be."""

    __slots__ = ("buffer", "socket")

    def __init__(self, link: socket.socket) -> None:
        self.socket = link
        self.buffer = b""

    def frames(self) -> Iterator[bytes]:
        """Yield the payloads of the text frames that arrived; pings are answered."""
        try:
            while data := self.socket.recv(1 << 18):
                self.buffer += data
                if len(data) < 1 << 18:
                    break
        except BlockingIOError:
            pass
        while (whole := _whole(self.buffer)) is not None:
            head, end = whole
            kind, payload, self.buffer = self.buffer[0], self.buffer[head:end], self.buffer[end:]
            if kind == PING:
                self.socket.sendall(masked(payload, kind=PONG))
            elif kind == TEXT:
                yield payload


class Crowd:
    """Many websockets, served by one epoll."""

    def __init__(self, port: int, *, path: str = "/live", protocol: str | None = "hub.v1") -> None:
        self._port = port
        self._path = path
        self._protocol = protocol
        self._epoll = select.epoll()
        self.socks: dict[int, Sock] = {}

    def open(self, cookies: Sequence[str], *, hello: dict[str, object] | None = None) -> None:
        """Open a socket for each cookie, and say hello."""
        for start in range(0, len(cookies), BATCH):
            links = []
            for cookie in cookies[start : start + BATCH]:
                link = socket.create_connection(("127.0.0.1", self._port))
                link.sendall(self._request(cookie))
                links.append(link)
            for link in links:
                sock = Sock(link)
                while b"\r\n\r\n" not in sock.buffer:
                    sock.buffer += link.recv(4096)
                head, sock.buffer = sock.buffer.split(b"\r\n\r\n", 1)
                check(head.startswith(b"HTTP/1.1 101"), head)
                if hello is not None:
                    link.sendall(masked(json.dumps(hello).encode()))
                link.setblocking(False)
                self._epoll.register(link.fileno(), select.EPOLLIN)
                self.socks[link.fileno()] = sock

    def read(
        self, take: Callable[[Sock, bytes], bool], *, seconds: float, enough: int = 1 << 60
    ) -> int:
        """Hand frames to ``take`` until it said True ``enough`` times; return how often."""
        end = time.monotonic() + seconds
        taken = 0
        while taken < enough and (left := end - time.monotonic()) > 0:
            for number, _ in self._epoll.poll(min(left, 0.2), 4096):
                sock = self.socks[number]
                taken += sum(take(sock, frame) for frame in sock.frames())
        return taken

    def ready(self, count: int) -> None:
        """Wait for that many sockets' ``ready``."""
        got = self.read(lambda _sock, frame: b'"op":"ready"' in frame, seconds=30, enough=count)
        check(got == count, f"{got} of {count} are ready")

    def forget(self, number: int) -> None:
        """Read nothing from a socket any more."""
        self._epoll.unregister(number)

    def close(self) -> None:
        """Close every socket."""
        for sock in self.socks.values():
            sock.socket.close()
        self.socks.clear()
        self._epoll.close()

    def _request(self, cookie: str) -> bytes:
        lines = [
            f"GET {self._path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Origin: http://127.0.0.1:{self._port}",
            f"Cookie: {cookie}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            *([f"Sec-WebSocket-Protocol: {self._protocol}"] if self._protocol else []),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def check(true: bool, otherwise: object) -> None:
    """Stop a bench that measures something else than it says."""
    if not true:
        raise RuntimeError(otherwise)


def masked(payload: bytes, *, kind: int = TEXT) -> bytes:
    """Return a client's frame, masked with zeros (RFC 6455 section 5.3)."""
    size = len(payload)
    head = (
        bytes([kind, 0x80 | size]) if size < 126 else bytes([kind, 0xFE]) + struct.pack(">H", size)
    )
    return head + b"\0\0\0\0" + payload


def _whole(buffer: bytes) -> tuple[int, int] | None:
    """Return where the payload of the first whole frame begins and ends."""
    if len(buffer) < 2:
        return None
    size, head = buffer[1] & 127, 2
    if size == 126:
        head = 4
        if len(buffer) < head:
            return None
        (size,) = struct.unpack(">H", buffer[2:4])
    elif size == 127:
        head = 10
        if len(buffer) < head:
            return None
        (size,) = struct.unpack(">Q", buffer[2:10])
    return (head, head + size) if len(buffer) >= head + size else None
