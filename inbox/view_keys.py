"""The views of the inbox: what each key selects, as SQL and where it looks for it.

``mine``, ``unassigned``, ``mentions``, ``all``, ``waiting``, ``snoozed``, ``drafts``,
``scheduled``, ``failed``, ``closed``, ``spam``, ``trash``, ``team:<id>``, ``account:<id>`` and
``tag:<id>``. ``inbox.open_set`` counts by the same rules in memory; a test keeps both equal.
"""

from typing import Literal
from uuid import UUID

import msgspec

from infra.errors import NotFound


ACTIVE = ("open", "waiting")

SCHEDULED = """c.id IN (
    SELECT m.conversation_id FROM delivery AS d JOIN message AS m ON m.id = d.message_id
     WHERE d.state = 'queued' AND d.attempts = 0 AND m.meta ? 'scheduled')"""

DRAFTED = """c.id IN (
    SELECT d.conversation_id FROM draft AS d WHERE d.agent_id = $1 AND d.deleted_at IS NULL)"""


class ViewKey(msgspec.Struct, frozen=True):
    """A view by its key.

    Attributes:
        about: Of a team, an account or a tag.
    """

    name: str
    about: UUID | None = None


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What a view selects.

    Attributes:
        statuses: One index range each; empty is every status.
        column: What the index ranges begin with, besides the status.
        rule: SQL on the conversation ``c``; ``$1`` is the agent, ``$2`` what the view is about.
        is_small: Bounded by an agent's own doing, not by the size of the hub: find, then sort.
    """

    statuses: tuple[str, ...] = ()
    column: Literal["", "team_id", "assignee_id", "account_id"] = ""
    rule: str = "c.folder = 'inbox'"
    is_small: bool = False


INBOX = "c.folder = 'inbox'"

SELECTIONS = {
    "mine": Selection(
        statuses=ACTIVE, column="assignee_id", rule=f"{INBOX} AND c.assignee_id = $1"
    ),
    "unassigned": Selection(statuses=("open",), rule=f"{INBOX} AND c.assignee_id IS NULL"),
    "mentions": Selection(
        rule=f"{INBOX} AND c.status <> 'closed' AND c.follower_ids @> ARRAY[$1::uuid]",
        is_small=True,
    ),
    "all": Selection(statuses=ACTIVE),
    "waiting": Selection(statuses=("waiting",)),
    "snoozed": Selection(statuses=("snoozed",)),
    "drafts": Selection(rule=f"{INBOX} AND {DRAFTED}", is_small=True),
    "scheduled": Selection(rule=f"{INBOX} AND {SCHEDULED}", is_small=True),
    "failed": Selection(rule=f"{INBOX} AND c.failed_count > 0", is_small=True),
    "closed": Selection(statuses=("closed",)),
    "spam": Selection(rule="c.folder = 'spam'", is_small=True),
    "trash": Selection(rule="c.folder = 'trash'", is_small=True),
    "team": Selection(statuses=ACTIVE, column="team_id", rule=f"{INBOX} AND c.team_id = $2"),
    "account": Selection(
        statuses=ACTIVE, column="account_id", rule=f"{INBOX} AND c.account_id = $2"
    ),
    "tag": Selection(
        rule=f"{INBOX} AND c.status IN ('open', 'waiting') AND c.tag_ids @> ARRAY[$2::uuid]",
        is_small=True,
    ),
}

ABOUT = {"team", "account", "tag"}


def parse_view(key: str) -> ViewKey:
    """Read the key of a view.

    Raises:
        NotFound: There is no such view.
    """
    name, _, about = key.partition(":")
    if name not in SELECTIONS or (name in ABOUT) != bool(about):
        raise NotFound(f"no view {key[:60]!r}")
    try:
        return ViewKey(name, UUID(about) if about else None)
    except ValueError as error:
        raise NotFound(f"no view {key[:60]!r}") from error
