"""What is shown, as JSON text: the same over HTTP and over the live connection."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from agents_ui.presence import Presence
from crm_core.access import card_json
from crm_core.staff.reading import read_me
from crm_core.staff.visibility import Viewer
from crm_core.views import View
from inbox.adapters import Adapters, UnknownProvider
from inbox.carried import carried, described
from inbox.drafts import drafts_json
from inbox.lists import conversation_item, list_page
from inbox.thread_page import timeline_page
from inbox.views import Account
from infra.db import Database, Raw
from infra.errors import NotFound
from infra.feed import end_of_feed


CountsOf = Callable[[Viewer], Awaitable[dict[str, tuple[int, int]]]]

BUILT_IN = (
    "mine",
    "unassigned",
    "mentions",
    "all",
    "waiting",
    "snoozed",
    "drafts",
    "scheduled",
    "failed",
    "closed",
    "spam",
    "trash",
)

PLACES = """
SELECT jsonb_build_object(
    'agents', (SELECT coalesce(jsonb_agg(colleague_json(a) ORDER BY lower(a.name), a.id), '[]')
                 FROM agent AS a),
    'teams', (SELECT coalesce(jsonb_agg(team_json(t) ORDER BY lower(t.name), t.id), '[]')
                FROM team AS t WHERE t.archived_at IS NULL),
    'branches', (SELECT coalesce(jsonb_agg(branch_json(b) ORDER BY lower(b.name), b.id), '[]')
                   FROM branch AS b),
    'tags', (SELECT coalesce(jsonb_agg(tag_json(t) ORDER BY t.name_key, t.id), '[]')
               FROM tag AS t WHERE t.archived_at IS NULL))::text
"""
ACCOUNTS = """
SELECT account_json(a)::text FROM channel_account AS a
 WHERE a.removed_at IS NULL ORDER BY lower(a.name), a.id
"""
NAMES = """
SELECT 'team:' || t.id AS key, 'team' AS kind, t.name FROM team AS t
 WHERE t.archived_at IS NULL AND ($1 OR t.id = ANY($2::uuid[]) OR t.branch_id = ANY($3::uuid[]))
UNION ALL
SELECT 'account:' || a.id, 'account', a.name FROM channel_account AS a WHERE a.removed_at IS NULL
UNION ALL
SELECT 'tag:' || t.id, 'tag', t.name FROM tag AS t WHERE t.archived_at IS NULL
 ORDER BY kind DESC, name, key
"""

encoder = msgspec.json.Encoder()


class ViewInfo(View):
    """A view of the inbox.

    Attributes:
        name: A team's, account's or tag's name; empty for the built-in ones, which the browser
            names in its own language.
    """

    key: str
    kind: str
    name: str


class Topics:
    """Reads topics: ``state``, ``view:<key>``, ``conv:<id>`` and ``card:<id>``.

    Attributes:
        counts_of: Returns ``[total, unread]`` by view for a viewer.
        epoch_of: Returns the epoch of what a viewer sees.
    """

    def __init__(
        self,
        db: Database,
        adapters: Adapters,
        presence: Presence,
        *,
        build: Callable[[], str],
    ) -> None:
        self.counts_of: CountsOf
        self.epoch_of: Callable[[Viewer], str]
        self._db = db
        self._adapters = adapters
        self._presence = presence
        self._build = build

    async def read(self, topic: str, viewer: Viewer) -> tuple[str, str]:
        """Return a topic's cursor and data as of one snapshot.

        Raises:
            NotFound: There is no such topic, or nothing of it the viewer may see.
        """
        kind, _, name = topic.partition(":")
        async with self._db.read() as raw:
            cursor = str(await end_of_feed(raw))
            match kind:
                case "state":
                    text = await self.state(raw, viewer)
                case "view":
                    text = await list_page(raw, name, viewer=viewer)
                case "conv":
                    text = await conversation(raw, _id(name), viewer)
                case "card":
                    text = await card_json(raw, _id(name), viewer=viewer)
                case _:
                    raise NotFound(f"no topic {topic[:60]!r}")
        return cursor, text

    async def state(self, raw: Raw, viewer: Viewer) -> str:
        """Return everything small that the browser keeps."""
        places = str(await raw.fetchval(PLACES))
        mine = {
            "cursor": str(await end_of_feed(raw)),
            "epoch": self.epoch_of(viewer),
            "build": self._build(),
            "me": await read_me(raw, viewer),
            "accounts": await self.accounts(raw, viewer),
            "views": await views(raw, viewer),
            "counts": await self.counts_of(viewer),
            "presence": {str(agent): status for agent, status in self._presence.all().items()},
        }
        return encoder.encode(mine).decode()[:-1] + "," + places[1:]

    async def accounts(self, raw: Raw, viewer: Viewer) -> list[Account]:
        """Return the accounts with what their channels carry.

        Everybody who answers needs their names; settings and troubles are for those who may
        read accounts.
        """
        found = [msgspec.json.decode(row[0], type=Account) for row in await raw.fetch(ACCOUNTS)]
        shown = []
        for account in found:
            caps = await self._capabilities(account)
            seen = msgspec.structs.replace(account, capabilities=caps)
            if not viewer.may("account", "read"):
                health = type(account.health)(state=account.health.state)
                seen = msgspec.structs.replace(seen, config={}, health=health)
            shown.append(seen)
        return shown

    async def _capabilities(self, account: Account) -> dict[str, Any]:
        try:
            adapter = await self._adapters.get(account.provider)
        except UnknownProvider:  # of a channel this installation no longer has
            return {}
        return described(carried(adapter, account.config), adapter)


async def conversation(raw: Raw, conversation_id: UUID, viewer: Viewer) -> str:
    """Return what opening a conversation shows.

    Raises:
        NotFound: There is none the viewer may see.
    """
    item = await conversation_item(raw, conversation_id, viewer=viewer)
    timeline = await timeline_page(raw, conversation_id, viewer=viewer)
    drafts = await drafts_json(raw, conversation_id, agent_id=viewer.agent_id)
    return f'{{"conversation":{item},"timeline":{timeline},"drafts":{drafts}}}'


async def views(raw: Raw, viewer: Viewer) -> list[ViewInfo]:
    """Return the views the viewer has."""
    sees_all = viewer.grants.get(("conversation", "read")) == "all"
    named = await raw.fetch(NAMES, sees_all, list(viewer.team_ids), list(viewer.branch_ids))
    return [
        *(ViewInfo(key=key, kind=key, name="") for key in BUILT_IN),
        *(ViewInfo(key=row["key"], kind=row["kind"], name=row["name"]) for row in named),
    ]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(f"no topic about {text[:60]!r}") from error
