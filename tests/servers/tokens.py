"""A token server: consent codes, refresh tokens that rotate, and introspection for Dovecot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from aiohttp import web

from tests.servers.ports import free_port


class TokenServer:
    """An OAuth provider for one user.

    Attributes:
        rotates: Every renewal takes the refresh token back and gives another.
        renewals: How often a token was renewed.
        lifetime: Seconds a new access token says it lasts.
    """

    def __init__(self, port: int, *, user: str = "support@hub.test") -> None:
        self.port = port
        self.user = user
        self.rotates = False
        self.renewals = 0
        self.lifetime = 3600
        self.good: set[str] = set()
        self.refresh = {"refresh-0"}
        self.codes = {"code-0"}
        self._numbers = count(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def expire(self) -> None:
        """Let no access token given so far be good any more."""
        self.good.clear()

    def revoke(self) -> None:
        """Take the consent back."""
        self.good.clear()
        self.refresh.clear()

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("client_id") != "hub" or form.get("client_secret") != "hush":
            return web.json_response({"error": "invalid_client"}, status=401)
        if form["grant_type"] == "authorization_code":
            if form.get("code") not in self.codes:
                return web.json_response({"error": "invalid_grant"}, status=400)
            self.codes.discard(str(form["code"]))
            return self._given(refresh=self._new_refresh())
        if form.get("refresh_token") not in self.refresh:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.renewals += 1
        if not self.rotates:
            return self._given()
        self.refresh.discard(str(form["refresh_token"]))
        return self._given(refresh=self._new_refresh())

    def _new_refresh(self) -> str:
        token = f"refresh-{next(self._numbers)}"
        self.refresh.add(token)
        return token

    def _given(self, *, refresh: str = "") -> web.Response:
        token = f"access-{next(self._numbers)}"
        self.good.add(token)
        answer = {"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"}
        return web.json_response(answer | ({"refresh_token": refresh} if refresh else {}))

    async def introspect(self, request: web.Request) -> web.Response:
        is_good = request.query.get("token") in self.good
        return web.json_response({"active": is_good, "email": self.user})


@asynccontextmanager
async def token_server() -> AsyncIterator[TokenServer]:
    """Run a token server."""
    server = TokenServer(free_port())
    app = web.Application()
    app.router.add_post("/token", server.token)
    app.router.add_get("/introspect", server.introspect)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", server.port).start()
    yield server
    await runner.cleanup()
