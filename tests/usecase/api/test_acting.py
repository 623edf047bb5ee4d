"""What agents do to messages that are sent: the provider does it first, and then it is so."""

import asyncio
from datetime import timedelta

import pytest

from agents_ui.api.messages import Edit
from inbox.adapters import Adapters
from inbox.answering import FORGET
from inbox.contract import (
    AccountId,
    Address,
    Fault,
    RichText,
    SendError,
    Span,
    ThreadRef,
    TypingIn,
)
from inbox.ephemera import tell_typing
from inbox.views import Message
from infra.clock import new_id, now
from tests.conformance.channel import Desk, PaperAdapter
from tests.desks import serving
from tests.journey.test_live import hear, live, say
from tests.shapes import strictly
from tests.usecase.inbox.test_chat_events import edit, sent
from tests.usecase.inbox.test_forms import PHONE, submit


@pytest.fixture
def paper():
    return Desk()


@pytest.fixture
async def desk(db, office, tmp_path, paper):
    adapters = Adapters({"paper": lambda: PaperAdapter(paper)})
    async with serving(db, tmp_path, adapters=adapters) as served:
        yield served


@pytest.fixture
async def case(office):
    return await office.place_of(await office.chat("Salut", name="1"))


@pytest.fixture
async def answer(office, owner, case):
    return await sent(office, case, owner, "out1")


async def test_an_edit_is_made_at_the_provider_and_kept(browser, office, answer, paper):
    rev = (await office.shown(answer)).rev
    said = {"text": "Bună seara", "rev": rev, "spans": [{"start": 0, "end": 4, "kind": "bold"}]}
    shown = strictly(await browser.patch(f"/api/messages/{answer}", said), Message)
    assert (shown.text, shown.edits, shown.spans[0].kind) == ("Bună seara", 1, "bold")
    assert paper.acts == [("edit", "out1", "Bună seara")]
    echo = (RichText(text="Bună seara", spans=(Span(0, 4, "bold"),)),)
    assert await edit(office, "", name="out1", parts=echo) == "unchanged"
    old = now() - timedelta(minutes=1)
    assert await edit(office, "Bună", name="out1", at=old) == "older"
    (was,) = strictly(await browser.get(f"/api/messages/{answer}/edits"), list[Edit])
    assert (was.n, was.actor_kind, was.text) == (1, "agent", "Bună ziua")
    late = await browser.patch(f"/api/messages/{answer}", said)
    assert (late.status, late.code) == (409, "hub.conflict")


@pytest.mark.parametrize(
    "end", [(Fault.CONTENT, "provider.refused"), (Fault.UNKNOWN, "provider.unknown")]
)
async def test_what_the_provider_does_not_do_is_not_stored(browser, office, answer, paper, end):
    fault, code = end
    paper.mood = SendError(fault=fault, code="paper.mood", text="not today")
    rev = (await office.shown(answer)).rev
    refused = await browser.patch(f"/api/messages/{answer}", {"text": "Altul", "rev": rev})
    assert (refused.status, refused.code) == (502, code)
    assert refused.json["provider_code"] == "paper.mood"
    assert (await office.shown(answer)).text == "Bună ziua"


async def test_an_answer_is_taken_back_and_its_words_are_for_the_audit(
    desk, browser, office, answer, paper
):
    shown = strictly(await browser.delete(f"/api/messages/{answer}"), Message)
    assert shown.deleted_at is not None
    assert (shown.text, paper.acts) == ("", [("delete", "out1")])
    again = await browser.delete(f"/api/messages/{answer}")
    assert (again.status, again.code) == (409, "message.cannot_change")
    kept = strictly(await browser.get(f"/api/messages/{answer}/edits"), list[Edit])
    assert [one.text for one in kept] == ["Bună ziua"]
    manager = await office.agent(role="head")
    async with desk.browser() as other:
        await other.enter(manager)
        assert (await other.get(f"/api/messages/{answer}/edits")).status == 403


async def test_every_name_of_a_message_is_taken_back(browser, office, answer, paper):
    async with office.db.transaction() as tx:
        await tx.execute(
            """UPDATE message SET meta = meta || '{"names": ["out1", "out2"]}' WHERE id = $1""",
            answer,
        )
    await browser.delete(f"/api/messages/{answer}")
    assert paper.acts == [("delete", "out1", "out2")]


