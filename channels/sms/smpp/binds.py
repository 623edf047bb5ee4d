"""Which session of this process sends for an account.

Where a transceiver is bound for receiving, it sends, too. Where the account is run by another
node, or receives over a bind of its own, the first message opens a transmitter that later ones
share and that is given up when it was idle for a while.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec

from channels.sms.smpp.account import SmppAccount
from channels.sms.smpp.session import Pace, Session


COMING_UP = 10.0  # seconds a message waits for the bind of this process
IDLE = 60.0  # seconds after which a transmitter of our own is unbound


class NotBound(Exception):
    """The bind of this process is not up."""


class Sharing:
    """What one account has in this process.

    Attributes:
        runs: How many receivers run here; more than one only while one replaces another.
        shared: The bind that receives and sends.
        own: A transmitter opened for sending alone, with the settings it was opened with.
    """

    def __init__(self) -> None:
        self.runs = 0
        self.shared: Session | None = None
        self.own: tuple[Session, bytes] | None = None
        self.opening = asyncio.Lock()
        self.changed = asyncio.Event()
        self.idle: asyncio.TimerHandle | None = None


class Binds:
    """The sending sessions of this process, by account."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._accounts: dict[UUID, Sharing] = {}

    @contextmanager
    def run_here(self, account_id: UUID) -> Iterator[None]:
        """Mark that the account is received for in this process."""
        sharing = self._of(account_id)
        sharing.runs += 1
        try:
            yield
        finally:
            sharing.runs -= 1
            sharing.changed.set()

    def share(self, account_id: UUID, session: Session) -> None:
        """Let messages go out over the bind that receives."""
        sharing = self._of(account_id)
        sharing.shared = session
        sharing.changed.set()

    def unshare(self, account_id: UUID, session: Session) -> None:
        """Take a bind back that is about to end."""
        sharing = self._of(account_id)
        if sharing.shared is session:
            sharing.shared = None

    async def of(self, account_id: UUID, account: SmppAccount, password: str) -> Session:
        """Return a session to send over.

        Raises:
            NotBound: The bind of this process is not up.
            BindRefused, NotAnswered, OSError: A transmitter of our own could not be bound.
        """
        sharing = self._of(account_id)
        if sharing.runs and account.bind != "transmitter_receiver":
            return await self._shared(sharing)
        return await self._own(sharing, account, password)

    async def _shared(self, sharing: Sharing) -> Session:
        try:
            async with asyncio.timeout(COMING_UP if self._pace.pauses else 1.0):
                while sharing.shared is None or sharing.shared.is_lost:
                    sharing.changed.clear()
                    await sharing.changed.wait()
        except TimeoutError as error:
            raise NotBound("not bound to the centre now") from error
        return sharing.shared

    async def _own(self, sharing: Sharing, account: SmppAccount, password: str) -> Session:
        settings = msgspec.json.encode((account, password))
        async with sharing.opening:
            if sharing.own is not None:
                session, opened_with = sharing.own
                if not session.is_lost and opened_with == settings:
                    self._rest(sharing)
                    return session
                sharing.own = None
                await session.close()
            session = await Session.open(account, password, "transmitter", self._pace)
            sharing.own = session, settings
        self._rest(sharing)
        return session

    def _rest(self, sharing: Sharing) -> None:
        """Unbind a transmitter of our own when nothing was sent for a while."""
        if sharing.idle is not None:
            sharing.idle.cancel()
        sharing.idle = asyncio.get_running_loop().call_later(IDLE, self._give_up, sharing)

    def _give_up(self, sharing: Sharing) -> None:
        if sharing.own is not None:
            session, _ = sharing.own
            sharing.own = None
            task = asyncio.create_task(session.close())
            task.add_done_callback(lambda done: done.exception())

    async def close(self) -> None:
        """Unbind every transmitter of our own."""
        for sharing in self._accounts.values():
            if sharing.idle is not None:
                sharing.idle.cancel()
            if sharing.own is not None:
                session, _ = sharing.own
                sharing.own = None
                await session.close()

    def _of(self, account_id: UUID) -> Sharing:
        return self._accounts.setdefault(account_id, Sharing())
