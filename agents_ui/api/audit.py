"""Who changed what, and what providers handed over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from aiohttp import web
from msgspec import Meta

from agents_ui.api.shapes import Page, Paging
from agents_ui.call import Call
from agents_ui.downloads import download
from crm_core.audit import list_changes
from crm_core.views import Change, View
from inbox.journal import replay as replay_payload
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Json, route


class AuditQuery(Paging):
    """Which changes: of a table, of one row, or all."""

    table: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")] | None = None
    row: Annotated[str, Meta(max_length=100)] | None = None


class JournalQuery(Paging):
    """Which payloads."""

    state: Literal["received", "processed", "ignored", "duplicate", "quarantined"] | None = None
    account_id: UUID | None = None


class JournalEntry(View):
    """Something a provider handed over, and what became of it."""

    id: int
    account_id: UUID
    key: str
    kind: str
    size: int
    received_at: datetime
    state: str
    reason: str | None
    attempts: int
    processed_at: datetime | None
    message_id: UUID | None


JOURNAL = """
SELECT id, jsonb_build_object(
           'id', id, 'account_id', account_id, 'key', key, 'kind', kind, 'size', size,
           'received_at', received_at, 'state', state, 'reason', reason,
           'attempts', attempts, 'processed_at', processed_at, 'message_id', message_id)::text
           AS item
  FROM journal
 WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid IS NULL OR account_id = $2)
   AND ($3::bigint IS NULL OR id < $3)
 ORDER BY id DESC LIMIT $4
"""


@route("GET", "/api/audit", raises=(Forbidden,))
async def changes(call: Call, query: AuditQuery) -> Page[Change]:
    """List who changed what, newest first."""
    async with call.read() as raw:
        found = await list_changes(
            raw,
            table=query.table,
            row=query.row,
            before=_number(query.before),
            limit=query.limit + 1,
            viewer=call.viewer,
        )
    shown = list(found[: query.limit])
    return Page(items=shown, next=str(shown[-1].id) if len(found) > query.limit else None)


@route("GET", "/api/journal", raises=(Forbidden,))
async def journal(call: Call, query: JournalQuery) -> Json[Page[JournalEntry]]:
    """List what providers handed over, newest first."""
    call.require("journal", "read")
    async with call.read() as raw:
        rows = await raw.fetch(
            JOURNAL, query.state, query.account_id, _number(query.before), query.limit + 1
        )
    return _page(rows, query.limit)


@route("POST", "/api/journal/{entry_id}/replay", raises=(NotFound, Forbidden, Conflict))
async def replay(call: Call, entry_id: int) -> None:
    """Process a payload again; what it became already is not doubled."""
    call.require("journal", "replay")
    async with call.transaction() as tx:
        await replay_payload(tx, entry_id)


@route(
    "GET",
    "/api/journal/{entry_id}/raw",
    raises=(NotFound, Forbidden),
    media="application/octet-stream",
)
async def raw(call: Call, entry_id: int) -> web.StreamResponse:
    """Download a payload as it came."""
    call.require("journal", "read")
    async with call.read() as raw:
        row = await raw.fetchrow("SELECT body, blob FROM journal WHERE id = $1", entry_id)
    if row is None:
        raise NotFound(f"no payload {entry_id}")
    return download(call, row, filename=f"payload-{entry_id}.bin")


def _page(rows: Sequence[asyncpg.Record], limit: int) -> Json[Page[Any]]:
    """Return a page of rows that are JSON already; the last one says where it ended."""
    shown = rows[:limit]
    following = f'"{shown[-1]["id"]}"' if len(rows) > limit else "null"
    items = ",".join(row["item"] for row in shown)
    return Json(f'{{"items":[{items}],"next":{following}}}')


def _number(before: str | None) -> int | None:
    if before is None:
        return None
    try:
        return int(before)
    except ValueError as error:
        raise Invalid("this is not where a page ended") from error
