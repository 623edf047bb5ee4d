"""A private Dovecot and accounts on it, for tests of the e-mail channel."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from channels.email.adapter import EmailAdapter
from channels.email.receiving import Pace
from tests.servers.context import MemoryContext
from tests.servers.dovecot import BOXES, PASSWORD, Dovecot
from tests.servers.tokens import TokenServer, token_server


UNUSED = iter(BOXES)
HASTY = Pace(idle=20.0, poll=0.2, report=0.05, first=0.05, longest=0.5, pauses=False)


@pytest.fixture(scope="session")
async def tokens() -> AsyncIterator[TokenServer]:
    """The token server that Dovecot asks."""
    async with token_server() as server:
        yield server


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A short directory: paths of sockets have a limit."""
    with tempfile.TemporaryDirectory(prefix="dove", ignore_cleanup_errors=True) as base:
        yield Path(base)


@pytest.fixture(scope="session")
async def dovecot(home: Path, tokens: TokenServer) -> AsyncIterator[Dovecot]:
    """A running Dovecot."""
    async with Dovecot(home, tokens=tokens.port) as server:
        yield server


@pytest.fixture
def user() -> str:
    """A mailbox of this test alone."""
    return next(UNUSED)


def settings(dovecot: Dovecot, user: str, **more: Any) -> dict[str, Any]:
    """Return the settings of a mailbox."""
    return {
        "address": user,
        "name": "Support",
        "imap": {"host": "127.0.0.1", "port": dovecot.imap, "security": "plain"},
        "smtp": {"host": "127.0.0.1", "port": 1, "security": "plain"},
        "allow_private": True,
        "import_policy": "all",
        **more,
    }


@pytest.fixture
def ctx(dovecot: Dovecot, user: str) -> MemoryContext:
    """An account of the mailbox."""
    return MemoryContext(settings(dovecot, user), password=PASSWORD)


@pytest.fixture
def adapter() -> EmailAdapter:
    """The adapter, in a hurry."""
    return EmailAdapter([b"k" * 32], pace=HASTY)


@asynccontextmanager
async def running(adapter: EmailAdapter, ctx: MemoryContext) -> AsyncIterator[None]:
    """Receive while the body runs."""
    task = asyncio.create_task(adapter.run(ctx))
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.wait([task])


def letter(subject: str, text: str = "hello", **headers: str) -> EmailMessage:
    """Return a mail of a client."""
    mail = EmailMessage()
    mail["From"] = "Alice <alice@client.test>"
    mail["To"] = "support@hub.test"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{subject.replace(' ', '-')}@client.test>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail
