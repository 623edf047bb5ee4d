"""The process as an operator meets it: one command, one address, one signal."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.postgres import Postgres


ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"Punte is ready at (http://127\.0\.0\.1:\d+)")
LINK = re.compile(r"/setup#token=[\w-]{20,}")

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]


class Running:
    """A hub in a process of its own."""

    def __init__(self, data: Path, **settings: str) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PUNTE_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            clean.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hub", "run"],
            cwd=ROOT,
            env=clean | {"PUNTE_DATA": str(data), "PUNTE_PORT": "0"} | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Read what it prints until ``pattern`` was said."""
        while (found := pattern.search(self.said)) is None:
            line = self.process.stdout.readline()
            assert line, f"it ended without saying {pattern.pattern}:\n{self.said}"
            self.said += line
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end, hear its last words, and return the exit code."""
        with self.process.stdout as output:
            self.said += output.read()
        return self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that several hubs live in, one after the other."""
    folder = tmp_path_factory.mktemp("p")
    yield folder
    if (folder / "postgres" / "PG_VERSION").exists():
        with Postgres(folder / "postgres"):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_serves_and_stops_with_its_database(data, number):
    hub = Running(data)
    address = hub.until(READY)[1]
    with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
        assert answer.status == 200
    assert hub.stop(number) == 0, hub.said
    assert not Postgres(data / "postgres").is_running()
    assert processes_of(data) == []


def test_the_first_owner_gets_a_link_until_there_is_one(data):
    hub = Running(data)
    hub.until(LINK)
    assert hub.stop() == 0


def test_a_killed_hub_starts_again_on_the_database_it_left(data):
    killed = Running(data)
    killed.until(READY)
    assert killed.stop(signal.SIGKILL) != 0
    again = Running(data)
    again.until(READY)
    assert again.stop() == 0
    assert processes_of(data) == []


def test_a_taken_port_is_named_with_the_remedy(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hub = Running(data, PUNTE_PORT=str(taken.getsockname()[1]))
        assert hub.ended() == 1
    assert "PUNTE_PORT" in hub.said
    assert "Traceback" not in hub.said
    assert processes_of(data) == []


def test_a_misspelt_setting_stops_it_at_once(data):
    hub = Running(data, PUNTE_PROT="1")
    assert hub.ended() == 1
    assert "did you mean PUNTE_PORT" in hub.said


def processes_of(data: Path) -> list[int]:
    """Return the PostgreSQL processes that still work in ``data``."""
    deadline = time.monotonic() + 5
    while True:
        left = []
        for process in psutil.process_iter(["pid", "name"]):
            try:
                if process.info["name"].startswith("postgres") and process.cwd().startswith(
                    str(data)
                ):
                    left.append(process.info["pid"])
            except psutil.Error:
                continue
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)
