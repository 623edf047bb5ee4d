"""Channel accounts: what an adapter may ask of the hub, and the settings it works by."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from crm_core.addresses import compare_key
from inbox import journal
from inbox.adapters import Adapters
from inbox.answering import OpenLine
from inbox.bounces import apply_read_up_to
from inbox.contract import AccountId, Adapter, Health, Raw, ReadUpTo, RunContext, TypingIn
from inbox.ephemera import tell_typing
from inbox.ingest import OwnAccount
from infra.blobs import Blobs
from infra.clock import now
from infra.db import Database, Transaction
from infra.db import Raw as Sql
from infra.errors import NotFound
from infra.vault import Vault


class Account(msgspec.Struct, frozen=True):
    """An account as the hub runs it; secrets are sealed until an adapter asks for one."""

    id: UUID
    kind: str
    provider: str
    name: str
    address: str
    config: dict[str, Any]
    secrets: str
    is_enabled: bool
    lease_epoch: int = 0
    hook_key: str = ""


HOOKS = "/hook"
"""Path under which providers reach accounts."""

SELECT = """
SELECT id, kind, provider, name, address, config::text AS config, secrets, is_enabled, lease_epoch,
       coalesce(hook_key, '') AS hook_key
  FROM channel_account
 WHERE removed_at IS NULL
"""


async def load_accounts(sql: Sql | Transaction) -> list[Account]:
    """Return every account that was not removed."""
    return [_account(row) for row in await sql.fetch(SELECT)]


async def load_account(sql: Sql | Transaction, account_id: UUID) -> Account:
    """Return one account.

    Raises:
        NotFound: There is none, or it was removed.
    """
    row = await sql.fetchrow(f"{SELECT} AND id = $1", account_id)
    if row is None:
        raise NotFound(f"no channel account {account_id}")
    return _account(row)


async def account_of_hook(sql: Sql | Transaction, key: str) -> Account | None:
    """Return the account providers reach with ``key``, if it takes calls now."""
    if "\0" in key:  # PostgreSQL has no such text
        return None
    row = await sql.fetchrow(f"{SELECT} AND hook_key = $1 AND is_enabled", key)
    return None if row is None else _account(row)


async def account_at(sql: Sql | Transaction, kind: str, address: str) -> Account | None:
    """Return the account of a kind with an address of its own, if it is switched on."""
    row = await sql.fetchrow(
        f"{SELECT} AND kind = $1 AND address = $2 AND is_enabled", kind, address
    )
    return None if row is None else _account(row)


def own_accounts(accounts: Sequence[Account]) -> dict[UUID, OwnAccount]:
    """Return, per account, which addresses of its kind are the company's own."""
    own: dict[str, set[str]] = {}
    for account in accounts:
        kind = "email" if account.kind == "email" else "phone"
        own.setdefault(account.kind, set()).add(compare_key(kind, account.address))
    return {a.id: OwnAccount(a.id, a.kind, frozenset(own[a.kind])) for a in accounts}


class AccountSecrets:
    """The secrets of one account, opened when they are asked for."""

    def __init__(self, vault: Vault, account: Account) -> None:
        self._vault = vault
        self._place = f"account/{account.id}"
        self._sealed = account.secrets

    def get(self, name: str) -> str:
        """Return a secret; "" when the account has none of that name."""
        return self._all().get(name, "")

    def with_value(self, name: str, value: str) -> str:
        """Return the sealed text of all secrets, with one replaced, and keep it."""
        secrets = self._all() | {name: value}
        self._sealed = seal_secrets(self._vault, self._place, secrets)
        return self._sealed

    def _all(self) -> dict[str, str]:
        if not self._sealed:
            return {}
        opened = self._vault.open(self._sealed, place=self._place)
        return msgspec.json.decode(opened, type=dict[str, str])


def seal_secrets(vault: Vault, place: str, secrets: Mapping[str, str]) -> str:
    """Return the sealed text of an account's secrets; ``place`` is ``account/<id>``."""
    return vault.seal(msgspec.json.encode(secrets).decode(), place=place)


