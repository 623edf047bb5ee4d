"""Hubs as processes of their own, for tools that look at them from outside."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"Punte is ready at (\S+)")
OURS = ("PUNTE_", "DATABASE_URL", "REDIS_URL")


class HubFailed(Exception):
    """A hub ended before it was ready; the message is what it said."""


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with no settings but ``settings``."""
    return {k: v for k, v in os.environ.items() if not k.startswith(OURS)} | dict(settings)


def command(*words: str, settings: Mapping[str, str]) -> None:
    """Run ``punte`` and wait for its end."""
    subprocess.run(
        [sys.executable, "-m", "hub", *words], check=True, cwd=ROOT, env=environment(settings)
    )


@contextmanager
def running(settings: Mapping[str, str]) -> Iterator[str]:
    """Run a hub while the block runs.

    Yields:
        Its address.

    Raises:
        HubFailed: It ended before it was ready.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "hub", "run"],
        cwd=ROOT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            if process.stdout is not None:
                process.stdout.read()


def _address(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stdout or ():
        said += line
        if found := READY.search(line):
            return found[1]
    raise HubFailed(said or "it said nothing")
