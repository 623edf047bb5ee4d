"""Forms of a site's visitors: claims, ordered calls and their control, ratings, left messages."""

from datetime import timedelta

import msgspec
import pytest

from crm_core.task_views import Task, TaskPage
from crm_core.tasks import TaskPatch, task_json, tasks_json
from inbox.applying import apply
from inbox.callbacks import change_callback, escalate_overdue
from inbox.claims import accept_claim, dismiss_claim
from inbox.contract import AccountId, Address, FormSubmitted, ThreadRef
from inbox.ingest import OwnAccount
from inbox.visits import visitor_json
from infra.clock import new_id, now
from infra.errors import Conflict, Forbidden, Invalid, NotFound


PHONE = "069 123 456"
E164 = "+37369123456"


async def submit(office, form: str, *, number: int = 1, user: str = "77", **values: str) -> str:
    event = FormSubmitted(
        account=AccountId(office.chat_id),
        dedup_key=str(new_id()),
        at=now(),
        thread=ThreadRef(AccountId(office.chat_id), f"chat{user}"),
        sender=Address("telegram_user", user),
        form=form,
        values=values,
    )
    account = OwnAccount(office.chat_id, "telegram", frozenset())
    async with office.db.transaction() as tx:
        await tx.act(None, "channel")
        return (await apply(tx, event, account, journal_id=number)).reason


async def the_task(office) -> Task:
    async with office.db.read() as raw:
        task_id = await raw.fetchval("SELECT id FROM task")
        return msgspec.json.decode(await task_json(raw, task_id), type=Task)


async def change(office, task: Task, viewer, **fields) -> Task:
    async with office.db.transaction() as tx:
        patch = TaskPatch(rev=task.rev, **fields)
        text = await change_callback(tx, task.id, patch=patch, viewer=viewer)
    return msgspec.json.decode(text, type=Task)


# ---------------------------------------------------------------- claims


async def test_what_a_visitor_says_of_themselves_is_claimed_and_leads_nowhere(office):
    await office.write()  # Ana is a client already
    case = await office.place_of(await office.chat())
    said = {"name": "Ana", "email": "ANA@example.ro", "phone": PHONE, "consent": "v3"}
    assert await submit(office, "prechat", **said) == ""
    cards = await office.value("SELECT count(DISTINCT card_id) FROM conversation")
    assert cards == 2
    agent = await office.agent()
    async with office.db.read() as raw:
        shown = msgspec.json.decode(await visitor_json(raw, case, viewer=agent))
    claims = {claim["kind"]: claim["value"] for claim in shown["claims"]}
    assert claims == {"name": "Ana", "email": "ANA@example.ro", "phone": E164}
    assert shown["forms"][0]["values"]["consent"] == "v3"
    assert await office.entries(case) == ["prechat"]


async def test_a_form_that_comes_twice_is_filled_in_once(office):
    await office.chat()
    assert await submit(office, "callback", phone=PHONE, number=5) == ""
    assert await submit(office, "callback", phone=PHONE, number=5) == "duplicate"
    assert await office.value("SELECT count(*) FROM task") == 1


async def test_two_forms_of_one_payload_are_both_filled_in(office):
    await office.chat()
    assert await submit(office, "prechat", name="Ana", number=5) == ""
    assert await submit(office, "callback", phone=PHONE, number=5) == ""
    assert await office.value("SELECT count(*) FROM form_submission") == 2


async def test_an_accepted_claim_is_on_the_card_and_settled(office):
    await office.chat()
    await submit(office, "prechat", phone=PHONE, email="nou@example.ro")
    agent = await office.agent()
    rows = await office.rows("SELECT id, kind FROM claim")
    ids = {row["kind"]: row["id"] for row in rows}
    async with office.db.transaction() as tx:
        card = await accept_claim(tx, ids["phone"], viewer=agent)
        await dismiss_claim(tx, ids["email"], viewer=agent)
    held = await office.rows(
        "SELECT i.value FROM card_identity AS l JOIN identity AS i ON i.id = l.identity_id"
        " WHERE l.card_id = $1 AND i.kind = 'phone'",
        card,
    )
    assert [row["value"] for row in held] == [E164]
    hows = await office.rows("SELECT settled_how FROM claim ORDER BY kind")
    assert [row["settled_how"] for row in hows] == ["dismissed", "accepted"]
    with pytest.raises(Conflict):
        async with office.db.transaction() as tx:
            await dismiss_claim(tx, ids["phone"], viewer=agent)


