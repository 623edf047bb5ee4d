"""What the hub serves to visitors under ``/w/``, and the demo page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import msgspec
import structlog
from aiohttp import web
from websockets.asyncio.server import ServerConnection

from channels.webchat import files
from channels.webchat.answers import encode
from channels.webchat.live import Socket
from channels.webchat.pages import BRIEF, IMMUTABLE, asset, csp_of, may_embed, page
from channels.webchat.poll import Poll
from channels.webchat.protocol import (
    BAD,
    CLOSE_LIMIT,
    CLOSE_TOKEN,
    FRAME_LIMIT,
    SUBPROTOCOL,
    Hello,
    read_frames,
)
from channels.webchat.public import language_of, public_config
from channels.webchat.services import Services, Widget, Widgets
from channels.webchat.talk import Closed, Talk
from infra.db import DATABASE_AWAY
from infra.errors import HubError
from infra.http.guard import refuse_foreign
from infra.http.handoff import LiveServer
from infra.http.problems import problem
from infra.http.site import PEER, Site


log = structlog.get_logger()

WIDGET = web.RequestKey("widget", Widget)
DEMO = "demo"  # key of the widget of the demo page
BODY_LIMIT = 8 * FRAME_LIMIT  # bytes of a list of frames
HELLO = msgspec.json.Decoder(Hello)
JSON = "application/json"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Chat:
    """Website chat of this node: run it beside the server, close it before the server stops."""

    def __init__(self, services: Services, site: Site) -> None:
        self.services = services
        self.widgets = Widgets(services)
        self._site = site
        self._live = LiveServer(self._serve, subprotocol=SUBPROTOCOL, max_size=FRAME_LIMIT)
        services.rooms.tick = self._tell_online

    def mount(self, app: web.Application) -> None:
        """Add the pages and the connections to ``app``."""
        add = app.router.add_route
        add("GET", "/w/loader.js", self._loader)
        add("GET", "/w/assets/{name}", self._asset)
        add("GET", "/widget/demo", self._demo)
        for path in ("/w/{key}", "/w/{key}/frame"):
            add("GET", path, self._with_widget(self._frame))
        add("GET", "/w/{key}/page", self._with_widget(self._page))
        add("GET", "/w/{key}/config", self._with_widget(self._config))
        add("GET", "/w/{key}/live", self._with_widget(self._open))
        add("POST", "/w/{key}/send", self._with_widget(self._send))
        for method in ("GET", "POST"):
            add(method, "/w/{key}/poll", self._with_widget(self._poll))
        add("POST", "/w/{key}/files", self._with_widget(self._upload))
        add("GET", "/w/{key}/files/{id}", self._with_widget(self._download))

    async def run(self) -> None:
        """Tell visitors what is new, until cancelled."""
        await self.services.rooms.run()

    async def close(self) -> None:
        """Send every visitor away: they come back to another node, or to this one."""
        await self._live.close()

    def _with_widget(self, handler: Handler) -> Handler:
        async def found(request: web.Request) -> web.StreamResponse:
            try:
                widget = await self.widgets.get(request.match_info["key"])
                if widget is None:
                    raise web.HTTPNotFound
                request[WIDGET] = widget
                return await handler(request)
            except DATABASE_AWAY:
                return web.Response(status=503, headers={"Retry-After": "5"})
            except HubError as error:
                return problem(error)
            except Closed as closed:
                return _refused(closed.code)

        return found

    # ------------------------------------------------------------ pages

    async def _loader(self, request: web.Request) -> web.StreamResponse:
        return asset(request, "loader.js", cache=BRIEF)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return asset(request, f"assets/{request.match_info['name']}", cache=IMMUTABLE)

    async def _frame(self, request: web.Request) -> web.StreamResponse:
        csp = csp_of(request[WIDGET], request[PEER].host, framed=True)
        return page("frame.html", csp=csp, framed=True)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return page("page.html", csp=csp_of(request[WIDGET], request[PEER].host, framed=False))

    async def _demo(self, _request: web.Request) -> web.StreamResponse:
        widget = await self.widgets.get(DEMO)
        if widget is None or not widget.settings.demo:
            raise web.HTTPNotFound
        csp = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            " connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'"
        )
        return page("demo.html", csp=csp, key=DEMO)

    async def _config(self, request: web.Request) -> web.StreamResponse:
        widget = request[WIDGET]
        origin = request.headers.get("Origin", "")
        if origin and not may_embed(widget.settings, origin, self._site.url(request[PEER])):
            return web.Response(status=403, text="this site may not show the widget\n")
        lang = language_of(widget.settings, request.query.get("lang", ""))
        config = public_config(widget.settings, lang, self.widgets.online(widget))
        headers = {
            "Cache-Control": "no-cache",
            "Vary": "Origin",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if origin:
            headers["Access-Control-Allow-Origin"] = origin
        return web.Response(body=encode(config), content_type=JSON, headers=headers)

    # ------------------------------------------------------------ sockets

    async def _open(self, request: web.Request) -> web.StreamResponse:
        refuse_foreign(request, self._site)
        return await self._live.upgrade(request)

    async def _serve(self, connection: ServerConnection, request: web.Request) -> None:
        await Socket(self.services.rooms, self._talk(request), connection).live()

    async def _tell_online(self) -> None:
        for line in self.services.rooms.lines():
            if isinstance(line, Socket):
                line.tell_online(line.online)

    def _talk(self, request: web.Request) -> Talk:
        return Talk(
            self.services,
            self.widgets,
            request[WIDGET],
            ip=request[PEER].ip,
            lang=request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0],
        )

    # ------------------------------------------------------------ long polls and files

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        try:
            frames = read_frames.decode(body)
        except BAD as error:
            return web.Response(status=400, text=f"{str(error)[:200]}\n")
        talk = self._talk(request)
        await talk.hello(Hello(token=_token(request)))
        talk.case, _ = await talk.case_now()
        answers = await talk.take([one for one in frames if not isinstance(one, Hello)])
        return web.Response(body=encode(answers), content_type=JSON)

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        token = _token(request)
        try:
            if request.method == "GET":
                query = {
                    "after": int(request.query.get("after", "0")),
                    "wait": float(request.query.get("wait", "0")),
                    "lang": request.query.get("lang", ""),
                }
                hello = msgspec.convert({"t": "hello", "token": token, **query}, Hello)
            else:
                hello = HELLO.decode(await _body(request))
        except (*BAD, ValueError) as error:
            return web.Response(status=400, text=f"{str(error)[:200]}\n")
        hello = msgspec.structs.replace(hello, token=token)
        talk = self._talk(request)
        body = await Poll(talk).answer(self.services.rooms, hello)
        return web.Response(body=body, content_type=JSON, headers={"Cache-Control": "no-store"})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        talk = self._talk(request)
        await talk.hello(Hello(token=_token(request)))

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in request.content.iter_any():
                yield chunk

        file = await files.take(talk, request.query.get("name", ""), chunks())
        return web.Response(status=201, body=encode(file), content_type=JSON)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        talk = self._talk(request)
        await talk.hello(Hello(token=_token(request)))
        try:
            file_id = UUID(request.match_info["id"])
        except ValueError:
            raise web.HTTPNotFound from None
        return await files.give(talk, file_id)


def _token(request: web.Request) -> str:
    """Return the token of the header; a token is never in an address.

    Raises:
        Closed: There is none.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or len(token.strip()) != 43:
        raise Closed(CLOSE_TOKEN)
    return token.strip()


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(body))
    return bytes(body)


def _refused(code: int) -> web.Response:
    """Return the answer that says what a socket's close code says."""
    status = {CLOSE_TOKEN: 401, CLOSE_LIMIT: 429}.get(code, 403)
    headers = {"Retry-After": "30"} if status == 429 else {}
    return web.Response(status=status, headers=headers, text=f"{code}\n")
