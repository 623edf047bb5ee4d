"""What website chat works with, and the widgets it serves."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from uuid import UUID

import msgspec

from channels.webchat.account import WidgetAccount, read_account
from channels.webchat.answers import Online
from channels.webchat.hours import is_open, opens_at
from channels.webchat.limits import Budgets
from channels.webchat.rooms import Rooms
from inbox.accounts import Account, AccountContext, account_at
from infra.blobs import Blobs
from infra.clock import now
from infra.db import Database


REMEMBER = 2.0  # seconds a widget's settings are believed


class Post(Protocol):
    """Sends through the company's own accounts what belongs to no conversation."""

    async def __call__(
        self, account_id: UUID, to: str, *, subject: str, text: str, thread: UUID | None = None
    ) -> bool:
        """Send a text to an address; say whether the provider took it.

        Args:
            thread: The inbox's thread that an answer to it belongs to.
        """


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub gives website chat.

    Attributes:
        key: Secret of this installation, for the hashes of one-time codes.
        agents_online: How many agents could answer now.
        post: Sends codes and continued answers.
        inspect: Looks at an uploaded file (name, media type, path of its blob) before anybody
            gets it; False refuses it. Where a virus scanner goes.
        verify: Asks a captcha's service whether an answer is right: address, form, verdict.
    """

    db: Database
    blobs: Blobs
    rooms: Rooms
    context_of: Callable[[Account], AccountContext]
    key: bytes
    agents_online: Callable[[], int]
    post: Post
    upload_limit: int
    inspect: Callable[[str, str, str], Awaitable[bool]] | None = None
    verify: Callable[[str, Mapping[str, str]], Awaitable[bool]] | None = None
    budgets: Budgets = msgspec.field(default_factory=Budgets)


class Widget(msgspec.Struct, frozen=True):
    """A widget that is switched on."""

    account: Account
    settings: WidgetAccount
    ctx: AccountContext

    @property
    def id(self) -> UUID:
        """The id of its account."""
        return self.account.id


class Widgets:
    """The widgets of this hub, by key; remembered for a moment."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, tuple[float, Widget | None]] = {}

    async def get(self, key: str) -> Widget | None:
        """Return the widget of a key; None when there is none."""
        if "\0" in key:  # PostgreSQL has no such text
            return None
        at, widget = self._known.get(key, (-REMEMBER, None))
        if time.monotonic() - at < REMEMBER:
            return widget
        async with self._services.db.read() as sql:
            account = await account_at(sql, "webchat", key)
        widget = None
        if account is not None:
            settings = read_account(account.config)
            widget = Widget(account, settings, self._services.context_of(account))
        if len(self._known) > 1_000:  # keys that somebody guesses
            self._known.clear()
        self._known[key] = (time.monotonic(), widget)
        return widget

    def online(self, widget: Widget) -> Online:
        """Say whether somebody can answer."""
        hours, moment = widget.settings.hours, now()
        in_hours = is_open(hours, moment)
        opening = opens_at(hours, moment)
        return Online(
            on=in_hours and self._services.agents_online() > 0,
            hours=in_hours,
            opens_at=int(opening.timestamp() * 1000) if opening else 0,
            reply_minutes=widget.settings.reply_minutes,
        )
