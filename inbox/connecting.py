"""Connecting, testing, changing and removing channel accounts.

Whoever runs an account holds its lease; a change of settings takes the lease away, so the
account starts again with the new settings within seconds, on whichever node is free.
"""

import asyncio
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from crm_core.staff.visibility import Viewer
from inbox.accounts import (
    Account,
    AccountContext,
    AccountSecrets,
    load_account,
    seal_secrets,
)
from inbox.adapters import Adapters
from inbox.changes import account_changed
from inbox.contract import AccountInfo, Adapter, Configures, Pushed, SendError, SendFailed
from infra.blobs import Blobs
from infra.clock import new_id, now
from infra.db import Database, Transaction
from infra.errors import Conflict, Forbidden, Invalid
from infra.tables import Json
from infra.vault import Vault


log = structlog.get_logger()

FAREWELL = 10.0  # seconds a provider may take to hear that an account goes


class AddressTaken(Conflict):
    """Another account has this address."""

    code = "account.address_taken"
    title = "This address is connected already"


class InvalidSettings(Invalid):
    """The settings of an account break a rule."""

    code = "account.invalid_settings"
    title = "The settings are not valid"


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account to connect."""

    provider: str
    name: str
    config: dict[str, Any]
    secrets: dict[str, str] = {}
    branch_id: UUID | None = None
    team_id: UUID | None = None
    reopen_days: int = 14


class AccountPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What to change; secrets that are left out stay."""

    rev: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET
    secrets: dict[str, str] | UnsetType = UNSET
    is_enabled: bool | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET
    reopen_days: int | UnsetType = UNSET


class TestStep(msgspec.Struct, frozen=True):
    """One step of trying an account's settings."""

    step: str
    ok: bool
    code: str
    text: str


class TestResult(msgspec.Struct, frozen=True):
    """How trying an account's settings went."""

    ok: bool
    steps: list[TestStep]
    info: Json | None = None


async def create_account(
    tx: Transaction, adapters: Adapters, vault: Vault, new: NewAccount, *, viewer: Viewer
) -> UUID:
    """Connect an account; it starts to receive at once.

    Raises:
        Forbidden: The viewer may not manage accounts.
        InvalidSettings: A setting breaks a rule.
        AddressTaken: The address is connected already.
    """
    _may_manage(viewer)
    adapter = await adapters.get(new.provider)
    config = validated(adapter, new.config)
    address = str(config["address"])
    await _address_is_free(tx, adapter.kind, address)
    account_id = new_id()
    await tx.execute(
        "INSERT INTO channel_account (id, kind, provider, name, address, config, secrets,"
        " is_enabled, branch_id, team_id, reopen_days, health, lease_epoch, created_at, rev,"
        " hook_key)"
        " VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, true,"
        " coalesce($8, (SELECT branch_id FROM agent WHERE id = $9)), $10, $11, '{}', 0, $12, 1,"
        " $13)",
        account_id,
        adapter.kind,
        adapter.provider,
        new.name,
        address,
        msgspec.json.encode(config).decode(),
        seal_secrets(vault, f"account/{account_id}", new.secrets),
        new.branch_id,
        viewer.agent_id,
        new.team_id,
        new.reopen_days,
        now(),
        token_urlsafe(16),
    )
    await account_changed(tx, account_id)
    return account_id


async def change_account(
    tx: Transaction,
    adapters: Adapters,
    vault: Vault,
    account_id: UUID,
    patch: AccountPatch,
    *,
    viewer: Viewer,
) -> None:
    """Change an account; it starts again with the new settings.

    Raises:
        Forbidden: The viewer may not manage accounts.
        NotFound: There is no such account.
        Conflict: Somebody changed it since ``patch.rev``.
        InvalidSettings: A setting breaks a rule.
    """
    _may_manage(viewer)
    account = await load_account(tx, account_id)
    rev = await tx.fetchval("SELECT rev FROM channel_account WHERE id = $1 FOR UPDATE", account_id)
    if patch.rev is not UNSET and patch.rev != rev:
        raise Conflict("somebody else changed the account: look again")
    values = await _changed(adapters, vault, account, patch)
    if "address" in values and values["address"] != account.address:
        await _address_is_free(tx, account.kind, values["address"])
    columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, start=2))
    await tx.execute(
        f"UPDATE channel_account SET {columns}{', ' if columns else ''} rev = rev + 1,"  # noqa: S608 - names of ours
        " lease_epoch = lease_epoch + 1, lease_owner = NULL, lease_until = NULL,"
        " paused_until = NULL WHERE id = $1",
        account_id,
        *values.values(),
    )
    await account_changed(tx, account_id)


async def remove_account(tx: Transaction, account_id: UUID, *, viewer: Viewer) -> None:
    """Disconnect an account; its conversations stay, its secrets are forgotten.

    Raises:
        Forbidden: The viewer may not manage accounts.
        NotFound: There is no such account.
    """
    _may_manage(viewer)
    await load_account(tx, account_id)
    await tx.execute(
        "UPDATE channel_account SET removed_at = $2, is_enabled = false, secrets = '',"
        " rev = rev + 1, lease_epoch = lease_epoch + 1, lease_owner = NULL, lease_until = NULL"
        " WHERE id = $1",
        account_id,
        now(),
    )
    await account_changed(tx, account_id)


