"""The secrets and the channel accounts: does each one open, does each one work."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hub.adapters import adapters
from hub.doctor.finding import Finding, ok, problem
from inbox.accounts import Account, AccountContext, load_accounts
from inbox.contract import SendFailed
from inbox.services import Services
from infra.blobs import Blobs
from infra.db import Database
from infra.vault import Sealed, Vault


PATIENCE = 30.0  # seconds for a provider to answer
SEALED = """
SELECT 'account/' || id AS place, secrets AS sealed FROM channel_account
 WHERE secrets <> '' AND removed_at IS NULL
UNION ALL
SELECT 'totp/' || id, totp FROM agent WHERE totp IS NOT NULL
"""


async def secrets(db: Database, vault: Vault) -> Finding:
    """Open every sealed secret, as a restore with the wrong key would not."""
    shut: list[str] = []
    async with db.read() as sql:
        rows = await sql.fetch(SEALED)
    for row in rows:
        try:
            vault.open(row["sealed"], place=row["place"])
        except Sealed:
            shut.append(row["place"])
    if shut:
        return problem(
            "secrets",
            f"{len(shut)} of {len(rows)} cannot be opened, such as {shut[0]}",
            "bring back the key they were sealed with (behind the new one), or enter them anew",
        )
    return ok("secrets", f"all {len(rows)} open")


async def accounts(db: Database, vault: Vault, data: Path) -> Sequence[Finding]:
    """Let every enabled account's adapter try its settings; nothing is changed by it."""
    services = Services(reply_keys=vault.derive_each("reply"), sandbox=True)
    async with db.read() as sql:
        enabled = [account for account in await load_accounts(sql) if account.is_enabled]
    known = adapters(services)
    blobs = Blobs(data / "blobs")

    async def look(account: Account) -> Finding:
        subject = f"account {account.name}"
        context = AccountContext(db, vault, blobs, account)
        try:
            adapter = await known.get(account.provider)
            async with asyncio.timeout(PATIENCE):
                info = await adapter.check(context)
        except SendFailed as failed:
            return problem(subject, failed.error.text, "correct it in Settings > Channels")
        except Sealed:
            return problem(subject, "its password cannot be opened", "enter it anew")
        except (OSError, TimeoutError) as error:
            text = str(error) or "no answer"
            return problem(subject, text, "look at the network and the provider's status")
        return ok(subject, f"signed in as {info.name}")

    return await asyncio.gather(*map(look, enabled))
