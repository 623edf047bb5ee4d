"""Which adapters this installation has; each is imported when an account needs it."""

import importlib
from collections.abc import Callable, Mapping
from functools import partial

from inbox.adapters import Adapters
from inbox.contract import Adapter
from inbox.services import Services


SMS_GATEWAYS = (
    "twilio",
    "vonage",
    "plivo",
    "infobip",
    "smslink",
    "smsru",
    "smsc",
    "kannel",
    "custom",
)
MODULES = {
    "email.imap": "channels.email.adapter",
    "email.demo": "hub.demo.adapter",
    "telegram.demo": "hub.demo.chats:telegram",
    "sms.demo": "hub.demo.chats:sms",
    "webchat.demo": "hub.demo.chats:webchat",
    "sms.smpp": "channels.sms.smpp.adapter",
    "telegram": "channels.telegram.adapter",
} | {f"sms.{name}": f"channels.sms.gateway.adapter:{name}" for name in SMS_GATEWAYS}
"""Where each provider's adapter is; the module has ``open_adapter(services)``, and where one
module serves several, it takes the name behind the colon, too."""


def adapters(services: Services, own: Mapping[str, Callable[[], Adapter]] = {}) -> Adapters:
    """Return the adapters of this installation, none of them loaded yet.

    Args:
        own: Loaders of adapters that the hub itself makes, by provider.
    """
    loaders: dict[str, Callable[[], Adapter]] = {
        provider: partial(open_module, module, services) for provider, module in MODULES.items()
    }
    return Adapters(loaders | dict(own))


def open_module(module: str, services: Services) -> Adapter:
    """Return the adapter of a module."""
    name, _, variant = module.partition(":")
    arguments = (variant,) if variant else ()
    adapter: Adapter = importlib.import_module(name).open_adapter(services, *arguments)
    return adapter
