"""Sending: what is shown is true, nobody gets two copies, nobody waits for somebody else."""

import asyncio
from datetime import timedelta

import pytest

from inbox.bounces import apply_delivery_changed, apply_reachability
from inbox.contract import (
    AccountId,
    Address,
    Cost,
    DeliveryChanged,
    ExternalRef,
    Fault,
    Reachability,
    Receipt,
    SendError,
    ThreadRef,
)
from inbox.delivery import may_move
from inbox.fates import GIVE_UP
from inbox.recall import NothingToRetry, TooLate, cancel_message, retry_message
from inbox.recipients import RecipientGiven
from infra.clock import now
from infra.errors import NotFound
from tests.reading import events_of
from tests.usecase.inbox.office import ANA, BOB
from tests.usecase.inbox.provider import Post, Remembering, error, sender, took


class Died(BaseException):
    """The worker's process, not its code, came to an end."""


BOTH = [
    RecipientGiven(kind="email", value=ANA.value),
    RecipientGiven(kind="email", value=BOB.value),
]


@pytest.fixture
async def agent(office):
    return await office.agent()


async def copies(office, message_id):
    rows = await office.rows(
        "SELECT d.*, i.value FROM delivery d JOIN identity i ON i.id = d.identity_id"
        " WHERE d.message_id = $1 ORDER BY i.value, d.part",
        message_id,
    )
    return {(row["value"].split("@")[0], row["part"]): row for row in rows}


async def states(office, message_id):
    found = await copies(office, message_id)
    return {key: row["state"] for key, row in found.items()}


async def make_due(office, message_id=None):
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE delivery SET not_before = now() - interval '1 second' WHERE state = 'queued'"
        )


async def forget_lease(office):
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE delivery SET lease_until = now() - interval '1 second'")


async def test_what_the_provider_took_is_sent_and_known_by_its_name(office, agent):
    post = Post()
    message = await office.answer(await office.case(), agent)
    assert await sender(office.db, post).run_due() == 1
    row = (await copies(office, message))["ana", 0]
    assert (row["state"], row["attempts"], row["lease_owner"]) == ("sent", 1, None)
    stored = await office.row("SELECT external_id FROM message WHERE id = $1", message)
    assert stored["external_id"] == f"<{message}@hub.test>"
    own = await office.rows("SELECT kind FROM message_ref WHERE message_id = $1", message)
    assert {one["kind"] for one in own} == {"own"}
    attempt = await office.row("SELECT * FROM delivery_attempt WHERE message_id = $1", message)
    assert (attempt["n"], attempt["outcome"], attempt["ended_at"] is not None) == (1, "sent", True)
    assert await sender(office.db, post).run_due() == 0


async def test_the_message_carries_what_the_provider_needs(office, agent):
    post = Post()
    await office.answer(await office.case(name="<1@x>"), agent, "Bună")
    await sender(office.db, post).run_due()
    (op,) = post.calls
    assert op.payload == {"text": "Bună", "n": 0}
    assert [one.value for one in op.recipients] == ["ana@example.ro"]


async def test_each_state_is_announced(office, agent):
    message = await office.answer(await office.case(), agent)
    await sender(office.db, Post()).run_due()
    told = [placed.decoded() for placed in await events_of(office.db)]
    seen = [
        event["message"]["deliveries"][0]["state"]
        for event in told
        if event["type"] == "message.changed" and event["message"]["id"] == str(message)
    ]
    assert seen == ["queued", "sending", "sent"]


async def test_nothing_is_sent_before_its_time(office, agent):
    post = Post()
    await office.answer(await office.case(), agent, not_before=now() + timedelta(hours=1))
    assert await sender(office.db, post).run_due() == 0
    assert post.calls == []


async def test_who_refused_is_tried_again_and_nobody_else(office, agent):
    def greylist(op):
        return Receipt(
            external_ids=("<x>",),
            refused={BOB.value: SendError(fault=Fault.TRANSIENT, code="smtp.450")},
        )

    post = Post(greylist)
    message = await office.answer(await office.case(), agent, recipients=BOTH)
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "sent", ("bob", 0): "queued"}
    waits = (await copies(office, message))["bob", 0]["not_before"] - now()
    assert timedelta(seconds=40) < waits < timedelta(seconds=80)
    post.script = took
    await make_due(office)
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "sent", ("bob", 0): "sent"}
    assert [value for _, value in post.handed()] == [ANA.value, BOB.value, BOB.value]


