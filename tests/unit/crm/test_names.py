import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.names import clean_name, full_name, name_key, search_grams, sort_key, split_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"Popescu, Ion"', "Popescu, Ion"),
        ("  Ion\r\n\tPopescu ", "Ion Popescu"),
        ("«Ион»", "Ион"),
        ("Ion\u202egpj.exe", "Ion gpj.exe"),
        ("ion@example.md", ""),
        ("'ion@example.md'", ""),
        ("\0\0", ""),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_name_is_cleaned_for_showing(text, name):
    assert clean_name(text) == name


@pytest.mark.parametrize(
    ("name", "given_name", "family_name"),
    [
        ("Ștefan Țurcanu", "Ștefan", "Țurcanu"),
        ("Țurcanu, Ștefan", "Ștefan", "Țurcanu"),
        ("Ion POPESCU", "Ion", "Popescu"),
        ("POPESCU Ion", "Ion", "Popescu"),
        ("Ana Maria Popescu", "Ana Maria", "Popescu"),
        ("Цуркану Штефан Иванович", "Штефан", "Цуркану"),
        ("Штефан Иванович Цуркану", "Штефан", "Цуркану"),
        ("Мария Ивановна Попова", "Мария", "Попова"),
        ("Dr. Ion Popescu", "Ion", "Popescu"),
        ("Ion Popescu (soția)", "Ion", "Popescu"),
        ("Ion", "Ion", ""),
        ("Mobila Lux S.R.L.", "", ""),
        ("ООО Ромашка", "", ""),
        ("Support", "", ""),
        ("Mobilă la comandă în Chișinău", "", ""),
        ("X Æ A-12", "", ""),
        ("", "", ""),
    ],
)
def test_given_and_family_names_are_guessed_from_the_spelling(name, given_name, family_name):
    assert split_name(name) == (given_name, family_name)


def test_one_key_stands_for_a_name_in_any_alphabet_and_order():
    keys = {
        name_key("Ștefan", "Țurcanu"),
        name_key("Turcanu Stefan"),
        name_key("Штефан", "Цуркану"),
    }
    assert keys == {"stfn trkn"}
    assert name_key("") == ""


def test_names_are_ordered_without_their_accents():
    assert sorted(["Zaharia", "Ștefan", "Ana"], key=sort_key) == ["Ana", "Ștefan", "Zaharia"]


def test_the_index_holds_pieces_whole_words_and_skeletons():
    grams = search_grams("Ștefan")
    assert {" st", "tef", "=stefan", "~stfn"} <= set(grams)
    assert len(grams) == len(set(grams))


def test_a_full_name_needs_no_family_name():
    assert full_name("Ion", "") == "Ion"


@given(st.text(max_size=300))
def test_no_text_breaks_a_name(text):
    name = clean_name(text)
    assert "\0" not in name
    assert name == clean_name(name)
    assert len(split_name(name)) == 2
