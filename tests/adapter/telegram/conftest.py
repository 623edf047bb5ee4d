"""A Bot API server and pictures for the tests of Telegram."""

import struct
import zlib
from collections.abc import AsyncIterator, Sequence

import pytest

from channels.telegram.adapter import TelegramAdapter
from inbox.accounts import Account, AccountContext
from inbox.contract import AccountId, Adapter, Event, Raw
from inbox.processing import Processor
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.vault import Vault, new_key
from tests import seed
from tests.adapter.telegram.receiving import HASTY, Line, context, settings
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


@pytest.fixture
async def line(db, tmp_path, telegram, adapter) -> Line:
    account_id = await seed.account(db, kind="telegram", provider="telegram", address="@punte_bot")
    vault, blobs, bus = Vault.parse(new_key()), Blobs(tmp_path / "blobs"), LocalBus()
    account = Account(
        account_id, "telegram", "telegram", "Bot", "@punte_bot", settings(telegram), "", True
    )
    ctx = AccountContext(db, vault, blobs, account)
    await ctx.keep_secret("bot_token", telegram.bot.token)

    async def adapter_of(_provider: str) -> Adapter:
        return adapter

    async def isolate(
        _adapter: Adapter, _account: AccountId, _raws: Sequence[Raw]
    ) -> Sequence[Sequence[Event] | Exception]:
        raise NotImplementedError

    return Line(db, Processor(db, bus, blobs, adapter_of, isolate), ctx)
