"""Random merges, undone in random order, with work in between: nothing may be misplaced."""

import random
from uuid import UUID

import msgspec
import pytest

from crm_core.cards import CardPatch, edit_card, make_card
from crm_core.identities import add_identity
from crm_core.linking import lead_of
from crm_core.merge import merge_cards
from crm_core.timeline import note_activity
from crm_core.unmerge import undo_merge
from inbox.tables import ConversationRow
from infra.db import Database, Transaction
from tests.company import Company, founded


OPERATIONS = 400
TABLES = ("conversation", "card_identity", "activity")
MISPLACED = """
SELECT count(*) FROM {table} AS t
 WHERE t.card_id <> card_root(t.origin_card_id) OR t.origin_card_id IS NULL
"""
SHOWN = """
SELECT c.id, card_identities_json(c.id)::text AS identities FROM card AS c
 WHERE c.merged_into IS NULL
"""


class World:
    """What the test knows without asking the hub."""

    def __init__(self, chance: random.Random, company: Company) -> None:
        self.chance = chance
        self.company = company
        self.origin: dict[UUID, UUID] = {}  # conversation: the card it was written by
        self.parent: dict[UUID, UUID | None] = {}  # card: what it is merged into
        self.about: dict[UUID, str] = {}  # card: what a person wrote on it, merges apart
        self.edited: set[UUID] = set()  # cards that were edited while merges stood
        self.merges: dict[UUID, tuple[UUID, UUID]] = {}
        self.phones: list[tuple[str, UUID]] = []
        self.count = 0

    def living(self) -> list[UUID]:
        return [card for card, parent in self.parent.items() if parent is None]

    def next(self) -> int:
        self.count += 1
        return self.count

    async def make(self, tx: Transaction) -> None:
        """A client with a phone of their own, and sometimes the phone of somebody else."""
        number = self.next()
        viewer = self.company.owner
        card = await make_card(
            tx, fields=CardPatch(display_name=f"C{number}", about=f"a{number}"), viewer=viewer
        )
        self.parent[card], self.about[card] = None, f"a{number}"
        phone = f"+3736{9_000_000 + number}"
        await add_identity(tx, card, kind="phone", value=phone, viewer=viewer)
        self.phones.append((phone, card))
        if self.phones[:-1] and self.chance.random() < 0.3:
            shared, _ = self.chance.choice(self.phones[:-1])
            await add_identity(tx, card, kind="phone", value=shared, shared=True, viewer=viewer)

    async def write(self, tx: Transaction) -> None:
        """A message from somebody's phone: it belongs to whom the phone belongs."""
        phone, card = self.chance.choice(self.phones)
        lead = await lead_of(tx, kind="phone", value=phone)
        assert lead.card_id is not None
        assert lead.origin_card_id is not None
        if len(lead.candidates) == 1 and lead.origin_card_id == card:
            assert lead.card_id == self.root(card)
        case = ConversationRow(
            card_id=lead.card_id,
            origin_card_id=lead.origin_card_id,
            branch_id=self.company.branch_id,
        )
        tx.session.add(case)
        self.origin[case.id] = lead.origin_card_id
        note_activity(
            tx,
            lead.card_id,
            kind="message",
            origin_card_id=lead.origin_card_id,
            conversation_id=case.id,
        )

    async def merge(self, tx: Transaction) -> None:
        winner, loser = self.chance.sample(self.living(), 2)
        choices = {"about": self.chance.choice(["winner", "loser"])}
        merge = await merge_cards(tx, winner, loser, choices=choices, viewer=self.company.owner)
        self.parent[loser] = winner
        self.merges[merge] = (winner, loser)

    async def undo(self, tx: Transaction) -> None:
        merge = self.chance.choice(list(self.merges))
        _, loser = self.merges.pop(merge)
        await undo_merge(tx, merge, viewer=self.company.owner)
        self.parent[loser] = None

    async def edit(self, tx: Transaction) -> None:
        card = self.chance.choice(self.living())
        rev = await tx.fetchval("SELECT rev FROM card WHERE id = $1", card)
        text = f"e{self.next()}"
        await edit_card(tx, card, rev=rev, patch=CardPatch(about=text), viewer=self.company.owner)
        self.about[card] = text
        if any(winner == card for winner, _ in self.merges.values()):
            self.edited.add(card)

    def root(self, card: UUID) -> UUID:
        while (parent := self.parent[card]) is not None:
            card = parent
        return card

    def choose(self):
        """Return an operation that is possible now."""
        operations = [self.make] * 2 + [self.write] * 4 + [self.edit]
        if len(self.living()) > 1:
            operations += [self.merge] * 3
        if self.merges:
            operations += [self.undo] * 2
        return self.chance.choice(operations)


async def check(tx: Transaction, world: World) -> None:
    for table in TABLES:
        assert await tx.fetchval(MISPLACED.format(table=table)) == 0
    rows = await tx.fetch("SELECT id, card_id, origin_card_id FROM conversation")
    assert {row["id"]: row["origin_card_id"] for row in rows} == world.origin
    for row in rows:
        assert row["card_id"] == world.root(row["origin_card_id"])
    for row in await tx.fetch(SHOWN):
        identities = msgspec.json.decode(row["identities"])
        values = [each["value"] for each in identities]
        assert len(values) == len(set(values))
        assert sum(each["is_primary"] for each in identities) == (1 if values else 0)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_misplaced_by_random_merges_undone_in_random_order(
    db: Database, seed: int
):
    world = World(random.Random(seed), await founded(db))
    async with db.transaction() as tx:
        for _ in range(4):
            await world.make(tx)
    for number in range(OPERATIONS):
        async with db.transaction() as tx:
            await world.choose()(tx)
        if number % 10 == 0:
            async with db.transaction() as tx:
                await check(tx, world)
    while world.merges:
        async with db.transaction() as tx:
            await world.undo(tx)
            await check(tx, world)
    async with db.read() as source:
        for row in await source.fetch("SELECT id, about, merged_into FROM card"):
            assert row["merged_into"] is None
            if row["id"] not in world.edited:
                assert row["about"] == world.about[row["id"]]
        for table in TABLES:
            sql = f"SELECT count(*) FROM {table} WHERE card_id <> origin_card_id"
            assert await source.fetchval(sql) == 0
