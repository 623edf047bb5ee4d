"""One search box for clients: numbers, phones, addresses and names, in any spelling.

A search takes up to three steps and ends when it has enough. The first takes what is certain or
close: whole words, whole and last digits, the beginning of an address. The second takes names
whose words begin so. The third looks inside words, addresses and numbers, and for the same
consonants in another alphabet. Every look goes through an index, sees only what the viewer may
see, and ends after ``MOST`` cards.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from crm_core.grams import trigrams
from crm_core.questions import Question, like
from crm_core.staff.visibility import Reads, Viewer
from crm_core.views import CardHit


MOST = 100  # cards one look takes before they are ranked

EXACT, CLOSE, BEGINNING, INSIDE, ALIKE = range(5)
"""How good a hit is."""

BY_NAME = """
SELECT c.id, {rank} AS rank, c.display_name AS matched FROM card AS c
 WHERE {condition} AND c.deleted_at IS NULL AND c.merged_into IS NULL AND {rule} LIMIT {most}
"""
BY_ADDRESS = """
SELECT c.id, {rank} AS rank, i.value AS matched
  FROM identity AS i
  JOIN card_identity AS l ON l.identity_id = i.id AND l.until IS NULL
  JOIN card AS c ON c.id = l.card_id
 WHERE {condition} AND c.deleted_at IS NULL AND c.merged_into IS NULL AND {rule} LIMIT {most}
"""
BY_NUMBER = "c.id = (SELECT card_root(id) FROM card WHERE number = {})"
RANKED = """
WITH hit AS ({looks}), best AS (
    SELECT DISTINCT ON (id) id, rank, matched FROM hit ORDER BY id, rank
)
SELECT c.id, c.number, c.display_name, c.kind, c.lifecycle, b.matched
  FROM best AS b JOIN card AS c ON c.id = b.id
 ORDER BY b.rank, c.lifecycle = 'stranger',
          greatest(c.last_in_at, c.last_out_at, c.updated_at) DESC, c.id
 LIMIT {limit}
"""
WHOLE_CARDS = """
SELECT card_json(c)::text FROM card AS c
 WHERE c.id = ANY($1::uuid[]) ORDER BY array_position($1::uuid[], c.id)
"""


async def search_cards(
    source: Reads, question: Question, *, viewer: Viewer, limit: int = 20
) -> Sequence[CardHit]:
    """Return the cards that are meant, the best first; among equals the latest contact first."""
    hits: dict[UUID, CardHit] = {}
    for step in (_near, _beginning, _inside):
        for hit in await step(question, viewer).run(source, limit):
            _ = hits.setdefault(hit.id, hit)
        if len(hits) >= limit or (hits and question.is_whole_address):
            break
    return list(hits.values())[:limit]


async def cards_found(
    source: Reads, question: Question, *, viewer: Viewer, limit: int = 50
) -> Sequence[str]:
    """Return what ``search_cards`` finds as whole cards, each as JSON text."""
    hits = await search_cards(source, question, viewer=viewer, limit=limit)
    return [row[0] for row in await source.fetch(WHOLE_CARDS, [hit.id for hit in hits])]


class _Looks:
    """Looks at several indexes in one statement."""

    def __init__(self, viewer: Viewer) -> None:
        self._rule, self._args = viewer.where("card", "read", "c")
        self._looks: list[str] = []

    def arg(self, value: Any, type_: str) -> str:
        """Return the name of a new parameter."""
        self._args.append(value)
        return f"${len(self._args)}::{type_}"

    def names(self, rank: int, conditions: Iterable[str]) -> None:
        """Look for cards."""
        self._add(BY_NAME, rank, conditions)

    def addresses(self, rank: int, conditions: Iterable[str]) -> None:
        """Look for identities, and through them for cards."""
        self._add(BY_ADDRESS, rank, conditions)

    async def run(self, source: Reads, limit: int) -> Sequence[CardHit]:
        """Look."""
        if not self._looks:
            return []
        sql = RANKED.format(looks=" UNION ALL ".join(self._looks), limit=self.arg(limit, "int"))
        return [CardHit(**row) for row in await source.fetch(sql, *self._args)]

    def _add(self, look: str, rank: int, conditions: Iterable[str]) -> None:
        if condition := " OR ".join(conditions):
            text = look.format(rank=rank, condition=f"({condition})", rule=self._rule, most=MOST)
            self._looks.append(f"({text})")


def _near(question: Question, viewer: Viewer) -> _Looks:
    """What is certain or close."""
    looks = _Looks(viewer)
    if question.number is not None:
        number = looks.arg(question.number, "bigint")
        looks.names(EXACT, [BY_NUMBER.format(number)])
    if question.phones:
        numbers = looks.arg(question.phones, "text[]")
        looks.addresses(EXACT, [f"i.kind = 'phone' AND i.compare = ANY({numbers})"])
    if question.digits:
        same = looks.arg(question.digits, "text")
        looks.addresses(EXACT, [f"i.kind <> 'phone' AND i.compare = {same}"])
    looks.addresses(
        CLOSE,
        (
            f"i.kind = 'phone' AND i.reversed LIKE {looks.arg(end + '%', 'text')}"
            for end in question.endings
        ),
    )
    if question.address:
        same = looks.arg(question.address, "text")
        looks.addresses(EXACT, [f"i.compare = {same}"])
        start = looks.arg(like(question.address) + "%", "text")
        looks.addresses(CLOSE, [f"i.kind <> 'phone' AND i.compare LIKE {start}"])
    looks.names(
        CLOSE,
        (f"c.search_grams @> {looks.arg(words, 'text[]')}" for words in question.whole_words()),
    )
    return looks


def _beginning(question: Question, viewer: Viewer) -> _Looks:
    """What begins so."""
    looks = _Looks(viewer)
    looks.names(BEGINNING, (_like(looks, *each) for each in question.beginnings()))
    return looks


def _inside(question: Question, viewer: Viewer) -> _Looks:
    """What is inside, or only alike."""
    looks = _Looks(viewer)
    looks.addresses(INSIDE, (_piece(looks, piece, "=") for piece in question.figures))
    if question.address:
        looks.addresses(INSIDE, [_piece(looks, question.address, "<>")])
    looks.names(INSIDE, (_like(looks, *each) for each in question.pieces()))
    if bones := question.skeletons():
        looks.names(ALIKE, [f"c.search_grams @> {looks.arg(bones, 'text[]')}"])
    return looks


def _like(looks: _Looks, grams: list[str], patterns: list[str]) -> str:
    return (
        f"c.search_grams @> {looks.arg(grams, 'text[]')}"
        f" AND ' ' || c.search_text LIKE ALL({looks.arg(patterns, 'text[]')})"
    )


def _piece(looks: _Looks, piece: str, is_phone: str) -> str:
    grams = looks.arg(trigrams(piece), "text[]")
    pattern = looks.arg(f"%{like(piece)}%", "text")
    return f"i.grams @> {grams} AND i.kind {is_phone} 'phone' AND i.compare LIKE {pattern}"
