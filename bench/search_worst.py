"""How long the slowest kind of search takes among a million messages.

Eight kinds of words, from one that most messages have to one that none has, two words, the
beginning of a word and the end of a phone number; each by somebody who sees everything and by
somebody of three teams out of twenty. The figure is the worst of their medians.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable

import asyncpg

from bench.archive import drop_indexes, fill
from bench.ground import ground, main, result
from crm_core.staff.visibility import Scope, Viewer
from inbox.lexemes import lexemes_of
from inbox.search import search_messages
from infra.db import Database


MESSAGES = 1_000_000
CONVERSATIONS = 40_000
TEXTS = 4_000  # different ones; every message adds words of its own
VOCABULARY = 6_000  # words of a language
WORDS = (8, 24)  # words of a text
SEARCHES = 25  # of each kind
LIMIT = 25.0  # milliseconds the worst kind may take

SOUNDS = {
    "ro": ("b c d f g l m n p r s t v z ch st", "a e i o u ă â ea ie", "are ul easca ie at"),
    "ru": ("б в г д ж з к л м н п р с т ш ст", "а е и о у я ю", "ать ов ами ость ый"),
    "en": ("b c d f g l m n p r s t v w th sh", "a e i o u ea oo", "ing ed er tion s"),
}

TEXT = """
INSERT INTO bench_text (id, text, words)
SELECT r.id, r.text, array_to_tsvector(ARRAY(
           SELECT DISTINCT w FROM unnest(
               r.words || tsvector_to_array(to_tsvector('russian', r.other))
                       || tsvector_to_array(to_tsvector('romanian', r.romanian))) AS w
            WHERE w <> ''))
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[])
       AS given (id, text, folded, other, romanian),
       LATERAL (SELECT given.*, string_to_array(given.folded, ' ') AS words) AS r
"""

MESSAGE = """
INSERT INTO message (id, conversation_id, seq, kind, visibility, thread_id, identity_id, channel,
                     text, reply_text, folds, recipients, mention_ids, meta, at, created_at, rev)
SELECT gen_random_uuid(), c.ids[1 + n % $2], 10 + n / $2, 'inbound', 'public', c.ids[1], c.ids[1],
       'email', t.text, '', '[]', '[]', '{}', '{}', now(), now(), 1
  FROM (SELECT array_agg(id ORDER BY number) AS ids FROM conversation) AS c,
       generate_series(0, $1 - 1) AS n JOIN bench_text AS t ON t.id = n::bigint * 7919 % $3
"""

INDEX = """
INSERT INTO message_search (n, message_id, conversation_id, words)
SELECT m.n, m.id, m.conversation_id, t.words || array_to_tsvector(ARRAY[
           'rar' || m.n / 3,
           'p:' || reverse('3736' || lpad((m.n * 7919 % 10000000)::text, 7, '0')),
           'B~' || (m.n >> 12), 'b~' || (m.n >> 16)])
  FROM message AS m JOIN bench_text AS t ON t.id = (m.n - $1) * 7919 % $2
