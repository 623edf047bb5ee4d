"""Over which channels a client can be written to, and why not over the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from crm_core.access import check_card
from crm_core.staff.visibility import Viewer
from crm_core.views import View
from inbox.carried import CapsOf, described
from inbox.case import require
from inbox.contract import AccountId, Capabilities, ThreadRef
from inbox.quiet import quiet_until
from inbox.recipients import REACHED_AS
from inbox.reply import LATEST_THREAD
from inbox.switching import may_use
from infra.clock import now
from infra.db import Raw
from infra.tables import Json


Reason = Literal[
    "",
    "window_closed",
    "opted_out",
    "blocked",
    "unverified",
    "bounced",
    "wrong",
    "unreachable",
    "switched_off",
    "paused",
    "client_writes_first",
    "open_elsewhere",
    "left",
    "one_way",
    "quiet_hours",
]

OF_STATUS: Mapping[str, tuple[Reason, bool]] = {
    "opted_out": ("opted_out", False),
    "blocked_us": ("blocked", False),
    "wrong": ("wrong", False),
    "bounced": ("bounced", True),
    "unreachable": ("unreachable", True),
    "unverified": ("unverified", True),
}
"""What the state of an address says, and whether it may be written to all the same."""

WAYS = """
WITH who AS (
    SELECT l.identity_id AS id FROM card_identity AS l
     WHERE l.card_id = $1 AND l.until IS NULL
    UNION
    SELECT t.peer_identity_id FROM thread AS t WHERE t.conversation_id = $2)
SELECT i.id AS identity_id, i.kind, i.value, i.display, i.status, i.verified_at,
       a.id AS account_id, a.name AS account_name, a.provider, a.kind AS channel,
       a.config::text AS config, a.is_enabled, a.paused_until, a.branch_id, a.team_id,
       t.id AS thread_id, t.key, t.window_until, t.conversation_id, c.status AS case_status,
       c.last_activity_at,
       (SELECT b.timezone FROM branch AS b WHERE b.id = a.branch_id) AS zone,
       (SELECT m.at FROM message AS m WHERE a.kind = 'sms' AND m.thread_id = t.id
           AND m.kind = 'inbound' ORDER BY m.n DESC LIMIT 1) AS heard_at
  FROM who JOIN identity AS i ON i.id = who.id
  JOIN unnest($3::text[], $4::text[]) AS reach (channel, kind) ON reach.kind = i.kind
  JOIN channel_account AS a
    ON a.kind = reach.channel AND a.removed_at IS NULL AND i.scope IN ('', a.id::text)
  LEFT JOIN LATERAL (
       SELECT t.* FROM thread AS t
        WHERE t.account_id = a.id AND t.peer_identity_id = i.id
        ORDER BY (t.conversation_id = $2) DESC NULLS LAST, t.created_at DESC LIMIT 1) AS t ON true
  LEFT JOIN conversation AS c ON c.id = t.conversation_id
 ORDER BY (t.conversation_id = $2) DESC NULLS LAST, c.last_activity_at DESC NULLS LAST,
          a.created_at, i.id
