"""A sender of mail in a process of its own, to be killed: ``URL DATA NAME``."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import hub.tables  # noqa: F401 - a session knows tables by name
from channels.email import smtp
from channels.email.adapter import EmailAdapter
from inbox import fates, sending
from inbox.accounts import AccountContext, load_account
from inbox.contract import RunContext
from inbox.sending import Sender
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.db import Database
from infra.vault import Vault


fates.BACKOFF = (0.05,) * 6  # type: ignore[assignment]  # seconds: nobody waits for hours
sending.POLL = 0.2
smtp.LAST_REPLY = 0.5


async def main(url: str, data: Path, name: str) -> None:
    """Send until killed."""
    db = Database(url, LocalBus())
    adapter = EmailAdapter([b"k" * 32])
    vault, blobs = Vault.of(None, data), Blobs(data / "blobs")

    async def line(account_id: UUID) -> tuple[EmailAdapter, RunContext]:
        async with db.read() as sql:
            account = await load_account(sql, account_id)
        return adapter, AccountContext(db, vault, blobs, account)

    await Sender(db, LocalBus(), line, owner=name, lease=timedelta(seconds=1.5)).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
