"""Signing in at a provider: authorization code, access tokens and their renewal (RFC 6749)."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import aiohttp
import msgspec
from aiohttp import TCPConnector

from channels.email.account import MailAccount, OAuth
from channels.email.errors import SignInNeeded, TokenUnavailable
from inbox.contract import RunContext
from infra.clock import now
from infra.outbound import public_socket


GOOGLE_SCOPES = "https://mail.google.com/"
MICROSOFT_SCOPES = (
    "https://outlook.office.com/IMAP.AccessAsUser.All"
    " https://outlook.office.com/SMTP.Send offline_access"
)
GOOGLE = ("https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token")
MICROSOFT = (
    "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
)
EARLY = timedelta(minutes=5)  # before its end a token is renewed
ANSWER = aiohttp.ClientTimeout(total=30)  # seconds
DEAD = frozenset({"invalid_grant", "invalid_client", "unauthorized_client", "invalid_request"})


class Grant(msgspec.Struct, frozen=True):
    """What a token server gave; ``refresh_token`` only when it is a new one."""

    access_token: str
    expires_at: datetime
    refresh_token: str = ""


class _Answer(msgspec.Struct):
    access_token: str = ""
    expires_in: float = 3600
    refresh_token: str = ""
    error: str = ""
    error_description: str = ""


def consent_url(oauth: OAuth, *, state: str, redirect_uri: str, login: str = "") -> str:
    """Return the page where a person allows access, to come back to ``redirect_uri``.

    Args:
        oauth: The account's settings.
        state: Comes back untouched; binds the answer to this browser.
        redirect_uri: Registered with the provider.
        login: Address the person is expected to sign in with.
    """
    url, _ = endpoints(oauth)
    query = {
        "response_type": "code",
        "client_id": oauth.client_id,
        "redirect_uri": redirect_uri,
        "scope": scopes(oauth),
        "state": state,
    }
    if login:
        query["login_hint"] = login
    if oauth.provider == "google":
        query |= {"access_type": "offline", "prompt": "consent"}
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def endpoints(oauth: OAuth) -> tuple[str, str]:
    """Return the authorization and the token endpoint; set ones win over the provider's own."""
    pages = {
        "google": GOOGLE,
        "microsoft": tuple(page.format(tenant=oauth.tenant or "common") for page in MICROSOFT),
        "custom": ("", ""),
    }[oauth.provider]
    return oauth.authorize_url or pages[0], oauth.token_url or pages[1]


def scopes(oauth: OAuth) -> str:
    """Return the scopes to ask for."""
    own = {"google": GOOGLE_SCOPES, "microsoft": MICROSOFT_SCOPES, "custom": ""}
    return oauth.scopes or own[oauth.provider]


async def redeem(
    account: MailAccount, client_secret: str, *, code: str, redirect_uri: str
) -> Grant:
    """Exchange the code a person came back with.

    Raises:
        SignInNeeded: The code is not good any more.
        TokenUnavailable: The token server does not answer.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
    }
    return await _ask(account, client_secret, form)


async def _ask(account: MailAccount, client_secret: str, form: Mapping[str, str]) -> Grant:
    asked = {**form, "client_id": account.oauth.client_id}
    connector = None if account.allow_private else TCPConnector(socket_factory=public_socket)
    if client_secret:
        asked["client_secret"] = client_secret
    try:
        async with (
            aiohttp.ClientSession(timeout=ANSWER, connector=connector) as session,
            session.post(
                endpoints(account.oauth)[1], data=asked, allow_redirects=False
            ) as response,
        ):
            answer = msgspec.json.decode(await response.read(), type=_Answer)
    except (aiohttp.ClientError, OSError, msgspec.DecodeError, ValueError) as error:
        raise TokenUnavailable(f"the token server: {error!r}") from error
    if answer.error in DEAD:
        raise SignInNeeded(answer.error_description or answer.error)
    if not answer.access_token:
        raise TokenUnavailable(answer.error_description or answer.error or "no token")
    lifetime = timedelta(seconds=answer.expires_in)
    return Grant(answer.access_token, now() + lifetime, answer.refresh_token)


class Tokens:
    """Access tokens of the accounts of this process; each is renewed by one task at a time."""

    def __init__(self) -> None:
        self._grants: dict[UUID, Grant] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._replaced: dict[str, str] = {}  # refresh tokens by those they took the place of

    async def access(self, ctx: RunContext, account: MailAccount, *, refused: str = "") -> str:
        """Return an access token, renewed when it is about to end or was ``refused``.

        Raises:
            SignInNeeded: The provider does not renew it any more.
            TokenUnavailable: The token server does not answer.
        """
        async with self._locks.setdefault(ctx.account, asyncio.Lock()):
            grant = self._grants.get(ctx.account)
            if grant and grant.access_token != refused and grant.expires_at - EARLY > now():
                return grant.access_token
            grant = await self._renew(ctx, account)
            self._grants[ctx.account] = grant
            return grant.access_token

    async def _renew(self, ctx: RunContext, account: MailAccount) -> Grant:
        current = ctx.secret("refresh_token")
        while current in self._replaced:  # a context of another task may be older than ours
            current = self._replaced[current]
        if not current:
            raise SignInNeeded("nobody has signed in yet")
        form = {"grant_type": "refresh_token", "refresh_token": current}
        if account.oauth.provider == "microsoft":
            form["scope"] = scopes(account.oauth)
        grant = await _ask(account, ctx.secret("client_secret"), form)
        if grant.refresh_token and grant.refresh_token != current:
            # Kept before the token is used: a provider that rotates takes the old one back.
            await ctx.keep_secret("refresh_token", grant.refresh_token)
            self._replaced[current] = grant.refresh_token
        return grant