"""


class ChannelOption(View):
    """A way to write to a client.

    Attributes:
        thread_id: The thread it would go on in; None when one would begin.
        possible: Whether a message would be taken; ``reason`` says why not, or what to know.
        until: When the reason ends.
        elsewhere_id: The open conversation whose thread it is.
        caps: What the channel carries, see ``inbox.carried.described``.
    """

    account_id: UUID
    account_name: str
    provider: str
    channel: str
    identity_id: UUID
    kind: str
    address: str
    display: str
    verified: bool
    thread_id: UUID | None
    is_default: bool
    possible: bool
    reason: Reason
    until: datetime | None
    elsewhere_id: UUID | None
    caps: Json


async def offers_in(
    raw: Raw, conversation_id: UUID, *, viewer: Viewer, caps_of: CapsOf
) -> list[ChannelOption]:
    """Return the ways to go on in a conversation; the client's last one is the default.

    Raises:
        NotFound: There is none the viewer may see.
        Forbidden: The viewer may not answer it.
    """
    await require(raw, conversation_id, viewer=viewer, action="reply")
    card_id = await raw.fetchval("SELECT card_id FROM conversation WHERE id = $1", conversation_id)
    latest = await raw.fetchval(LATEST_THREAD, conversation_id)
    ways = await _ways(raw, card_id, conversation_id)
    offers = [
        _offer(row, caps_of, conversation_id)
        for row in ways
        if row["conversation_id"] == conversation_id
        or may_use(viewer, branch_id=row["branch_id"], team_id=row["team_id"])
    ]
    return _with_default(await _discreet(raw, offers, viewer), latest)


async def offers_of(
    raw: Raw, card_id: UUID, *, viewer: Viewer, caps_of: CapsOf
) -> list[ChannelOption]:
    """Return the ways to begin a conversation with a client.

    Raises:
        NotFound: There is no card the viewer may see.
        Forbidden: The viewer may not write first.
    """
    await check_card(raw, card_id, viewer=viewer, action="read")
    viewer.need("conversation", "reply")
    ways = await _ways(raw, card_id, None)
    offers = [
        _offer(row, caps_of, None)
        for row in ways
        if may_use(viewer, branch_id=row["branch_id"], team_id=row["team_id"])
    ]
    return _with_default(await _discreet(raw, offers, viewer), None)


async def _ways(raw: Raw, card_id: UUID, conversation_id: UUID | None) -> Sequence[asyncpg.Record]:
    reach = [(channel, kind) for channel, kinds in REACHED_AS.items() for kind in kinds]
    return await raw.fetch(
        WAYS,
        card_id,
        conversation_id,
        [channel for channel, _ in reach if channel != "voice"],
        [kind for channel, kind in reach if channel != "voice"],
    )


def _offer(row: asyncpg.Record, caps_of: CapsOf, conversation_id: UUID | None) -> ChannelOption:
    config: dict[str, Any] = msgspec.json.decode(row["config"])
    thread = ThreadRef(AccountId(row["account_id"]), row["key"]) if row["thread_id"] else None
    caps = caps_of(row["provider"], config, thread)
    is_here = conversation_id is not None and row["conversation_id"] == conversation_id
    goes_on = row["thread_id"] is not None and (is_here or not caps.subject)
    reason, possible, until = _judge(row, caps, goes_on=goes_on)
    if not reason and row["channel"] == "sms":
        rests = quiet_until(config, zone=row["zone"], heard_at=row["heard_at"], at=now())
        reason, until = ("quiet_hours", rests) if rests is not None else (reason, until)
    elsewhere = _elsewhere(row, caps, is_here=is_here)
    if elsewhere is not None and conversation_id is not None and possible:
        reason, possible = "open_elsewhere", False
    return ChannelOption(
        account_id=row["account_id"],
        account_name=row["account_name"],
        provider=row["provider"],
        channel=row["channel"],
        identity_id=row["identity_id"],
        kind=row["kind"],
        address=row["value"],
        display=row["display"],
        verified=row["verified_at"] is not None,
        thread_id=row["thread_id"] if goes_on else None,
        is_default=False,
        possible=possible,
        reason=reason,
        until=until,
        elsewhere_id=elsewhere,
        caps=described(caps),
    )


def _elsewhere(row: asyncpg.Record, caps: Capabilities, *, is_here: bool) -> UUID | None:
    """Return the other open conversation that has the client's only line on the channel."""
    if is_here or caps.subject or row["case_status"] in {None, "closed"}:
        return None
    found: UUID = row["conversation_id"]
    return found


def _judge(
    row: asyncpg.Record, caps: Capabilities, *, goes_on: bool
) -> tuple[Reason, bool, datetime | None]:
    """Return why a way is closed or what to know of it, whether it is open, and until when."""
    closes = row["window_until"] if goes_on else None
    reason = _closed(row, caps, goes_on=goes_on)
    if reason is not None:
        return reason, False, closes if reason == "window_closed" else None
    if row["paused_until"] is not None and row["paused_until"] > now():
        return "paused", True, row["paused_until"]
    known, _ = OF_STATUS.get(row["status"], ("", True))
    return known or ("" if caps.replies else "one_way"), True, closes


def _closed(row: asyncpg.Record, caps: Capabilities, *, goes_on: bool) -> Reason | None:
    """Return why nothing can be sent that way; None when it can."""
    if not row["is_enabled"]:
        return "switched_off"
    known, possible = OF_STATUS.get(row["status"], ("", True))
    if not possible:
        return known
    if not goes_on and caps.initiate != "always":
        return "client_writes_first"
    if goes_on and row["window_until"] is not None and row["window_until"] < now():
        return "window_closed"
    return None


async def _discreet(raw: Raw, offers: list[ChannelOption], viewer: Viewer) -> list[ChannelOption]:
    """Name no conversation that the viewer does not see."""
    named = [one.elsewhere_id for one in offers if one.elsewhere_id is not None]
    if not named:
        return offers
    rule, args = viewer.where("conversation", "read", "c", 2)
    rows = await raw.fetch(
        f"SELECT c.id FROM conversation AS c WHERE c.id = ANY($1) AND {rule}",  # noqa: S608 - compiled
        named,
        *args,
    )
    seen = {row["id"] for row in rows}
    return [
        one if one.elsewhere_id in seen else msgspec.structs.replace(one, elsewhere_id=None)
        for one in offers
    ]


def _with_default(offers: list[ChannelOption], latest: UUID | None) -> list[ChannelOption]:
    """Mark the way the client used last, or the first one that is open."""
    open_ones = [one for one in offers if one.possible]
    last_used = [one for one in open_ones if latest is not None and one.thread_id == latest]
    chosen = next(iter([*last_used, *open_ones]), None)
    return [
        msgspec.structs.replace(one, is_default=True) if one is chosen else one for one in offers
    ]
