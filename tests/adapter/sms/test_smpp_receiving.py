import asyncio

import pytest

from channels.sms.smpp.pdu import Command, Pdu
from inbox.contract import HealthState, MessageIn
from tests.adapter.sms.lines import Line, context, deliver, part, pieces, running
from tests.servers.certificates import self_signed
from tests.servers.smsc import smsc


BOB = "+40721000002"


@pytest.fixture
async def centre():
    async with smsc() as running_centre:
        yield running_centre


@pytest.fixture
async def line(centre):
    async with running(Line(centre, context(centre.port))) as running_line:
        yield running_line


async def test_a_message_is_stored_and_then_acknowledged(centre, line):
    await centre.deliver(deliver("Bună ziua"))
    assert await line.texts(1) == ["Bună ziua"]
    (raw,) = line.ctx.journal.values()
    (event,) = line.adapter.normalize(line.ctx.account, raw)
    assert (event.sender.kind, event.sender.value) == ("phone", "+40721000001")
    await centre.until(lambda state: state["answers"] == [0])


async def test_parts_of_two_senders_with_one_reference_stay_apart(centre, line):
    await centre.deliver(
        part("alice-2", 7, 2, 2),
        part("bob-1", 7, 1, 2, BOB),
        part("alice-1", 7, 1, 2),
        part("bob-2", 7, 2, 2, BOB),
    )
    found = pieces(await line.events(4))
    assert sorted(sorted(texts.items()) for texts in found.values()) == [
        [(1, "alice-1"), (2, "alice-2")],
        [(1, "bob-1"), (2, "bob-2")],
    ]


async def test_parts_named_by_sar_parameters_and_a_payload_parameter_are_read(centre, line):
    sar = {"sar_msg_ref_num": 300, "sar_total_segments": 2, "sar_segment_seqnum": 2}
    await centre.deliver(
        deliver("doi", **sar),
        {
            "source_addr_ton": 1,
            "source_addr": "40721000001",
            "destination_addr": "40721999999",
            "data_coding": 8,
            "message_payload": {"message": "lung " * 100},
        },
    )
    first, second = await line.events(2)
    assert (first.piece.n, first.piece.total) == (2, 2)
    assert second.piece is None
    assert second.parts[0].text == "lung " * 100


async def test_without_a_database_the_centre_keeps_the_message(centre, line):
    line.ctx.fail_next = ConnectionError("the database is away")
    await centre.deliver(deliver("unu"))
    await centre.until(lambda state: state["answers"] == [0x64])
    assert not line.ctx.journal
    await centre.deliver(deliver("unu"))
    assert await line.texts(1) == ["unu"]


async def test_the_same_text_twice_is_two_messages(centre, line):
    await centre.deliver(deliver("Da"), deliver("Da"))
    assert await line.texts(2) == ["Da", "Da"]


async def test_a_message_repeated_because_its_answer_was_lost_is_one(centre):
    ctx = context(centre.port)
    deaf = Line(centre, ctx)
    await centre.behave(submit="deaf")  # it reads nothing we say, so it confirms nothing
    async with running(deaf):
        await centre.deliver(deliver("Da"))
        await deaf.came(1)
    await centre.behave()
    async with running(Line(centre, ctx)) as again:
        await centre.deliver(deliver("Da"))
        await centre.until(lambda state: state["answers"][-1:] == [0])
        await centre.deliver(deliver("Da"))
        assert await again.texts(2) == ["Da", "Da"]  # the third is a new one


async def test_what_the_centre_confirmed_is_no_repetition_later(centre):
    ctx = context(centre.port)
    async with running(Line(centre, ctx)) as line:
        await centre.deliver(deliver("Da"))
        await line.came(1)
        count = (await centre.state())["bound"][0]["enquiries"]
        await centre.until(lambda state: state["bound"][0]["enquiries"] > count + 1)
        await centre.deliver(deliver("Nu"))
        await line.came(2)
    async with running(Line(centre, ctx)) as line:
        await centre.deliver(deliver("Da"))
        assert sorted(await line.texts(3)) == ["Da", "Da", "Nu"]