async def take_leave(
    db: Database,
    vault: Vault,
    blobs: Blobs,
    adapters: Adapters,
    account_id: UUID,
    *,
    viewer: Viewer,
) -> None:
    """Tell the provider of an account that is about to go to call us no more.

    It is asked, not relied on: what it sends after all meets a closed door.

    Raises:
        Forbidden: The viewer may not manage accounts.
        NotFound: There is no such account.
    """
    _may_manage(viewer)
    async with db.read() as sql:
        account = await load_account(sql, account_id)
    adapter = await adapters.get(account.provider)
    if not isinstance(adapter, Pushed):
        return
    try:
        async with asyncio.timeout(FAREWELL):
            await adapter.deprovision(AccountContext(db, vault, blobs, account))
    except (SendFailed, OSError, TimeoutError) as error:
        log.warning("account.no_farewell", account=str(account_id), error=repr(error))


async def test_account(
    db: Database,
    vault: Vault,
    blobs: Blobs,
    adapters: Adapters,
    *,
    provider: str,
    config: dict[str, Any],
    secrets: Mapping[str, str],
    account_id: UUID | None,
    public_url: str,
    viewer: Viewer,
) -> TestResult:
    """Try settings step by step without storing anything.

    The stored secrets of ``account_id`` stand in for those left out.

    Raises:
        Forbidden: The viewer may not manage accounts.
        InvalidSettings: A setting breaks a rule.
    """
    _may_manage(viewer)
    adapter = await adapters.get(provider)
    complete = validated(adapter, config)
    trial = account_id or new_id()
    given, hook_key = dict(secrets), ""
    if account_id is not None:
        async with db.read() as sql:
            known = await load_account(sql, account_id)
        stored, hook_key = AccountSecrets(vault, known), known.hook_key
        given = {name: stored.get(name) for name in adapter.redact} | given
    account = Account(
        id=trial,
        kind=adapter.kind,
        provider=provider,
        name="",
        address=str(complete["address"]),
        config=complete,
        secrets=seal_secrets(vault, f"account/{trial}", given),
        is_enabled=True,
        hook_key=hook_key,
    )
    ctx = AccountContext(db, vault, blobs, account, public_url=public_url)
    try:
        info = await adapter.check(ctx)
    except SendFailed as failed:
        passed = failed.error.scope.split(",") if failed.error.scope else []
        return TestResult(
            ok=False,
            steps=[
                *(TestStep(step, ok=True, code="", text="") for step in passed),
                TestStep(
                    failed.error.code, ok=False, code=failed.error.code, text=failed.error.text
                ),
            ],
        )
    return TestResult(
        ok=True,
        steps=[
            TestStep(step, ok=True, code="", text=info.details.get(step, ""))
            for step in info.steps
        ],
        info=_told(info),
    )


def validated(adapter: Adapter, config: dict[str, Any]) -> dict[str, Any]:
    """Return an account's settings with their defaults.

    Raises:
        InvalidSettings: A setting breaks a rule.
    """
    complete = dict(config)
    if isinstance(adapter, Configures):
        try:
            complete = dict(adapter.validated(config))
        except ValueError as error:
            raise InvalidSettings(str(error)) from error
    if not isinstance(complete.get("address"), str) or not complete["address"]:
        raise InvalidSettings("address: say which address the account has")
    return complete


async def _changed(
    adapters: Adapters, vault: Vault, account: Account, patch: AccountPatch
) -> dict[str, Any]:
    """Return the columns that a patch changes, with their values."""
    values: dict[str, Any] = {
        name: value
        for name in ("name", "is_enabled", "branch_id", "team_id", "reopen_days")
        if (value := getattr(patch, name)) is not UNSET
    }
    if patch.config is not UNSET:
        config = validated(await adapters.get(account.provider), patch.config)
        values["config"] = msgspec.json.encode(config).decode()
        values["address"] = str(config["address"])
    if patch.secrets is not UNSET and patch.secrets:
        secrets = AccountSecrets(vault, account)
        for name, value in patch.secrets.items():
            values["secrets"] = secrets.with_value(name, value)
    return values


async def _address_is_free(tx: Transaction, kind: str, address: str) -> None:
    taken = await tx.fetchval(
        "SELECT 1 FROM channel_account WHERE kind = $1 AND lower(address) = lower($2)"
        " AND removed_at IS NULL",
        kind,
        address,
    )
    if taken:
        raise AddressTaken(f"{address} is connected already: change that account instead")


def _failed(error: SendError) -> TestStep:
    step = error.code.partition(".")[0]
    return TestStep(step, ok=False, code=error.code, text=error.text)


def _may_manage(viewer: Viewer) -> None:
    if not viewer.may("account", "manage"):
        raise Forbidden("only those who manage accounts may do this")


def _told(info: AccountInfo) -> Json:
    return {
        "external_id": info.external_id,
        "name": info.name,
        "address": info.address.value if info.address else None,
    }
