"""One agent's counters over the open set: which views each conversation is in for them."""

from typing import NamedTuple

from crm_core.staff.visibility import Viewer


Counts = dict[str, tuple[int, int]]
"""``{view key: (total, unread)}``."""

NOTHING: frozenset[str] = frozenset()


class Entry(NamedTuple):
    """A conversation of the open set; ids are text, as events have them."""

    id: str
    rev: int
    status: str
    folder: str
    branch: str
    team: str | None
    assignee: str | None
    account: str | None
    tags: tuple[str, ...]
    followers: tuple[str, ...]
    inbound: int
    failed: int
    is_scheduled: bool = False
    is_drafted: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether any view can have it: else it leaves the set."""
        return self.folder == "inbox" and (
            self.status != "closed" or self.failed > 0 or self.is_scheduled or self.is_drafted
        )

    def flagged(self, *, is_scheduled: bool, is_drafted: bool) -> "Entry":
        """Return the same with other flags."""
        return self._replace(is_scheduled=is_scheduled, is_drafted=is_drafted)

    def audience(self) -> dict[str, object]:
        """Say who sees it, as its events do."""
        return {
            "c": 1,
            "b": self.branch,
            "t": self.team,
            "a": self.assignee,
            "f": self.followers,
        }

    def keys(self, me: str, *, has_draft: bool) -> set[str]:
        """Return the views it is in for an agent who sees it; see ``inbox.view_keys``."""
        if self.folder != "inbox":
            return set()
        keys = set()
        if self.status in {"open", "waiting"}:
            keys = {"all", f"team:{self.team}", f"account:{self.account}"}
            keys.update([f"tag:{tag}" for tag in self.tags])
            if self.assignee == me:
                keys.add("mine")
        if self.status == "open" and self.assignee is None:
            keys.add("unassigned")
        if self.status in {"waiting", "snoozed"}:
            keys.add(self.status)
        if self.status != "closed" and me in self.followers:
            keys.add("mentions")
        if self.failed > 0:
            keys.add("failed")
        if self.is_scheduled:
            keys.add("scheduled")
        if has_draft:
            keys.add("drafts")
        return keys


class Desk:
    """The counters of one agent.

    Attributes:
        reads: How many messages from outside the agent has read, by conversation.
        drafts: Conversations the agent is writing in.
    """

    def __init__(self, viewer: Viewer, *, reads: dict[str, int]) -> None:
        self.viewer = viewer
        self.me = str(viewer.agent_id)
        self.reads = reads
        self.drafts: set[str] = set()
        self._total: dict[str, int] = {}
        self._unread: dict[str, int] = {}
        self._changed: set[str] = set()

    def counts(self) -> Counts:
        """Return the counters that are not zero."""
        return {key: (total, self._unread.get(key, 0)) for key, total in self._total.items()}

    def changed(self) -> Counts:
        """Return the counters that changed since this was asked last, zeros too."""
        changed, self._changed = self._changed, set()
        return {key: (self._total.get(key, 0), self._unread.get(key, 0)) for key in changed}

    def move(self, old: Entry | None, new: Entry | None) -> None:
        """Count a conversation where it is now instead of where it was."""
        before, was_unread = self._place(old)
        after, is_unread = self._place(new)
        self._recount(before, after, was_unread, is_unread)

    def read(self, entry: Entry, count: int) -> None:
        """Note how far the agent has read a conversation."""
        keys, was_unread = self._place(entry)
        self.reads[entry.id] = count
        self._recount(keys, keys, was_unread, entry.inbound > count)

    def draft(self, conversation_id: str, entry: Entry | None, *, has_draft: bool) -> None:
        """Note whether the agent is writing in a conversation."""
        before, unread = self._place(entry)
        if has_draft:
            self.drafts.add(conversation_id)
        else:
            self.drafts.discard(conversation_id)
        after, _ = self._place(entry)
        self._recount(before, after, unread, unread)

    def _place(self, entry: Entry | None) -> tuple[set[str] | frozenset[str], bool]:
        if entry is None or not self.viewer.sees(entry.audience()):
            return NOTHING, False
        keys = entry.keys(self.me, has_draft=entry.id in self.drafts)
        return keys, entry.inbound > self.reads.get(entry.id, 0)

    def _recount(
        self,
        before: set[str] | frozenset[str],
        after: set[str] | frozenset[str],
        was_unread: bool,
        is_unread: bool,
    ) -> None:
        if was_unread == is_unread:
            if before == after:
                return
            for key in before - after:
                self._add(key, -1, -int(is_unread))
            for key in after - before:
                self._add(key, 1, int(is_unread))
            return
        for key in before:
            self._add(key, -1, -int(was_unread))
        for key in after:
            self._add(key, 1, int(is_unread))

    def _add(self, key: str, total: int, unread: int) -> None:
        self._changed.add(key)
        for counts, step in ((self._total, total), (self._unread, unread)):
            value = counts.get(key, 0) + step
            if value:
                counts[key] = value
            else:
                counts.pop(key, None)
