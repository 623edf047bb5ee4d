"""What is open, in memory: the counters of every agent's views without asking the database.

One set a node, loaded in one snapshot and kept by the feed from there on. An event costs the same
however many conversations there are: the views a conversation was in are compared with those it is
in now. Events may come twice and, around a snapshot, stale: a lower ``rev`` changes nothing.

What is closed is not counted. ``inbox.view_keys`` has the same rules in SQL; a test keeps the two
equal, and ``inbox.counters`` recounts for whoever doubts.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Viewer
from inbox.desk import Counts, Desk, Entry
from inbox.view_keys import SCHEDULED
from infra import feed
from infra.db import Database, Raw
from infra.events import Cursor, Placed


TOMBSTONES = 20_000  # conversations that left, remembered so that stale events do not revive them

COLUMNS = """
c.id::text, c.rev, c.status, c.folder, c.branch_id::text, c.team_id::text, c.assignee_id::text,
c.account_id::text, c.tag_ids::text[], c.follower_ids::text[], c.inbound_count, c.failed_count
"""

LOAD = f"""
SELECT {COLUMNS} FROM conversation AS c
 WHERE c.folder = 'inbox' AND (c.status IN ('open', 'waiting', 'snoozed') OR c.failed_count > 0
       OR c.id IN (SELECT d.conversation_id FROM draft AS d WHERE d.deleted_at IS NULL)
       OR {SCHEDULED})
"""  # noqa: S608 - constants

LOAD_SOME = f"SELECT {COLUMNS} FROM conversation AS c WHERE c.id = ANY($1::uuid[])"  # noqa: S608

DRAFTS = """
SELECT agent_id::text, conversation_id::text, kind FROM draft WHERE deleted_at IS NULL
"""

QUEUED = """
SELECT DISTINCT m.id::text, m.conversation_id::text, m.rev
  FROM delivery AS d JOIN message AS m ON m.id = d.message_id
 WHERE d.state = 'queued' AND d.attempts = 0 AND m.meta ? 'scheduled'
"""

READS = """
SELECT r.conversation_id::text, r.inbound_count
  FROM read_state AS r JOIN conversation AS c ON c.id = r.conversation_id
 WHERE r.agent_id = $1 AND c.folder = 'inbox' AND (c.status <> 'closed' OR c.failed_count > 0)
"""

READS_OF = """
SELECT agent_id::text, conversation_id::text, inbound_count FROM read_state
 WHERE conversation_id = ANY($1::uuid[]) AND agent_id = ANY($2::uuid[])
"""


class Kind(msgspec.Struct):
    """What an event is about."""

    type: str


class Shown(msgspec.Struct):
    """A conversation as its event has it."""

    id: str
    rev: int
    status: str
    folder: str
    branch_id: str
    team_id: str | None
    assignee_id: str | None
    account_id: str | None
    tag_ids: list[str]
    follower_ids: list[str]
    inbound_count: int
    failed_count: int


class ConversationTold(msgspec.Struct):
    """A conversation changed."""

    conversation: Shown


class CopyTold(msgspec.Struct):
    """One copy of a message."""

    state: str
    attempts: int


class MessageShown(msgspec.Struct):
    """A message as its event has it."""

    id: str
    conversation_id: str
    rev: int
    deliveries: list[CopyTold] = []


class MessageTold(msgspec.Struct):
    """A message is new or changed."""

    message: MessageShown
    scheduled: bool = False


class ReadTold(msgspec.Struct):
    """An agent has read."""

    agent_id: str
    conversation_id: str
    inbound_count: int


class DraftShown(msgspec.Struct):
    """Which draft."""

    conversation_id: str
    kind: str


class DraftTold(msgspec.Struct):
    """An agent's draft changed."""

    agent_id: str
    draft: DraftShown | None = None
    deleted: DraftShown | None = None


