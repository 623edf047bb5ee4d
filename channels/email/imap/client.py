"""An IMAP connection as the channel uses it: signed in, one folder at a time."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from aioimaplib.aioimaplib import time2internaldate

from channels.email.imap import answers
from channels.email.imap.answers import Fetched, Folder, Selected
from channels.email.imap.failures import NotOffered, Refused, SignInFailed
from channels.email.imap.names import mailbox, quoted
from channels.email.imap.protocol import ImapProtocol
from infra.outbound import connect


Security = Literal["tls", "starttls", "plain"]

GREETING = 20.0  # seconds for TLS and the greeting
WHOLE = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[])"
SIZES = "(UID RFC822.SIZE INTERNALDATE)"
SLICE = 1 << 20  # bytes


class ImapClient:
    """One connection, owned by one task; leaving its context closes it at once."""

    def __init__(self, protocol: ImapProtocol) -> None:
        self._protocol = protocol

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        *,
        security: Security,
        context: ssl.SSLContext,
        allow_private: bool = False,
    ) -> Self:
        """Connect, secure the connection, and wait for the greeting.

        Raises:
            Bye: The server does not want us now.
            NotOffered: It has no STARTTLS.
            OSError: It cannot be reached, or is not who it says (``ssl.SSLError``).
            TimeoutError: It is silent.
        """
        link = await connect(host, port, allow_private=allow_private)
        loop = asyncio.get_running_loop()
        protocol = ImapProtocol(loop)
        async with asyncio.timeout(GREETING):
            await loop.create_connection(
                lambda: protocol,
                sock=link,
                ssl=context if security == "tls" else None,
                server_hostname=host if security == "tls" else None,
            )
            client = cls(protocol)
            try:
                await protocol.greeted
                if security == "starttls":
                    await client._start_tls(context, host)
                await client.refresh_capabilities()
            except BaseException:
                client.abort()
                raise
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()

    def abort(self) -> None:
        """Close the connection without a word."""
        if self._protocol.transport is not None:
            self._protocol.transport.abort()

    async def log_out(self) -> None:
        """Say goodbye; whatever the server makes of it."""
        try:
            async with asyncio.timeout(5):
                await self._protocol.call("LOGOUT")
        except (Refused, OSError, TimeoutError):
            pass

    @property
    def is_alive(self) -> bool:
        """The connection is not known to be gone."""
        return self._protocol.lost is None

    @property
    def has_news(self) -> bool:
        """The server said that mails came since ``settle``."""
        return self._protocol.has_news

    def settle(self) -> None:
        """Forget that mails came; call it before looking for them."""
        self._protocol.has_news = False

    def offers(self, capability: str) -> bool:
        """Tell whether the server has a capability."""
        return capability in self._protocol.capabilities

    async def refresh_capabilities(self) -> None:
        """Ask again: they change with TLS and with the sign-in."""
        answer = await self._protocol.call("CAPABILITY")
        words = b" ".join(bytes(line) for line in answer.lines[:-1]).decode("ascii", "replace")
        self._protocol.capabilities = set(words.upper().split())

    async def _start_tls(self, context: ssl.SSLContext, host: str) -> None:
        protocol = self._protocol
        await self.refresh_capabilities()
        if not self.offers("STARTTLS"):
            raise NotOffered("STARTTLS")
        protocol.secure()
        await protocol.call("STARTTLS")
        transport = await protocol.loop.start_tls(
            protocol.transport, protocol, context, server_hostname=host
        )
        protocol.secured(transport)

    # ------------------------------------------------------------ signing in

    async def sign_in(self, user: str, password: str) -> None:
        """Sign in with a password.

        Raises:
            SignInFailed: The server does not accept them.
        """
        try:
            await self._protocol.call("LOGIN", quoted(user), quoted(password))
        except Refused as error:
            raise SignInFailed("LOGIN", error.text) from error
        await self._signed_in()

    async def sign_in_with_token(self, user: str, token: str) -> None:
        """Sign in with an OAuth access token (XOAUTH2).

        Source: https://developers.google.com/gmail/imap/xoauth2-protocol

        Raises:
            SignInFailed: The server does not accept it.
        """
        secret = b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode()).decode()
        try:
            await self._protocol.call("AUTHENTICATE", "XOAUTH2", secret)
        except Refused as error:
            raise SignInFailed("AUTHENTICATE", error.text) from error
        await self._signed_in()

    async def _signed_in(self) -> None:
        self._protocol.state = "AUTH"
        await self.refresh_capabilities()

    # ------------------------------------------------------------ folders

    async def folders(self) -> list[Folder]:
        """Return every folder of the account."""
        answer = await self._protocol.call("LIST", '""', '"*"')
        return answers.folders(answer.lines)

    async def select(self, folder: str) -> Selected:
        """Open a folder. Nothing here ever marks a mail as read."""
        answer = await self._protocol.call("SELECT", mailbox(folder))
        self._protocol.state = "SELECTED"
        return answers.selected(answer.lines)

    async def uidnext_of(self, folder: str) -> int | None:
        """Return the UID the next mail of another folder will have."""
        answer = await self._protocol.call("STATUS", mailbox(folder), "(UIDNEXT)")
        return answers.uidnext_of(answer.lines)

    async def search(self, *criteria: str) -> list[int]:
        """Return the UIDs of mails that match, ascending."""
        answer = await self._protocol.call("SEARCH", *criteria, uid=True, silence=120.0)
        return answers.found_uids(answer.lines)

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """Put a mail into a folder, as read."""
        protocol = self._protocol
        protocol.literal_data = raw
        await protocol.call(
            "APPEND", mailbox(folder), "(\\Seen)", time2internaldate(at), f"{{{len(raw)}}}"
        )

    async def noop(self) -> None:
        """Let the server say what is new."""
        await self._protocol.call("NOOP")

    async def idle(self, seconds: float) -> bool:
        """Wait until mails came, at most so long; tell whether they did."""
        return await self._protocol.idle(seconds)

    # ------------------------------------------------------------ mails

    async def fetch(
        self, uids: Iterable[int], items: str = WHOLE
    ) -> AsyncGenerator[Fetched, None]:
        """Yield mails, or what is asked of them, as they arrive."""
        async with aclosing(self._protocol.stream(uid_set(uids), items)) as stream:
            async for parts in stream:
                mail = answers.fetched(parts)
                if mail is not None:
                    yield mail

    async def slices(self, uid: int, limit: int) -> AsyncGenerator[bytes, None]:
        """Yield at most so many bytes of a mail, piece by piece, to its end.

        The end is where a piece is short: some servers only estimate the size of a mail.
        """
        offset = 0
        while offset < limit:
            items = f"(UID BODY.PEEK[]<{offset}.{SLICE}>)"
            piece = b""
            async with aclosing(self.fetch([uid], items)) as answered:
                async for mail in answered:
                    piece = bytes(mail.body or b"")
            if piece:
                yield piece
            if len(piece) < SLICE:
                return
            offset += len(piece)


def uid_set(uids: Iterable[int]) -> str:
    """Return UIDs as a set with ranges: a command line must not grow without end."""
    ranges: list[list[int]] = []
    for uid in sorted(uids):
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in ranges)