async def test_a_dead_recipient_fails_alone_and_brings_the_case_back(office, agent):
    def dead(op):
        refused = {BOB.value: SendError(fault=Fault.RECIPIENT, code="smtp.550", text="no such")}
        return Receipt(external_ids=("<x>",), refused=refused)

    case = await office.case()
    message = await office.answer(case, agent, recipients=BOTH)
    await sender(office.db, Post(dead)).run_due()
    row = (await copies(office, message))["bob", 0]
    assert (row["state"], row["error_code"], row["error_text"]) == (
        "failed",
        "smtp.550",
        "no such",
    )
    conversation = await office.conversation(case)
    assert (conversation["status"], conversation["failed_count"]) == ("open", 1)
    assert await office.entries(case) == ["assigned", "delivery_failed", "status"]
    identity = await office.row("SELECT * FROM identity WHERE value = $1", BOB.value)
    assert (identity["status"], identity["status_reason"]) == ("bounced", "smtp.550")


async def test_retries_end_after_two_days(office, agent):
    post = Post(error(Fault.TRANSIENT))
    case = await office.case()
    message = await office.answer(case, agent)
    for _ in range(8):
        await make_due(office)
        await sender(office.db, post).run_due()
    row = (await copies(office, message))["ana", 0]
    assert (row["state"], row["attempts"]) == ("queued", 8)
    assert row["not_before"] - now() > timedelta(hours=4)
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE delivery SET first_failed_at = $1", now() - GIVE_UP)
    await make_due(office)
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "failed"}
    assert (await office.conversation(case))["failed_count"] == 1


async def test_nobody_knows_is_shown_and_never_sent_again(office, agent):
    post = Post(error(Fault.UNKNOWN, "smtp.cut_after_dot"))
    case = await office.case()
    message = await office.answer(case, agent)
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "unknown"}
    assert (await office.conversation(case))["failed_count"] == 1
    await make_due(office)
    assert await sender(office.db, post).run_due() == 0
    assert len(post.calls) == 1


async def test_a_provider_that_knows_messages_again_may_be_asked_again(office, agent):
    post = Post(error(Fault.UNKNOWN), resend_safe=True)
    message = await office.answer(await office.case(), agent)
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "queued"}


async def test_a_provider_that_can_be_asked_settles_what_is_unknown(office, agent):
    post = Remembering(error(Fault.UNKNOWN))
    message = await office.answer(await office.case(), agent)
    post.record = {f"{message}/0": Receipt(external_ids=("<found>",))}
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "sent"}


@pytest.mark.parametrize("found", [True, False])
async def test_a_worker_that_died_in_a_call_leaves_a_question(office, agent, found):
    def die(op):
        raise Died

    post = Remembering(die)
    case = await office.case()
    message = await office.answer(case, agent)
    with pytest.raises(BaseExceptionGroup, match="unhandled"):
        await sender(office.db, post, owner="dead").run_due()
    assert await states(office, message) == {("ana", 0): "sending"}
    assert await sender(office.db, post, owner="two").run_due() == 0
    post.record = {f"{message}/0": Receipt(external_ids=("<found>",))} if found else {}
    await forget_lease(office)
    await sender(office.db, post, owner="two").run_due()
    assert await states(office, message) == {("ana", 0): "sent" if found else "unknown"}
    assert (await office.conversation(case))["failed_count"] == (0 if found else 1)
    assert len(post.calls) == 1


async def test_a_worker_that_died_before_the_call_leaves_nothing(office, agent):
    class Dying(Post):
        def render(self, message, caps):
            raise Died

    message = await office.answer(await office.case(), agent)
    with pytest.raises(Died):
        await sender(office.db, Dying(), owner="dead").run_due()
    assert await states(office, message) == {("ana", 0): "queued"}
    await forget_lease(office)
    post = Post()
    await sender(office.db, post, owner="two").run_due()
    assert await states(office, message) == {("ana", 0): "sent"}


