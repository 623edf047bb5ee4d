"""The agents' side of a running hub: what is kept per node."""

from collections.abc import Mapping
from typing import Any

from agents_ui.live.gateway import Gateway
from agents_ui.presence import Presence
from agents_ui.remote_images import RemoteImages
from agents_ui.services import Services
from agents_ui.static import Spa
from agents_ui.topics import Topics
from agents_ui.viewers import Viewers
from inbox.adapters import UnknownProvider
from inbox.answering import Signs
from inbox.carried import CapsOf, carried
from inbox.contract import Capabilities, ThreadRef


class Desk:
    """Viewers, topics, the browser app and the live connections of a node."""

    def __init__(self, services: Services) -> None:
        presence = Presence()
        self.services = services
        self.spa = Spa(services.static)
        self.images = RemoteImages(guarded=services.guarded)
        self.viewers = Viewers(services.db)
        self.topics = Topics(services.db, services.adapters, presence, build=self.spa.build)
        self.signs = Signs(services.db, services.open_line)
        self.live = Gateway(
            services.db,
            services.bus,
            self.viewers,
            self.topics,
            presence=presence,
            build=self.spa.build,
            signs=self.signs,
        )
        self.topics.epoch_of = self.live.epoch_of
        self.topics.counts_of = self.live.counters.of

    async def capabilities(self) -> CapsOf:
        """Return what each provider's channel carries."""
        known = {one.provider: one for one in await self.services.adapters.all()}

        def caps_of(
            provider: str,
            config: Mapping[str, Any] | None = None,
            thread: ThreadRef | None = None,
            /,
        ) -> Capabilities:
            if provider not in known:
                raise UnknownProvider(f"no adapter is called {provider!r}")
            return carried(known[provider], config, thread)

        return caps_of

    async def run(self) -> None:
        """Serve live connections until cancelled."""
        await self.live.run()

    async def leave(self) -> None:
        """Send the live connections away: the node stops."""
        self.live.leave()
        await self.signs.close()
        await self.images.close()
