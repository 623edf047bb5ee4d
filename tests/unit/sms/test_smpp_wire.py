"""Packets, texts and receipts of SMPP, as bytes."""

import random

import pytest

from channels.sms import gsm
from channels.sms.smpp.coding import (
    BASIC,
    EXTENSION,
    concat_of,
    decoded,
    gsm_decoded,
    gsm_encoded,
    header_of,
    split_header,
)
from channels.sms.smpp.normalize import address_of, normalize
from channels.sms.smpp.pdu import Broken, Message, Party, read_message, write_message
from channels.sms.smpp.receipts import id_as_sent, read_receipt
from inbox.contract import AccountId, MessageIn, Raw
from infra.clock import new_id


NOBODY = Party(1, 1, "40721000001")
US = Party(1, 1, "40721999999")
LIKE_A_RECEIPT = (
    "id:12 sub:001 dlvrd:001 submit date:2611231200 done date:261123120005 stat:DELIVRD err:000"
    " text:id:99 stat:UNDELIV"
)


def message(text: bytes = b"", **fields: object) -> Message:
    return Message(**{"source": NOBODY, "destination": US, "text": text, **fields})


def test_the_alphabet_is_the_one_that_is_counted():
    assert frozenset(BASIC) - {"\x1b"} == gsm.BASIC
    assert frozenset(EXTENSION) == gsm.EXTENSION
    text = "".join(sorted(gsm.BASIC | gsm.EXTENSION))
    assert gsm_decoded(gsm_encoded(text)) == text


def test_a_message_reads_as_it_was_written():
    one = message(b"abc", esm_class=0x40, registered=1, data_coding=8, more={0x1400: b"\1\2"})
    assert read_message(write_message(one)) == one


def test_a_text_too_long_for_its_field_goes_into_the_payload():
    one = message(b"x" * 300)
    assert read_message(write_message(one)) == one


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_packet_that_ends_too_early_is_broken_or_read(cut):
    body = write_message(message(b"abc"))
    with pytest.raises(Broken):
        read_message(body[:-cut])


def test_parameters_nobody_knows_are_kept_and_one_cut_off_is_left_out():
    body = write_message(message(b"abc", more={0x1400: b"vendor"}))
    assert read_message(body + b"\x14\x01\x00\x09ab").more == {0x1400: b"vendor"}


@pytest.mark.parametrize(
    ("coding", "octets", "text"),
    [
        (0x00, b"\x00\x1b\x65", "@€"),
        (0x01, b"abc", "abc"),
        (0x03, b"\xe9", "é"),
        (0x08, "ș".encode("utf-16-be"), "ș"),
        (0x18, "ș".encode("utf-16-be"), "ș"),
        (0xE0, "ș".encode("utf-16-be"), "ș"),
        (0xF0, b"\x00", "@"),
        (0xF1, b"\x00", "@"),
        (0x04, b"\x00\x01", None),
        (0xF5, b"\x00\x01", None),
        (0x99, b"a", "a"),
    ],
)
def test_data_codings_are_read_as_the_standards_say(coding, octets, text):
    assert decoded(octets, coding, "gsm7") == text


def test_the_default_alphabet_is_what_the_account_says():
    assert decoded(b"\xe9", 0, "latin1") == "é"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (header_of(7, 2, 3), ("8-7", 2, 3)),
        (b"\x06\x08\x04\x01\x02\x03\x01", ("16-258", 1, 3)),
        (b"\x0b\x05\x04\x15\x81\x15\x81\x00\x03\x09\x02\x01", ("8-9", 1, 2)),
        (b"\x05\x00\x03\x07\x00\x00", None),
        (b"\x05\x00\x03\x07\x02\x03", None),
    ],
)
def test_headers_of_parts_are_read(head, expected):
    elements, text = split_header(message(head + b"x", esm_class=0x40))
    assert text == b"x"
    assert concat_of(message(), elements) == expected


def test_a_header_longer_than_its_message_is_text():
    assert split_header(message(b"\x30abc", esm_class=0x40)) == ({}, b"\x30abc")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LIKE_A_RECEIPT, ("12", "DELIVRD", "000")),
        ("ID:0A1f stat:undeliv ERR:0A1", ("0A1f", "UNDELIV", "0A1")),
        ("id:7 err:5 stat:WHATEVER text:", ("7", "WHATEVE", "5")),
        ("nothing", None),
    ],
)  # fmt: skip
def test_receipts_are_free_text(text, expected):
    found = read_receipt(message(text.encode(), esm_class=4))
    assert (found and (found.id, found.word, found.error)) == expected


def test_parameters_win_over_the_text_of_a_receipt():
    more = {0x1E: b"77\0", 0x427: b"\x05"}
    found = read_receipt(message(b"id:12 stat:DELIVRD", esm_class=4, more=more))
    assert found is not None
    assert (found.id, found.word) == ("77", "UNDELIV")


def test_ids_that_are_no_numbers_stay_as_they_are():
    assert id_as_sent("ab-c", "hex") == "ab-c"
    assert (id_as_sent("255", "decimal"), id_as_sent("ff", "hex")) == ("ff", "255")


@pytest.mark.parametrize(
    ("party", "kind", "value"),
    [
        (Party(1, 1, "40721000001"), "phone", "+40721000001"),
        (Party(0, 0, "+40721000001"), "phone", "+40721000001"),
        (Party(2, 1, "0721000001"), "phone", "+40721000001"),
        (Party(0, 1, "40721000001"), "phone", "+40721000001"),
        (Party(5, 0, "ORANGE"), "external_id", "sms:ORANGE"),
        (Party(3, 0, "1808"), "external_id", "sms:1808"),
    ],
)
def test_senders_are_numbers_or_names(party, kind, value):
    found = address_of(party, "RO")
    assert (found.kind, found.value) == (kind, value)


def test_whatever_comes_is_read_without_an_exception():
    account, chance = AccountId(new_id()), random.Random(7)
    good = write_message(message(header_of(1, 1, 2) + "țară".encode("utf-16-be"), esm_class=0x40))
    for n in range(5_000):
        body = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        raw = Raw(key=str(n), body=bytes(body[: chance.randrange(len(body) + 1)]))
        for event in normalize(account, raw):
            if isinstance(event, MessageIn):
                assert "\0" not in getattr(event.parts[0], "text", "")