async def test_a_packet_nobody_can_read_is_kept_and_acknowledged(centre, line):
    await centre.raw(Pdu(Command.DELIVER_SM, 0, 90, b"\0\1").packed())
    await centre.deliver(deliver("mai departe"))
    first, second = await line.events(2)
    assert first.reason == "smpp.broken"
    assert isinstance(second, MessageIn)
    await centre.until(lambda state: state["answers"] == [0, 0])


async def test_an_unknown_command_is_answered_and_ends_nothing(centre, line):
    await centre.raw(Pdu(0x777, 0, 91, b"??").packed())
    await centre.deliver(deliver("unu"))
    assert await line.texts(1) == ["unu"]


async def test_a_cut_session_is_bound_again(centre, line):
    for _ in range(3):
        await centre.drop()
        await centre.until(lambda state: not state["bound"])
        await centre.bound()
    await centre.deliver(deliver("iar"))
    assert await line.texts(1) == ["iar"]


async def test_a_centre_that_unbinds_us_is_bound_again(centre, line):
    before = len((await centre.state())["binds"])
    await centre.unbind()
    await centre.until(lambda state: len(state["binds"]) > before)


async def test_a_centre_that_says_nothing_any_more_is_left(centre, line):
    await centre.behave(submit="deaf")
    before = len((await centre.state())["binds"])
    await centre.until(lambda state: len(state["binds"]) > before, within=10)


async def test_a_wrong_password_is_told_with_its_remedy(centre):
    line = Line(centre, context(centre.port, "wrong"))
    task = asyncio.create_task(line.adapter.run(line.ctx))
    try:
        health = await line.ctx.is_told(HealthState.BAD_CREDENTIALS)
    finally:
        task.cancel()
    assert (health.code, health.remedy) == ("smpp.bad_password", "check_password")


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (0x05, "smpp.already_bound", "check_binds"),
        (0x0D, "smpp.bind_failed", "ask_provider"),
        (0x0F, "smpp.bad_system_id", "check_system_id"),
        (0x40A, "smpp.bind_refused", "ask_provider"),
    ],
)
async def test_a_refused_bind_is_explained(centre, status, code, remedy):
    await centre.behave(bind=status)
    line = Line(centre, context(centre.port))
    task = asyncio.create_task(line.adapter.run(line.ctx))
    try:
        await line.ctx._until(lambda: any(one.code == code for one in line.ctx.told), 10)
    finally:
        task.cancel()
    assert line.ctx.told[-1].remedy == remedy


async def test_a_bind_over_tls_trusts_the_certificate_it_was_given(tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    self_signed(certificate, key)
    async with smsc((certificate, key)) as centre:
        trusting = context(
            centre.port, security="tls", trusted_certificate=certificate.read_text()
        )
        async with running(Line(centre, trusting)) as line:
            await centre.deliver(deliver("sigur"))
            assert await line.texts(1) == ["sigur"]
        strict = Line(centre, context(centre.port, security="tls"))
        health = await strict.adapter.probe(strict.ctx)
        assert health.code == "tls.untrusted"


async def test_two_accounts_at_one_centre_hold_a_bind_each(centre):
    one = Line(centre, context(centre.port))
    two = Line(centre, context(centre.port, address="+40721888888", system_id="doi"))
    async with running(one), running(two):
        await centre.bound(2)
        await centre.deliver({**deliver("unu"), "system_id": "punte"})
        await centre.deliver({**deliver("doi"), "system_id": "doi"})
        assert (await one.texts(1), await two.texts(1)) == (["unu"], ["doi"])
        await two.send("salut")
    assert [taken["from"] for taken in await centre.taken()] == ["40721888888"]
