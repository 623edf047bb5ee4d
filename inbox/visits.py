"""What a visitor of a site does and says beside messages: pages, forms, claims."""

from uuid import UUID

from crm_core.staff.visibility import Viewer
from inbox.case import require
from inbox.content import clean
from inbox.contract import PageVisited
from inbox.ingest import SCOPED
from inbox.verdicts import PROCESSED, Verdict, ignored
from infra.db import Raw, Transaction


KEPT = 20  # pages of a visitor
LONGEST = 2000  # characters of an address

IDENTITY = """
SELECT id FROM identity WHERE kind = $1 AND scope = $2 AND compare = lower($3)
"""

ADD = """
INSERT INTO page_view (identity_id, url, title, referrer, at) VALUES ($1, $2, $3, $4, $5)
"""

FORGET = f"""
DELETE FROM page_view WHERE identity_id = $1 AND (
       at < now() - interval '24 hours' OR id <= (
       SELECT id FROM page_view WHERE identity_id = $1
        ORDER BY id DESC OFFSET {KEPT} LIMIT 1))
"""  # noqa: S608 - a constant

FORGET_OLD = "DELETE FROM page_view WHERE at < now() - interval '24 hours'"

SHOWN = """
WITH who AS (
    SELECT DISTINCT t.peer_identity_id AS id FROM thread AS t WHERE t.conversation_id = $1
)
SELECT jsonb_build_object(
    'claims', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', c.id, 'kind', c.kind, 'value', c.value, 'at', c.at)
                   ORDER BY c.at, c.id), '[]')
                 FROM claim AS c WHERE c.conversation_id = $1 AND c.settled_at IS NULL),
    'pages', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                  'url', p.url, 'title', p.title, 'referrer', p.referrer, 'at', p.at)
                  ORDER BY p.at DESC, p.id DESC), '[]')
                FROM page_view AS p JOIN who ON who.id = p.identity_id
               WHERE p.at >= now() - interval '24 hours'),
    'forms', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                  'form', f.form, 'values', f."values", 'at', f.at)
                  ORDER BY f.at DESC, f.id DESC), '[]')
                FROM form_submission AS f WHERE f.conversation_id = $1))::text
"""


async def apply_visit(tx: Transaction, event: PageVisited) -> Verdict:
    """Keep a page somebody known looked at: nothing is kept of those who never wrote."""
    if not event.url.startswith(("https://", "http://")):
        return ignored("no_page")
    sender = event.sender
    scope = str(event.account) if sender.kind in SCOPED else ""
    identity_id = await tx.fetchval(IDENTITY, sender.kind, scope, clean(sender.value))
    if identity_id is None:
        return ignored("no_visitor")
    await tx.execute(
        ADD,
        identity_id,
        clean(event.url)[:LONGEST],
        clean(event.title)[:300],
        clean(event.referrer)[:LONGEST],
        event.at,
    )
    await tx.execute(FORGET, identity_id)
    return PROCESSED


async def forget_visits(tx: Transaction) -> None:
    """Forget the pages of yesterday, also of visitors who did not come back."""
    await tx.execute(FORGET_OLD)


async def visitor_json(raw: Raw, conversation_id: UUID, *, viewer: Viewer) -> str:
    """Return what a conversation's visitor claims, looked at and filled in, as JSON text.

    Raises:
        NotFound: There is no conversation the viewer may see.
    """
    await require(raw, conversation_id, viewer=viewer, action="read")
    return str(await raw.fetchval(SHOWN, conversation_id))
