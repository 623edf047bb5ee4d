"""Client cards: making them, changing them, and what a channel may add to them.

Every field remembers who wrote it last (``provenance``). That settles two questions: a channel
fills what is empty and never overwrites what a person wrote; and two agents who change different
fields of a card at the same time are not in each other's way.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from crm_core import names
from crm_core.access import open_card
from crm_core.changes import card_audience_of, card_changed
from crm_core.seeds import card_seed
from crm_core.staff.visibility import Reads, Viewer
from crm_core.tables import CardRow
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Forbidden, Invalid


Lifecycle = Literal[
    "stranger", "lead", "prospect", "client", "repeat", "partner", "lost", "blocked"
]
LONGEST_CUSTOM = 64  # kilobytes of a card's custom fields as JSON
SEARCHED_CUSTOM = 200  # characters of a custom text that are searched

NAMES = ("display_name", "given_name", "family_name", "legal_name")
PLACE = "SELECT EXISTS (SELECT FROM branch WHERE id = $1)"
TEAM = "SELECT EXISTS (SELECT FROM team WHERE id = $1 AND archived_at IS NULL)"
OWNER = "SELECT EXISTS (SELECT FROM agent WHERE id = $1 AND status <> 'left')"


class CardChanged(Conflict):
    """Somebody else changed the same fields; ``fields`` has both values of each.

    ``fields`` is ``{name: {"yours", "theirs", "by", "at"}}``, ``rev`` the revision now.
    """

    code = "card.changed"
    title = "Somebody else changed the same fields"


class CardPatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fields of a card; what is left out stays.

    Attributes:
        custom: Merged key by key; None removes one.
    """

    kind: Literal["person", "company"] | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    given_name: str | UnsetType = UNSET
    family_name: str | UnsetType = UNSET
    legal_name: str | UnsetType = UNSET
    birthday: date | UnsetType | None = UNSET
    locale: str | UnsetType | None = UNSET
    about: str | UnsetType = UNSET
    lifecycle: Lifecycle | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    custom: dict[str, Any] | UnsetType = UNSET


async def make_card(tx: Transaction, *, fields: CardPatch, viewer: Viewer) -> UUID:
    """Write a client down; return the card's id.

    Without a branch the card is of the viewer's. Whoever may create only what they own, owns it.

    Raises:
        Forbidden: The viewer may not create cards, or not there.
        Invalid: A field breaks a rule.
    """
    viewer.need("card", "create")
    card = CardRow(branch_id=viewer.branch_ids[0], lifecycle="lead", created_by=viewer.agent_id)
    if viewer.grants["card", "create"] == "own":
        card.owner_id = viewer.agent_id
    await _check(tx, fields)
    values = dict(_given(fields))
    if not values.get("display_name"):
        full = names.full_name(values.get("given_name", ""), values.get("family_name", ""))
        values["display_name"] = full or values.get("legal_name", "")
    _write(card, values, by=viewer.agent_id, rev=card.rev)
    index(card)
    tx.session.add(card)
    await tx.session.flush()
    audience = {"k": 1, "b": str(card.branch_id), "t": _text(card.team_id)}
    if not viewer.sees({**audience, "o": _text(card.owner_id)}):
        raise Forbidden("you could not see this card: choose your team, branch or yourself")
    await card_changed(tx, card.id)
    return card.id


async def edit_card(
    tx: Transaction, card_id: UUID, *, rev: int, patch: CardPatch, viewer: Viewer
) -> None:
    """Change fields of a card that the editor saw at ``rev``.

    Changes of others to other fields are no conflict: both stay.

    Raises:
        NotFound: There is no such card, or the viewer may not see it.
        Forbidden: The viewer may not change it.
        CardChanged: Somebody else changed one of the fields since, to something else.
        CardMerged: It is part of another card.
        Invalid: A field breaks a rule.
    """
    card = await open_card(tx, card_id, viewer=viewer, action="update")
    await _check(tx, patch)
    changes = {key: value for key, value in _given(patch) if _value(card, key) != value}
    if clashes := _clashes(card, changes, rev):
        raise CardChanged(fields=clashes, rev=card.rev)
    if not changes:
        return
    before = await card_audience_of(tx, card_id)
    _write(card, changes, by=viewer.agent_id, rev=card.rev + 1)
    index(card)
    touch(card)
    await card_changed(tx, card_id, before=before)


