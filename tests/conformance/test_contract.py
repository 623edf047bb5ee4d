"""What every channel must do; each adapter runs through all of it."""

import asyncio
import logging
import random
import time
from contextlib import suppress
from datetime import UTC, datetime

import jsonschema
import msgspec
import pytest

from inbox.contract import (
    AccountId,
    Adapter,
    Address,
    Answers,
    CalendarEvent,
    Capabilities,
    Configures,
    Edits,
    Event,
    Fault,
    Forged,
    Health,
    Ignored,
    Level,
    Media,
    MessageIn,
    Outbound,
    Pulls,
    Raw,
    Reacts,
    Receipt,
    Recipient,
    RichText,
    SendFailed,
    Signals,
    Stored,
    ThreadRef,
    WireOp,
)
from infra.clock import new_id
from tests.conformance.channel import is_joined
from tests.conformance.subjects import ACCOUNT, having, is_pushed, those
from tests.servers.context import MemoryContext


AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SLOW = 1.0  # seconds a payload may take to read: a guard against explosions, not a measurement

ENCODER = msgspec.json.Encoder()

MEASURES = {"codepoints": len, "utf16": lambda text: len(text.encode("utf-16-le")) // 2}
"""How long a text is in the units a channel counts in; parts of SMS are counted elsewhere."""


def message(subject, text="Bună ziua", *, parts=(), copies=()):
    return Outbound(
        id=new_id(),
        thread=ThreadRef(ACCOUNT, subject.thread),
        thread_id=new_id(),
        to=subject.peer,
        copies=copies,
        parts=(RichText(text=text), *parts),
        at=AT,
        subject="Comanda",
    )


def ops_of(adapter: Adapter, outbound: Outbound) -> tuple[WireOp, ...]:
    return adapter.render(outbound, adapter.capabilities(outbound.thread)).ops


# ---------------------------------------------------------------- reading


def test_it_is_an_adapter(subject):
    adapter = subject.open()
    assert isinstance(adapter, Adapter)
    assert isinstance(adapter.capabilities(), Capabilities)
    assert adapter.provider.partition(".")[0]


def test_every_payload_reads_the_same_twice_and_travels_as_json(subject):
    adapter = subject.open()
    for name, raw in subject.payloads.items():
        events = adapter.normalize(ACCOUNT, raw)
        assert events, name
        assert list(events) == list(subject.open().normalize(ACCOUNT, raw)), name
        for event in events:
            assert msgspec.json.decode(ENCODER.encode(event), type=Event) == event
            assert event.account == ACCOUNT
            assert event.at.tzinfo is not None


def test_events_of_different_payloads_are_different_ones(subject):
    adapter = subject.open()
    raws = subject.payloads.values()
    keys = [event.dedup_key for raw in raws for event in adapter.normalize(ACCOUNT, raw)]
    assert len(keys) == len(set(keys))


def test_what_is_not_known_is_never_silent(subject):
    adapter = subject.open()
    for raw in subject.strange:
        events = adapter.normalize(ACCOUNT, raw)
        assert events
        for event in events:
            assert isinstance(event, MessageIn | Ignored)
            assert not isinstance(event, Ignored) or event.reason


def test_no_payload_breaks_the_reader(subject):
    adapter = subject.open()
    chance = random.Random(1)
    samples = [raw.body for raw in subject.payloads.values()]
    for _ in range(300):
        body = bytearray(chance.choice(samples))
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(body))
            match chance.randrange(3):
                case 0:
                    body[at] = chance.randrange(256)
                case 1:
                    del body[at : at + chance.randrange(1, 40)]
                case _:
                    body[at:at] = body[at : at + chance.randrange(1, 40)]
            if not body:
                body = bytearray(b"x")
        begun = time.perf_counter()
        assert adapter.normalize(ACCOUNT, Raw(key="1", body=bytes(body)))
        assert time.perf_counter() - begun < SLOW


def test_the_same_person_in_two_accounts_is_in_two_threads(subject):
    adapter = subject.open()
    other = AccountId(new_id())
    for raw in subject.payloads.values():
        for account in (ACCOUNT, other):
            for event in adapter.normalize(account, raw):
                if isinstance(event, MessageIn):
                    assert event.ref.thread.account == account