"""


class Corpus:
    """Texts in three languages, and the words of each kind that are in them."""

    def __init__(self) -> None:
        self.chance = random.Random(3)
        vocabularies = [self.vocabulary(*SOUNDS[name]) for name in ("ro", "ro", "ru", "en")]
        self.texts = [self.text(self.chance.choice(vocabularies)) for _ in range(TEXTS)]
        self.lexemes = [lexemes_of(text) for text in self.texts]
        self.count = Counter(word for one in self.lexemes for word in one.words)

    def vocabulary(self, consonants: str, vowels: str, endings: str) -> list[str]:
        """Return words of a language, the commonest first."""
        pick = self.chance.choice

        def word() -> str:
            syllables = self.chance.randrange(1, 4)
            stem = "".join(
                pick(consonants.split()) + pick(vowels.split()) for _ in range(syllables)
            )
            return stem + pick(["", *endings.split()])

        return list({word(): None for _ in range(VOCABULARY)})

    def text(self, words: list[str]) -> str:
        """Return a text: some words are in most texts, most words in few."""
        length = self.chance.randrange(*WORDS)
        places = [int(len(words) ** self.chance.random()) - 1 for _ in range(length)]
        return " ".join(words[place] for place in places)

    def kind(self, low: float, high: float) -> list[str]:
        """Return the words that share of the texts have."""
        return [word for word, count in self.count.items() if low <= count / TEXTS < high]

    def searches(self) -> dict[str, Callable[[], str]]:
        """Return what makes a search of each kind; a space says that the word is complete."""
        pick = self.chance.choice
        common, some, few = self.kind(0.08, 1), self.kind(0.01, 0.05), self.kind(0.001, 0.003)
        long = [word for word in few if len(word) > 5]
        return {
            "in every tenth": lambda: f"{pick(common)} ",
            "in every fiftieth": lambda: f"{pick(some)} ",
            "in few": lambda: f"{pick(few)} ",
            "in three": lambda: f"rar{self.chance.randrange(MESSAGES // 3)} ",
            "in none": lambda: f"nicaieri{self.chance.randrange(999)} ",
            "two words": lambda: f"{pick(common)} {pick(some)} ",
            "beginning": lambda: pick(long)[:3],
            "phone": lambda: str(self.chance.randrange(1_000_000, 9_999_999)),
        }


async def store(connection: asyncpg.Connection, corpus: Corpus) -> None:
    """Fill the search index."""
    await fill(connection, conversations=CONVERSATIONS)
    await connection.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'")
    await connection.execute(
        "CREATE UNLOGGED TABLE bench_text (id int PRIMARY KEY, text text, words tsvector);"
        "ALTER TABLE message_search SET UNLOGGED;"
        "ALTER TABLE message DROP CONSTRAINT message_pkey CASCADE;"
        "ALTER TABLE message DROP CONSTRAINT message_conversation_id_seq_key;"
        "ALTER TABLE message SET UNLOGGED"
    )
    await connection.execute(
        TEXT,
        list(range(TEXTS)),
        corpus.texts,
        [" ".join(one.words) for one in corpus.lexemes],
        [one.other for one in corpus.lexemes],
        [one.romanian for one in corpus.lexemes],
    )
    await drop_indexes(connection, "message", "message_search")
    await connection.execute(MESSAGE, MESSAGES, CONVERSATIONS, TEXTS, timeout=300)
    first = await connection.fetchval("SELECT min(n) FROM message")
    await connection.execute(INDEX, first, TEXTS, timeout=300)
    share = MESSAGES // TEXTS
    await connection.copy_records_to_table(
        "lexeme", records=[(word, count * share) for word, count in corpus.count.items()]
    )
    await connection.execute("CREATE UNIQUE INDEX ON message (id)", timeout=300)
    await connection.execute("CREATE INDEX ON message_search USING gin (words)", timeout=300)
    await connection.execute("VACUUM ANALYZE message_search")
    await connection.execute("ANALYZE message")


async def viewers(db: Database) -> dict[str, Viewer]:
    """Return somebody who sees everything and somebody of three teams."""
    async with db.read() as raw:
        teams = [row["id"] for row in await raw.fetch("SELECT id FROM team ORDER BY name")]
        branch = await raw.fetchval("SELECT id FROM branch")
        agent = await raw.fetchval("SELECT id FROM agent ORDER BY login LIMIT 1")

    def viewer(scope: Scope) -> Viewer:
        return Viewer(agent, (branch,), tuple(teams[4:7]), {("conversation", "read"): scope})

    return {"all": viewer("all"), "three teams": viewer("team")}


async def bench() -> None:
    """Search for every kind of word as either of the two."""
    corpus = Corpus()
    async with ground() as here:
        connection = await asyncpg.connect(here.url.replace("+asyncpg", ""))
        await store(connection, corpus)
        await connection.close()
        medians: dict[str, float] = {}
        for who, viewer in (await viewers(here.db)).items():
            for kind, search in corpus.searches().items():
                times = []
                for _ in range(SEARCHES):
                    async with here.db.read() as raw:
                        began = time.perf_counter()
                        await search_messages(raw, search(), viewer=viewer, limit=50)
                        times.append((time.perf_counter() - began) * 1e3)
                medians[f"{kind}, {who}"] = statistics.median(times)
        worst = max(medians, key=medians.__getitem__)
        result(
            "search-worst",
            medians[worst],
            "ms",
            LIMIT,
            medians[worst],
            kind=worst,
            messages=MESSAGES,
            medians={name: round(value, 1) for name, value in medians.items()},
        )


if __name__ == "__main__":
    main(bench)