KIND = msgspec.json.Decoder(Kind)
CONVERSATION = msgspec.json.Decoder(ConversationTold)
MESSAGE = msgspec.json.Decoder(MessageTold)
READ = msgspec.json.Decoder(ReadTold)
DRAFT = msgspec.json.Decoder(DraftTold)


class OpenSet:
    """The open conversations of the hub and the counters of the agents who are here.

    Attributes:
        cursor: Where the snapshot stands: apply every event after it, in feed order.
    """

    def __init__(self) -> None:
        self.cursor = Cursor(0, 0)
        self._entries: dict[str, Entry] = {}
        self._gone: dict[str, int] = {}
        self._desks: dict[str, Desk] = {}
        self._drafts: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        self._scheduled: defaultdict[str, set[str]] = defaultdict(set)
        self._message_revs: dict[str, int] = {}
        self._entered: set[str] = set()
        self._unknown: set[str] = set()

    def __len__(self) -> int:
        return len(self._entries)

    @classmethod
    async def load(cls, db: Database) -> "OpenSet":
        """Return the open set as it is now."""
        loaded = cls()
        async with db.read() as raw:
            loaded.cursor = await feed.end_of_feed(raw)
            for row in await raw.fetch(DRAFTS):
                loaded._drafts[row["conversation_id"]][row["agent_id"]].add(row["kind"])
            for row in await raw.fetch(QUEUED):
                loaded._scheduled[row["conversation_id"]].add(row["id"])
                loaded._message_revs[row["id"]] = row["rev"]
            for row in await raw.fetch(LOAD):
                entry = loaded.entry_of(Shown(*row))
                loaded._entries[entry.id] = entry
        return loaded

    # ---------------------------------------------------------------- agents

    async def register(self, db: Database, viewer: Viewer) -> None:
        """Count for an agent from now on; again when the agent's rights changed."""
        me = str(viewer.agent_id)
        async with db.read() as raw:
            rows = await raw.fetch(READS, viewer.agent_id)
        desk = Desk(viewer, reads={row[0]: row[1] for row in rows})
        for conversation_id, authors in self._drafts.items():
            if authors.get(me):
                desk.drafts.add(conversation_id)
        self.seat(desk)

    def seat(self, desk: Desk) -> None:
        """Let a desk count what is open, and follow."""
        for entry in self._entries.values():
            desk.move(None, entry)
        self._desks[desk.me] = desk

    def forget(self, agent_id: UUID) -> None:
        """Stop counting for an agent who left."""
        self._desks.pop(str(agent_id), None)

    def counts(self, agent_id: UUID) -> Counts:
        """Return ``{view key: [total, unread]}`` of a registered agent; zeros are left out."""
        return self._desks[str(agent_id)].counts()

    def changed_counts(self, agent_id: UUID) -> Counts:
        """Return what changed for a registered agent since this was asked last."""
        return self._desks[str(agent_id)].changed()

    # ---------------------------------------------------------------- the feed

    def apply(self, placed: Placed) -> None:
        """Apply one event of the feed; after a batch, ``settle`` when ``is_unsettled``."""
        match KIND.decode(placed.data).type:
            case "conversation.changed":
                self.show(CONVERSATION.decode(placed.data).conversation)
            case "message.changed":
                self._schedule(MESSAGE.decode(placed.data))
            case "read.changed":
                self._read(READ.decode(placed.data))
            case "draft.changed":
                self._draft(DRAFT.decode(placed.data))
            case _:
                pass

    @property
    def is_unsettled(self) -> bool:
        """Whether something came back to the set of which the feed does not say all."""
        return bool(self._entered or self._unknown)

    async def settle(self, db: Database) -> None:
        """Load what the feed does not say of conversations that came back to the set."""
        entered, self._entered = self._entered | self._unknown, set()
        unknown, self._unknown = self._unknown, set()
        async with db.read() as raw:
            await self._load_unknown(raw, unknown)
            self._entered -= unknown
            rows = await raw.fetch(READS_OF, list(entered), list(self._desks))
        for row in rows:
            self._note_read(row["agent_id"], row["conversation_id"], row["inbound_count"])

    async def _load_unknown(self, raw: Raw, unknown: Iterable[str]) -> None:
        for row in await raw.fetch(LOAD_SOME, list(unknown)):
            self.show(Shown(*row))

    def show(self, shown: Shown) -> None:
        """Take a conversation as it is said to be, unless something newer is known of it."""
        old = self._entries.get(shown.id)
        known = old.rev if old else self._gone.get(shown.id, -1)
        if shown.rev <= known:
            return
        new = self.entry_of(shown)
        if old is None and new.is_counted:
            self._entered.add(new.id)
        self._replace(shown.id, old, new)

    def entry_of(self, shown: Shown) -> Entry:
        """Return a conversation as it is counted."""
        return Entry(
            id=shown.id,
            rev=shown.rev,
            status=shown.status,
            folder=shown.folder,
            branch=shown.branch_id,
            team=shown.team_id,
            assignee=shown.assignee_id,
            account=shown.account_id,
            tags=tuple(shown.tag_ids),
            followers=tuple(shown.follower_ids),
            inbound=shown.inbound_count,
            failed=shown.failed_count,
            is_scheduled=bool(self._scheduled.get(shown.id)),
            is_drafted=bool(self._drafts.get(shown.id)),
        )

    def _replace(self, id_: str, old: Entry | None, new: Entry) -> None:
        for desk in self._desks.values():
            desk.move(old, new)
        if new.is_counted:
            self._entries[id_] = new
            self._gone.pop(id_, None)
            return
        self._entries.pop(id_, None)
        self._gone[id_] = new.rev
        for desk in self._desks.values():
            desk.reads.pop(id_, None)
        if len(self._gone) > TOMBSTONES:
            del self._gone[next(iter(self._gone))]

    def _schedule(self, told: MessageTold) -> None:
        message = told.message
        if not told.scheduled or self._message_revs.get(message.id, -1) >= message.rev:
            return
        self._message_revs[message.id] = message.rev
        waiting = self._scheduled[message.conversation_id]
        if any(copy.state == "queued" and copy.attempts == 0 for copy in message.deliveries):
            waiting.add(message.id)
        else:
            waiting.discard(message.id)
            if not waiting:
                del self._scheduled[message.conversation_id]
        self._flag(message.conversation_id)

    def _read(self, told: ReadTold) -> None:
        self._note_read(told.agent_id, told.conversation_id, told.inbound_count)

    def _note_read(self, agent_id: str, conversation_id: str, count: int) -> None:
        desk, entry = self._desks.get(agent_id), self._entries.get(conversation_id)
        if desk is not None and entry is not None:
            desk.read(entry, count)

    def _draft(self, told: DraftTold) -> None:
        draft = told.draft or told.deleted
        if draft is None:
            return
        authors = self._drafts[draft.conversation_id]
        if told.draft is not None:
            authors[told.agent_id].add(draft.kind)
        else:
            authors[told.agent_id].discard(draft.kind)
        has_draft = bool(authors[told.agent_id])
        if not has_draft:
            del authors[told.agent_id]
        if not authors:
            del self._drafts[draft.conversation_id]
        entry = self._entries.get(draft.conversation_id)
        desk = self._desks.get(told.agent_id)
        if desk is not None:
            desk.draft(draft.conversation_id, entry, has_draft=has_draft)
        self._flag(draft.conversation_id)

    def _flag(self, conversation_id: str) -> None:
        """Bring an entry's flags up to date; something that is closed may come to be counted."""
        old = self._entries.get(conversation_id)
        is_scheduled = conversation_id in self._scheduled
        is_drafted = conversation_id in self._drafts
        if old is None:
            if is_scheduled or is_drafted:
                self._gone.pop(conversation_id, None)
                self._unknown.add(conversation_id)
            return
        new = old.flagged(is_scheduled=is_scheduled, is_drafted=is_drafted)
        self._replace(conversation_id, old, new)
