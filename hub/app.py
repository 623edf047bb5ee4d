"""The composition root: the only module that knows every other one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from aiohttp import web
from redis.asyncio import Redis

from agents_ui.app import mount
from agents_ui.services import Services as WebServices
from crm_core.staff.roles import seed_roles
from crm_core.staff.tidying import forget_access
from hub.adapters import adapters
from hub.health import add_health
from hub.hooks import add_hooks
from hub.migrate import migrate
from hub.reading import Isolation
from hub.runner import AccountRunner, is_dead, node_name
from hub.webchat import Webchat
from inbox.accounts import Account, AccountContext, load_account
from inbox.callbacks import escalate_overdue
from inbox.contract import Adapter, RunContext
from inbox.deep_links import forget_links
from inbox.drafts import forget_old_drafts
from inbox.fetching import Fetcher
from inbox.indexing import Indexer
from inbox.pacing import forget_buckets
from inbox.processing import Processor
from inbox.sending import Sender
from inbox.services import Services
from inbox.status import wake_due
from inbox.visits import forget_visits
from infra.blobs import Blobs
from infra.bus import Bus, LocalBus, RedisBus
from infra.db import DATABASE_AWAY, Database
from infra.http.site import Site
from infra.retention import forget_old
from infra.schedule import Recurring, Scheduler
from infra.settings import Settings
from infra.vault import Vault


__all__ = ["Hub", "run"]

log = structlog.get_logger()

RESTART = 1.0  # seconds before a part of the hub that failed is started again


class Hub:
    """Everything that runs in one process; ``run`` starts it and stops it."""

    def __init__(self, settings: Settings, db: Database, bus: Bus) -> None:
        self.settings = settings
        self.db = db
        self.bus = bus
        self.node = node_name()
        self.vault = Vault.of(
            settings.secret_key.get_secret_value() if settings.secret_key else None,
            settings.data,
        )
        self.blobs = Blobs(settings.data / "blobs")
        services = Services(reply_keys=self.vault.derive_each("reply"), sandbox=settings.sandbox)
        site = Site(
            settings.public_url or None, [str(network) for network in settings.trusted_proxies]
        )
        self.webchat = Webchat(
            settings,
            db,
            bus,
            self.blobs,
            self.vault,
            site=site,
            adapters=lambda: self.adapters,
            context_of=self.context_of,
            agents_online=self._agents_online,
        )
        self.adapters = adapters(services, {"webchat": lambda: self.webchat.adapter})
        self.isolation = Isolation(services, settings.data / "blobs", count=settings.workers)
        self.processor = Processor(
            db,
            bus,
            self.blobs,
            self.adapters.get,
            self.isolation.read,
            open_line=self._open_line,
        )
        self.runner = AccountRunner(
            db, bus, self.adapters, self.context_of, warm=self.isolation.warm, node=self.node
        )
        self.fetcher = Fetcher(db, bus, self.blobs, self._open_line)
        self.sender = Sender(db, bus, self._open_line, owner=self.node, is_dead=is_dead)
        self.indexer = Indexer(db, bus)
        self.scheduler = Scheduler(
            db,
            {
                "wake_snoozed": Recurring(timedelta(seconds=5), self._wake_snoozed),
                "overdue_tasks": Recurring(timedelta(seconds=15), self._escalate_overdue),
                "forget_old": Recurring(timedelta(minutes=10), lambda: forget_old(db)),
                "forget_drafts": Recurring(timedelta(hours=6), self._forget_drafts),
                "forget_access": Recurring(timedelta(hours=1), self._forget_access),
                "forget_visits": Recurring(timedelta(minutes=10), self._forget_visits),
                "webchat_away": Recurring(timedelta(seconds=10), self.webchat.follow),
                "webchat_demo": Recurring(timedelta(seconds=3), self.webchat.make_demo),
                "webchat_forget": Recurring(timedelta(hours=6), self.webchat.forget),
            },
        )
        self.web = web.Application()
        add_health(self.web, db)
        add_hooks(self.web, db, self.adapters, self.context_of)
        self.webchat.chat.mount(self.web)
        self.ui = mount(
            self.web,
            WebServices(
                db=db,
                bus=bus,
                site=site,
                blobs=self.blobs,
                vault=self.vault,
                adapters=self.adapters,
                open_line=self._open_line,
                upload_limit=settings.upload_limit,
            ),
        )

    def context_of(self, account: Account, epoch: int | None = None) -> AccountContext:
        """Return what an adapter works with for an account."""
        return AccountContext(
            self.db,
            self.vault,
            self.blobs,
            account,
            epoch=epoch,
            public_url=(self.settings.public_url or "").rstrip("/"),
        )

    async def work(self) -> None:
        """Do what this node's roles ask for until cancelled; parts that fail start again."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "web": self.ui.run,
            "visitors": self.webchat.chat.run,
        }
        if "channels" in self.settings.roles:
            parts |= {"accounts": self.runner.run}
        if "jobs" in self.settings.roles:
            parts |= {
                "journal": self.processor.run,
                "deliveries": self.sender.run,
                "files": self.fetcher.run,
                "search": self.indexer.run,
                "schedule": self.scheduler.run,
            }
        async with asyncio.TaskGroup() as group:
            for name, part in parts.items():
                group.create_task(_keep(name, part), name=name)

    async def _open_line(self, account_id: UUID) -> tuple[Adapter, RunContext]:
        """Return what sends for an account."""
        async with self.db.read() as sql:
            account = await load_account(sql, account_id)
        return await self.adapters.get(account.provider), self.context_of(account)

    def _agents_online(self) -> int:
        return self.ui.agents_online()

    async def _wake_snoozed(self) -> None:
        async with self.db.transaction() as tx:
            await tx.act(None, "rule")
            await wake_due(tx)

    async def _escalate_overdue(self) -> None:
        async with self.db.transaction() as tx:
            await tx.act(None, "rule")
            await escalate_overdue(tx)

    async def _forget_visits(self) -> None:
        async with self.db.transaction() as tx:
            await forget_visits(tx)
            await forget_links(tx)
            await forget_buckets(tx)

    async def _forget_drafts(self) -> None:
        async with self.db.transaction() as tx:
            await forget_old_drafts(tx)

    async def _forget_access(self) -> None:
        async with self.db.transaction() as tx:
            await forget_access(tx)