class AccountContext:
    """What an adapter is given to run one account: ``inbox.contract.RunContext``."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        blobs: Blobs,
        account: Account,
        *,
        epoch: int | None = None,
        public_url: str = "",
    ) -> None:
        self.account = AccountId(account.id)
        self.epoch = epoch or 0
        self.config: Mapping[str, Any] = account.config
        self.public_url = public_url
        self.hook_url = hook_url(public_url, account.hook_key)
        self._fence = epoch
        self._db = db
        self._blobs = blobs
        self._secrets = AccountSecrets(vault, account)
        self._health: Health | None = None

    def secret(self, name: str) -> str:
        """Return a secret of the account; "" when it has none of that name."""
        return self._secrets.get(name)

    async def keep_secret(self, name: str, value: str) -> None:
        """Seal and store a secret the provider rotated."""
        async with self._db.transaction() as tx:
            await tx.act(None, "channel")
            await tx.execute(
                "UPDATE channel_account SET secrets = $2 WHERE id = $1",
                self.account,
                self._secrets.with_value(name, value),
            )

    async def ingest(self, batch: Sequence[Raw], cursor: str | None = None) -> int:
        """Write payloads into the journal; see the contract."""
        async with self._db.lane(via="channel") as tx:
            return await journal.take(
                tx, self._blobs, self.account, batch, epoch=self._fence, cursor=cursor
            )

    async def known_keys(self, prefix: str) -> set[str]:
        """Return the journal keys of the account that begin with ``prefix``."""
        async with self._db.read() as sql:
            return await journal.known_keys(sql, self.account, prefix)

    async def cursor(self) -> str | None:
        """Return the last cursor stored."""
        async with self._db.read() as sql:
            return await sql.fetchval(  # type: ignore[no-any-return]  # a text column
                "SELECT cursor FROM channel_account WHERE id = $1", self.account
            )

    async def emit_ephemeral(self, event: TypingIn | ReadUpTo) -> None:
        """Tell agents that the client writes; note what the client has read, without a payload."""
        if isinstance(event, TypingIn):
            await tell_typing(self._db, self._db.bus, event)
            return
        async with self._db.transaction() as tx:
            await tx.act(None, "channel")
            await apply_read_up_to(tx, event)

    async def health(self, health: Health) -> None:
        """Store how the account does; announce it when its state or reason changed."""
        loud = self._health is None or (health.state, health.code) != (
            self._health.state,
            self._health.code,
        )
        self._health = health
        async with self._db.transaction() as tx:
            await store_health(tx, self.account, health, loud=loud)

    def blob(self, ref: str) -> AsyncIterator[bytes]:
        """Stream a blob."""
        return self._blobs.stream(ref)

    async def put_blob(self, chunks: AsyncIterator[bytes], limit: int) -> str:
        """Store a blob of at most ``limit`` bytes and return its name."""
        name, _size = await self._blobs.put(chunks, limit)
        return name


def line_opener(db: Database, vault: Vault, blobs: Blobs, adapters: Adapters) -> OpenLine:
    """Return what gives the adapter of an account and what it works with."""

    async def open_line(account_id: UUID) -> tuple[Adapter, RunContext]:
        async with db.read() as sql:
            account = await load_account(sql, account_id)
        adapter = await adapters.get(account.provider)
        return adapter, AccountContext(db, vault, blobs, account)

    return open_line


async def store_health(
    tx: Transaction, account_id: UUID, health: Health, *, loud: bool = True
) -> None:
    """Store how an account does; announce it when ``loud``."""
    blank: dict[str, Any] = {"code": "", "remedy": "", "text": "", "backlog": None, "details": {}}
    await tx.execute(
        "UPDATE channel_account SET health = health || $2::jsonb, health_at = $3,"
        " rev = rev + $4 WHERE id = $1",
        account_id,
        msgspec.json.encode(blank | msgspec.to_builtins(health)).decode(),
        now(),
        int(loud),
    )
    if loud:
        await tx.execute("SELECT publish_account($1)", account_id)
        tx.wrote()


def hook_url(public_url: str, key: str) -> str:
    """Return where a provider reaches an account; "" when there is no public address."""
    return f"{public_url}{HOOKS}/{key}" if public_url and key else ""


def _account(row: Any) -> Account:
    return Account(
        id=row["id"],
        kind=row["kind"],
        provider=row["provider"],
        name=row["name"],
        address=row["address"],
        config=msgspec.json.decode(row["config"]),
        secrets=row["secrets"],
        is_enabled=row["is_enabled"],
        lease_epoch=row["lease_epoch"],
        hook_key=row["hook_key"],
    )
