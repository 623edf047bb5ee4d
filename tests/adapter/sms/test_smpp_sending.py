import asyncio
from uuid import UUID

import pytest

from channels.sms.smpp.session import Pace
from inbox.contract import DeliveryChanged, Fault, SendFailed
from tests.adapter.sms.lines import CLIENT, HASTE, Line, context, running
from tests.servers.kannel import kannel
from tests.servers.ports import free_port
from tests.servers.smsc import smsc


LONG = "Bună ziua! Comanda dumneavoastră a fost expediată și ajunge mâine. " * 4


@pytest.fixture
async def centre():
    async with smsc(first_id=254) as running_centre:
        yield running_centre


@pytest.fixture
async def line(centre):
    async with running(Line(centre, context(centre.port))) as running_line:
        yield running_line


async def failure(line: Line, to: str = CLIENT):
    with pytest.raises(SendFailed) as failed:
        await line.send("salut", to)
    return failed.value.error


async def test_a_text_goes_out_over_the_bind_that_receives(centre, line):
    (receipt,) = await line.send("salut [€]")
    state = await centre.state()
    (taken,) = state["taken"]
    assert receipt.external_ids == (taken["id"],)
    assert (taken["text"], taken["to"], taken["coding"]) == ("salut [€]", "40721000001", 0)
    assert (taken["ton"], taken["npi"]) == ([1, 1], [1, 1])
    assert [bind["mode"] for bind in state["bound"]] == ["transceiver"]


async def test_a_long_text_is_read_whole_by_the_other_side(centre, line):
    await line.send(LONG)
    taken = await centre.taken()
    headers = [bytes.fromhex(one["hex"])[:6] for one in taken]
    assert len(taken) == 4
    assert {header[:4] for header in headers} == {headers[0][:4]}
    assert [tuple(header[4:]) for header in headers] == [(4, 1), (4, 2), (4, 3), (4, 4)]
    assert "".join(one["text"] for one in taken) == LONG


async def test_more_parts_than_networks_join_are_not_sent_at_all(centre, line):
    for op in line.ops("x" * 153 * 11):
        with pytest.raises(SendFailed) as failed:
            await line.adapter.send(line.ctx, op)
        assert failed.value.error.code == "sms.too_long"
    assert await centre.taken() == []


async def test_every_attempt_of_a_message_has_the_same_packets(line):
    one = UUID("0198f000-0000-7000-8000-000000000001")
    assert line.ops(LONG, name=one) == line.ops(LONG, name=one)


async def test_a_text_written_here_is_joined_by_kannel(centre, line, tmp_path):
    heard: list[bytes] = []
    arrived = asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        arrived.set()

    port = free_port()
    server = await asyncio.start_server(hear, "127.0.0.1", port)
    url = f"http://127.0.0.1:{port}/mo?from=%p&text=%b"
    async with server, kannel(centre.port, tmp_path, mo_url=url):
        await centre.bound(2)
        await centre.route({"40721000001": "kannel"})
        await line.send("lung " * 60)
        await asyncio.wait_for(arrived.wait(), 10)
    assert (b"lung+" * 60).rstrip(b"+") in heard[0]
    assert len(heard) == 1


async def test_what_kannel_cuts_is_put_together_here(centre, line, tmp_path):
    text = "Înștiințare lungă. " * 12
    async with kannel(centre.port, tmp_path) as client:
        await centre.bound(2)
        await centre.route({"+40721999999": "punte", "40721999999": "punte"})
        assert await client.send("+40721000001", "+40721999999", text, coding="2") == 202
        events = await line.events(4)
    events.sort(key=lambda event: event.piece.n)
    assert "".join(event.parts[0].text for event in events) == text
    assert {event.sender.value for event in events} == {"+40721000001"}


@pytest.mark.parametrize(
    ("status", "fault", "code"),
    [
        (0x01, Fault.CONTENT, "smpp.message_length"),
        (0x02, Fault.BUG, "smpp.malformed"),
        (0x03, Fault.BUG, "smpp.malformed"),
        (0x0B, Fault.RECIPIENT, "smpp.no_such_number"),
        (0x14, Fault.THROTTLED, "smpp.queue_full"),
        (0x45, Fault.CONTENT, "smpp.submit_failed"),
        (0x58, Fault.THROTTLED, "smpp.throttled"),
        (0x64, Fault.TRANSIENT, "smpp.try_later"),
        (0x40A, Fault.CONTENT, "smpp.refused"),
    ],
)
async def test_a_refusal_is_understood_and_ends_no_session(centre, line, status, fault, code):
    await centre.behave(submit="refuse", status=status, times=1)
    error = await failure(line)
    assert (error.fault, error.code) == (fault, code)
    assert (error.retry_after is not None) == (fault is Fault.THROTTLED)
    await line.send("mai departe")
    assert len((await centre.state())["binds"]) == 1


async def test_a_generic_nack_says_that_nothing_was_sent(centre, line):
    await centre.behave(submit="nack", times=1)
    assert (await failure(line)).fault is Fault.BUG


@pytest.mark.parametrize("script", ["silent", "take_and_drop", "drop"])
async def test_without_an_answer_nobody_knows(centre, line, script):
    await centre.behave(submit=script, times=1)
    assert (await failure(line)).fault is Fault.UNKNOWN


