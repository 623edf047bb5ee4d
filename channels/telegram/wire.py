"""Calling the Bot API: what a call is given, what it returns and how it fails.

aiogram makes the requests. Importing it takes seconds and a hundred megabytes, so it is loaded
in a thread by the first call of an installation that has a bot, and never by importing this.
Answers stay plain JSON: aiogram's models need time exponential in the nesting of rich text, and
the answer to a reply repeats what the client wrote.
"""

import asyncio
import importlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import msgspec

from channels.telegram.account import CLOUD, BotAccount, read_account
from channels.telegram.loose_json import read, results
from inbox.contract import RunContext


ENGINE = "channels.telegram.bot_api"  # the one module that imports aiogram
CALL = 30.0  # seconds a call may take
DOWNLOAD = 600.0  # seconds a file may take
TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,200}")
ANY_TOKEN = re.compile(r"(?<![0-9])[0-9]{3,20}(?::|%3[Aa])[A-Za-z0-9_-]{10,}")
HIDDEN = "***"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class FilePart(msgspec.Struct, frozen=True):
    """A file to upload; a parameter names it by ``attach://<its key in files>``.

    Attributes:
        chunks: Returns its content from the beginning, each time it is called.
    """

    filename: str
    mime: str
    chunks: Callable[[], AsyncIterator[bytes]]


class CallFailed(Exception):
    """A call that did not succeed; its text never holds the token.

    Attributes:
        status: HTTP status; 0 when there was no answer.
        error_code: What the Bot API said; 0 when it was not the Bot API that answered.
        retry_after: Seconds; None when nothing was said.
        migrate_to: Id of the supergroup that the group has become.
        after_write: The request had left and nobody said what became of it.
        trouble: Why there is no answer of the Bot API, as a stable code; "" when there is one.
    """

    def __init__(
        self,
        method: str,
        description: str,
        *,
        status: int = 0,
        error_code: int = 0,
        retry_after: float | None = None,
        migrate_to: int | None = None,
        after_write: bool = False,
        trouble: str = "",
    ) -> None:
        super().__init__(f"{method}: {description}")
        self.method = method
        self.description = description
        self.status = status
        self.error_code = error_code
        self.retry_after = retry_after
        self.migrate_to = migrate_to
        self.after_write = after_write
        self.trouble = trouble


class Update(msgspec.Struct, frozen=True):
    """An update as it came; ``id`` is None when it names none."""

    id: int | None
    body: bytes


class Engine(Protocol):
    """Connections to one server; ``channels.telegram.bot_api`` has the one there is."""

    async def call(
        self,
        token: str,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, FilePart],
        seconds: float,
    ) -> bytes:
        """Make one call and return the answer's bytes."""

    def download(
        self, token: str, path: str, limit: int, seconds: float
    ) -> AsyncGenerator[bytes, None]:
        """Stream a file of at most ``limit`` bytes."""

    async def close(self) -> None:
        """Close every connection."""


class Wire:
    """The connections of every bot of this process, shared by all that use one server.

    Args:
        sandbox: Speak to servers on this machine only: asking Telegram for news would take it
            away from the hub whose copy this is.
    """

    def __init__(self, *, sandbox: bool = False) -> None:
        self._sandbox = sandbox
        self._engines: dict[tuple[str, bool, bool], Engine] = {}
        self._opening = asyncio.Lock()

    async def call(
        self,
        ctx: RunContext,
        method: str,
        params: Mapping[str, Any] | None = None,
        files: Mapping[str, FilePart] | None = None,
        timeout: float = CALL,  # noqa: ASYNC109 - a part of the request
    ) -> Any:
        """Make one call and return its ``result``.

        Raises:
            CallFailed: It did not work, or nobody knows.
        """
        engine = await self._engine(ctx, polls=False)
        answer = await engine.call(token_of(ctx), method, params or {}, files or {}, timeout)
        return read(answer).get("result")

    async def updates(
        self, ctx: RunContext, params: Mapping[str, Any], *, patience: float
    ) -> Sequence[Update]:
        """Wait for updates; nothing of them is understood but their ids.

        Args:
            patience: Seconds the call may take.

        Raises:
            CallFailed: There are none to be had now.
        """
        engine = await self._engine(ctx, polls=True)
        answer = await engine.call(token_of(ctx), "getUpdates", params, {}, patience)
        return [Update(update_id(body), body) for body in results(answer)]

    async def download(
        self, ctx: RunContext, path: str, limit: int
    ) -> AsyncGenerator[bytes, None]:
        """Stream a file by the path that ``getFile`` gave.

        Raises:
            CallFailed: It is not there, or longer than ``limit`` bytes.
        """
        engine = await self._engine(ctx, polls=False)
        token = token_of(ctx)
        chunks = engine.download(token, _relative(path, token), limit, DOWNLOAD)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    async def close(self) -> None:
        """Close every connection; the next call opens new ones."""
        engines, self._engines = list(self._engines.values()), {}
        for engine in engines:
            await engine.close()

    async def _engine(self, ctx: RunContext, *, polls: bool) -> Engine:
        account = _account_of(ctx)
        if self._sandbox and urlsplit(account.api_base).hostname not in LOOPBACK:
            raise CallFailed("sandbox", "this hub speaks to nobody outside", trouble="sandbox")
        key = (account.api_base, account.allow_private, polls)
        async with self._opening:
            if key not in self._engines:
                module = await asyncio.to_thread(importlib.import_module, ENGINE)
                is_guarded = account.api_base != CLOUD and not account.allow_private
                self._engines[key] = module.BotApi(
                    account.api_base, guarded=is_guarded, polls=polls
                )
        return self._engines[key]


def token_of(ctx: RunContext) -> str:
    """Return the account's token.

    Raises:
        CallFailed: It is not a token at all.
    """
    token = ctx.secret("bot_token").strip()
    if not TOKEN.fullmatch(token):
        raise CallFailed("token", "the token looks like 123456:ABC-def", error_code=401)
    return token


def redacted(text: str, token: str) -> str:
    """Return ``text`` without the token, however it is spelt, and without any other."""
    for spelling in (token, quote(token, safe="")):
        text = text.replace(spelling, HIDDEN)
    return ANY_TOKEN.sub(HIDDEN, text)


def _account_of(ctx: RunContext) -> BotAccount:
    try:
        return read_account(ctx.config)
    except msgspec.ValidationError as error:
        problem = str(error)
    raise CallFailed("settings", problem, trouble="settings.invalid")


class _Head(msgspec.Struct):
    update_id: int


def update_id(body: bytes) -> int | None:
    """Return an update's id without reading the rest; None when it has none."""
    try:
        return msgspec.json.decode(body, type=_Head).update_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = read(body).get("update_id")
        return found if isinstance(found, int) else None


def _relative(path: str, token: str) -> str:
    """Return a file's path below the bot's folder.

    A server in local mode gives the absolute path on its own disk, which goes through a folder
    named like the token; a web server beside it serves that folder.
    https://core.telegram.org/bots/api#using-a-local-bot-api-server
    """
    for folder in (token, token.replace(":", "~")):  # "~" on Windows
        before, found, rest = path.replace("\\", "/").partition(f"/{folder}/")
        if found and before.startswith(("/", *_DRIVES)):
            return rest
    return path


_DRIVES = tuple(f"{letter}:" for letter in "CDEFGHIJ")
