"""Mail under fire: a hub, its mail server and its database are disturbed while mail arrives.

What a client was told 250 for has to be stored, each once. The journey has it small, the bench
has it whole.
"""

import asyncio
import random
import smtplib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import asyncpg
import msgspec

from channels.email.account import validated
from crm_core.staff.setup import default_places
from hub.migrate import migrate
from inbox.accounts import seal_secrets
from inbox.tables import AccountRow
from infra.bus import LocalBus
from infra.clock import new_id
from infra.db import Database
from infra.postgres import Postgres
from infra.vault import Vault
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.hub import HubProcess


MAILBOX = "support@hub.test"
CLIENTS = 60
COUNTED = "SELECT external_id, count(*) FROM message WHERE kind = 'inbound' GROUP BY external_id"
OPEN = "SELECT state, count(*) FROM journal GROUP BY state"


class Tally(msgspec.Struct):
    """How it went."""

    sent: int = 0
    stored: int = 0
    missing: int = 0
    twice: int = 0
    foreign: int = 0
    seconds: float = 0.0
    journal: dict[str, int] = {}
    disturbances: dict[str, int] = {}

    @property
    def is_exact(self) -> bool:
        """Everything that was sent is stored, once, and nothing else."""
        return not (self.missing or self.twice or self.foreign)


class Battlefield:
    """A hub on a Dovecot and a PostgreSQL, and who disturbs them."""

    def __init__(self, postgres: Postgres, dovecot: Dovecot, hub: HubProcess, seed: int) -> None:
        self.chance = random.Random(seed)
        self.disturbances: Counter[str] = Counter()
        self._postgres = postgres
        self._dovecot = dovecot
        self._hub = hub
        self._sent: set[str] = set()

    async def fight(self, mails: int, *, blows: int, patience: float) -> Tally:
        """Send mails while things break; then wait until all is stored, and count."""
        began = time.monotonic()
        sending = asyncio.create_task(self._send(mails))
        for _ in range(blows):
            await asyncio.sleep(self.chance.uniform(0.2, 1.5))
            await self._strike()
        await sending
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._until_stored()
        return await self._count(time.monotonic() - began)

    # ------------------------------------------------------------ sending

    async def _send(self, mails: int) -> None:
        for first in range(0, mails, 25):
            batch = [self._letter(n) for n in range(first, min(first + 25, mails))]
            while batch:
                try:
                    await asyncio.to_thread(self._deliver, batch)
                except (smtplib.SMTPException, OSError):
                    await asyncio.sleep(0.1)  # the server is down; whoever sends tries again
            await asyncio.sleep(self.chance.uniform(0, 0.1))

    def _deliver(self, batch: list[EmailMessage]) -> None:
        with smtplib.LMTP("127.0.0.1", self._dovecot.lmtp, timeout=20) as client:
            while batch:
                mail = batch[-1]
                client.sendmail(mail["From"], [MAILBOX], mail.as_bytes())
                self._sent.add(mail["Message-ID"])
                batch.pop()

    def _letter(self, number: int) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = f"client{number % CLIENTS}@client.test"
        mail["To"] = MAILBOX
        mail["Subject"] = f"Question {number}"
        mail["Message-ID"] = f"<{number}.{self.chance.getrandbits(60):x}@client.test>"
        mail["Date"] = "Tue, 24 Nov 2026 12:00:00 +0200"
        mail.set_content(f"Good day, this is question {number}.\n" + "text " * number)
        return mail

    # ------------------------------------------------------------ disturbing

    async def _strike(self) -> None:
        blows: list[Callable[[], Awaitable[None]]] = [
            self._kill_hub,
            self._kill_hub,
            self._cut_imap,
            self._cut_imap,
            self._restart_dovecot,
            self._renumber,
            self._restart_postgres,
        ]
        blow = self.chance.choice(blows)
        self.disturbances[blow.__name__.strip("_")] += 1
        await blow()

    async def _kill_hub(self) -> None:
        await self._hub.kill()
        await self._hub.start(wait=self.chance.random() < 0.7)

    async def _cut_imap(self) -> None:
        await self._dovecot.cut(MAILBOX)

    async def _restart_dovecot(self) -> None:
        await self._dovecot.restart()

    async def _renumber(self) -> None:
        await self._dovecot.change_uidvalidity(MAILBOX)
        await self._dovecot.cut(MAILBOX)

    async def _restart_postgres(self) -> None:
        await asyncio.to_thread(self._postgres.stop)
        await asyncio.to_thread(self._postgres.start)

    # ------------------------------------------------------------ counting

    async def _until_stored(self) -> None:
        while True:
            with suppress(asyncpg.PostgresError, OSError):
                stored = await self._stored()
                if self._sent <= set(stored):
                    return
            await asyncio.sleep(0.3)

    async def _stored(self) -> dict[str, int]:
        return dict(await self._rows(COUNTED))

    async def _rows(self, sql: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(
            host=str(self._postgres.socket_folder), user="postgres", database="postgres"
        )
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()

    async def _count(self, seconds: float) -> Tally:
        stored = await self._stored()
        return Tally(
            sent=len(self._sent),
            stored=sum(stored.values()),
            missing=len(self._sent - set(stored)),
            twice=sum(count > 1 for count in stored.values()),
            foreign=len(set(stored) - self._sent),
            seconds=round(seconds, 1),
            journal=dict(await self._rows(OPEN)),
            disturbances=dict(self.disturbances),
        )


@asynccontextmanager
async def battlefield(base: Path, *, seed: int) -> AsyncIterator[Battlefield]:
    """Set everything up in an empty directory with a short path."""
    data = base / "data"
    data.mkdir()
    postgres = Postgres(base / "pg")
    await asyncio.to_thread(postgres.start)
    try:
        async with Dovecot(base / "dovecot") as dovecot:
            await migrate(postgres.url)
            await connect_mailbox(postgres.url, data, dovecot)
            async with HubProcess(data, postgres.url) as hub:
                yield Battlefield(postgres, dovecot, hub, seed)
    finally:
        await asyncio.to_thread(postgres.stop)


async def connect_mailbox(url: str, data: Path, dovecot: Dovecot) -> None:
    """Connect the mailbox to a hub that does not run yet."""
    db = Database(url, LocalBus())
    account_id = new_id()
    server = {"host": "127.0.0.1", "port": dovecot.imap, "security": "plain"}
    config = validated(
        {
            "address": MAILBOX,
            "imap": server,
            "smtp": server,
            "allow_private": True,
            "import_policy": "all",
        }
    )
    sealed = seal_secrets(Vault.of(None, data), f"account/{account_id}", {"password": PASSWORD})
    async with db.transaction() as tx:
        branch_id, _ = await default_places(tx)
        tx.session.add(
            AccountRow(
                id=account_id,
                kind="email",
                provider="email.imap",
                name="Support",
                address=MAILBOX,
                config=config,
                secrets=sealed,
                branch_id=branch_id,
            )
        )
    await db.close()
