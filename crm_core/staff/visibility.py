"""Who sees what: one rule, compiled to SQL for reading and evaluated on events for telling.

The scope of a permission widens in steps: ``own`` is what the agent is responsible for,
``team`` adds the queues of the agent's teams and what no team has in the agent's branches,
``branch`` adds everything of those branches, ``all`` is all.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, Protocol, get_args
from uuid import UUID

import asyncpg
import msgspec

from infra.errors import Forbidden, NotFound


Scope = Literal["own", "team", "branch", "all"]
Rule = tuple[str, list[Any]]
Audience = Mapping[str, Any]
"""Of an event: ``{"c": 1, "b": branch, "t": team, "a": assignee, "f": followers}`` for what is of
a conversation, ``{"k": 1, "b", "t", "o": owner}`` for a card, ``{"me": agent}``, ``{"p":
permission}``; an empty one is everybody."""

SCOPES: tuple[Scope, ...] = get_args(Scope)
"""From the narrowest to the widest."""

LOAD = """
WITH RECURSIVE mine AS (
    SELECT branch_id AS id FROM agent WHERE id = $1
    UNION
    SELECT b.id FROM branch AS b JOIN mine ON b.parent_id = mine.id
)
SELECT a.rev,
       (SELECT array_agg(id) FROM mine) AS branch_ids,
       ARRAY(SELECT m.team_id FROM team_member AS m JOIN team AS t ON t.id = m.team_id
              WHERE m.agent_id = a.id AND t.archived_at IS NULL ORDER BY 1) AS team_ids,
       ARRAY(SELECT g.entity || '.' || g.action || '.' || g.scope
               FROM agent_role AS r JOIN role_grant AS g ON g.role_id = r.role_id
              WHERE r.agent_id = a.id) AS grants
  FROM agent AS a
 WHERE a.id = $1 AND a.status = 'active'
"""


class Reads(Protocol):
    """What hand-written SQL is run on: a transaction or a snapshot."""

    async def fetchrow(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row, or None."""

    async def fetch(self, sql: str, *args: Any) -> Sequence[asyncpg.Record]:
        """Return every row."""

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""


