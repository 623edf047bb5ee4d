"""A Bot API server and pictures for the tests of Telegram."""

import struct
import zlib
from collections.abc import AsyncIterator

import pytest

from channels.telegram.adapter import TelegramAdapter
from tests.adapter.telegram.receiving import HASTY, context
from tests.servers.context import MemoryContext
from tests.servers.telegram.server import TelegramServer, telegram_server


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


def png(width: int = 4, height: int = 3, *, colour: bytes = b"\xff\x00\x00") -> bytes:
    """Return a picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\x00" + colour * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
async def adapter() -> AsyncIterator[TelegramAdapter]:
    adapter = TelegramAdapter(pace=HASTY)
    yield adapter
    await adapter.close()


@pytest.fixture
def ctx(telegram: TelegramServer) -> MemoryContext:
    return context(telegram)
