"""Hostile input is handled in processes that can be killed.

A ``Workers`` pool runs a function over a batch of items, each bytes in and bytes out. A worker
has a limited address space and a deadline for every item; one that overruns, crashes or runs out
of memory is killed and replaced, its item is reported as an error, and its neighbours go on
elsewhere. Results come back one by one, so the culprit of a crash is always known.
"""

import asyncio
import os
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from infra.errors import HubError
from infra.isolated import FAILED, NO_MEMORY, READY, TIRED


GIB = 1 << 30
DEADLINE = 30.0  # seconds an item may take
START_DEADLINE = 60.0  # seconds a worker may take to import what it needs
STOP_DEADLINE = 1.0  # seconds an idle worker gets to leave
AHEAD_BYTES = 64 << 10  # bytes sent ahead: what a pipe holds without anybody reading
PIECE = 1 << 20  # bytes written to a worker before others get their turn
LIFETIME = 5_000  # items after which a worker is replaced: whatever leaked goes with it
ITEM = struct.Struct("!I")
RESULT = struct.Struct("!BI")


class IsolationError(HubError):
    """An item could not be handled; its neighbours were."""

    code: ClassVar[str] = "isolated.failed"
    title: ClassVar[str] = "The content could not be read"


class TimedOut(IsolationError):
    """The item took longer than its deadline."""

    code = "isolated.timeout"


class Crashed(IsolationError):
    """The worker died on the item."""

    code = "isolated.crashed"


class OutOfMemory(IsolationError):
    """The item needs more memory than a worker may have."""

    code = "isolated.memory"