class Viewer(msgspec.Struct, frozen=True, dict=True):
    """An agent, and what the agent may see and do.

    Attributes:
        branch_ids: The agent's own branch and all below it.
        grants: The widest scope of each permission the agent has.
        rev: Of the agent's row: it grows whenever any of this changes.
    """

    agent_id: UUID
    branch_ids: tuple[UUID, ...] = ()
    team_ids: tuple[UUID, ...] = ()
    grants: dict[tuple[str, str], Scope] = {}
    rev: int = 0

    def may(self, entity: str, action: str) -> bool:
        """Whether the agent has the permission on anything at all."""
        return (entity, action) in self.grants

    def need(self, entity: str, action: str) -> None:
        """Make sure that the agent has the permission.

        Raises:
            Forbidden: The agent has not.
        """
        if not self.may(entity, action):
            raise Forbidden(f"this needs the permission {entity}.{action}")

    def within(self, scopes: Collection[str]) -> "Viewer":
        """Return the agent with no more than the permissions named, such as ``card.read``."""
        kept = {key: scope for key, scope in self.grants.items() if ".".join(key) in scopes}
        return msgspec.structs.replace(self, grants=kept)

    def sees(self, audience: Audience) -> bool:
        """Whether an event with this audience is for the agent."""
        if not audience:
            return True
        if "c" in audience:
            holders = (audience.get("a"), *(audience.get("f") or ()))
            return self._reaches(self._scopes[0], audience, holders)
        if "k" in audience:
            return self._reaches(self._scopes[1], audience, (audience.get("o"),))
        if "me" in audience:
            return bool(audience["me"] == self._me)
        entity, _, action = str(audience.get("p", "")).partition(".")
        return self.may(entity, action)

    def where(self, entity: str, action: str, alias: str, first: int = 1) -> Rule:
        """Return the same rule as SQL text and its parameters.

        A card may be read by whoever reads one of its conversations, too.

        Args:
            entity: ``conversation`` or ``card``.
            action: Such as ``read``.
            alias: Of the table in the query; ours, never from a request.
            first: Number of the first parameter in the query.
        """
        scope = self.grants.get((entity, action))
        rule = _Compiler(self, first)
        text = rule.reaches(scope, entity, alias)
        if (entity, action) == ("card", "read") and scope != "all":
            text = f"({text} OR {rule.has_readable_conversation(alias)})"
        return text, rule.args

    @cached_property
    def _me(self) -> str:
        return str(self.agent_id)

    @cached_property
    def _places(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(map(str, self.team_ids)), frozenset(map(str, self.branch_ids))

    @cached_property
    def _scopes(self) -> tuple[Scope | None, Scope | None]:
        return self.grants.get(("conversation", "read")), self.grants.get(("card", "read"))

    def _reaches(self, scope: Scope | None, audience: Audience, holders: Sequence[Any]) -> bool:
        if scope is None or scope == "all":
            return scope is not None
        if self._me in holders:
            return True
        if scope == "own":
            return False
        teams, branches = self._places
        team, in_branch = audience.get("t"), audience.get("b") in branches
        return team in teams or (in_branch and (team is None or scope == "branch"))


async def load_viewer(source: Reads, agent_id: UUID) -> Viewer:
    """Return what an active agent may see and do now.

    Raises:
        NotFound: There is no such agent, or not any more.
    """
    row = await source.fetchrow(LOAD, agent_id)
    if row is None:
        raise NotFound("there is no such agent")
    grants: dict[tuple[str, str], Scope] = {}
    for grant in row["grants"]:
        entity, action, scope = grant.split(".")
        grants[entity, action] = widest(grants.get((entity, action)), scope)
    return Viewer(
        agent_id, tuple(row["branch_ids"]), tuple(row["team_ids"]), grants, int(row["rev"])
    )


def widest(one: Scope | None, other: Scope) -> Scope:
    """Return the wider of two scopes: several roles add up."""
    return other if one is None else max(one, other, key=SCOPES.index)


class _Compiler:
    """Writes the rule as SQL; each value becomes a parameter once."""

    def __init__(self, viewer: Viewer, first: int) -> None:
        self._viewer = viewer
        self._first = first
        self._names: dict[str, str] = {}
        self.args: list[Any] = []

    def reaches(self, scope: Scope | None, entity: str, alias: str) -> str:
        if scope is None or scope == "all":
            return "false" if scope is None else "true"
        own = self._own(entity, alias)
        if scope == "own":
            return f"({own})"
        team = f"{alias}.team_id = ANY({self._teams})"
        branch = f"{alias}.branch_id = ANY({self._branches})"
        place = branch if scope == "branch" else f"{alias}.team_id IS NULL AND {branch}"
        return f"({own} OR {team} OR {place})"

    def has_readable_conversation(self, alias: str) -> str:
        scope = self._viewer.grants.get(("conversation", "read"))
        if scope is None:
            return "false"
        rule = self.reaches(scope, "conversation", "seen")
        # OFFSET 0: look at each card's few conversations; do not hash everybody's for it.
        return (
            "EXISTS (SELECT FROM conversation AS seen"
            f" WHERE seen.card_id = {alias}.id AND {rule} OFFSET 0)"
        )

    def _own(self, entity: str, alias: str) -> str:
        if entity == "card":
            return f"{alias}.owner_id = {self._me}"
        return f"{alias}.assignee_id = {self._me} OR {alias}.follower_ids @> ARRAY[{self._me}]"

    @property
    def _me(self) -> str:
        return self._parameter("me", self._viewer.agent_id, "uuid")

    @property
    def _teams(self) -> str:
        return self._parameter("teams", list(self._viewer.team_ids), "uuid[]")

    @property
    def _branches(self) -> str:
        return self._parameter("branches", list(self._viewer.branch_ids), "uuid[]")

    def _parameter(self, name: str, value: object, type_: str) -> str:
        if name not in self._names:
            self._names[name] = f"${self._first + len(self.args)}::{type_}"
            self.args.append(value)
        return self._names[name]
