"""Telegram beside its stand-in, for the conformance suite."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from channels.telegram.adapter import TelegramAdapter
from channels.telegram.hooking import HEADER, secret_of
from inbox.contract import Adapter, Address, Fault, Raw, Request, RunContext
from tests.servers.context import MemoryContext
from tests.servers.telegram import scenarios
from tests.servers.telegram.scenarios import Cut, Refuse, Scenario
from tests.servers.telegram.server import TelegramServer, telegram_server
from tests.servers.telegram.world import Chat, Person


ION = Person(7)
SCENARIOS: Mapping[Fault, Scenario] = {
    Fault.TRANSIENT: scenarios.BROKEN,
    Fault.THROTTLED: scenarios.too_many(2),
    Fault.UNKNOWN: Cut("after_read"),
    Fault.CONTENT: Refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    Fault.RECIPIENT: scenarios.NO_CHAT,
    Fault.REFUSED: scenarios.BLOCKED,
    Fault.WINDOW: scenarios.TOO_LATE,
    Fault.AUTH: scenarios.UNAUTHORIZED,
    Fault.FUNDS: Refuse(400, "Bad Request: BALANCE_TOO_LOW"),
    Fault.MOVED: scenarios.migrated(-100123),
    Fault.BUG: scenarios.STRANGE,
}


def update(number: int, **fields: Any) -> Raw:
    """Return an update as the journal has it."""
    return Raw(
        key=str(number), body=msgspec.json.encode({"update_id": number, **fields}), kind="update"
    )


def said(number: int, **content: Any) -> dict[str, Any]:
    """Return a message of Ion's."""
    sender = {"from": ION.as_user(), "chat": ION.as_chat()}
    return {"message_id": number, "date": 1795500000, **sender, **content}


def called(ctx: RunContext, secret: str | None) -> Request:
    """Return a call as Telegram makes it."""
    headers = {"content-type": "application/json"}
    return Request(
        method="POST",
        path="",
        url=ctx.hook_url,
        headers=headers if secret is None else headers | {HEADER: secret},
        query={},
        body=update(1, message=said(1, text="Bună ziua")).body,
        peer="149.154.167.220",
    )


class TelegramLine:
    """A bot beside the stand-in."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self.adapter = TelegramAdapter()
        self.ctx = MemoryContext(
            {"address": "@punte_bot", "api_base": server.url, "allow_private": True},
            bot_token=server.bot.token,
        )
        self.server.bot.chats[ION.id] = Chat(ION.as_chat())

    @property
    def handed(self) -> int:
        return sum(call.done for call in self.server.calls)

    def break_for(self, fault: Fault) -> None:
        self.server.plan(SCENARIOS[fault], times=1000)

    def mend(self) -> None:
        self.server.mend()


class Telegram:
    """Telegram over the Bot API."""

    name = "telegram"
    peer = Address("telegram_user", str(ION.id))
    thread = str(ION.id)
    payloads: Mapping[str, Raw] = {
        "text": update(1, message=said(1, text="Bună ziua")),
        "file": update(
            2,
            message=said(
                2,
                document={
                    "file_id": "F1",
                    "file_unique_id": "U1",
                    "file_name": "act.pdf",
                    "mime_type": "application/pdf",
                    "file_size": 100,
                },
            ),
        ),
        "edited": update(3, edited_message=said(1, text="Bună seara", edit_date=1795500060)),
        "reaction": update(
            4,
            message_reaction={
                "chat": ION.as_chat(),
                "message_id": 1,
                "user": ION.as_user(),
                "date": 1795500070,
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            },
        ),
    }
    about: Mapping[str, str] = {"edited": "text", "reaction": "text"}
    strange = (
        update(5, message=said(5, hologram={"depth": 3})),
        update(6, brand_new={"of": "a later version"}),
        Raw(key="7", body=b"\xff\x00{", kind="update"),
        Raw(key="8", body=b"", kind="update"),
    )
    too_big = update(
        9,
        message=said(9, document={"file_id": "F9", "file_unique_id": "U9", "file_size": 30 << 20}),
    )
    settings: Mapping[str, Any] = {"address": "@punte_bot", "mode": "webhook"}
    secrets: Mapping[str, str] = {"bot_token": "42:t0ken-of-the-bot-0123456789-abcdefgh"}
    faults = tuple(SCENARIOS)

    def genuine(self, ctx: RunContext) -> Sequence[Request]:
        return [called(ctx, secret_of(ctx))]

    def forged(self, ctx: RunContext) -> Sequence[Request]:
        other = MemoryContext(ctx.config, **self.secrets)  # the same bot in another account
        wrong = [None, "", "wrong", self.secrets["bot_token"], secret_of(other)]
        return [called(ctx, secret) for secret in wrong]

    def open(self) -> Adapter:
        return TelegramAdapter()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[TelegramLine]:
        async with telegram_server() as server:
            line = TelegramLine(server)
            try:
                yield line
            finally:
                await line.adapter.close()
