"""Lists of conversations: keyset pages whose cost does not grow with the hub.

Rows leave PostgreSQL as JSON text and go to the socket as they are. A page is found by walking
indexes that are in the list's order already. A viewer who sees a part of the hub walks one range
for each team instead of filtering the whole, so a small team among many is as fast as all.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Viewer
from inbox.view_keys import SELECTIONS, Selection, parse_view
from infra import feed
from infra.db import Raw, Transaction
from infra.errors import Invalid, NotFound


Order = Literal["newest", "oldest_waiting"]

NEWEST = "c.last_activity_at DESC, c.id DESC"
LONGEST = "coalesce(c.waiting_since, 'infinity'), c.id"
AFTER_NEWEST = "(c.last_activity_at, c.id) < ($3::text::timestamptz, $4::uuid)"
AFTER_LONGEST = "(coalesce(c.waiting_since, 'infinity'), c.id) > ($3::text::timestamptz, $4::uuid)"

ITEM = """conversation_json({c}) || jsonb_build_object(
    'read_count', coalesce((SELECT r.inbound_count FROM read_state AS r
                             WHERE r.agent_id = $1 AND r.conversation_id = {c}.id), 0),
    'has_draft', {c}.id IN (SELECT d.conversation_id FROM draft AS d
                             WHERE d.agent_id = $1 AND d.deleted_at IS NULL))"""
"""A row of a list for the agent ``$1``; ``{c}`` is the conversation."""

MOST_RANGES = 24  # teams a viewer may have before filtering is cheaper than walking each


async def list_page(
    raw: Raw,
    view: str,
    *,
    viewer: Viewer,
    before: str | None = None,
    limit: int = 50,
    order: Order = "newest",
) -> str:
    """Return ``{"cursor", "items", "next"}`` as JSON text.

    Args:
        raw: A snapshot; ``cursor`` is where to follow the feed from to keep the page current.
        before: ``next`` of the page before.

    Raises:
        NotFound: There is no such view.
        Invalid: ``before`` never was a ``next``.
    """
    sql, args = page_query(view, viewer=viewer, before=before, limit=limit, order=order)
    rows = await raw.fetch(sql, *args)
    shown = rows[:limit]
    following = page_end(shown[-1]["at"], shown[-1]["id"]) if len(rows) > limit else None
    head = msgspec.json.encode({"cursor": str(await feed.end_of_feed(raw)), "next": following})
    items = ",".join(row["item"] for row in shown)
    return f'{head.decode()[:-1]},"items":[{items}]}}'


async def conversation_item(
    raw: Raw | Transaction, conversation_id: UUID, *, viewer: Viewer
) -> str:
    """Return a conversation as JSON text, as a list shows it.

    Raises:
        NotFound: There is none the viewer may see.
    """
    return await _one(raw, "c.id = $2::uuid", conversation_id, viewer)


async def conversation_by_number(raw: Raw | Transaction, number: int, *, viewer: Viewer) -> str:
    """Return a conversation by the number people say, as JSON text.

    Raises:
        NotFound: There is none the viewer may see.
    """
    return await _one(raw, "c.number = $2::bigint", number, viewer)


async def item_json(raw: Raw | Transaction, conversation_id: UUID, *, agent_id: UUID) -> str:
    """Return a conversation as JSON text; the caller has checked who asks."""
    item = await raw.fetchval(
        f"SELECT ({ITEM.format(c='c')})::text FROM conversation AS c WHERE c.id = $2",  # noqa: S608 - constants
        agent_id,
        conversation_id,
    )
    return str(item)


async def _one(raw: Raw | Transaction, rule: str, value: UUID | int, viewer: Viewer) -> str:
    seen, args = viewer.where("conversation", "read", "c", 3)
    item = await raw.fetchval(
        f"SELECT ({ITEM.format(c='c')})::text FROM conversation AS c"  # noqa: S608 - constants
        f" WHERE {rule} AND {seen}",
        viewer.agent_id,
        value,
        *args,
    )
    if item is None:
        raise NotFound(f"no conversation {value}")
    return str(item)


def page_query(
    view: str, *, viewer: Viewer, before: str | None, limit: int, order: Order
) -> tuple[str, list[object]]:
    """Return the SQL of a page and its parameters; one row more than ``limit`` says "go on".

    Raises:
        NotFound: There is no such view.
        Invalid: ``before`` never was a ``next``.
    """
    found, args = rows_query(view, viewer=viewer, before=before, limit=limit, order=order)
    item = ITEM.format(c="(page.c)")
    sql = f"""
