"""Who changed what, and what providers handed over."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from msgspec import Meta

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Page, Paging
from agents_ui.call import Call
from crm_core.views import View
from infra.errors import Conflict, Forbidden, NotFound
from infra.http.routes import Json, route


class AuditQuery(Paging):
    """Which changes: of a table, of one row, or all."""

    table: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")] | None = None
    row: Annotated[str, Meta(max_length=100)] | None = None


class Change(View):
    """A change of a row.

    Attributes:
        via: ui, api, channel, import, rule, merge, cli or migration.
    """

    id: int
    at: datetime
    actor_id: UUID | None
    via: str
    batch_id: UUID | None
    table: str
    row: str
    op: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


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


@route("GET", "/api/audit", raises=(Forbidden,))
async def changes(call: Call, query: AuditQuery) -> Json[Page[Change]]:
    """List who changed what, newest first."""
    raise Pending


@route("GET", "/api/journal", raises=(Forbidden,))
async def journal(call: Call, query: JournalQuery) -> Json[Page[JournalEntry]]:
    """List what providers handed over, newest first."""
    raise Pending


@route("POST", "/api/journal/{entry_id}/replay", raises=(NotFound, Forbidden, Conflict))
async def replay(call: Call, entry_id: int) -> None:
    """Process a payload again; what it became already is not doubled."""
    raise Pending


@route(
    "GET",
    "/api/journal/{entry_id}/raw",
    raises=(NotFound, Forbidden),
    media="application/octet-stream",
)
async def raw(call: Call, entry_id: int) -> web.StreamResponse:
    """Download a payload as it came."""
    raise Pending
