"""Links that tie whoever opens them to a card: "go on in Telegram", on paper or in a mail."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

import msgspec

from crm_core.access import check_card
from crm_core.staff.visibility import Viewer
from crm_core.views import View
from inbox.proving import link_hash
from inbox.switching import usable_account
from inbox.visitor_tables import DeepLinkRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Invalid


KEPT = timedelta(days=30)

LINKS = {"telegram": "https://t.me/{name}?start={secret}"}
"""Where a kind of channel is opened with a payload (https://core.telegram.org/bots/features#deep-linking)."""


class DeepLink(View):
    """A link that works once, until ``expires_at``."""

    url: str
    expires_at: datetime


async def make_deep_link(
    tx: Transaction,
    card_id: UUID,
    account_id: UUID,
    *,
    purpose: Annotated[str, msgspec.Meta(max_length=40)],
    viewer: Viewer,
) -> DeepLink:
    """Return a link that puts whoever opens it first on a card.

    Raises:
        NotFound: There is no such card or account.
        Forbidden: The viewer may not change the card or write from the account.
        Invalid: The channel has no such links, or its account has no name yet.
    """
    await check_card(tx, card_id, viewer=viewer, action="update")
    account = await usable_account(tx, account_id, viewer)
    pattern = LINKS.get(account.kind)
    if pattern is None:
        raise Invalid("this channel has no links that lead to a card")
    secret = secrets.token_urlsafe(16)
    link = DeepLinkRow(
        hash=link_hash(secret),
        account_id=account_id,
        card_id=card_id,
        purpose=purpose,
        created_by=viewer.agent_id,
        expires_at=now() + KEPT,
    )
    tx.session.add(link)
    name = quote(account.address.lstrip("@"))
    url = pattern.format(name=name, secret=secret)
    return DeepLink(url=url, expires_at=link.expires_at)


async def forget_links(tx: Transaction) -> None:
    """Forget links that nobody can use any more."""
    await tx.execute("DELETE FROM deep_link WHERE expires_at < $1", now() - KEPT)
