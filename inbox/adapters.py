"""The adapters of this installation, loaded when they are first needed."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import msgspec

from inbox.contract import Adapter, Configures
from infra.errors import Invalid


class UnknownProvider(Invalid):
    """No adapter speaks to this provider."""

    code = "account.unknown_provider"
    title = "No such kind of account"


class AccountKind(msgspec.Struct, frozen=True):
    """A kind of account that can be connected.

    Attributes:
        schema: JSON Schema of ``config``.
        secrets: Names of its secrets.
        presets: Ready settings of well-known providers, by name.
    """

    provider: str
    kind: str
    schema: dict[str, Any]
    secrets: list[str]
    presets: dict[str, Any]


@runtime_checkable
class Closes(Protocol):
    """Keeps connections between calls."""

    async def close(self) -> None:
        """Close them all."""


class Adapters:
    """Every adapter by its ``provider``.

    Args:
        loaders: What makes each adapter; importing a provider's library can take seconds, so a
            loader runs once, in a thread, when its adapter is asked for.
    """

    def __init__(self, loaders: Mapping[str, Callable[[], Adapter]]) -> None:
        self._loaders = loaders
        self._loaded: dict[str, Adapter] = {}
        self._loading = asyncio.Lock()

    @property
    def providers(self) -> frozenset[str]:
        """What accounts can be run here."""
        return frozenset(self._loaders)

    async def get(self, provider: str) -> Adapter:
        """Return an adapter.

        Raises:
            UnknownProvider: There is none of that name.
        """
        if provider not in self._loaders:
            raise UnknownProvider(f"no adapter is called {provider!r}")
        async with self._loading:
            if provider not in self._loaded:
                self._loaded[provider] = await asyncio.to_thread(self._loaders[provider])
        return self._loaded[provider]

    async def all(self) -> list[Adapter]:
        """Return every adapter, by the name of its provider."""
        return [await self.get(provider) for provider in sorted(self._loaders)]

    async def close(self) -> None:
        """Close what the loaded adapters keep open; one that fails does not keep the others."""
        open_ones = [one for one in self._loaded.values() if isinstance(one, Closes)]
        await asyncio.gather(*(one.close() for one in open_ones), return_exceptions=True)

    async def kinds(self) -> list[AccountKind]:
        """Describe every kind of account, for the form that connects one."""
        adapters = await self.all()
        return [
            AccountKind(
                provider=adapter.provider,
                kind=adapter.kind,
                schema=dict(adapter.config_schema),
                secrets=list(adapter.redact),
                presets=dict(adapter.presets) if isinstance(adapter, Configures) else {},
            )
            for adapter in adapters
        ]
