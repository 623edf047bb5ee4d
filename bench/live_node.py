"""A node's agents' side in a process of its own, for the benches of the live connection.

``python -m bench.live_node URL FOLDER`` prints its port; ``GET /bench/fire?n=&size=`` commits that
many events in one transaction and answers with the monotonic time of the commit.
"""

import logging
import sys
import time
from pathlib import Path

import structlog
import uvloop
from aiohttp import web

from agents_ui.app import mount
from agents_ui.services import Services
from inbox.accounts import line_opener
from inbox.adapters import Adapters
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.db import Database
from infra.http.site import Site
from infra.vault import Vault, new_key


FIRE = """
INSERT INTO event (type, data, audience)
SELECT 'bench', jsonb_build_object('type', 'bench', 'n', n, 'fill', repeat('x', $2)), '{}'
  FROM generate_series(1, $1) AS n
"""


async def serve(url: str, folder: Path) -> None:
    """Serve until killed."""
    bus = LocalBus()
    db = Database(url, bus)
    app = web.Application()

    async def fire(request: web.Request) -> web.Response:
        async with db.transaction() as tx:
            await tx.execute(FIRE, int(request.query["n"]), int(request.query["size"]))
            tx.wrote()
        return web.json_response({"committed": time.monotonic()})

    app.router.add_get("/bench/fire", fire)
    blobs, vault, adapters = Blobs(folder / "blobs"), Vault.parse(new_key()), Adapters({})
    services = Services(
        db=db,
        bus=bus,
        site=Site(),
        blobs=blobs,
        vault=vault,
        adapters=adapters,
        open_line=line_opener(db, vault, blobs, adapters),
    )
    mounted = mount(app, services)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    print(runner.addresses[0][1], flush=True)
    await mounted.run()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(serve(sys.argv[1], Path(sys.argv[2])))
