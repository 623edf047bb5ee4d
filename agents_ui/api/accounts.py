"""Channel accounts: connecting, testing, changing."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from agents_ui.api.shapes import Line, as_
from agents_ui.call import Call
from crm_core.views import View
from inbox import connecting
from inbox.views import Account
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, route


Provider = Annotated[str, Meta(pattern=r"^[a-z0-9_.]{1,40}$")]
Days = Annotated[int, Meta(ge=0, le=3650)]


class AccountKind(View):
    """A kind of account that can be connected.

    Attributes:
        schema: JSON Schema of ``config``.
        secrets: Names of its secrets, which are never shown again.
        presets: Ready settings of well-known providers, by name.
    """

    provider: str
    kind: str
    schema: dict[str, Any]
    secrets: list[str]
    presets: dict[str, Any]


class AccountTest(Input):
    """Settings to try.

    Attributes:
        account_id: Whose stored secrets stand in for those left out.
    """

    provider: Provider
    config: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)
    account_id: UUID | None = None


class TestStep(View):
    """One step of a test."""

    step: str
    ok: bool
    code: str
    text: str


class TestResult(View):
    """How a test went.

    Attributes:
        info: What the provider says the account is.
    """

    ok: bool
    steps: list[TestStep]
    info: dict[str, Any] | None = None


class NewAccount(Input):
    """An account to connect."""

    provider: Provider
    name: Line
    config: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)
    branch_id: UUID | None = None
    team_id: UUID | None = None
    reopen_days: Days = 14


class AccountChange(Input):
    """What to change; secrets left out stay."""

    rev: int | UnsetType = UNSET
    name: Line | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET
    secrets: dict[str, str] | UnsetType = UNSET
    is_enabled: bool | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET
    reopen_days: Days | UnsetType = UNSET


@route("GET", "/api/account-kinds", raises=(Forbidden,))
async def kinds(call: Call) -> list[AccountKind]:
    """List what can be connected."""
    call.require("account", "manage")
    return [
        msgspec.convert(kind, AccountKind, from_attributes=True)
        for kind in await call.services.adapters.kinds()
    ]


@route("GET", "/api/accounts", raises=(Forbidden,))
async def listing(call: Call) -> list[Account]:
    """List the connected accounts and how they are doing."""
    call.require("account", "read")
    async with call.read() as raw:
        return await call.desk.topics.accounts(raw, call.viewer)


@route("POST", "/api/accounts/test", raises=(Forbidden, Invalid), timeout=60)
async def test(call: Call, body: AccountTest) -> TestResult:
    """Try settings step by step, without storing them."""
    services = call.services
    result = await connecting.test_account(
        services.db,
        services.vault,
        services.blobs,
        services.adapters,
        provider=body.provider,
        config=body.config,
        secrets=body.secrets,
        account_id=body.account_id,
        public_url=services.site.public_url or "",
        viewer=call.viewer,
    )
    return msgspec.convert(result, TestResult, from_attributes=True)


@route("POST", "/api/accounts", status=201, raises=(Forbidden, Conflict, Invalid))
async def create(call: Call, body: NewAccount) -> Account:
    """Connect an account; it starts to receive at once."""
    async with call.transaction() as tx:
        account_id = await connecting.create_account(
            tx,
            call.services.adapters,
            call.services.vault,
            as_(connecting.NewAccount, body),
            viewer=call.viewer,
        )
    return await _one(call, account_id)


@route("PATCH", "/api/accounts/{account_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, account_id: UUID, body: AccountChange) -> Account:
    """Change an account."""
    async with call.transaction() as tx:
        await connecting.change_account(
            tx,
            call.services.adapters,
            call.services.vault,
            account_id,
            as_(connecting.AccountPatch, body),
            viewer=call.viewer,
        )
    return await _one(call, account_id)


@route("DELETE", "/api/accounts/{account_id}", raises=(NotFound, Forbidden))
async def remove(call: Call, account_id: UUID) -> None:
    """Disconnect an account; its conversations stay."""
    await connecting.take_leave(
        call.db,
        call.services.vault,
        call.services.blobs,
        call.services.adapters,
        account_id,
        viewer=call.viewer,
    )
    async with call.transaction() as tx:
        await connecting.remove_account(tx, account_id, viewer=call.viewer)


async def _one(call: Call, account_id: UUID) -> Account:
    async with call.read() as raw:
        accounts = await call.desk.topics.accounts(raw, call.viewer)
    return next(account for account in accounts if account.id == account_id)
