"""Reading the audit log, which triggers write (``crm_core/sql/40_audit.sql``)."""

from collections.abc import Sequence

import asyncpg
import msgspec

from crm_core.staff.visibility import Reads, Viewer
from crm_core.views import Change


LIST = """
SELECT id, at, actor_id, via, batch_id, table_name, row_id, op, before::text, after::text
  FROM change
 WHERE ($1::text IS NULL OR table_name = $1) AND ($2::text IS NULL OR row_id = $2)
   AND ($3::bigint IS NULL OR id < $3)
 ORDER BY id DESC LIMIT $4
"""


async def list_changes(
    source: Reads,
    *,
    table: str | None = None,
    row: str | None = None,
    before: int | None = None,
    limit: int = 50,
    viewer: Viewer,
) -> Sequence[Change]:
    """Return who changed what, the newest first: of a table, of one row, or all.

    Args:
        before: The id of the last change seen; the page goes on after it.

    Raises:
        Forbidden: The viewer may not read the log.
    """
    viewer.need("audit", "read")
    return [_change(found) for found in await source.fetch(LIST, table, row, before, limit)]


def _change(row: asyncpg.Record) -> Change:
    before, after = _decoded(row["before"]), _decoded(row["after"])
    if before is not None and after is not None:
        differing = [key for key in after if before.get(key) != after[key]]
        before = {key: before.get(key) for key in differing}
        after = {key: after[key] for key in differing}
    return Change(
        id=row["id"],
        at=row["at"],
        actor_id=row["actor_id"],
        via=row["via"],
        batch_id=row["batch_id"],
        table=row["table_name"],
        row=row["row_id"],
        op=row["op"],
        before=before,
        after=after,
    )


def _decoded(text: str | None) -> dict[str, object] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, object])
