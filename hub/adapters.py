"""Which adapters this installation has; each is imported when an account needs it."""

import importlib
from collections.abc import Callable
from functools import partial

from inbox.adapters import Adapters
from inbox.contract import Adapter
from inbox.services import Services


MODULES = {
    "email.imap": "channels.email.adapter",
    "email.demo": "hub.demo.adapter",
    "sms.smpp": "channels.sms.smpp.adapter",
}
"""Where each provider's adapter is; the module has ``open_adapter(services)``."""


def adapters(services: Services) -> Adapters:
    """Return the adapters of this installation, none of them loaded yet."""
    loaders: dict[str, Callable[[], Adapter]] = {
        provider: partial(open_module, module, services) for provider, module in MODULES.items()
    }
    return Adapters(loaders)


def open_module(module: str, services: Services) -> Adapter:
    """Return the adapter of a module."""
    adapter: Adapter = importlib.import_module(module).open_adapter(services)
    return adapter