async def test_a_claim_of_what_another_client_has_is_refused_and_stays(office):
    await office.write()
    await office.chat()
    await submit(office, "prechat", email="ana@example.ro")
    agent = await office.agent()
    claim_id = await office.value("SELECT id FROM claim")
    with pytest.raises(Conflict):
        async with office.db.transaction() as tx:
            await accept_claim(tx, claim_id, viewer=agent)
    assert await office.value("SELECT settled_at FROM claim") is None


async def test_claims_are_for_those_who_see_the_conversation(office):
    await office.chat()
    await submit(office, "prechat", email="nou@example.ro")
    claim_id = await office.value("SELECT id FROM claim")
    newcomer = await office.agent(role="newcomer")
    auditor = await office.agent(role="auditor")
    for viewer, error in ((newcomer, NotFound), (auditor, Forbidden)):
        with pytest.raises(error):
            async with office.db.transaction() as tx:
                await dismiss_claim(tx, claim_id, viewer=viewer)


# ---------------------------------------------------------------- ordered calls


async def test_an_ordered_call_is_a_task_with_a_promised_time(office):
    case = await office.place_of(await office.chat())
    agent = await office.agent()
    await office.answer(case, agent)
    before = now()
    assert await submit(office, "callback", phone=PHONE, name="Ana", topic="Ofertă") == ""
    task = await the_task(office)
    assert (task.kind, task.phone, task.title, task.body) == ("callback", E164, "Ofertă", "Ana")
    assert timedelta(minutes=14) < task.due_at - before < timedelta(minutes=16)
    assert (task.conversation_id, task.assignee_id) == (case, agent.agent_id)
    row = await office.conversation(case)
    assert (row["status"], row["preview"]) == ("open", f"{E164} Ofertă")
    assert row["waiting_since"] is not None
    assert "callback" in await office.entries(case)


async def test_a_call_for_later_is_promised_from_then_and_within_its_window(office):
    await office.chat()
    async with office.db.transaction() as tx:
        await tx.execute("""UPDATE channel_account SET config = '{"callback_minutes": 60}'""")
    begins = now() + timedelta(hours=3)
    await submit(office, "callback", phone=PHONE, window_from=begins.isoformat())
    assert (await the_task(office)).due_at == begins + timedelta(minutes=60)
    async with office.db.transaction() as tx:
        await tx.execute("DELETE FROM task")
    ends = begins + timedelta(minutes=20)
    window = {"window_from": begins.isoformat(), "window_to": ends.isoformat()}
    await submit(office, "callback", phone=PHONE, number=2, **window)
    assert (await the_task(office)).due_at == ends


async def test_a_call_ordered_before_any_message_begins_the_conversation(office):
    assert await submit(office, "callback", phone=PHONE, topic="Ofertă", name="Ana") == ""
    task = await the_task(office)
    message = await office.shown(await office.value("SELECT id FROM message"))
    assert message.text == f"Ofertă\n{PHONE}\nAna"
    assert task.conversation_id == message.conversation_id


async def test_a_call_nobody_made_in_time_makes_its_case_urgent_once(office):
    case = await office.place_of(await office.chat())
    await submit(office, "callback", phone=PHONE)
    async with office.db.transaction() as tx:
        assert await escalate_overdue(tx) == 0
        await tx.execute("UPDATE task SET due_at = now() - interval '1 minute'")
        await tx.execute("UPDATE conversation SET status = 'waiting'")
    for expected in (1, 0):
        async with office.db.transaction() as tx:
            assert await escalate_overdue(tx) == expected
    row = await office.conversation(case)
    assert (row["priority"], row["status"]) == (3, "open")
    assert await office.entries(case) == ["callback", "callback", "priority", "status"]
    assert (await the_task(office)).overdue_at is not None


