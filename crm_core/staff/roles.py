"""The built-in roles and what each may do."""

from collections.abc import Mapping
from uuid import UUID

from crm_core.staff.visibility import Scope
from infra.clock import new_id
from infra.db import Transaction


PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "conversation": ("read", "reply", "note", "assign", "status", "delete"),
    "card": ("read", "create", "update", "merge", "export"),
    "account": ("read", "manage"),
    "agent": ("read", "manage"),
    "team": ("manage",),
    "tag": ("manage",),
    "journal": ("read", "replay"),
    "audit": ("read",),
    "apikey": ("manage",),
}
"""Every permission there is: the actions on each entity."""

Grants = Mapping[tuple[str, str], Scope]


def _all(scope: Scope, **entities: str) -> dict[tuple[str, str], Scope]:
    return {
        (entity, action): scope
        for entity, actions in entities.items()
        for action in (PERMISSIONS[entity] if actions == "*" else actions.split())
    }


ROLES: Mapping[str, tuple[str, Grants]] = {
    "owner": ("Owner", _all("all", **dict.fromkeys(PERMISSIONS, "*"))),
    "head": (
        "Head of department",
        _all("branch", conversation="*", card="*", team="manage")
        | _all("all", account="read", agent="read", tag="manage", journal="read replay"),
    ),
    "manager": (
        "Manager",
        _all("team", conversation="read reply note assign status", card="read create update merge")
        | _all("all", account="read", agent="read"),
    ),
    "newcomer": (
        "Newcomer",
        _all("own", conversation="read reply note status", card="read create update")
        | _all("all", agent="read"),
    ),
    "data_operator": (
        "Data operator",
        _all("all", card="*", tag="manage", agent="read"),
    ),
    "auditor": (
        "Auditor",
        _all(
            "all",
            conversation="read",
            card="read",
            account="read",
            agent="read",
            journal="read",
            audit="read",
        ),
    ),
}
"""Key, name and grants of the built-in roles. A newcomer works on what was given to them; a data
operator keeps the cards and reads no correspondence; an auditor changes nothing."""

SEED_ROLE = """
INSERT INTO role (id, key, name, is_builtin) VALUES ($1, $2, $3, true)
ON CONFLICT (key) DO UPDATE SET name = excluded.name, is_builtin = true
RETURNING id
"""

SEED_GRANTS = """
WITH wanted AS (
    SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS w(entity, action, scope)
), gone AS (
    DELETE FROM role_grant AS g WHERE g.role_id = $1
       AND NOT EXISTS (SELECT FROM wanted AS w WHERE (w.entity, w.action) = (g.entity, g.action))
)
INSERT INTO role_grant (role_id, entity, action, scope)
SELECT $1, entity, action, scope FROM wanted
ON CONFLICT (role_id, entity, action) DO UPDATE SET scope = excluded.scope
 WHERE role_grant.scope <> excluded.scope
"""


async def seed_roles(tx: Transaction) -> dict[str, UUID]:
    """Make the built-in roles what this version says they are; return their ids by key."""
    ids: dict[str, UUID] = {}
    for key, (name, grants) in ROLES.items():
        ids[key] = await tx.fetchval(SEED_ROLE, new_id(), key, name)
        entities, actions = zip(*grants, strict=True)
        await tx.execute(
            SEED_GRANTS, ids[key], list(entities), list(actions), list(grants.values())
        )
    return ids
