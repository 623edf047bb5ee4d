"""A private Dovecot and accounts on it, for tests of the e-mail channel."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from channels.email.adapter import EmailAdapter
from channels.email.receiving import Pace
from inbox.contract import (
    AccountId,
    Address,
    Outbound,
    Part,
    Recipient,
    RichText,
    ThreadRef,
    WireOp,
)
from infra.clock import new_id
from tests.servers.context import MemoryContext
from tests.servers.dovecot import BOXES, PASSWORD, Dovecot
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix
from tests.servers.smtp_script import SmtpScript, smtp_script
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
async def script() -> AsyncIterator[SmtpScript]:
    """A scripted SMTP server."""
    async with smtp_script() as server:
        yield server


@pytest.fixture
def relay(script: SmtpScript) -> MemoryContext:
    """An account that keeps no copies and needs no password."""
    return MemoryContext(
        {
            "address": "support@hub.test",
            "name": "Support",
            "imap": {"host": "127.0.0.1", "port": free_port(), "security": "plain"},
            "smtp": {"host": "127.0.0.1", "port": script.port, "security": "plain"},
            "allow_private": True,
            "save_sent": "never",
        }
    )


@pytest.fixture(scope="session")
async def postfix(dovecot: Dovecot) -> AsyncIterator[Postfix]:
    """A running Postfix that delivers to the Dovecot."""
    with tempfile.TemporaryDirectory(prefix="post", ignore_cleanup_errors=True) as base:
        async with Postfix(Path(base), lmtp=dovecot.lmtp) as server:
            yield server


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


AT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


def outbound(account: AccountId, *to: str, parts: Sequence[Part] = (), **more: Any) -> Outbound:
    """Return an agent's answer to a client and, in copy, to others."""
    thread = ThreadRef(account, "")
    return Outbound(
        id=new_id(),
        thread=thread,
        thread_id=new_id(),
        to=Address("email", to[0] if to else "alice@client.test", display="Alice"),
        copies=tuple(Recipient(Address("email", one), "cc") for one in to[1:]),
        parts=(
            RichText(text="Good day,\n\nit is on its way.\n.hidden dot"),
            *parts,
        ),
        at=AT,
        sender=Address("email", "support@hub.test"),
        **{"subject": "Your order", **more},
    )


def op_of(adapter: EmailAdapter, message: Outbound) -> WireOp:
    """Return the one call that sends a message."""
    (op,) = adapter.render(message, adapter.capabilities()).ops
    return op


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
