import pytest

from crm_core.staff.visibility import Viewer
from crm_core.tags import TagTaken, archive_tag, change_tag, list_tags, make_tag, read_tag
from infra.clock import new_id
from infra.db import Database
from infra.errors import Forbidden, Invalid, NotFound
from tests.reading import events_of


KEEPER = Viewer(new_id(), grants={("tag", "manage"): "all"})


async def test_a_tag_is_made_changed_and_put_away(db: Database):
    async with db.transaction() as tx:
        tag_id = await make_tag(tx, name=" Fără  răspuns ", color="red", viewer=KEEPER)
        await change_tag(tx, tag_id, color="blue", viewer=KEEPER)
        tag = await read_tag(tx, tag_id)
        assert (tag.name, tag.color, tag.rev) == ("Fără răspuns", "blue", 2)
        await change_tag(tx, tag_id, name="Fara raspuns", viewer=KEEPER)
        await archive_tag(tx, tag_id, viewer=KEEPER)
        assert not await list_tags(tx)
        with pytest.raises(NotFound):
            await change_tag(tx, tag_id, name="x", viewer=KEEPER)
        assert await make_tag(tx, name="Fara raspuns", viewer=KEEPER)
    events = [placed.decoded() for placed in await events_of(db)]
    assert [event["archived"] for event in events] == [False, False, False, True, False]


async def test_a_name_is_taken_in_any_case_and_without_accents(db: Database):
    async with db.transaction() as tx:
        await make_tag(tx, name="Fără răspuns", viewer=KEEPER)
        other = await make_tag(tx, name="Altul", viewer=KEEPER)
        with pytest.raises(TagTaken):
            await make_tag(tx, name="FARA RASPUNS", viewer=KEEPER)
        with pytest.raises(TagTaken):
            await change_tag(tx, other, name="fara raspuns", viewer=KEEPER)
        assert [tag.name for tag in await list_tags(tx)] == ["Altul", "Fără răspuns"]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "\u200b"}, {"name": "x" * 61}, {"name": "x", "color": "#f00"}]
)
async def test_a_tag_that_cannot_be_is_refused(db: Database, wrong: dict):
    async with db.transaction() as tx:
        with pytest.raises(Invalid):
            await make_tag(tx, **wrong, viewer=KEEPER)


async def test_tags_need_their_permission(db: Database):
    async with db.transaction() as tx:
        with pytest.raises(Forbidden):
            await make_tag(tx, name="x", viewer=Viewer(new_id()))
        with pytest.raises(NotFound):
            await read_tag(tx, new_id())