# ---------------------------------------------------------------- writing


def test_rendering_is_the_same_every_time_and_travels_as_json(subject):
    outbound = message(subject)
    first, second = (subject.open().render(outbound, subject.open().capabilities()) for _ in "12")
    assert first == second
    assert msgspec.json.decode(ENCODER.encode(first.ops), type=tuple[WireOp, ...]) == first.ops


def test_calls_are_numbered_and_say_for_whom_they_are(subject):
    adapter = subject.open()
    caps = adapter.capabilities()
    copies = (Recipient(Address(subject.peer.kind, "b@client.test"), "cc"),) if caps.copies else ()
    outbound = message(subject, "x" * (2 * min(caps.text_max, 5_000)), copies=copies)
    ops = ops_of(adapter, outbound)
    assert [op.key for op in ops] == [f"{outbound.id}/{n}" for n in range(len(ops))]
    wanted = {outbound.to.value, *(copy.address.value for copy in copies)}
    for op in ops:
        assert {one.value for one in op.recipients} == wanted
        assert op.bucket


def test_no_word_of_a_long_text_is_lost(subject):
    adapter = subject.open()
    words = [f"cuvânt{n}" for n in range(700)]
    said = " ".join(
        str(op.payload.get("text", ""))
        for op in ops_of(adapter, message(subject, " ".join(words)))
    )
    joined = said.replace(" ", "")
    assert all(word in joined for word in words)
    caps = adapter.capabilities()
    if caps.text_unit == "codepoints":
        for op in ops_of(adapter, message(subject, " ".join(words))):
            assert len(str(op.payload.get("text", ""))) <= caps.text_max


def test_no_call_is_over_the_limits_or_cuts_a_character(subject):
    adapter = subject.open()
    caps = adapter.capabilities()
    family = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL} \N{THUMBS UP SIGN}\U0001f3fd é "
    for op in ops_of(adapter, message(subject, family * 400)):
        for name in ("text", "caption"):
            text = str(op.payload.get(name) or "")
            if caps.text_split:  # else the phone puts the parts together again
                assert not text[:1] or not is_joined(text[0]), op.key
                assert not text.endswith("\u200d"), op.key
            if caps.text_unit in MEASURES:
                assert MEASURES[caps.text_unit](text) <= caps.text_max, op.key


def test_it_is_called_the_same_by_every_worker(subject):
    outbound = message(subject, "x" * 1_000)
    keys = [[op.key for op in ops_of(subject.open(), outbound)] for _ in range(3)]
    assert keys[0] == keys[1] == keys[2]


def test_what_it_cannot_carry_is_listed(subject):
    adapter = subject.open()
    part = CalendarEvent(method="REQUEST", summary="Întâlnire")
    rendered = adapter.render(message(subject, parts=(part,)), adapter.capabilities())
    assert rendered.losses


@those(lambda subject: subject.open().capabilities().media)
def test_a_file_is_carried_by_the_name_of_its_blob(subject):
    adapter = subject.open()
    file = Media(kind="file", source=Stored(blob="ab" * 32), filename="a.pdf", mime="a/b", size=3)
    ops = ops_of(adapter, message(subject, parts=(file,)))
    assert "ab" * 32 in ENCODER.encode(ops).decode()


@having("too_big")
def test_a_file_that_is_too_big_is_said_to_be(subject):
    (event,) = subject.open().normalize(ACCOUNT, subject.too_big)
    (file,) = [part for part in event.parts if isinstance(part, Media)]
    assert (file.unavailable, bool(file.size)) == ("too_big", True)


def test_it_can_do_what_it_says_and_says_what_it_can_do(subject):
    adapter = subject.open()
    caps = adapter.capabilities()
    assert isinstance(adapter, Edits) == (caps.edit > Level.FALLBACK)
    assert isinstance(adapter, Reacts) == (caps.reactions > 0)
    assert isinstance(adapter, Signals) == (caps.typing_out is not None or caps.read_out)
    assert isinstance(adapter, Edits) >= (caps.delete > Level.FALLBACK)
    assert caps.buttons == 0 or isinstance(adapter, Answers)
    assert caps.allowed_reactions is None or caps.reactions > 0
    assert caps.window is None or caps.initiate != "always"