async def test_a_worker_thought_dead_may_still_bring_good_news(office, agent):
    slow = asyncio.Event()

    class Slow(Post):
        async def send(self, ctx, op):
            await slow.wait()
            return took(op)

    message = await office.answer(await office.case(), agent)
    late = asyncio.create_task(sender(office.db, Slow(), owner="slow").run_due())
    while await states(office, message) != {("ana", 0): "sending"}:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await forget_lease(office)
    await sender(office.db, Post(), owner="two").run_due()
    assert await states(office, message) == {("ana", 0): "unknown"}
    slow.set()
    await late
    assert await states(office, message) == {("ana", 0): "sent"}


async def test_a_crash_between_parts_goes_on_with_the_next(office, agent):
    message = await office.answer(await office.case(), agent)

    class BeforeSecond(Post):
        async def send(self, ctx, op):
            if op.payload["n"] == 1:
                raise Died
            return await super().send(ctx, op)

    post = BeforeSecond(parts=3)
    with pytest.raises(BaseExceptionGroup, match="unhandled"):
        await sender(office.db, post, owner="dead").run_due()
    assert await states(office, message) == {
        ("ana", 0): "sent",
        ("ana", 1): "sending",
        ("ana", 2): "queued",
    }
    async with office.db.transaction() as tx:  # it is known that the second was not sent
        await tx.execute("UPDATE delivery SET state = 'queued' WHERE part = 1")
    await forget_lease(office)
    again = Post(parts=3)
    await sender(office.db, again, owner="two").run_due()
    assert [op.payload["n"] for op in again.calls] == [1, 2]
    assert set((await states(office, message)).values()) == {"sent"}


async def test_later_parts_wait_for_the_earlier(office, agent):
    def second_fails(op):
        return took(op) if op.payload["n"] == 0 else SendError(fault=Fault.TRANSIENT, code="x")

    post = Post(second_fails, parts=3)
    message = await office.answer(await office.case(), agent)
    await sender(office.db, post).run_due()
    await sender(office.db, post).run_due()
    assert [op.payload["n"] for op in post.calls] == [0, 1]
    post.script = took
    await make_due(office)
    await sender(office.db, post).run_due()
    assert [op.payload["n"] for op in post.calls] == [0, 1, 1, 2]
    assert set((await states(office, message)).values()) == {"sent"}


async def test_messages_to_one_address_keep_their_order(office, agent):
    post = Post(error(Fault.TRANSIENT))
    case = await office.case()
    first = await office.answer(case, agent, "unu")
    await office.answer(case, agent, "doi")
    await sender(office.db, post).run_due()
    assert [op.payload["text"] for op in post.calls] == ["unu"]
    post.script = took
    await make_due(office, first)
    await sender(office.db, post).run_due()
    assert [op.payload["text"] for op in post.calls] == ["unu", "unu", "doi"]


async def test_a_dead_recipient_delays_nobody_else(office, agent):
    def bob_is_away(op):
        refused = {BOB.value: SendError(fault=Fault.TRANSIENT, code="smtp.450")}
        return Receipt(external_ids=(op.key,), refused=refused)

    case = await office.case()
    first = await office.answer(case, agent, "unu", recipients=BOTH)
    second = await office.answer(case, agent, "doi", recipients=BOTH)
    post = Post(bob_is_away)
    await sender(office.db, post).run_due()
    assert await states(office, first) == {("ana", 0): "sent", ("bob", 0): "queued"}
    assert await states(office, second) == {("ana", 0): "sent", ("bob", 0): "queued"}
    assert [value for _, value in post.handed()] == [ANA.value, BOB.value, ANA.value]


async def test_what_is_scheduled_lets_others_pass(office, agent):
    case = await office.case()
    await office.answer(case, agent, "mâine", not_before=now() + timedelta(days=1))
    await office.answer(case, agent, "azi")
    post = Post()
    await sender(office.db, post).run_due()
    assert [op.payload["text"] for op in post.calls] == ["azi"]


