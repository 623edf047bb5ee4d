"""How long the search box takes among 100,000 cards, in the worst class of questions.

Names, phones, addresses and numbers, whole and in pieces, asked by an agent who sees everything,
by one of a team and by one who sees only their own. The figure is the worst median; the bar is
absolute: 50 ms.
"""

import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from bench.ground import ground, main, result
from crm_core.questions import Question
from crm_core.search import search_cards
from crm_core.seeds import card_seed
from crm_core.staff.visibility import Viewer
from infra.clock import new_id, now
from infra.db import Database


CARDS = 100_000
AGENTS = 20
BAR = 50.0  # milliseconds
ASKED = 30  # questions of a class

GIVEN = (
    "Ion Maria Vasile Ștefan Gheorghe Andrei Elena Natalia Mihai Ana Dumitru Victor Tudor Iulia"
    " Cristina Alexandru Александр Иван Наталья Сергей Олег Татьяна Юлия"
)
STEMS = (
    "Popesc Țurcan Rusn Ceban Munt Morar Ciobot Lup Rotar Guț Balan Cojoc Gros Vier Sîrb Botn"
    " Golb Donic Strat Bejen Попов Цуркан Иванов Чеботар"
)
ENDINGS = "u ean aru enco evici escu iuc ov in ovschi ar"

CASE = ([], [], [], 0, 0, 0, 0, "", "")  # of a conversation: what does not matter here

Row = tuple[Any, ...]

COLUMNS = {
    "card": (
        "id kind display_name given_name family_name legal_name about lifecycle branch_id"
        " owner_id custom provenance search_text search_grams name_key sort_key created_at"
        " updated_at rev"
    ),
    "identity": "id kind scope value compare raw grams display status is_own created_at",
    "card_identity": (
        "id card_id origin_card_id identity_id label is_primary shared linked_by since"
    ),
    "conversation": (
        "id card_id origin_card_id subject status folder priority branch_id assignee_id"
        " follower_ids tag_ids channels last_seq last_public_seq inbound_count failed_count"
        " preview preview_kind last_activity_at rev created_at"
    ),
}
GRAMS = {"card": "search_grams", "identity": "grams"}


def clients(
    branch_id: UUID, agents: Sequence[UUID], chance: random.Random
) -> Iterator[Mapping[str, list[Row]]]:
    """Yield the rows of each client: a card, a mail address, a phone, sometimes a case."""
    given, stems, endings = (text.split() for text in (GIVEN, STEMS, ENDINGS))
    for n in range(CARDS):
        stem, ending = chance.choice(stems), chance.choice(endings)
        name = f"{chance.choice(given)} {stem}{ending}"
        mail = f"user{n}.{stem.lower()}@example{n % 97}.md"
        phone = f"+3736{chance.choice('0125789')}{n:06d}"
        yield _rows(branch_id, chance.choice(agents), name, (("email", mail), ("phone", phone)))


def _rows(
    branch_id: UUID, owner: UUID, name: str, addresses: Sequence[tuple[str, str]]
) -> Mapping[str, list[Row]]:
    card_id, moment = new_id(), now()
    seed = card_seed(*addresses[0], name)
    names = (seed.display_name, seed.given_name, seed.family_name, "", "", "client")
    found_by = (seed.search_text, list(seed.search_grams), seed.name_key, seed.sort_key)
    rows: dict[str, list[Row]] = {
        "card": [
            (card_id, "person", *names, branch_id, owner, "{}", "{}", *found_by, moment, moment, 1)
        ],
        "identity": [],
        "card_identity": [],
        "conversation": [
            (
                new_id(),
                card_id,
                card_id,
                "",
                "open",
                "inbox",
                1,
                branch_id,
                owner,
                *CASE,
                moment,
                1,
                moment,
            )
        ],
    }
    for kind, value in addresses:
        about, identity_id = card_seed(kind, value), new_id()
        rows["identity"].append(
            (
                identity_id,
                kind,
                "",
                value,
                about.compare,
                value,
                list(about.grams),
                "",
                "ok",
                False,
                moment,
            )
        )
        rows["card_identity"].append(
            (new_id(), card_id, card_id, identity_id, "", True, False, "auto", moment)
        )
    return rows