async def test_we_react_to_a_client_as_the_channel_allows(browser, office, answer, paper):
    message = await office.value("SELECT id FROM message WHERE kind = 'inbound'")
    path = f"/api/messages/{message}/reactions"
    shown = strictly(await browser.put(path, {"emojis": ["👍"]}), Message)
    assert [(one.who, one.emojis) for one in shown.reactions] == [("us", ["👍"])]
    assert paper.acts == [("react", "1", "👍")]
    for emojis in (["🤡"], ["👍", "👎"]):
        assert (await browser.put(path, {"emojis": emojis})).status == 422
    assert strictly(await browser.put(path, {"emojis": []}), Message).reactions == []


async def test_what_has_not_left_and_what_is_a_clients_cannot_be_changed(
    browser, office, owner, case
):
    queued = await office.answer(case, owner)
    theirs = await office.value("SELECT id FROM message WHERE kind = 'inbound'")
    for message in (queued, theirs):
        rev = (await office.shown(message)).rev
        said = {"text": "Altul", "rev": rev}
        assert (await browser.patch(f"/api/messages/{message}", said)).status == 409
        assert (await browser.delete(f"/api/messages/{message}")).status == 409


async def test_reading_is_shown_to_the_client(browser, case, paper):
    assert (await browser.post(f"/api/conversations/{case}/read", {"seq": 1})).status == 204
    async with asyncio.timeout(5):
        while not paper.acts:  # noqa: ASYNC110 - the sign is given beside the request
            await asyncio.sleep(0.01)
    assert paper.acts == [("read", "1")]


async def test_whoever_only_looks_on_leaves_no_trace(desk, office, case, paper):
    auditor = await office.agent(role="auditor")
    async with desk.browser() as browser:
        await browser.enter(auditor)
        assert (await browser.post(f"/api/conversations/{case}/read", {"seq": 1})).status == 204
    await asyncio.sleep(0.2)
    assert paper.acts == []


async def test_typing_is_shown_to_the_client_while_an_agent_writes(desk, browser, case, paper):
    async with live(desk, browser) as wire:
        await say(wire, op="typing", conversation_id=str(case), kind="note", on=True)
        await asyncio.sleep(0.2)
        assert paper.acts == []
        await say(wire, op="typing", conversation_id=str(case), kind="reply", on=True)
        async with asyncio.timeout(FORGET + 5):
            while len(paper.acts) < 3:  # noqa: ASYNC110 - it is said every 4 s, then no more
                await asyncio.sleep(0.05)
    assert paper.acts == [("typing", "chat77", word) for word in ("on", "on", "off")]


async def test_a_client_who_writes_is_told_to_whoever_may_see_it(desk, browser, office, case):
    event = TypingIn(
        account=AccountId(office.chat_id),
        dedup_key="t",
        at=now(),
        thread=ThreadRef(AccountId(office.chat_id), "chat77"),
        sender=Address("telegram_user", "77", display="Ion"),
    )
    stranger = await office.agent(role="newcomer")
    async with desk.browser() as other:
        await other.enter(stranger)
        async with live(desk, browser) as one, live(desk, other) as two:
            await tell_typing(office.db, office.db.bus, event)
            said = []
            while not said:
                told = (await hear(one, "eph"))["e"]
                said = [each for each in told if each["t"] == "client_typing"]
            assert said == [
                {
                    "t": "client_typing",
                    "conversation_id": str(case),
                    "name": "Ion",
                    "activity": "text",
                }
            ]
            await say(two, op="ping", c=1)
            await hear(two, "pong")


async def test_a_task_is_told_to_whoever_sees_it_and_goes_with_its_team(desk, browser, office):
    await office.chat()
    colleague = await office.agent(role="manager")  # sees what has no team
    async with desk.browser() as other:
        await other.enter(colleague)
        async with live(desk, browser) as one, live(desk, other) as two:
            await submit(office, "callback", phone=PHONE)
            for wire in (one, two):
                assert await told_of_task(wire, "task.changed")
            async with office.db.transaction() as tx:
                before = await tx.fetchval("SELECT task_audience(t)::text FROM task AS t")
                await tx.execute(
                    "INSERT INTO team (id, name, branch_id, rev) SELECT $1, 'B', branch_id, 1"
                    " FROM task",
                    team := new_id(),
                )
                await tx.execute("UPDATE task SET team_id = $1", team)
                await tx.execute("SELECT publish_task(id, $1::jsonb) FROM task", before)
                tx.wrote()
            gone = await told_of_task(two, "gone")
            assert gone["kind"] == "task"


async def told_of_task(wire, kind):
    """Return the next event of a kind."""
    while True:
        for event in (await hear(wire, "ev"))["e"]:
            if event["type"] == kind:
                return event