class Workers:
    """A pool of killable processes; started when first needed.

    Args:
        function: ``module:function`` taking and returning bytes.
        setup: ``module:function`` a worker calls once with ``argument``, before any item.
        argument: Whatever the setup needs to know.
        count: How many processes.
        memory: Address space of each, in bytes.
        deadline: Seconds an item may take.
    """

    def __init__(
        self,
        function: str,
        *,
        setup: str = "",
        argument: bytes = b"",
        count: int = 2,
        memory: int = GIB,
        deadline: float = DEADLINE,
    ) -> None:
        self._command = (function, setup, str(memory), str(os.getpid()))
        self._argument = argument
        self._deadline = deadline
        self._count = count
        self._places = asyncio.Semaphore(count)
        self._idle: list[_Worker] = []
        self._is_closed = False

    async def run(self, items: Sequence[bytes]) -> list[bytes | IsolationError]:
        """Return what the function made of each item, in order.

        Raises:
            RuntimeError: The pool was closed.
        """
        if self._is_closed:
            raise RuntimeError("the workers were closed")
        results: list[bytes | IsolationError] = [Crashed("not tried")] * len(items)
        share = -(-len(items) // self._count) or 1
        async with asyncio.TaskGroup() as group:
            for start in range(0, len(items), share):
                indexes = range(start, min(start + share, len(items)))
                group.create_task(self._run_share(items, indexes, results))
        return results

    async def warm(self) -> None:
        """Start every worker now, so that the first item need not wait for one."""
        async with self._places:
            missing = self._count - len(self._idle)
            self._idle += await asyncio.gather(
                *(_Worker.start(self._command, self._argument) for _ in range(missing))
            )

    async def close(self) -> None:
        """End every worker; the pool cannot be used again."""
        self._is_closed = True
        for _ in range(self._count):
            await self._places.acquire()
        await asyncio.gather(*(worker.stop() for worker in self._idle))
        self._idle.clear()

    async def _run_share(
        self, items: Sequence[bytes], indexes: range, results: list[bytes | IsolationError]
    ) -> None:
        """Work through some items; whatever a dead worker left goes to the next one."""
        async with self._places:
            left = list(indexes)
            while left:
                done, error = await self._feed(items, left, results)
                if error is None:
                    return
                culprit, left = left[done], left[done + 1 :]
                if isinstance(error, Crashed | OutOfMemory):
                    # it may have died of what came before: it gets a fresh worker of its own
                    _, error = await self._feed(items, [culprit], results, fresh=True)
                if error is not None:
                    results[culprit] = error

    async def _worker(self, *, fresh: bool) -> "_Worker":
        if self._idle and not fresh:
            return self._idle.pop()
        return await _Worker.start(self._command, self._argument)

    async def _feed(
        self,
        items: Sequence[bytes],
        indexes: Sequence[int],
        results: list[bytes | IsolationError],
        *,
        fresh: bool = False,
    ) -> tuple[int, IsolationError | None]:
        """Run items in one worker until it fails; return how many were done and what failed."""
        found: list[bytes | IsolationError] = []
        error: IsolationError | None = None
        try:
            worker = await self._worker(fresh=fresh)
        except RuntimeError as reason:
            return 0, Crashed(str(reason))
        try:
            await worker.work([items[index] for index in indexes], self._deadline, found)
        except TimeoutError:
            error = TimedOut(f"took more than {self._deadline:g} s")
        except MemoryError:
            error = OutOfMemory("needs more memory than a worker may have")
        except (EOFError, OSError):
            error = Crashed("the worker died on it")
        except BaseException:
            await worker.kill()
            raise
        for index, result in zip(indexes, found, strict=False):
            results[index] = result
        if error is not None:
            await worker.kill()
            return len(found), error
        if worker.is_tired:
            await worker.stop()
        else:
            self._idle.append(worker)
        return len(found), None


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a worker needs pipes")
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._handled = 0
        self.is_tired = False

    @classmethod
    async def start(cls, command: Sequence[str], argument: bytes) -> "_Worker":
        """Start a process and wait until it is ready.

        Raises:
            RuntimeError: It could not set itself up; its standard error says why.
        """
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "infra.isolated",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            limit=PIECE,
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(START_DEADLINE):
                await worker._send(argument)
                status, _ = await worker._receive()
        except (TimeoutError, EOFError, OSError) as error:
            await worker.kill()
            raise RuntimeError(f"a worker did not start: {' '.join(command)}") from error
        except BaseException:
            await worker.kill()
            raise
        if status != READY:
            await worker.kill()
            raise RuntimeError("a worker did not say that it is ready")
        return worker

    async def work(
        self, items: Sequence[bytes], deadline: float, found: list[bytes | IsolationError]
    ) -> None:
        """Append the result of each item to ``found``.

        Items are sent ahead as long as they fit into the pipe: then neither side can wait for
        the other. A bigger one is sent when the process has nothing else to do.

        Raises:
            TimeoutError: An item took longer than the deadline, in seconds.
            EOFError: The process ended.
            MemoryError: The item ran out of memory.
        """
        sent, ahead = 0, 0
        for position, item in enumerate(items):
            async with asyncio.timeout(deadline):
                while sent < len(items) and (
                    sent == position or ahead + len(items[sent]) <= AHEAD_BYTES
                ):
                    await self._send(items[sent])
                    ahead += len(items[sent])
                    sent += 1
                status, payload = await self._receive()
            ahead -= len(item)
            self._handled += 1
            self.is_tired = self.is_tired or status == TIRED or self._handled >= LIFETIME
            if status == NO_MEMORY:
                raise MemoryError
            found.append(IsolationError(payload.decode()) if status == FAILED else payload)

    async def _send(self, item: bytes) -> None:
        self._stdin.write(ITEM.pack(len(item)))
        view = memoryview(item)
        for start in range(0, len(item), PIECE):
            self._stdin.write(view[start : start + PIECE])
            await self._stdin.drain()

    async def _receive(self) -> tuple[int, bytes]:
        status, size = RESULT.unpack(await self._stdout.readexactly(RESULT.size))
        return status, await self._stdout.readexactly(size)

    async def stop(self) -> None:
        """Let an idle process leave; kill one that does not."""
        self._stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_DEADLINE):
                await self._process.wait()
                return
        await self.kill()

    async def kill(self) -> None:
        """End the process whatever it does."""
        self._stdin.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
