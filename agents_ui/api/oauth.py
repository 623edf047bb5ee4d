"""Signing accounts in at their provider's own page (OAuth 2, RFC 6749 section 4.1)."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Meta

from agents_ui.api.shapes import Line
from agents_ui.call import Call
from crm_core.views import View
from inbox.accounts import Account, AccountSecrets, load_account
from inbox.adapters import Adapters
from inbox.connecting import AccountPatch, change_account
from inbox.contract import SendFailed, SignsIn
from infra.clock import now
from infra.errors import Forbidden, HubError, Invalid, NotFound
from infra.http.routes import Input, route


PLACE = "oauth-state"
LIVES = timedelta(minutes=15)
PAGE = "/settings/channels"
CALLBACK = "/oauth/callback"


class OAuthStart(Input):
    """Which account to sign in.

    Attributes:
        login: Filled in at the provider's page.
    """

    account_id: UUID
    provider: Annotated[str, Meta(max_length=40)] = ""
    login: Line | None = None


class OAuthPage(View):
    """The consent page to open."""

    url: str


class OAuthReturn(Input, forbid_unknown_fields=False):
    """What the provider sends the browser back with; each adds fields of its own."""

    state: Annotated[str, Meta(max_length=4000)] = ""
    code: Annotated[str, Meta(max_length=4000)] = ""
    error: Annotated[str, Meta(max_length=500)] = ""


class Journey(msgspec.Struct, frozen=True):
    """What is sealed into ``state``: who went to the provider, for which account, until when."""

    agent_id: UUID
    account_id: UUID
    until: float


class NoConsent(Invalid):
    """Accounts of this kind do not sign in at a page of their provider's."""

    code = "account.no_consent"
    title = "This account signs in with a password"


@route("POST", "/api/accounts/oauth/start", raises=(NotFound, Forbidden, NoConsent))
async def start(call: Call, body: OAuthStart) -> OAuthPage:
    """Begin signing an account in at its provider."""
    call.require("account", "manage")
    async with call.read() as raw:
        account = await load_account(raw, body.account_id)
    adapter = await _adapter(call.services.adapters, account)
    journey = Journey(call.agent_id, account.id, (now() + LIVES).timestamp())
    state = call.services.vault.seal(msgspec.json.encode(journey).decode(), place=PLACE)
    url = adapter.consent_url(
        account.config, state=state, redirect_uri=call.link(CALLBACK), login=body.login
    )
    return OAuthPage(url=url)


@route("GET", CALLBACK, media="text/html", status=303)
async def callback(call: Call, query: OAuthReturn) -> web.StreamResponse:
    """Take the browser back from a provider, with the account's new secrets."""
    try:
        if query.error or not query.code:
            raise Forbidden(query.error or "the provider sent no code")
        await _finish(call, query)
    except (HubError, SendFailed) as error:
        code = error.error.code if isinstance(error, SendFailed) else error.code
        return _back(f"{PAGE}?oauth={code}")
    return _back(f"{PAGE}?oauth=done")


async def _finish(call: Call, query: OAuthReturn) -> None:
    """Exchange the code, if the browser is the one that was sent for it."""
    vault = call.services.vault
    journey = msgspec.json.decode(vault.open(query.state, place=PLACE), type=Journey)
    if journey.agent_id != call.agent_id or journey.until < now().timestamp():
        raise Forbidden("this consent was not asked for here, or too long ago")
    async with call.read() as raw:
        account = await load_account(raw, journey.account_id)
    adapter = await _adapter(call.services.adapters, account)
    secrets = await adapter.exchange(
        account.config,
        await _secrets(call, account),
        code=query.code,
        redirect_uri=call.link(CALLBACK),
    )
    async with call.transaction() as tx:
        await change_account(
            tx,
            call.services.adapters,
            vault,
            account.id,
            AccountPatch(secrets=dict(secrets)),
            viewer=call.viewer,
        )


async def _adapter(adapters: Adapters, account: Account) -> SignsIn:
    adapter = await adapters.get(account.provider)
    if not isinstance(adapter, SignsIn):
        raise NoConsent
    return adapter


async def _secrets(call: Call, account: Account) -> dict[str, str]:
    adapter = await call.services.adapters.get(account.provider)
    stored = AccountSecrets(call.services.vault, account)
    return {name: stored.get(name) for name in adapter.redact}


def _back(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