# ---------------------------------------------------------------- being called


@those(is_pushed)
def test_a_request_is_believed_only_when_the_provider_sent_it(subject):
    adapter = subject.open()
    ctx = MemoryContext(subject.settings, **subject.secrets)
    for request in subject.genuine(ctx):
        adapter.authenticate(ctx, request)
        raws, reply = adapter.accept(ctx, request)
        assert raws
        assert reply.status < 300
    for request in subject.forged(ctx):
        with pytest.raises(Forged) as refused:
            adapter.authenticate(ctx, request)
        for secret in subject.secrets.values():
            assert secret not in f"{refused.value!r}"


@those(is_pushed)
def test_a_request_that_comes_again_has_the_same_payloads(subject):
    ctx = MemoryContext(subject.settings, **subject.secrets)
    for request in subject.genuine(ctx):
        first, again = (subject.open().accept(ctx, request)[0] for _ in "12")
        assert [raw.key for raw in first] == [raw.key for raw in again]


# ---------------------------------------------------------------- sending


async def test_what_the_provider_took_has_a_name(subject):
    async with subject.line() as line:
        for op in ops_of(line.adapter, message(subject)):
            receipt = await line.adapter.send(line.ctx, op)
            assert isinstance(receipt, Receipt)
            assert receipt.external_ids
            assert not receipt.refused
        assert line.handed == 1


async def test_each_fault_is_named_for_what_may_be_done(subject):
    for fault in subject.faults:
        async with subject.line() as line:
            (op, *_) = ops_of(line.adapter, message(subject))
            line.break_for(fault)
            with pytest.raises(SendFailed) as failed:
                await line.adapter.send(line.ctx, op)
            error = failed.value.error
            assert (error.fault, bool(error.code)) == (fault, True)
            assert line.handed == (1 if fault is Fault.UNKNOWN else 0)
            msgspec.json.encode(error)


async def test_no_secret_is_in_what_is_logged_or_shown(subject, caplog):
    caplog.set_level(logging.DEBUG)
    for fault in subject.faults:
        async with subject.line() as line:
            (op, *_) = ops_of(line.adapter, message(subject))
            line.break_for(fault)
            with pytest.raises(SendFailed) as failed:
                await line.adapter.send(line.ctx, op)
            shown = f"{failed.value!r} {ENCODER.encode(op).decode()} {caplog.text}"
            for secret in line.ctx.secrets.values():
                assert secret not in shown


# ---------------------------------------------------------------- running


@those(lambda subject: subject.name == "paper")  # mail's is in tests/adapter/email
async def test_a_payload_that_was_not_stored_comes_again(subject):
    async with subject.line() as line:
        assert isinstance(line.adapter, Pulls)
        line.adapter.desk.write("unu")
        line.ctx.fail_next = ConnectionError("the database is away")
        with pytest.raises(ConnectionError):
            await line.adapter.run(line.ctx)
        assert line.ctx.journal == {}
        running = asyncio.create_task(line.adapter.run(line.ctx))
        line.adapter.desk.write("doi")
        while len(line.ctx.journal) < 2:  # noqa: ASYNC110 - the adapter announces nothing
            await asyncio.sleep(0.005)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert list(line.ctx.journal) == ["1", "2"]
        assert isinstance(line.ctx.told[0], Health)


def test_its_settings_are_described_and_its_secrets_named(subject):
    adapter = subject.open()
    schema = adapter.config_schema
    assert schema["type"] == "object"
    assert schema["properties"]
    assert not set(adapter.redact) & set(schema["properties"])
    assert set(schema.get("required", ())) <= set(schema["properties"])
    msgspec.json.encode(schema)


def test_its_examples_and_presets_are_settings_it_takes(subject):
    adapter = subject.open()
    schema = adapter.config_schema
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in schema.get("examples", ()):
        jsonschema.validate(example, schema)
        if isinstance(adapter, Configures):
            jsonschema.validate(dict(adapter.validated(example)), schema)
    presets = adapter.presets if isinstance(adapter, Configures) else {}
    for name, preset in presets.items():
        assert set(preset) <= set(schema["properties"]), name