async def fill(sql: asyncpg.Connection, chance: random.Random) -> tuple[UUID, list[UUID]]:
    """Make the clients; return the branch and the agents."""
    branch_id, agents = new_id(), [new_id() for _ in range(AGENTS)]
    await sql.execute(
        "INSERT INTO branch (id, name, code, timezone, phone_region, currency)"
        " VALUES ($1, 'Main', 'main', 'Europe/Chisinau', 'MD', 'MDL')",
        branch_id,
    )
    await sql.executemany(
        "INSERT INTO agent (id, login, login_key, name, branch_id, status, locale, signature,"
        " recovery_codes, preferences, created_at, rev)"
        " VALUES ($1, $2, $2, $2, $3, 'active', 'en', '', '{}', '{}', now(), 1)",
        [(agent, str(agent), branch_id) for agent in agents],
    )
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for client in clients(branch_id, agents, chance):
        for table, each in client.items():
            rows[table] += each
    await sql.execute("SET session_replication_role = replica")  # no audit, no foreign keys
    for table in GRAMS:
        await sql.execute(f"DROP INDEX {table}_grams_idx")
    for table, columns in COLUMNS.items():
        await sql.copy_records_to_table(table, records=rows[table], columns=columns.split())
    for table, column in GRAMS.items():
        await sql.execute(f"CREATE INDEX {table}_grams_idx ON {table} USING gin ({column})")
    await sql.execute("VACUUM ANALYZE")
    return branch_id, agents


async def questions(sql: asyncpg.Connection) -> Mapping[str, list[str]]:
    """Return what is asked, by class, drawn from what is there."""
    rows = await sql.fetch(
        "SELECT c.display_name AS name, c.number, min(i.value) FILTER (WHERE i.kind = 'phone')"
        " AS phone, min(i.value) FILTER (WHERE i.kind = 'email') AS mail FROM (SELECT * FROM card"
        " ORDER BY id LIMIT $1 OFFSET 5000) AS c JOIN card_identity AS l ON l.card_id = c.id"
        " JOIN identity AS i ON i.id = l.identity_id GROUP BY c.id, c.display_name, c.number",
        ASKED,
    )
    names = [row["name"] for row in rows]
    families = [name.split()[1] for name in names]
    return {
        "name": names,
        "given": [name.split()[0] for name in names],
        "family": families,
        "beginning": [family[:3] for family in families],
        "two_letters": [family[:2] for family in families],
        "inside": [family[2:6] for family in families],
        "alphabet": ["Штефан Цурканеску", "Балан", "Ivanov", "Чеботару", "Василе"] * 6,
        "absent": ["zzzzq", "Qwxyz Abc", "nimeni"] * 10,
        "phone": [row["phone"] for row in rows],
        "local_phone": [f"0{row['phone'][4:]}" for row in rows],
        "last_four": [row["phone"][-4:] for row in rows],
        "digits_inside": [row["phone"][5:10] for row in rows],
        "mail": [row["mail"] for row in rows],
        "mail_inside": [row["mail"][3:12] for row in rows],
        "mail_common": ["example", "user", "@exa", ".md"] * 7,
        "number": [f"#{row['number']}" for row in rows],
    }


async def median_ms(db: Database, viewer: Viewer, texts: Sequence[str]) -> float:
    """Return the median milliseconds of a class."""
    times = []
    for text in texts:
        async with db.read() as source:
            started = time.perf_counter()
            await search_cards(source, Question.of(text), viewer=viewer)
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


async def bench() -> None:
    """Ask every class of question as three agents."""
    async with ground() as here:
        sql = await asyncpg.connect(here.url.replace("+asyncpg", ""))
        branch_id, agents = await fill(sql, random.Random(1))
        asked = await questions(sql)
        await sql.close()
        medians = {}
        for scope in ("all", "team", "own"):
            grants = {(entity, "read"): scope for entity in ("card", "conversation")}
            viewer = Viewer(agents[0], (branch_id,), (), grants)
            for name, texts in asked.items():
                medians[f"{name}/{scope}"] = round(await median_ms(here.db, viewer, texts), 2)
        worst = max(medians, key=medians.__getitem__)
        value = medians[worst]
        result("card-search", value, "ms", BAR, value, worst=worst, cards=CARDS, medians=medians)


if __name__ == "__main__":
    main(bench)
