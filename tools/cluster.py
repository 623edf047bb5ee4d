"""What ``compose.yaml`` runs, by hand and on this machine: ``python -m tools.cluster``.

A real PostgreSQL over TCP, a real Redis and two hub nodes on ports of their own; Ctrl-C stops all
of them. Tests use ``cluster()`` to have the browser on one node and the mailbox on the other.
"""

import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from infra.postgres_files import give_away, programs, reachable, system_user
from tools.hubs import running


DEBIAN = Path("/usr/lib/postgresql")
STARTED = 30.0  # seconds a server may take to answer
EVERYTHING = "web,channels,jobs"


class Missing(Exception):
    """A program that the cluster consists of is not installed."""


class Cluster(NamedTuple):
    """A running cluster: the address of each node, and what they share."""

    nodes: tuple[str, ...]
    database_url: str
    redis_url: str


@contextmanager
def cluster(
    folder: Path, *, roles: Sequence[str] = (EVERYTHING, EVERYTHING), **settings: str
) -> Iterator[Cluster]:
    """Run PostgreSQL, Redis and a node for each of ``roles`` while the block runs.

    Args:
        folder: Keeps everything; made when missing.
        roles: ``PUNTE_ROLES`` of each node.
        settings: More settings for every node, by their names in the environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        shared = {
            "DATABASE_URL": stack.enter_context(postgresql(folder / "postgresql")),
            "REDIS_URL": stack.enter_context(redis(folder / "redis")),
            "PUNTE_DATA": str(folder / "data"),
            "PUNTE_PORT": "0",
        }
        nodes = [
            stack.enter_context(running({**shared, "PUNTE_ROLES": each, **settings}))
            for each in roles
        ]
        yield Cluster(tuple(nodes), shared["DATABASE_URL"], shared["REDIS_URL"])


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server over TCP with a password; yield its URL."""
    binaries, port, password = _postgres_programs(), free_port(), secrets.token_hex(12)
    folder.mkdir(parents=True)
    give_away(folder)
    reachable(binaries / "postgres")
    secret = folder.with_name("password")
    secret.write_text(password)
    if system_user():
        shutil.chown(secret, system_user())
    cluster_folder = folder / "data"
    locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
    access = ["--username=punte", "--auth=scram-sha-256", f"--pwfile={secret}"]
    _as_server([binaries / "initdb", "-D", cluster_folder, *locale, *access])
    options = f"-h 127.0.0.1 -p {port} -k {folder}"
    control = [binaries / "pg_ctl", "-D", cluster_folder, "-w", "-s"]
    _as_server([*control, "-o", options, "-l", folder / "log", "start"])
    try:
        yield f"postgresql://punte:{password}@127.0.0.1:{port}/postgres"
    finally:
        _as_server([*control, "-m", "immediate", "stop"])


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis server over TCP; yield its URL."""
    program = shutil.which("redis-server", path="/usr/bin:/usr/local/bin")
    if program is None:
        raise Missing("redis-server is not installed")
    folder.mkdir(parents=True)
    port = free_port()
    server = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    with server:
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def main() -> int:
    """Run a cluster until Ctrl-C; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="punte-cluster-") as folder:
        reachable(Path(folder) / "x")
        try:
            with cluster(Path(folder)) as started:
                print("\n".join(f"node {n}: {url}" for n, url in enumerate(started.nodes, 1)))
                print("Ctrl-C stops everything.")
                signal.sigwait({signal.SIGINT, signal.SIGTERM})
        except Missing as missing:
            print(missing, file=sys.stderr)
            return 1
    return 0


def _postgres_programs() -> Path:
    """Return Debian's newest PostgreSQL that we support, else the embedded one."""
    versions = sorted(DEBIAN.glob("1[5-8]/bin/postgres"))
    return versions[-1].parent if versions else programs("18")


def _as_server(words: Sequence[str | Path]) -> None:
    user = system_user()
    environment: Mapping[str, str] = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    subprocess.run(
        words,
        check=True,
        cwd="/",
        env=environment,
        user=user,
        group=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + STARTED
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
