"""The process around a hub: its database, its signals, and the order in which things stop."""

import asyncio
import contextlib
import errno
import importlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType, TracebackType
from typing import Self

import structlog
import uvloop
from aiohttp import web

from crm_core.staff.setup import setup_link, setup_needed
from hub.links import link_url
from infra.errors import HubError
from infra.postgres import Postgres
from infra.settings import Settings


CLUSTER = "postgres"  # folder of the embedded server, in the data folder
LOOK = 1.0  # seconds between looks at the embedded server
PATIENCE = 3.0  # seconds that requests under way may take when the hub stops

Announce = Callable[[str], object]

log = structlog.get_logger(__name__)


class PortTaken(HubError):
    """Another program listens on the hub's port."""

    code = "hub.port_taken"
    title = "The port is taken"


class StopSignal:
    """Ctrl-C and SIGTERM, from the first moment on: a request to stop that is never lost.

    A signal while PostgreSQL starts must not end the process, or the server would stay behind
    without a hub. The second signal ends it at once, for whoever cannot wait.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self._came = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()
        self._before: list[signal.Handlers | Callable[..., object] | int | None] = []

    def __enter__(self) -> Self:
        self._before = [signal.signal(each, self._hear) for each in self.SIGNALS]
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for each, handler in zip(self.SIGNALS, self._before, strict=True):
            signal.signal(each, handler)

    async def wait(self) -> None:
        """Return when somebody asked the process to stop, now or before."""
        self._loop = asyncio.get_running_loop()
        if not self._came:
            await self._event.wait()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._came:
            raise KeyboardInterrupt
        self._came = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._event.set)


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """Have a database: the one of DATABASE_URL, or the embedded one while the block runs.

    Yields:
        The settings with the database's URL in them.
    """
    if settings.database:
        yield settings.model_copy(
            update={"database_url": settings.database, "database_password_file": None}
        )
        return
    with Postgres(settings.data / CLUSTER) as server:
        yield settings.model_copy(update={"database_url": server.url})


def run_until_stopped(settings: Settings, *, announce: Announce) -> None:
    """Run a hub until Ctrl-C or SIGTERM; what was started last stops first.

    Args:
        settings: As the operator gave them.
        announce: Called with each line for the person at the terminal.

    Raises:
        PortTaken: Somebody else listens there.
    """
    with StopSignal() as stop, contextlib.ExitStack() as stack:
        with ThreadPoolExecutor(1) as beside:
            starting = beside.submit(stack.enter_context, database(settings))
            importlib.import_module("hub.app")  # takes a while: meanwhile PostgreSQL starts
            ready = starting.result()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(ready, stop, announce))


async def _run(settings: Settings, stop: StopSignal, announce: Announce) -> None:
    from hub import app  # noqa: PLC0415 - imported beside the start of PostgreSQL

    async with app.run(settings) as hub, listening(hub.web, settings) as port:
        reached = settings.model_copy(update={"port": port})
        announce(f"Punte is ready at {reached.base_url}")
        async with hub.db.transaction() as tx:
            if await setup_needed(tx):
                token = await setup_link(tx)
                announce(f"Become its owner at {link_url(reached, 'setup', token)}")
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(_keep_database(settings))
            await stop.wait()
            announce("Stopping…")
            looking.cancel()


@contextlib.asynccontextmanager
async def listening(application: web.Application, settings: Settings) -> AsyncIterator[int]:
    """Serve ``application`` on the hub's port while the block runs.

    Yields:
        The port, also when the settings left the choice to the system.

    Raises:
        PortTaken: Somebody else listens there.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=PATIENCE)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        yield int(runner.addresses[0][1])
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(
            f"{settings.host}:{settings.port}; set PUNTE_PORT to another one"
        ) from error
    finally:
        await runner.cleanup()


async def _keep_database(settings: Settings) -> None:
    """Start the embedded PostgreSQL again whenever it died, as under memory pressure."""
    server = Postgres(settings.data / CLUSTER)
    if settings.database != server.url:
        return
    while True:
        await asyncio.sleep(LOOK)
        if not await asyncio.to_thread(server.is_running):
            log.warning("postgres.died", folder=str(server.folder))
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(server.stop)