async def test_a_broken_account_pauses_and_loses_no_tries(office, agent):
    post = Post(error(Fault.AUTH, "imap.sign_in"))
    first = await office.answer(await office.case(), agent)
    second = await office.answer(await office.case(sender=BOB), agent)
    await sender(office.db, post).run_due()
    assert len(post.calls) == 1
    account = await office.row("SELECT * FROM channel_account WHERE id = $1", office.account_id)
    assert account["paused_until"] > now()
    row = (await copies(office, first))["ana", 0]
    assert (row["state"], row["attempts"]) == ("queued", 0)
    told = [placed.decoded() for placed in await events_of(office.db)]
    health = [
        event["account"]["health"]["state"] for event in told if event["type"] == "account.changed"
    ]
    assert health == ["bad_credentials"]
    post.script = took
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET paused_until = NULL")
    await sender(office.db, post).run_due()
    assert set((await states(office, first)).values()) == {"sent"}
    assert set((await states(office, second)).values()) == {"sent"}


async def test_a_closed_bucket_holds_the_account_or_one_thread(office, agent):
    first = await office.answer(await office.case(), agent)
    second = await office.answer(await office.case(sender=BOB), agent)
    post = Post(error(Fault.THROTTLED, retry_after=30.0))
    await sender(office.db, post).run_due()
    assert len(post.calls) == 1
    due = await office.rows("SELECT not_before, attempts FROM delivery")
    assert all(row["not_before"] > now() + timedelta(seconds=25) for row in due)
    assert {row["attempts"] for row in due} == {0}

    await make_due(office)
    post.script = lambda op: SendError(
        fault=Fault.THROTTLED, code="x", retry_after=30.0, scope=op.bucket[-1]
    )
    post.calls.clear()
    await sender(office.db, post).run_due()
    assert len(post.calls) == 2  # one thread's bucket is not the other's
    assert await states(office, first) == {("ana", 0): "queued"}
    assert await states(office, second) == {("bob", 0): "queued"}


async def test_an_adapter_with_a_bug_stops_nothing(office, agent):
    class Broken(Post):
        def render(self, message, caps):
            raise ValueError("cannot draw this")

    message = await office.answer(await office.case(), agent)
    await sender(office.db, Broken()).run_due()
    row = (await copies(office, message))["ana", 0]
    assert (row["state"], row["error_code"]) == ("failed", "send.not_possible")


async def test_undo_takes_an_answer_back(office, agent):
    case = await office.case()
    message = await office.answer(case, agent, not_before=now() + timedelta(seconds=10))
    async with office.db.transaction() as tx:
        await cancel_message(tx, message, viewer=agent)
    assert await states(office, message) == {("ana", 0): "cancelled"}
    conversation = await office.conversation(case)
    assert (conversation["status"], conversation["waiting_since"] is not None) == ("open", True)
    await make_due(office)
    assert await sender(office.db, Post()).run_due() == 0


async def test_undo_comes_too_late_after_the_point_of_no_return(office, agent):
    message = await office.answer(await office.case(), agent)
    await sender(office.db, Post()).run_due()
    async with office.db.transaction() as tx:
        with pytest.raises(TooLate):
            await cancel_message(tx, message, viewer=agent)


async def test_undo_and_send_at_once_agree(office, agent):
    for _ in range(20):
        post = Post()
        message = await office.answer(await office.case(), agent)

        async def undo(message=message):
            try:
                async with office.db.transaction() as tx:
                    await cancel_message(tx, message, viewer=agent)
            except TooLate:
                return False
            return True

        undone, _ = await asyncio.gather(undo(), sender(office.db, post).run_due())
        assert undone == (post.calls == [])
        expected = "cancelled" if undone else "sent"
        assert await states(office, message) == {("ana", 0): expected}


async def test_a_person_may_try_again(office, agent):
    post = Post(error(Fault.CONTENT, "smtp.552"))
    case = await office.case()
    message = await office.answer(case, agent)
    await sender(office.db, post).run_due()
    post.script = took
    async with office.db.transaction() as tx:
        await retry_message(tx, message, viewer=agent)
    assert (await office.conversation(case))["failed_count"] == 0
    await sender(office.db, post).run_due()
    assert await states(office, message) == {("ana", 0): "sent"}
    log = "SELECT n, outcome FROM delivery_attempt WHERE message_id = $1 ORDER BY n"
    attempts = await office.rows(log, message)
    assert [(one["n"], one["outcome"]) for one in attempts] == [(1, "content"), (2, "sent")]
    async with office.db.transaction() as tx:
        with pytest.raises(NothingToRetry):
            await retry_message(tx, message, viewer=agent)