SELECT ({item})::text AS item, page.at::text AS at, (page.c).id
  FROM ({found}) AS page"""  # noqa: S608 - constants and compiled predicates
    return sql, args


def rows_query(
    view: str, *, viewer: Viewer, before: str | None, limit: int, order: Order
) -> tuple[str, list[object]]:
    """Return the SQL that finds the conversations ``c`` of a page, in order, and its parameters.

    Raises:
        NotFound: There is no such view.
        Invalid: ``before`` never was a ``next``.
    """
    key = parse_view(view)
    selection = SELECTIONS[key.name]
    position = _position(before)
    seen, seen_args = viewer.where("conversation", "read", "c", 6)
    seen_again, _ = viewer.where("conversation", "read", "(hit.c)", 6)
    teams = 6 + len(seen_args)
    if order == "newest":
        place, at, after = NEWEST, "c.last_activity_at", AFTER_NEWEST
        ways, direction = _ways(selection, viewer, seen, teams), "DESC"
    else:
        place, at, after = LONGEST, "coalesce(c.waiting_since, 'infinity')", AFTER_LONGEST
        ways, direction = [Way(where=seen)], "ASC"
    page = f"LIMIT {limit + 1:d}"
    ranges = " UNION ALL ".join(
        f"(SELECT {at} AS at, c.id, c FROM conversation AS c"  # noqa: S608 - constants
        f" WHERE {status} AND {selection.rule} AND {way.where}"
        f" AND {after if position else 'true'} ORDER BY {way.led_by}{place} {page})"
        for status in _statuses(selection)
        for way in ways
    )
    sql = f"""
SELECT hit.at, hit.c FROM ({ranges}) AS hit,
       (SELECT $1::uuid, $2::uuid, $3::text, $4::uuid, $5::int,
               ${teams}::uuid[], ${teams + 1}::uuid[]) AS every_parameter
 WHERE {seen_again}
 ORDER BY hit.at {direction}, hit.id {direction} {page}"""  # noqa: S608 - constants
    at_end, last_id = position or (None, None)
    args = [viewer.agent_id, key.about, at_end, last_id, 0, *seen_args]
    return sql, [*args, list(viewer.team_ids), list(viewer.branch_ids)]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what a viewer sees that an index has in the list's order.

    Attributes:
        led_by: Columns the index begins with, for PostgreSQL does not see that they are fixed.
    """

    where: str
    led_by: str = ""


def _statuses(selection: Selection) -> list[str]:
    return [f"c.status = '{status}'" for status in selection.statuses] or ["true"]


def _ways(selection: Selection, viewer: Viewer, seen: str, first: int) -> list[Way]:
    """Return ways that have no conversation in common and together are what the viewer sees.

    Their rows are merged as they are read, so a page reads little more than it shows.

    Args:
        first: Number of the parameter with the viewer's teams; the branches follow it.
    """
    scope = viewer.grants.get(("conversation", "read"))
    is_bounded = selection.column or selection.is_small
    if scope not in {"own", "team"} or is_bounded or len(viewer.team_ids) > MOST_RANGES:
        return [Way(where=seen)]
    mine = "c.assignee_id = $1"
    followed = "c.follower_ids @> ARRAY[$1::uuid]"
    others = f"{mine} IS NOT TRUE"
    own = [Way(where=mine), Way(where=f"{followed} AND {others}")]
    if scope == "own":
        return own
    others += f" AND NOT {followed}"
    teams = [
        Way(where=f"c.team_id = (${first}::uuid[])[{n + 1}] AND {others}")
        for n in range(len(viewer.team_ids))
    ]
    no_team = f"c.team_id IS NULL AND c.branch_id = ANY(${first + 1}::uuid[]) AND {others}"
    return [*own, *teams, Way(where=no_team, led_by="c.team_id, c.status, ")]


def _position(before: str | None) -> tuple[str, UUID] | None:
    if before is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(before), type=tuple[str, UUID])
    except (ValueError, msgspec.MsgspecError) as error:
        raise Invalid("this is not where a page ended") from error


def page_end(at: str, conversation_id: UUID) -> str:
    """Return the opaque text of where a page ended."""
    return urlsafe_b64encode(msgspec.json.encode((at, conversation_id))).decode()
