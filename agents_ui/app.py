"""Everything the agents' side serves, mounted on one aiohttp application."""

from functools import partial

import msgspec
from aiohttp import web

from agents_ui.api.catalog import ROUTES, openapi
from agents_ui.desk import Desk
from agents_ui.live.gateway import FRAME_LIMIT, PASS, SUBPROTOCOL
from agents_ui.services import Services
from agents_ui.session import call_of, pass_of
from infra.http import adapt
from infra.http.guard import guard, refuse_foreign
from infra.http.handoff import LiveServer


class Web:
    """The mounted agents' side: run it beside the server, close it before the server stops."""

    def __init__(self, desk: Desk, live: LiveServer) -> None:
        self.desk = desk
        self._live = live

    async def run(self) -> None:
        """Serve live connections until cancelled."""
        await self.desk.run()

    def agents_online(self) -> int:
        """Return how many agents are at their desks now, on any node."""
        statuses = self.desk.live.ephemera.presence.all().values()
        return sum(status == "online" for status in statuses)

    async def close(self) -> None:
        """Say goodbye to the live connections and wait for them to end."""
        await self.desk.leave()
        await self._live.close()


def mount(app: web.Application, services: Services) -> Web:
    """Add the API, the live connection and the browser app to ``app``.

    Everything else that ``app`` serves must be added before: the browser app takes every path
    that is left.
    """
    desk = Desk(services)
    live = LiveServer(desk.live.serve, subprotocol=SUBPROTOCOL, max_size=FRAME_LIMIT)
    guard(app, services.site)
    adapt.mount(app, ROUTES, partial(call_of, desk))
    described = msgspec.json.encode(openapi(services.version))

    async def document(_request: web.Request) -> web.Response:
        return web.Response(body=described, content_type="application/json")

    async def open_live(request: web.Request) -> web.StreamResponse:
        refuse_foreign(request, services.site)
        if (proof := await pass_of(services.db, request)) is not None:
            request[PASS] = proof
        return await live.upgrade(request)

    app.router.add_get("/openapi.json", document)
    app.router.add_get("/live", open_live)
    app.router.add_get("/{path:.*}", desk.spa.serve)
    return Web(desk, live)
