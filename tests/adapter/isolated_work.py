"""What the workers of ``test_isolation`` are asked to do."""

import os
import signal
import sys
import time


_prefix = b""
_mines: list[bytes] = []


def work(item: bytes) -> bytes:
    match item.split(b" ")[0]:
        case b"hang":
            time.sleep(3600)
        case b"die":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"eat":
            return bytes(1 << 31)
        case b"fail":
            raise ValueError("no such luck")
        case b"print":
            sys.stdout.write("noise" * 100)
        case b"pid":
            sys.stderr.write(f"{os.getpid()}\n")
            sys.stderr.flush()
        case b"mine":
            _mines.append(item)
        case b"step":
            if _mines:
                os._exit(7)
    return item


def set_prefix(argument: bytes) -> None:
    global _prefix  # noqa: PLW0603 - a worker is one process for one purpose
    _prefix = argument


def prefixed(item: bytes) -> bytes:
    return _prefix + item