async def test_only_who_sees_the_case_takes_back_or_tries_again(office, agent):
    newcomer = await office.agent(role="newcomer")
    message = await office.answer(await office.case(), agent)
    for verb in (cancel_message, retry_message):
        async with office.db.transaction() as tx:
            with pytest.raises(NotFound):
                await verb(tx, message, viewer=newcomer)


def report(office, name, state, recipient=None, fault=None):
    account = AccountId(office.account_id)
    return DeliveryChanged(
        account=account,
        dedup_key=name,
        at=now(),
        ref=ExternalRef(ThreadRef(account, ""), name),
        state=state,
        recipient=recipient,
        error=SendError(fault=fault, code="5.1.1", text="gone") if fault else None,
    )


async def test_reports_in_any_order_end_at_the_highest(office, agent):
    message = await office.answer(await office.case(), agent)
    await sender(office.db, Post()).run_due()
    for state in ("read", "sent", "delivered", "read"):
        async with office.db.transaction() as tx:
            await apply_delivery_changed(tx, report(office, f"<{message}@hub.test>", state))
    assert await states(office, message) == {("ana", 0): "read"}


async def test_a_bounce_finds_its_copy_and_marks_the_address(office, agent):
    case = await office.case()
    message = await office.answer(case, agent, recipients=BOTH)
    await sender(office.db, Post()).run_due()
    bounce = report(office, f"<{message}@hub.test>", "bounced", BOB, Fault.RECIPIENT)
    for _ in range(2):
        async with office.db.transaction() as tx:
            await apply_delivery_changed(tx, bounce)
    assert await states(office, message) == {("ana", 0): "sent", ("bob", 0): "bounced"}
    conversation = await office.conversation(case)
    assert (conversation["status"], conversation["failed_count"]) == ("open", 1)
    identity = await office.row("SELECT status FROM identity WHERE value = $1", BOB.value)
    assert identity["status"] == "bounced"


async def test_a_bounce_of_something_unknown_settles_it(office, agent):
    message = await office.answer(await office.case(), agent)
    await sender(office.db, Post(error(Fault.UNKNOWN))).run_due()
    bounce = report(office, f"<{message}@hub.test>", "bounced", ANA, Fault.RECIPIENT)
    async with office.db.transaction() as tx:
        await apply_delivery_changed(tx, bounce)
    assert await states(office, message) == {("ana", 0): "bounced"}


async def test_a_report_on_a_stranger_does_nothing(office):
    async with office.db.transaction() as tx:
        await apply_delivery_changed(tx, report(office, "<nobody@x>", "bounced"))


async def test_an_address_that_opts_out_is_not_written_to(office):
    await office.case()
    event = Reachability(
        account=AccountId(office.account_id),
        dedup_key="1",
        at=now(),
        address=Address("email", "ANA@example.ro"),
        reachable=False,
        reason="opt_out",
    )
    async with office.db.transaction() as tx:
        await apply_reachability(tx, event)
    identity = await office.row("SELECT status FROM identity WHERE value = $1", ANA.value)
    assert identity["status"] == "opted_out"


def test_copies_only_move_up_and_end_once():
    assert may_move("sent", "delivered")
    assert may_move("unknown", "sent")
    assert not may_move("read", "delivered")
    assert may_move("sent", "bounced")
    assert not may_move("read", "failed")
    assert not may_move("cancelled", "sent")


async def test_what_a_message_cost_is_kept(office):
    agent = await office.agent()
    message = await office.answer(await office.case(), agent)
    priced = Post(lambda op: Receipt(external_ids=("sid",), cost=Cost("0.04", "EUR", 2)))
    await sender(office.db, priced).run_due()
    kept = await office.value(
        "SELECT meta #>> '{costs,sid/0,amount}' FROM message WHERE id = $1", message
    )
    assert kept == "0.04"
