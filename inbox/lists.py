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
from inbox.view_keys import SELECTIONS, Selection, ViewKey, parse_view
from infra import feed
from infra.db import Raw, Transaction
from infra.errors import Invalid, NotFound


Order = Literal["newest", "oldest_waiting"]

NEWEST = "c.last_activity_at DESC, c.id DESC"
LONGEST = "coalesce(c.waiting_since, 'infinity'), c.id"
AFTER_NEWEST = "(c.last_activity_at, c.id) < ($4::text::timestamptz, $5::uuid)"
AFTER_LONGEST = "(coalesce(c.waiting_since, 'infinity'), c.id) > ($4::text::timestamptz, $5::uuid)"

ITEM = """conversation_json(c) || jsonb_build_object(
    'read_count', coalesce((SELECT r.inbound_count FROM read_state AS r
                             WHERE r.agent_id = $1 AND r.conversation_id = c.id), 0),
    'has_draft', EXISTS (SELECT FROM draft AS d
                          WHERE d.conversation_id = c.id AND d.agent_id = $1
                            AND d.deleted_at IS NULL))"""


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
    key = parse_view(view)
    after = _position(before)
    sql, args = _page_sql(key, viewer, order, is_first=after is None)
    at, last_id = after or (None, None)
    rows = await raw.fetch(sql, viewer.agent_id, key.about, limit + 1, at, last_id, *args)
    shown = rows[:limit]
    following = _text((shown[-1]["at"], shown[-1]["id"])) if len(rows) > limit else None
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
        f"SELECT ({ITEM})::text FROM conversation AS c WHERE c.id = $2",  # noqa: S608 - constants
        agent_id,
        conversation_id,
    )
    return str(item)


async def _one(raw: Raw | Transaction, rule: str, value: UUID | int, viewer: Viewer) -> str:
    seen, args = viewer.where("conversation", "read", "c", 3)
    item = await raw.fetchval(
        f"SELECT ({ITEM})::text FROM conversation AS c WHERE {rule} AND {seen}",  # noqa: S608
        viewer.agent_id,
        value,
        *args,
    )
    if item is None:
        raise NotFound(f"no conversation {value}")
    return str(item)


def _page_sql(
    key: ViewKey, viewer: Viewer, order: Order, *, is_first: bool
) -> tuple[str, list[object]]:
    selection = SELECTIONS[key.name]
    seen, args = viewer.where("conversation", "read", "c", 6)
    if order == "newest":
        place, at, after = NEWEST, "c.last_activity_at", AFTER_NEWEST
        scopes = _scopes(selection, viewer, seen, 6 + len(args))
        args = [*args, list(viewer.team_ids), list(viewer.branch_ids)]
    else:
        place, at, after = LONGEST, "coalesce(c.waiting_since, 'infinity')", AFTER_LONGEST
        scopes = [Range(where=seen)]
        args = [*args, [], []]
    found = " UNION ALL ".join(
        scope.sql(status, selection.rule, "true" if is_first else after, place)
        for status in selection.statuses or ("",)
        for scope in scopes
    )
    sql = f"""
WITH given AS (SELECT $1::uuid, $2::uuid, $3::int, $4::text, $5::uuid,
                      ${4 + len(args)}::uuid[], ${5 + len(args)}::uuid[]),
     found AS MATERIALIZED ({found})
SELECT ({ITEM})::text AS item, ({at})::text AS at, c.id
  FROM (SELECT DISTINCT id FROM found) AS hit JOIN conversation AS c ON c.id = hit.id
 WHERE {seen}
 ORDER BY {place} LIMIT $3"""  # noqa: S608 - constants and compiled predicates
    return sql, args


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what a viewer sees that an index has in order.

    Attributes:
        each: Parameter with the values of ``c.team_id`` to walk, one range each.
        led_by: Columns the index begins with, for PostgreSQL does not see that they are fixed.
    """

    where: str
    each: str = ""
    led_by: str = ""

    def sql(self, status: str, rule: str, after: str, place: str) -> str:
        """Return the query of the range's first rows."""
        fixed = f"c.status = '{status}' AND " if status else ""
        walk = (
            f"SELECT c.id FROM conversation AS c"  # noqa: S608 - constants
            f" WHERE {fixed}{rule} AND {self.where} AND {after}"
            f" ORDER BY {self.led_by}{place} LIMIT $3"
        )
        if not self.each:
            return f"({walk})"
        return (
            f"(SELECT walk.id FROM unnest({self.each}) AS team (id)"  # noqa: S608 - constants
            f" CROSS JOIN LATERAL ({walk}) AS walk)"
        )


def _scopes(selection: Selection, viewer: Viewer, seen: str, first: int) -> list[Range]:
    """Return the ranges that together are what the viewer sees.

    Args:
        first: Number of the parameter with the viewer's teams; the branches follow it.
    """
    scope = viewer.grants.get(("conversation", "read"))
    if scope not in {"own", "team"} or selection.column or selection.is_small:
        return [Range(where=seen)]
    own = [
        Range(where="c.assignee_id = $1"),
        Range(where="c.follower_ids @> ARRAY[$1::uuid]"),
    ]
    if scope == "own":
        return own
    return [
        *own,
        Range(where="c.team_id = team.id", each=f"${first}::uuid[]"),
        Range(
            where=f"c.team_id IS NULL AND c.branch_id = ANY(${first + 1}::uuid[])",
            led_by="c.team_id, c.status, ",
        ),
    ]


def _position(before: str | None) -> tuple[str, UUID] | None:
    if before is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(before), type=tuple[str, UUID])
    except (ValueError, msgspec.MsgspecError) as error:
        raise Invalid("this is not where a page ended") from error


def _text(position: tuple[str, UUID]) -> str:
    return urlsafe_b64encode(msgspec.json.encode(position)).decode()
