"""Answering: once per request, never over something new, never to the wrong people."""

import asyncio
import random
from datetime import timedelta

import msgspec
import pytest

from inbox.attachments import FileGiven
from inbox.contract import Recipient
from inbox.posting import MessageGiven, TokenReused, message_json
from inbox.recipients import RecipientGiven, Unreachable, default_recipients, reply_all
from inbox.reply import StaleView, reply
from inbox.views import Message
from infra.clock import new_id, now
from infra.errors import Forbidden, Invalid, NotFound
from tests.usecase.inbox.office import ANA, BOB


async def test_an_answer_moves_the_case_on(office):
    agent = await office.agent()
    case = await office.case()
    message_id = await office.answer(case, agent)
    row = await office.conversation(case)
    assert (row["status"], row["assignee_id"], row["waiting_since"]) == (
        "waiting",
        agent.agent_id,
        None,
    )
    assert (row["preview"], row["preview_kind"]) == ("Bună ziua", "outbound")
    assert row["first_reply_at"] is not None
    assert row["last_public_seq"] == 2
    assert row["last_seq"] == 3  # the answer, and that it was taken
    assert await office.entries(case) == ["assigned"]
    copies = await office.rows("SELECT * FROM delivery WHERE message_id = $1", message_id)
    assert [(copy["state"], copy["role"]) for copy in copies] == [("queued", "to")]
    activity = await office.row("SELECT * FROM activity WHERE ref = $1", message_id)
    assert (activity["direction"], activity["summary"]) == ("out", "Bună ziua")


async def test_what_is_announced_is_what_clients_decode(office):
    agent = await office.agent()
    message_id = await office.answer(await office.case(), agent)
    async with office.db.read() as raw:
        text = await message_json(raw, message_id)
    message = msgspec.json.decode(text, type=Message)
    assert message.author.id == agent.agent_id
    assert [one.value for one in message.recipients] == ["ana@example.ro"]


async def test_one_request_tried_eight_times_at_once_makes_one_message(office):
    agent = await office.agent()
    case = await office.case()
    token = new_id()
    tries = [office.answer(case, agent, token=token, base_seq=1) for _ in range(8)]
    assert len(set(await asyncio.gather(*tries))) == 1
    outbound = "SELECT count(*) FROM message WHERE conversation_id = $1 AND kind = 'outbound'"
    assert await office.value(outbound, case) == 1


async def test_a_key_is_good_for_one_message_only(office):
    agent, other = await office.agent(), await office.agent()
    case = await office.case()
    token = new_id()
    await office.answer(case, agent, token=token)
    with pytest.raises(TokenReused):
        await office.answer(case, agent, "Altceva", token=token)
    with pytest.raises(TokenReused):
        await office.answer(case, other, token=token)


async def test_an_answer_over_something_new_is_refused_with_it(office):
    agent = await office.agent()
    case = await office.case(name="<1@x>")
    await office.write("Încă ceva", thread="<1@x>")
    with pytest.raises(StaleView) as refused:
        await office.answer(case, agent, base_seq=1)
    entries = msgspec.json.decode(refused.value.extra["entries"], type=list[Message])
    assert [entry.text for entry in entries] == ["Încă ceva"]
    assert msgspec.json.decode(refused.value.extra["conversation"])["last_public_seq"] == 2
    await office.answer(case, agent, base_seq=1, force=True)


async def test_two_agents_never_answer_both_unless_forced(office):
    one, two = await office.agent(), await office.agent()
    chance = random.Random(7)
    for _ in range(100):
        case = await office.case()

        async def attempt(agent, delay, case=case):
            await asyncio.sleep(delay)
            try:
                return await office.answer(case, agent, base_seq=1)
            except StaleView:
                return None

        answers = await asyncio.gather(
            attempt(one, chance.random() / 200), attempt(two, chance.random() / 200)
        )
        assert sum(answer is not None for answer in answers) == 1


async def test_an_answer_goes_to_the_peer_or_where_the_peer_wants_it(office):
    agent = await office.agent()
    wanted = Recipient(BOB, role="reply_to")
    message = await office.write(recipients=(wanted,))
    answer = await office.answer(await office.place_of(message), agent)
    to = await office.row(
        "SELECT i.value FROM delivery d JOIN identity i ON i.id = d.identity_id"
        " WHERE d.message_id = $1",
        answer,
    )
    assert to["value"] == "bob@example.ro"


async def test_answering_all_leaves_us_out(office):
    ours = Recipient(msgspec.structs.replace(ANA, value="support@hub.test"))
    message = await office.write(recipients=(ours, Recipient(BOB, role="cc")))
    thread = await office.value("SELECT thread_id FROM message WHERE id = $1", message)
    caps = office.caps["email.imap"]
    async with office.db.read() as raw:
        everybody = await reply_all(raw, thread, caps)
        alone = await default_recipients(raw, thread, caps)
    assert [(one.role, one.value) for one in everybody] == [
        ("to", "ana@example.ro"),
        ("cc", "bob@example.ro"),
    ]
    assert [one.value for one in alone] == ["ana@example.ro"]


async def test_our_own_address_is_never_written_to(office):
    agent = await office.agent()
    case = await office.case()
    ours = RecipientGiven(kind="email", value="Support@hub.test")
    with pytest.raises(Invalid, match="nobody but ourselves"):
        await office.answer(case, agent, recipients=[ours])
    ana = RecipientGiven(kind="email", value="ana@example.ro")
    message = await office.answer(case, agent, recipients=[ana, ours])
    assert await office.value("SELECT count(*) FROM delivery WHERE message_id = $1", message) == 1


