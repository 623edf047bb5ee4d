"""What a message would become on a channel, before it is sent: parts, losses, price."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from crm_core.staff.visibility import Viewer
from crm_core.views import View
from inbox.adapters import Adapters
from inbox.attachments import FileGiven, kind_of
from inbox.carried import carried
from inbox.contract import (
    AccountId,
    Address,
    Button,
    Cost,
    Estimates,
    Media,
    MediaKind,
    Outbound,
    RichText,
    Span,
    Stored,
    ThreadRef,
)
from inbox.switching import may_use
from infra.clock import new_id, now
from infra.db import Raw
from infra.errors import Forbidden, NotFound


ACCOUNT = """
SELECT id, provider, kind, address, config::text AS config, branch_id, team_id
  FROM channel_account WHERE id = $1 AND removed_at IS NULL
"""

NOBODY: dict[str, Address] = {
    "email": Address("email", "somebody@example.com"),
    "sms": Address("phone", "+37360000000"),
    "telegram": Address("telegram_user", "1"),
    "webchat": Address("web_visitor", "1"),
}
"""Whom a message is estimated for when it has no recipient yet."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it stands in a composer."""

    account_id: UUID
    identity_id: UUID | None = None
    text: str = ""
    spans: Sequence[Span] = ()
    attachments: Sequence[FileGiven] = ()
    buttons: Sequence[Sequence[Button]] = ()


class Suggestion(View):
    """A plainer spelling of a text, and the parts it takes."""

    text: str
    parts: int


class Estimate(View):
    """What it would become.

    Attributes:
        calls: Messages the client would get.
        parts: Parts that count: SMS segments, files of an album.
        losses: What the channel cannot carry, as stable codes.
        cost: What it would cost, where the account says prices.
        units: Units of ``encoding`` in all parts of an SMS; ``unit_max`` go into one of them.
        forced_by: The character that makes an SMS take the longer encoding.
        suggestion: A plainer spelling that takes fewer parts.
    """

    calls: int
    parts: int
    losses: tuple[str, ...]
    cost: Cost | None = None
    units: int | None = None
    unit_max: int | None = None
    encoding: str | None = None
    forced_by: str | None = None
    suggestion: Suggestion | None = None


async def estimate(raw: Raw, adapters: Adapters, said: Said, *, viewer: Viewer) -> Estimate:
    """Return what a message would become if it were sent now.

    Raises:
        NotFound: There is no such account or address.
        Forbidden: The viewer may not write from that account.
    """
    viewer.need("conversation", "reply")
    account = await raw.fetchrow(ACCOUNT, said.account_id)
    if account is None:
        raise NotFound(f"no channel account {said.account_id}")
    if not may_use(viewer, branch_id=account["branch_id"], team_id=account["team_id"]):
        raise Forbidden("this account is another team's")
    adapter = await adapters.get(account["provider"])
    to = await _recipient(raw, said, account["kind"])
    thread = ThreadRef(AccountId(said.account_id), to.value)
    config = msgspec.json.decode(account["config"])
    rendered = adapter.render(
        _outbound(said, account, to, thread), carried(adapter, config, thread)
    )
    calls, losses = len(rendered.ops), rendered.losses
    if not isinstance(adapter, Estimates):
        parts = sum(op.weight for op in rendered.ops)
        return Estimate(calls=calls, parts=parts, losses=losses, cost=rendered.estimate)
    counted = adapter.estimate(config, said.text, to)
    return Estimate(
        calls=calls,
        parts=counted.parts,
        losses=losses,
        cost=counted.cost,
        units=counted.units,
        unit_max=counted.unit_max,
        encoding=counted.encoding,
        forced_by=counted.forced_by,
        suggestion=counted.suggestion
        and Suggestion(text=counted.suggestion[0], parts=counted.suggestion[1]),
    )


async def _recipient(raw: Raw, said: Said, channel: str) -> Address:
    if said.identity_id is None:
        return NOBODY.get(channel, Address("external_id", "1"))
    row = await raw.fetchrow("SELECT kind, value FROM identity WHERE id = $1", said.identity_id)
    if row is None:
        raise NotFound(f"no address {said.identity_id}")
    return Address(row["kind"], row["value"])


def _outbound(said: Said, account: asyncpg.Record, to: Address, thread: ThreadRef) -> Outbound:
    files = [
        Media(
            kind=msgspec.convert(kind_of(file.mime), MediaKind),
            source=Stored(blob=file.blob),
            filename=file.filename or None,
            mime=file.mime,
            size=file.size,
        )
        for file in said.attachments
    ]
    return Outbound(
        id=new_id(),
        thread=thread,
        thread_id=new_id(),
        to=to,
        parts=(RichText(text=said.text, spans=tuple(said.spans)), *files),
        at=now(),
        sender=Address("email", account["address"]) if account["kind"] == "email" else None,
        buttons=tuple(tuple(row) for row in said.buttons),
    )
