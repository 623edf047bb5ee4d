from datetime import timedelta

import msgspec
import pytest

from crm_core.cards import CardPatch, make_card
from crm_core.timeline import Place, note_activity, timeline_of
from crm_core.views import Activity
from inbox.tables import ConversationRow
from infra.clock import now
from infra.db import Database
from infra.errors import Invalid, NotFound
from tests.company import Company, founded, hired


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def test_everything_is_told_once_newest_first_page_by_page(db: Database, company: Company):
    start = now()
    async with db.transaction() as tx:
        card_id = await make_card(tx, fields=CardPatch(display_name="Ion"), viewer=company.owner)
        for number in range(25):  # five at each moment: the id decides among them
            note_activity(
                tx,
                card_id,
                kind="note",
                at=start + timedelta(seconds=number // 5),
                summary=str(number),
            )
    told: list[Activity] = []
    place = None
    async with db.read() as source:
        while True:
            page = await timeline_of(source, card_id, viewer=company.owner, before=place, limit=7)
            told += [msgspec.json.decode(line.json, type=Activity) for line in page]
            if len(page) < 7:
                break
            place = Place.parse(str(page[-1].place))
    assert len({line.id for line in told}) == 25
    assert told == sorted(told, key=lambda line: (line.at, line.id), reverse=True)


async def test_lines_of_conversations_one_may_not_read_are_left_out(
    db: Database, company: Company
):
    newcomer = await hired(db, company, "nina", "newcomer")
    async with db.transaction() as tx:
        card_id = await make_card(tx, fields=CardPatch(display_name="Ion"), viewer=newcomer)
        cases = [
            ConversationRow(
                card_id=card_id,
                origin_card_id=card_id,
                branch_id=company.branch_id,
                assignee_id=assignee,
            )
            for assignee in (newcomer.agent_id, company.owner.agent_id)
        ]
        tx.session.add_all(cases)
        await tx.session.flush()
        for number, case in enumerate(cases):
            note_activity(
                tx, card_id, kind="message", conversation_id=case.id, summary=str(number)
            )
        note_activity(tx, card_id, kind="note", summary="card")
    async with db.read() as source:
        mine = await timeline_of(source, card_id, viewer=newcomer)
        messages = await timeline_of(source, card_id, viewer=company.owner, kind="message")
    assert {msgspec.json.decode(line.json)["summary"] for line in mine} == {"0", "card"}
    assert len(messages) == 2


async def test_the_timeline_of_an_invisible_card_does_not_exist(db: Database, company: Company):
    newcomer = await hired(db, company, "nina", "newcomer")
    async with db.transaction() as tx:
        card_id = await make_card(tx, fields=CardPatch(display_name="Ion"), viewer=company.owner)
    async with db.read() as source:
        with pytest.raises(NotFound):
            await timeline_of(source, card_id, viewer=newcomer)


@pytest.mark.parametrize(
    "text", ["", "x/y", "2026-01-01", "2026-01-01T00:00:00/x", "2026-01-01T00:00:00/" + "0" * 32]
)
def test_what_is_no_place_is_refused(text):
    with pytest.raises(Invalid):
        Place.parse(text)
