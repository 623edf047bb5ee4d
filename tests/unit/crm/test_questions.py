import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.questions import Question, like


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("#12", 12), ("№ 12", 12), ("CL-000012", 12), ("cl 12", 12), ("12a", None)],
)
def test_a_card_number_is_known_in_its_spellings(text, number):
    assert Question.of(text).number == number


@pytest.mark.parametrize(
    ("text", "endings"),
    [
        ("3456", ["6543"]),
        ("069 123 456", ["654321960", "65432196"]),
        ("00373 69", ["9637300", "96373"]),
        ("8 069", ["9608", "960"]),
        ("34", []),
        ("Ion 3456", []),
    ],
)
def test_digits_are_what_a_number_may_end_with(text, endings):
    assert Question.of(text).endings == endings


def test_a_local_number_is_whole_in_its_region():
    assert Question.of("0722 123 456", "RO").phones == ["+40722123456"]
    assert Question.of("069 123 456").is_whole_address
    assert Question.of("ion@example.md").is_whole_address
    assert not Question.of("ion@").is_whole_address


def test_a_mail_address_compares_as_it_is_stored():
    assert Question.of("Ion@EXÄMPLE.md").address == "ion@xn--exmple-cua.md"


def test_a_name_is_looked_for_in_every_reading():
    assert Question.of("Штефан Цуркану").names == [["штефан", "цуркану"], ["stefan", "turkanu"]]
    assert ["riskanu"] in Question.of("Râșcanu").names


def test_what_like_takes_for_a_pattern_means_itself():
    assert like(r"100%_a\b") == r"100\%\_a\\b"


@given(st.text(max_size=300))
def test_no_text_breaks_a_question(text):
    question = Question.of(text)
    for grams, patterns in [*question.beginnings(), *question.pieces()]:
        assert grams
        assert patterns
    assert question.skeletons() is not None
    assert len(question.names) <= 5
