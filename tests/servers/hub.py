"""A whole hub in a process of its own, that can be killed."""

import asyncio
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.ports import free_port, listening


ROOT = Path(__file__).parents[2]


class HubProcess:
    """``punte run`` on a database and a data folder; it may be killed and started again."""

    def __init__(self, data: Path, database_url: str) -> None:
        self.port = free_port()
        self.log = data / "hub.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PUNTE_DATA": str(data),
            "PUNTE_PORT": str(self.port),
            "PUNTE_LOG_FORMAT": "json",
            "PUNTE_WORKERS": "2",
            "DATABASE_URL": database_url,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it serves pages unless told not to."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "hub",
                "run",
                cwd=ROOT,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            await listening(self.port, within=60)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(30):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None:
            raise RuntimeError("it was not started")
        return self._process.pid