async def test_without_a_session_nothing_was_sent_for_certain(centre, line):
    await centre.behave(bind=0x0D)
    await centre.drop()
    await centre.until(lambda state: not state["bound"])
    error = await failure(line)
    assert (error.fault, error.code) == (Fault.TRANSIENT, "smpp.not_bound")


async def test_a_centre_that_is_not_there_has_sent_nothing():
    line = Line(None, context(free_port()))
    assert (await failure(line)).code == "host.refused"


async def test_no_more_is_under_way_than_the_window_holds(centre):
    pace = Pace(answer=1.0, enquire=5.0, first=0.05, longest=0.2, pauses=False)
    async with running(Line(centre, context(centre.port, window=3), pace)) as line:
        await centre.behave(submit="silent", times=3)
        tried = [asyncio.create_task(line.send(f"nr. {n}")) for n in range(8)]
        await asyncio.sleep(0.5)
        assert await centre.taken() == []
        done = await asyncio.gather(*tried, return_exceptions=True)
        assert sum(isinstance(one, SendFailed) for one in done) == 3
        assert len(await centre.taken()) == 5


async def test_another_process_sends_over_a_transmitter_it_shares_and_gives_up(centre, line):
    other = Line(centre, line.ctx)
    await asyncio.gather(*(other.send(f"nr. {n}") for n in range(5)))
    modes = [one["mode"] for one in (await centre.state())["bound"]]
    assert sorted(modes) == ["transceiver", "transmitter"]
    await other.adapter.close()
    await centre.until(lambda state: len(state["bound"]) == 1)


async def test_separate_binds_receive_and_send(centre):
    ctx = context(centre.port, bind="transmitter_receiver")
    async with running(Line(centre, ctx)) as line:
        await line.send("salut")
        modes = [one["mode"] for one in (await centre.state())["bound"]]
        assert sorted(modes) == ["receiver", "transmitter"]


async def test_letters_as_a_sender_are_marked_as_such(centre):
    async with running(Line(centre, context(centre.port, address="Punte CRM"))) as line:
        await line.send("salut")
    (taken,) = await centre.taken()
    assert (taken["from"], taken["ton"][0], taken["npi"][0]) == ("Punte CRM", 5, 0)


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ({"receipts": "delivered"}, "delivered"),
        ({"receipts": "delivered", "seconds": True, "tlvs": False}, "delivered"),
        ({"receipts": "failed", "err": "0A1", "tlvs": False}, "failed"),
        ({"receipts": "expired"}, "expired"),
        ({"receipts": "MYSTERY", "tlvs": False}, "unknown"),
    ],
)
async def test_a_receipt_names_the_message_and_its_state(centre, line, rules, state):
    await centre.behave(**rules)
    (sent,) = await line.send("salut")
    (event,) = await line.events(1)
    assert isinstance(event, DeliveryChanged)
    assert (event.ref.message_id, event.state) == (sent.external_ids[0], state)
    assert event.ref.thread.key == CLIENT


async def test_ids_answered_in_hex_and_reported_in_decimals_meet(centre):
    await centre.behave(ids="hex", receipts="delivered")
    async with running(Line(centre, context(centre.port, receipt_ids="decimal"))) as line:
        (sent,) = await line.send("salut")
        (event,) = await line.events(1)
    assert sent.external_ids == ("ff",)
    assert event.ref.message_id == "ff"


async def test_a_check_names_the_steps_that_worked(centre):
    good = Line(centre, context(centre.port), HASTE)
    info = await good.adapter.check(good.ctx)
    assert info.steps == ("settings", "connect", "bind", "enquire_link")
    bad = Line(centre, context(centre.port, "wrong"), HASTE)
    with pytest.raises(SendFailed) as failed:
        await bad.adapter.check(bad.ctx)
    assert (failed.value.error.code, failed.value.error.scope) == (
        "smpp.bad_password",
        "settings,connect",
    )


def test_an_estimate_counts_prices_and_offers_fewer_parts():
    line = Line(None, context(1, price="0.035"))
    counted = line.adapter.estimate(line.ctx.config, LONG, None)
    assert (counted.parts, counted.encoding, counted.unit_max) == (4, "ucs2", 67)
    assert counted.cost.amount == "0.140"
    assert counted.suggestion[1] == 2
    assert len(line.ops(LONG)) == counted.parts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "no such+sender!"),
        ("port", 0),
        ("window", 0),
        ("system_id", "much too long for it"),
        ("quiet_from", "21:00"),
        ("quiet_to", "25:00"),
        ("price", "many"),
        ("trusted_certificate", "none"),
    ],
)
def test_settings_that_break_a_rule_are_named(field, value):
    line = Line(None, context(1, security="tls" if field == "trusted_certificate" else "plain"))
    good = line.adapter.validated(line.ctx.config)
    assert good["window"] == 10
    given = {**good, "quiet_from": "21:00"} if field == "quiet_to" else good
    with pytest.raises(ValueError, match=r"^(quiet_from|\w+): ") as refused:
        line.adapter.validated({**given, field: value})
    assert field in str(refused.value)