@asynccontextmanager
async def run(settings: Settings) -> AsyncIterator[Hub]:
    """Start a hub on the database of ``settings``; it stops when the block ends.

    Raises:
        UnusableDatabase: Encoding, locale or version of the database do not fit.
    """
    await migrate(settings.database_url)
    async with AsyncExitStack() as stack:
        bus = await _bus(settings, stack)
        db = Database(settings.database_url, bus)
        stack.push_async_callback(db.close)
        async with db.transaction() as tx:
            await seed_roles(tx)  # what a built-in role may do is of this version
        hub = Hub(settings, db, bus)
        stack.push_async_callback(hub.isolation.close)
        stack.push_async_callback(hub.adapters.close)
        working = asyncio.create_task(hub.work())
        try:
            yield hub
        finally:
            await hub.webchat.chat.close()
            await hub.ui.close()
            working.cancel()
            await asyncio.wait([working])


async def _bus(settings: Settings, stack: AsyncExitStack) -> Bus:
    if not settings.redis_url:
        return LocalBus()
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=15)
    stack.push_async_callback(redis.aclose)
    return RedisBus(redis)


async def _keep(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part of the hub; when it fails, say so and start it again."""
    while True:
        try:
            await part()
        except Exception as error:
            if _is_away(error):
                log.warning("hub.database_away", part=name)
            else:
                log.exception("hub.part_failed", part=name)
        await asyncio.sleep(RESTART)


def _is_away(error: BaseException) -> bool:
    """Say whether all that went wrong is that PostgreSQL is away for a while."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_away, error.exceptions))
    return isinstance(error, DATABASE_AWAY)