async def test_who_opted_out_is_not_written_to(office):
    agent = await office.agent()
    case = await office.case()
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE identity SET status = 'opted_out' WHERE value = $1", ANA.value)
    with pytest.raises(Unreachable, match="does not want"):
        await office.answer(case, agent)


async def test_a_new_address_becomes_a_participant(office):
    agent = await office.agent()
    case = await office.case()
    new = [
        RecipientGiven(kind="email", value="ana@example.ro"),
        RecipientGiven(kind="email", value="Chef@Example.RO", role="cc", display="Chef"),
    ]
    await office.answer(case, agent, recipients=new)
    who = await office.rows(
        "SELECT i.value, p.role FROM participant p JOIN identity i ON i.id = p.identity_id"
        " WHERE p.conversation_id = $1 ORDER BY i.value",
        case,
    )
    assert [(one["value"], one["role"]) for one in who] == [
        ("Chef@example.ro", "cc"),
        ("ana@example.ro", "customer"),
    ]


async def test_a_chat_writes_to_its_peer_alone(office):
    agent = await office.agent()
    case = await office.place_of(await office.chat())
    await office.answer(case, agent)
    stranger = RecipientGiven(kind="telegram_user", value="78")
    with pytest.raises(Invalid, match="bound to"):
        await office.answer(case, agent, recipients=[stranger])
    mail = RecipientGiven(kind="email", value="ana@example.ro")
    with pytest.raises(Invalid, match="does not write to"):
        await office.answer(case, agent, recipients=[mail])


async def test_an_answer_takes_no_thread_of_another_conversation(office):
    agent = await office.agent()
    case = await office.case()
    other = await office.value(
        "SELECT thread_id FROM message WHERE id = $1", await office.write(sender=BOB)
    )
    with pytest.raises(Invalid, match="no such thread"):
        await office.answer(case, agent, thread_id=other)


async def test_files_are_carried_by_their_blob(office):
    agent = await office.agent()
    case = await office.case()
    file = FileGiven(blob="ab" * 32, filename="deviz.pdf", mime="application/pdf", size=3)
    with pytest.raises(Invalid, match="never uploaded"):
        await office.answer(case, agent, attachments=[file])
    async with office.db.transaction() as tx:
        await tx.execute("INSERT INTO blob (sha256, size) VALUES ($1, 10)", file.blob)
    message = await office.answer(case, agent, "", attachments=[file])
    stored = await office.row("SELECT * FROM attachment WHERE message_id = $1", message)
    assert (stored["filename"], stored["size"], stored["kind"]) == ("deviz.pdf", 10, "file")
    huge = msgspec.structs.replace(file, size=26_000_000)
    with pytest.raises(Invalid, match="over the"):
        await office.answer(case, agent, attachments=[huge])


async def test_an_empty_answer_is_none(office):
    agent = await office.agent()
    with pytest.raises(Invalid):
        await office.answer(await office.case(), agent, "  \n")


async def test_a_scheduled_answer_waits_for_its_time(office):
    agent = await office.agent()
    later = now() + timedelta(hours=3)
    message = await office.answer(await office.case(), agent, not_before=later)
    due = await office.value("SELECT not_before FROM delivery WHERE message_id = $1", message)
    assert due == later
    with pytest.raises(Invalid, match="passed already"):
        await office.answer(await office.case(), agent, not_before=now() - timedelta(1))


async def test_an_answer_can_close_or_keep_open(office):
    agent = await office.agent()
    case = await office.case()
    await office.answer(case, agent, status_after="closed")
    row = await office.conversation(case)
    assert (row["status"], row["closed_at"] is not None) == ("closed", True)
    await office.answer(case, agent, status_after="open")
    row = await office.conversation(case)
    assert (row["status"], row["closed_at"]) == ("open", None)
    assert await office.entries(case) == ["assigned", "status", "status"]


async def test_those_who_may_not_answer_change_nothing(office):
    auditor = await office.agent(role="auditor")
    stranger = await office.agent(role="newcomer")
    case = await office.case()
    before = await office.rows("SELECT * FROM identity ORDER BY id")
    new = [RecipientGiven(kind="email", value="new@example.ro")]
    with pytest.raises(Forbidden):
        await office.answer(case, auditor, recipients=new)
    with pytest.raises(NotFound):
        await office.answer(case, stranger, recipients=new)
    assert await office.rows("SELECT * FROM identity ORDER BY id") == before
    assert (await office.conversation(case))["last_seq"] == 1


async def test_who_is_mentioned_follows(office):
    agent, colleague = await office.agent(), await office.agent()
    case = await office.case()
    await office.answer(case, agent, mention_ids=[colleague.agent_id])
    assert (await office.conversation(case))["follower_ids"] == [colleague.agent_id]
    with pytest.raises(Invalid, match="no active agent"):
        await office.answer(case, agent, mention_ids=[new_id()])


async def test_a_request_that_failed_leaves_its_key_free(office):
    agent = await office.agent()
    case = await office.case()
    token = new_id()
    async with office.db.transaction() as tx:
        with pytest.raises(Invalid):
            await reply(
                tx,
                case,
                given=MessageGiven(text="", base_seq=1),
                token=token,
                viewer=agent,
                caps_of=office.caps_of,
            )
    await office.answer(case, agent, token=token)