async def learn_name(
    tx: Transaction, card_id: UUID, *, kind: str, value: str, display: str
) -> bool:
    """Take the name an address came with, when the card has none yet; say whether it was.

    A channel fills what is empty. It never overwrites what a person wrote, nor an earlier name.
    """
    seed = msgspec.json.encode(card_seed(kind, value, display)).decode()
    learned = await tx.fetchval("SELECT card_learn($1, $2::jsonb, $3)", card_id, seed, now())
    tx.wrote()
    return bool(learned)


def index(card: CardRow) -> None:
    """Bring what a card is found and ordered by up to its fields."""
    texts = [getattr(card, name) for name in NAMES]
    texts += [value[:SEARCHED_CUSTOM] for value in card.custom.values() if isinstance(value, str)]
    card.search_text = names.search_text(*texts)
    card.search_grams = names.search_grams(*texts)
    card.name_key = names.name_key(card.given_name, card.family_name) or names.name_key(
        card.display_name
    )
    card.sort_key = names.sort_key(card.display_name)


def touch(card: CardRow) -> None:
    """Count a change of the card."""
    card.rev += 1
    card.updated_at = now()


async def list_cards(
    source: Reads,
    *,
    viewer: Viewer,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
    strangers: bool = False,
) -> Sequence[tuple[str, tuple[str, UUID]]]:
    """Return cards by name, each as JSON text with its place: the ``after`` of what follows.

    Strangers wrote once and nobody confirmed that they are clients.
    """
    rule, args = viewer.where("card", "read", "c", 4)
    rows = await source.fetch(
        f"""
        SELECT card_json(c)::text AS json, c.sort_key, c.id FROM card AS c
         WHERE c.deleted_at IS NULL AND c.merged_into IS NULL
           AND (c.sort_key, c.id) > ($1, $2) AND {rule}
           {"" if strangers else "AND c.lifecycle <> 'stranger'"}
         ORDER BY c.sort_key, c.id LIMIT $3
        """,  # noqa: S608 - the rule is ours, its values are parameters
        *(after or ("", UUID(int=0))),
        limit,
        *args,
    )
    return [(row["json"], (row["sort_key"], row["id"])) for row in rows]


def _given(patch: CardPatch) -> Iterator[tuple[str, Any]]:
    """Yield the fields that were given; a custom one as ``custom.<key>``."""
    for key in CardPatch.__struct_fields__:
        value = getattr(patch, key)
        if key == "custom" and value is not UNSET:
            yield from ((f"custom.{name}", each) for name, each in value.items())
        elif value is not UNSET:
            yield key, names.clean_text(value) if key in NAMES else value


def _value(card: CardRow, key: str) -> Any:
    group, _, name = key.partition(".")
    return card.custom.get(name) if group == "custom" else getattr(card, key)


def _write(card: CardRow, changes: Mapping[str, Any], *, by: UUID, rev: int) -> None:
    written = {"by": "agent", "id": str(by), "at": now().isoformat(), "rev": rev}
    custom = dict(card.custom)
    for key, value in changes.items():
        if key.startswith("custom."):
            custom[key.removeprefix("custom.")] = value
        else:
            setattr(card, key, value)
    if not card.display_name:
        raise Invalid("a card has a name")
    card.custom = {key: value for key, value in custom.items() if value is not None}
    if len(msgspec.json.encode(card.custom)) > LONGEST_CUSTOM * 1024:
        raise Invalid(f"custom fields take more than {LONGEST_CUSTOM} KB")
    card.provenance = {**card.provenance, **dict.fromkeys(changes, written)}


def _clashes(card: CardRow, changes: Mapping[str, Any], rev: int) -> dict[str, Any]:
    found = {}
    for key, value in changes.items():
        wrote = card.provenance.get(key, {})
        if wrote.get("rev", 0) > rev:
            theirs = {"theirs": _value(card, key), "by": wrote.get("id"), "at": wrote.get("at")}
            found[key] = {"yours": value, **theirs}
    return found


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


async def _check(tx: Transaction, patch: CardPatch) -> None:
    """Make sure that what the fields name exists."""
    for sql, value in (
        (PLACE, patch.branch_id),
        (TEAM, patch.team_id),
        (OWNER, patch.owner_id),
    ):
        if isinstance(value, UUID) and not await tx.fetchval(sql, value):
            raise Invalid("there is no such branch, team or agent")
