"""What runs inside a worker of ``infra.isolation``: ``python -m infra.isolated``.

Standard input carries items, each behind its length; standard output carries results, each
behind a status and its length. Anything printed goes to standard error, so that it cannot be
taken for a result.
"""

import ctypes
import importlib
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO


READY, DONE, TIRED, FAILED, NO_MEMORY = range(5)
"""``TIRED`` is a result too: the worker has grown and wants to be replaced."""

ITEM = struct.Struct("!I")
RESULT = struct.Struct("!BI")
TIRED_AT = 256 << 20  # bytes the process may have grown to
PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h


def main(function: str, setup: str, memory: str, parent: str) -> None:
    """Serve until standard input ends.

    Args:
        function: ``module:function`` for every item.
        setup: ``module:function`` called once with the first item; may be empty.
        memory: Bytes of address space.
        parent: Process id of the pool's process; the worker does not outlive it.
    """
    _die_with(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError):  # not every system limits address space; the deadline holds
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    items = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    results = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    argument = _next(items)
    handle = _load(function)
    if setup and argument is not None:
        _load(setup)(argument)
    _put(results, READY, b"")
    while (item := _next(items)) is not None:
        _put(results, *_handled(handle, item))


def _handled(handle: Callable[[bytes], bytes], item: bytes) -> tuple[int, bytes]:
    try:
        result = handle(item)
    except MemoryError:
        return NO_MEMORY, b""
    except Exception as error:  # noqa: BLE001 - the parent decides what becomes of the item
        return FAILED, f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:2000]
    return (TIRED if _resident() > TIRED_AT else DONE), result


def _resident() -> int:
    """Return the bytes of memory this process holds now; 0 where that cannot be told.

    Not ``ru_maxrss``: it survives exec, so the worker of a large hub would begin with the
    hub's own size and be replaced after every batch. Source: proc(5), /proc/pid/statm.
    """
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - once an item: no detour
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0  # the limit on address space and the number of items hold there


def _load(path: str) -> Callable[[bytes], bytes]:
    module, _, name = path.partition(":")
    found: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
    return found


def _next(items: BinaryIO) -> bytes | None:
    size = items.read(ITEM.size)
    if len(size) < ITEM.size:
        return None
    return items.read(ITEM.unpack(size)[0])


def _put(results: BinaryIO, status: int, payload: bytes) -> None:
    results.write(RESULT.pack(status, len(payload)))
    results.write(payload)
    results.flush()


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process with its parent, even in the middle of an item."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was quicker
        sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
