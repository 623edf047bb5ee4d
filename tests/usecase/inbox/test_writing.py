"""Notes, drafts, reading, beginning a conversation."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError

from crm_core.staff.tables import TeamRow
from inbox.drafts import (
    DraftConflict,
    drafts_json,
    forget_old_drafts,
    save_draft,
    throw_away,
)
from inbox.notes import add_note
from inbox.posting import MessageGiven
from inbox.reading import mark_read, mark_unread
from inbox.recall import cancel_message
from inbox.recipients import RecipientGiven
from inbox.starting import AddressTaken, ConversationGiven, start_conversation
from inbox.tables import MessageRow
from inbox.views import Draft, DraftBody
from infra.clock import new_id, now
from infra.errors import Forbidden, Invalid, NotFound
from tests.reading import events_of
from tests.usecase.inbox.office import ANA


@pytest.fixture
async def agent(office):
    return await office.agent()


@pytest.fixture
async def case(office):
    return await office.case()


async def note(office, case, viewer, text="Atenție", token=None, **fields):
    async with office.db.transaction() as tx:
        return await add_note(
            tx,
            case,
            given=MessageGiven(kind="note", text=text, **fields),
            token=token or new_id(),
            viewer=viewer,
        )


async def test_a_note_has_no_destination_whoever_writes_it(office, agent, case):
    posted = await note(office, case, agent)
    row = await office.row("SELECT * FROM message WHERE id = $1", posted.message_id)
    assert (row["kind"], row["visibility"], row["thread_id"]) == ("note", "internal", None)
    conversation = await office.conversation(case)
    assert (conversation["last_public_seq"], conversation["preview_kind"]) == (1, "note")
    assert conversation["status"] == "open"
    thread = await office.value("SELECT id FROM thread WHERE conversation_id = $1", case)
    for wrong in ({"thread_id": thread}, {"visibility": "public"}):
        fields = {"visibility": "internal", **wrong}
        row = MessageRow(conversation_id=case, seq=99, kind="note", **fields)
        with pytest.raises(IntegrityError):
            async with office.db.transaction() as tx:
                tx.session.add(row)


async def test_a_note_addressed_to_somebody_is_refused(office, agent, case):
    with pytest.raises(Invalid, match="goes to nobody"):
        await note(office, case, agent, recipients=[RecipientGiven(kind="email", value=ANA.value)])


async def test_a_note_tried_again_is_one_note(office, agent, case):
    token = new_id()
    posted = await asyncio.gather(*(note(office, case, agent, token=token) for _ in range(8)))
    assert len({one.message_id for one in posted}) == 1
    assert sum(one.is_new for one in posted) == 1


async def test_whoever_is_mentioned_sees_the_case_from_now_on(office, agent, case):
    newcomer = await office.agent(role="newcomer")
    with pytest.raises(NotFound):
        await note(office, case, newcomer)
    await note(office, case, agent, mention_ids=[newcomer.agent_id])
    await note(office, case, newcomer, "Am văzut")


async def test_an_auditor_leaves_no_notes(office, case):
    with pytest.raises(Forbidden):
        await note(office, case, await office.agent(role="auditor"))


async def write_draft(office, case, viewer, text, *, rev=None, kind="reply"):
    async with office.db.transaction() as tx:
        return await save_draft(
            tx, case, kind=kind, body=DraftBody(text=text), base_seq=1, rev=rev, viewer=viewer
        )


async def drafts(office, case, viewer):
    async with office.db.read() as raw:
        text = await drafts_json(raw, case, agent_id=viewer.agent_id)
    return msgspec.json.decode(text, type=list[Draft])


async def test_a_draft_is_kept_and_is_its_authors_alone(office, agent, case):
    other = await office.agent()
    saved = await write_draft(office, case, agent, "Bun")
    saved = await write_draft(office, case, agent, "Bună", rev=saved.rev)
    assert [(one.body.text, one.rev) for one in await drafts(office, case, agent)] == [("Bună", 2)]
    assert await drafts(office, case, other) == []
    told = [p for p in await events_of(office.db) if p.decoded()["type"] == "draft.changed"]
    assert {p.audience["me"] for p in told} == {str(agent.agent_id)}


async def test_two_windows_do_not_overwrite_each_other(office, agent, case):
    first = await write_draft(office, case, agent, "unu")
    await write_draft(office, case, agent, "doi", rev=first.rev)
    with pytest.raises(DraftConflict) as refused:
        await write_draft(office, case, agent, "trei", rev=first.rev)
    assert refused.value.extra["draft"].body.text == "doi"
    with pytest.raises(DraftConflict):
        await write_draft(office, case, agent, "patru")
    again = await write_draft(office, case, agent, "doi", rev=first.rev)
    assert again.body.text == "doi"


async def test_a_sent_draft_goes_and_comes_back_with_undo(office, agent, case):
    await write_draft(office, case, agent, "Bună ziua")
    later = now() + timedelta(minutes=1)
    message = await office.answer(case, agent, not_before=later)
    assert await drafts(office, case, agent) == []
    async with office.db.transaction() as tx:
        await cancel_message(tx, message, viewer=agent)
    assert [one.body.text for one in await drafts(office, case, agent)] == ["Bună ziua"]


async def test_a_refused_answer_keeps_the_draft(office, agent, case):
    await write_draft(office, case, agent, "Bună ziua")
    with pytest.raises(Invalid):
        await office.answer(case, agent, thread_id=new_id())
    assert len(await drafts(office, case, agent)) == 1


async def test_a_draft_thrown_away_is_kept_for_a_month(office, agent, case):
    await write_draft(office, case, agent, "Bună ziua")
    async with office.db.transaction() as tx:
        await throw_away(tx, case, kind="reply", viewer=agent)
        assert await forget_old_drafts(tx) == 0
        await tx.execute("UPDATE draft SET deleted_at = now() - interval '31 days'")
        assert await forget_old_drafts(tx) == 1


async def test_drafts_survive_what_others_do_to_the_case(office, agent, case):
    other = await office.agent()
    await write_draft(office, case, agent, "Bună ziua")
    await office.change(case, other, assignee_id=other.agent_id, status="closed", folder="spam")
    await office.answer(case, other, force=True)
    assert len(await drafts(office, case, agent)) == 1


async def test_reading_moves_forward_and_back_only_when_asked(office, agent):
    case = await office.case(name="<1@x>")
    await office.write(thread="<1@x>")
    await office.write(thread="<1@x>")

    async def unread():
        row = await office.row(
            "SELECT c.inbound_count - coalesce(r.inbound_count, 0) AS unread FROM conversation c"
            " LEFT JOIN read_state r ON r.conversation_id = c.id AND r.agent_id = $2"
            " WHERE c.id = $1",
            case,
            agent.agent_id,
        )
        return row["unread"]

    assert await unread() == 3
    for verb, seq, expected in (
        (mark_read, 2, 1),
        (mark_read, 1, 1),
        (mark_read, 99, 0),
        (mark_unread, 2, 2),
        (mark_unread, 1, 3),
    ):
        async with office.db.transaction() as tx:
            await verb(tx, case, seq=seq, viewer=agent)
        assert await unread() == expected


async def test_only_who_sees_a_case_reads_it(office, case):
    newcomer = await office.agent(role="newcomer")
    async with office.db.transaction() as tx:
        with pytest.raises(NotFound):
            await mark_read(tx, case, seq=1, viewer=newcomer)
        with pytest.raises(NotFound):
            await throw_away(tx, case, kind="reply", viewer=newcomer)
    with pytest.raises(NotFound):
        await write_draft(office, case, newcomer, "x")


async def start(office, viewer, value="nou@example.ro", token=None, **fields):
    given = ConversationGiven(
        account_id=office.account_id,
        to=RecipientGiven(kind="email", value=value, display="Nou Client"),
        subject="Ofertă",
        message=MessageGiven(text="Bună ziua"),
        **fields,
    )
    async with office.db.transaction() as tx:
        return await start_conversation(
            tx,
            given=given,
            token=token or new_id(),
            viewer=viewer,
            caps_of=office.caps_of,
        )


async def test_writing_first_makes_card_thread_and_conversation(office, agent):
    token = new_id()
    posted = await start(office, agent, token=token)
    assert (await start(office, agent, token=token)).message_id == posted.message_id
    row = await office.conversation(posted.conversation_id)
    assert (row["subject"], row["status"], row["assignee_id"]) == (
        "Ofertă",
        "waiting",
        agent.agent_id,
    )
    card = await office.row("SELECT * FROM card WHERE id = $1", row["card_id"])
    assert card["display_name"] == "Nou Client"


async def test_writing_first_to_a_known_address_lands_on_its_card(office, agent, case):
    posted = await start(office, agent, ANA.value)
    assert posted.conversation_id != case
    known = (await office.conversation(case))["card_id"]
    assert (await office.conversation(posted.conversation_id))["card_id"] == known
    other = await start(office, agent)
    card = (await office.conversation(other.conversation_id))["card_id"]
    with pytest.raises(AddressTaken):
        await start(office, agent, ANA.value, card_id=card)


async def test_writing_first_on_a_chat_goes_on_in_its_open_case(office, agent):
    case = await office.place_of(await office.chat())
    given = ConversationGiven(
        account_id=office.chat_id,
        to=RecipientGiven(kind="telegram_user", value="77"),
        message=MessageGiven(text="Bună ziua"),
    )
    async with office.db.transaction() as tx:
        posted = await start_conversation(
            tx, given=given, token=new_id(), viewer=agent, caps_of=office.caps_of
        )
    assert posted.conversation_id == case


async def test_an_auditor_starts_nothing(office):
    with pytest.raises(Forbidden):
        await start(office, await office.agent(role="auditor"))


async def test_writing_first_needs_an_account_that_can(office, agent):
    async def refused(error, **fields):
        given = ConversationGiven(
            account_id=fields.pop("account_id", office.account_id),
            to=RecipientGiven(kind="email", value="nou@example.ro"),
            message=MessageGiven(text="Bună ziua"),
            **fields,
        )
        async with office.db.transaction() as tx:
            with pytest.raises(error):
                await start_conversation(
                    tx, given=given, token=new_id(), viewer=agent, caps_of=office.caps_of
                )

    await refused(NotFound, account_id=new_id())
    await refused(NotFound, card_id=new_id())
    await refused(Invalid, account_id=office.chat_id)  # no mail from a chat
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET is_enabled = false")
    await refused(Invalid)
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET is_enabled = true")
    live_only = msgspec.structs.replace(office.caps["email.imap"], initiate="after_inbound")
    office.caps["email.imap"] = live_only
    await refused(Invalid)


async def test_writing_first_links_a_new_address_to_the_card_named(office, agent, case):
    card = (await office.conversation(case))["card_id"]
    posted = await start(office, agent, card_id=card)
    assert (await office.conversation(posted.conversation_id))["card_id"] == card
    again = await start(office, agent, card_id=card)
    assert (await office.conversation(again.conversation_id))["card_id"] == card


async def test_writing_first_on_a_chat_goes_on_after_its_closed_case(office, agent):
    case = await office.place_of(await office.chat())
    await office.change(case, agent, status="closed")
    given = ConversationGiven(
        account_id=office.chat_id,
        to=RecipientGiven(kind="telegram_user", value="77"),
        message=MessageGiven(text="Bună ziua"),
    )
    async with office.db.transaction() as tx:
        posted = await start_conversation(
            tx, given=given, token=new_id(), viewer=agent, caps_of=office.caps_of
        )
    row = await office.conversation(posted.conversation_id)
    assert row["continues_id"] == case
    thread = await office.row("SELECT conversation_id FROM thread")
    assert thread["conversation_id"] == posted.conversation_id


async def test_a_manager_writes_first_from_the_teams_account_only(office, agent):
    manager = await office.agent(role="manager", team=True)
    await start(office, manager, "unu@example.ro")
    other = await office.agent(role="newcomer")
    with pytest.raises(Forbidden):
        await start(office, other, "doi@example.ro")


async def write_first(office, viewer, card_id=None):
    given = ConversationGiven(
        account_id=office.chat_id,
        to=RecipientGiven(kind="telegram_user", value="77"),
        message=MessageGiven(text="Bună ziua"),
        card_id=card_id,
    )
    async with office.db.transaction() as tx:
        return await start_conversation(
            tx, given=given, token=new_id(), viewer=viewer, caps_of=office.caps_of
        )


async def test_writing_first_enters_no_conversation_of_another_team(office):
    case = await office.place_of(await office.chat())
    manager = await office.agent(role="manager", team=True)
    await write_first(office, manager)
    async with office.db.transaction() as tx:
        team = TeamRow(name="Vânzări", branch_id=office.branch_id)
        tx.session.add(team)
        await tx.session.flush()
        await tx.execute(
            "UPDATE conversation SET team_id = $2, assignee_id = NULL WHERE id = $1", case, team.id
        )
    with pytest.raises(NotFound):
        await write_first(office, manager)


async def test_writing_first_to_one_client_enters_no_conversation_of_another(office, agent, case):
    await office.chat()
    other = (await office.conversation(case))["card_id"]
    with pytest.raises(AddressTaken):
        await write_first(office, agent, card_id=other)