async def test_a_call_is_closed_by_hand_with_how_it_went(office):
    case = await office.place_of(await office.chat())
    await submit(office, "callback", phone=PHONE)
    agent = await office.agent()
    task = await the_task(office)
    with pytest.raises(Invalid):
        await change(office, task, agent, status="done")
    done = await change(office, task, agent, status="done", result_code="called", result_note="Ok")
    assert (done.status, done.result_code, done.done_by) == ("done", "called", agent.agent_id)
    with pytest.raises(Conflict):
        await change(office, task, agent, status="open")
    entries = await office.rows("SELECT data FROM conversation_event WHERE type = 'callback'")
    assert [row["data"]["what"] for row in entries] == ["ordered", "done"]
    again = await change(office, done, agent, status="open")
    assert (again.status, again.done_at, again.result_code) == ("open", None, None)
    assert await office.entries(case) == ["callback"] * 3


async def test_tasks_are_listed_by_when_they_are_due_for_those_who_see_them(office):
    agent = await office.agent()
    for n in range(3):
        await office.chat(user=str(n))
        await submit(office, "callback", phone=PHONE, user=str(n), number=n)
        async with office.db.transaction() as tx:
            await tx.execute(
                "UPDATE task SET due_at = now() - make_interval(hours => $1) WHERE due_at > now()",
                n,
            )
    async with office.db.read() as raw:
        first = msgspec.json.decode(await tasks_json(raw, viewer=agent, limit=2), type=TaskPage)
        rest = msgspec.json.decode(
            await tasks_json(raw, viewer=agent, limit=2, before=first.next), type=TaskPage
        )
        newcomer = await office.agent(role="newcomer")
        none = msgspec.json.decode(await tasks_json(raw, viewer=newcomer), type=TaskPage)
        mine = msgspec.json.decode(await tasks_json(raw, viewer=agent, mine=True), type=TaskPage)
    dues = [task.due_at for task in [*first.items, *rest.items]]
    assert len(dues) == 3
    assert dues == sorted(dues)
    assert (first.open, first.overdue, rest.next) == (3, 3, None)
    assert (none.items, none.open, mine.items) == ([], 0, [])


async def test_an_auditor_sees_calls_and_changes_none(office):
    await office.chat()
    await submit(office, "callback", phone=PHONE)
    auditor = await office.agent(role="auditor")
    newcomer = await office.agent(role="newcomer")
    task = await the_task(office)
    for viewer, error in ((auditor, Forbidden), (newcomer, NotFound)):
        with pytest.raises(error):
            await change(office, task, viewer, status="done", result_code="called")


# ---------------------------------------------------------------- ratings and left messages


async def test_a_rating_is_in_the_timeline_and_reopens_nothing(office):
    case = await office.place_of(await office.chat())
    agent = await office.agent()
    await office.change(case, agent, status="closed")
    assert await submit(office, "csat", score="5", comment="Mulțumesc") == ""
    row = await office.row("SELECT data FROM conversation_event WHERE type = 'csat'")
    assert row["data"] == {"score": 5, "comment": "Mulțumesc"}
    assert (await office.conversation(case))["status"] == "closed"
    assert await submit(office, "csat", user="9", score="5", number=2) == "no_thread"


async def test_a_message_left_while_nobody_was_there_is_a_message(office):
    said = {"name": "Ana", "email": "nou@example.ro", "text": "Sunați-mă"}
    assert await submit(office, "contact", **said) == ""
    message = await office.shown(await office.value("SELECT id FROM message"))
    assert (message.text, message.author.name) == ("Sunați-mă", "Ana")
    kinds = await office.rows("SELECT kind FROM claim ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["email", "name"]
