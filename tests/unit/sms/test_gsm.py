"""Counting and splitting, by cases a browser shares and by arithmetic of another kind."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.gsm import PLAIN, count, encoding_of, plain, spelled, split, suggest


SHARED = json.loads(Path("tests/corpus/sms/segments.json").read_text(encoding="utf-8"))
GSM = "abcXYZ 019@£Δ€^{}[]~|\\\n"
ANY = st.text(st.sampled_from(GSM + "ășțЖя—’😀👍\u200b"), max_size=500)


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["name"])
def test_the_cases_a_browser_shares(case):
    text = case["text"]
    counted = count(text)
    assert counted.encoding == case["encoding"]
    assert counted.units == case["units"]
    assert counted.per_part == case["per_part"]
    assert counted.forced_by == case["forced_by"]
    assert [len(part.encode("utf-16-le")) // 2 for part in split(text)] == case["parts"]
    offered = suggest(text)
    assert (offered[0] if offered else None) == case["suggestion"]
    if offered:
        assert offered[1].parts == case["suggestion_parts"]


def test_a_browser_has_the_same_table():
    assert SHARED["plain"] == PLAIN


@given(ANY)
def test_no_character_is_lost_or_torn(text):
    assert "".join(split(text)) == text
    for part in split(text):
        part.encode("utf-16-le")


@given(ANY)
def test_every_part_fits_and_none_could_take_more(text):
    encoding, _ = encoding_of(text)
    sizes = [size(part, encoding) for part in split(text)]
    if len(sizes) < 2:
        assert sum(sizes) <= (160 if encoding == "gsm7" else 70)
        return
    room = 153 if encoding == "gsm7" else 67
    assert all(room - 1 <= one <= room for one in sizes[:-1])
    assert 0 < sizes[-1] <= room
    assert count(text).units == sum(sizes)


@given(st.text(st.sampled_from(GSM), max_size=400))
def test_parts_of_plain_letters_are_a_division(text):
    letters = text.translate({ord(letter): "x" for letter in "€^{}[]~|\\"})
    whole = len(letters)
    expected = -(-whole // 153) if whole > 160 else min(whole, 1)
    assert count(letters).parts == expected


@given(ANY)
def test_a_plain_spelling_is_taken_only_when_it_saves(text):
    offered = suggest(text)
    if offered is None:
        assert count(plain(text)).parts >= count(text).parts
    else:
        assert offered[1] == count(offered[0])
        assert offered[1].parts < count(text).parts
    assert count(spelled(text, "always")).parts <= count(text).parts
    assert spelled(text, "off") == spelled(text, "suggest") == text


def test_letters_of_other_scripts_stay():
    assert plain("Ваш заказ №5 — готов") == "Ваш заказ №5 - готов"


def test_letters_written_in_two_halves_count_as_one():
    assert plain("s\u0326i a\u0306sta") == "si asta"


def test_always_frees_a_short_text_from_ucs2():
    assert spelled("Mulțumim!", "always") == "Multumim!"


def test_always_leaves_what_it_does_not_help():
    assert spelled("Ждём вас — «Пунте»", "always") == "Ждём вас — «Пунте»"


def size(part: str, encoding: str) -> int:
    if encoding == "ucs2":
        return len(part.encode("utf-16-le")) // 2
    return len(part) + sum(part.count(letter) for letter in "€^{}[]~|\\\f")
