import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.phones import PhoneReading, UnknownRegion, digits_of, pretty, read_phone, read_phones


MOLDOVAN = "+37369123456"
LANDLINE = "+37322123456"
ROMANIAN = "+40722123456"
RUSSIAN = "+79123456789"
UKRAINIAN = "+380671234567"

FIXTURE = [
    ("+37369123456", "MD", MOLDOVAN),
    ("+373 69 123 456", "MD", MOLDOVAN),
    ("+373 (69) 123-456", "MD", MOLDOVAN),
    ("(069) 123-456", "MD", MOLDOVAN),
    ("069123456", "MD", MOLDOVAN),
    ("69123456", "MD", MOLDOVAN),
    ("00373 69 123456", "MD", MOLDOVAN),
    ("373 69 123 456", "MD", MOLDOVAN),
    ("8 069 123 456", "MD", MOLDOVAN),
    ("0 69 12 34 56", "MD", MOLDOVAN),
    ("+373-69-12-34-56", "RO", MOLDOVAN),
    ("tel:+373-69-123-456", "MD", MOLDOVAN),
    ("+373.69.123.456", "MD", MOLDOVAN),
    ("+373 69 123 456 ext. 12", "MD", MOLDOVAN),
    ("069123456 доб. 12", "MD", MOLDOVAN),
    ("+373 69 123 456, int. 12", "MD", MOLDOVAN),
    ("０６９１２３４５６", "MD", MOLDOVAN),
    ("٠٦٩١٢٣٤٥٦", "MD", MOLDOVAN),
    ("069\u00a0123\u202f4\u201156", "MD", MOLDOVAN),
    ("69 123 456 / 022 123 456", "MD", MOLDOVAN),
    ("WhatsApp: 069 123 456", "MD", MOLDOVAN),
    ("069 123 456 (Ion)", "MD", MOLDOVAN),
    ("37369123456.0", "MD", MOLDOVAN),
    ("sip:+37369123456@pbx.local", "MD", MOLDOVAN),
    ("37369123456@s.whatsapp.net", "MD", MOLDOVAN),
    ("810 373 69 123456", "RU", MOLDOVAN),
    ("8 10 373 69 123456", "RU", MOLDOVAN),
    ("022 123 456", "MD", LANDLINE),
    ("(0 22) 12-34-56", "MD", LANDLINE),
    ("0722 123 456", "RO", ROMANIAN),
    ("+40 722 123 456", "MD", ROMANIAN),
    ("+40 (0)722 123 456", "RO", ROMANIAN),
    ("0040 722 123 456", "RO", ROMANIAN),
    ("40722123456", "RO", ROMANIAN),
    ("0722.123.456", "RO", ROMANIAN),
    ("021 312 34 56", "RO", "+40213123456"),
    ("8 (912) 345-67-89", "RU", RUSSIAN),
    ("+7 (912) 345-67-89", "RU", RUSSIAN),
    ("7 912 345 67 89", "RU", RUSSIAN),
    ("79123456789", "RU", RUSSIAN),
    ("89123456789", "RU", RUSSIAN),
    ("9123456789", "RU", RUSSIAN),
    ("8-912-345-67-89", "RU", RUSSIAN),
    ("7 912 345 67 89", "MD", RUSSIAN),
    ("+7 912 345 67 89", "MD", RUSSIAN),
    ("067 123 45 67", "UA", UKRAINIAN),
    ("+38 067 123 45 67", "UA", UKRAINIAN),
    ("380671234567", "MD", UKRAINIAN),
    ("+З73 69 123 456", "MD", None),
    ("3.7369123456E+10", "MD", None),
    ("112", "MD", None),
    ("1234", "MD", None),
    ("", "MD", None),
    ("n/a", "MD", None),
    ("+0000000000", "MD", None),
    ("anonymous", "MD", None),
]


def test_the_fixture_has_56_rows():
    assert len(FIXTURE) == 56


@pytest.mark.parametrize(("text", "region", "e164"), FIXTURE)
def test_every_spelling_of_the_fixture_reads_as_expected(text, region, e164):
    assert read_phone(text, region).e164 == e164


@pytest.mark.parametrize(
    ("text", "ext"),
    [
        ("+373 69 123 456 ext. 12", "12"),
        ("069123456 доб. 12", "12"),
        ("069123456x12", "12"),
        ("069123456 #7", "7"),
        ("+373 22 123 456, interior 104", "104"),
        ("tel:+37322123456;ext=15", "15"),
        ("069123456", None),
    ],
)
def test_an_extension_is_kept_beside_the_number(text, ext):
    reading = read_phone(text)
    assert reading.valid
    assert reading.ext == ext


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("69 123 456 / 022 123 456", [MOLDOVAN, LANDLINE]),
        ("069123456; 022123456", [MOLDOVAN, LANDLINE]),
        ("069123456 sau 022123456", [MOLDOVAN, LANDLINE]),
        ("069123456 или +7 912 345 67 89", [MOLDOVAN, RUSSIAN]),
        ("+373 69 123 456 +373 22 123 456", [MOLDOVAN, LANDLINE]),
        ("069123456, 069 123 456", [MOLDOVAN]),
        ("112, apoi 022 123 456", [LANDLINE]),
        ("https://wa.me/37369123456?text=1", [MOLDOVAN]),
        ("Sună la nr. 1 de pe strada 31 August 2, bl. 4", []),
    ],
)
def test_several_numbers_in_one_text_are_all_found(text, numbers):
    assert [reading.e164 for reading in read_phones(text)] == numbers


def test_a_slash_inside_one_number_does_not_cut_it():
    assert read_phone("022/123-456").e164 == LANDLINE


@pytest.mark.parametrize("text", ["O69 123 456", "069 l23 456", "069123456a", "a069123456"])
def test_a_letter_that_touches_the_digits_makes_them_no_number(text):
    assert not read_phone(text).valid


@pytest.mark.parametrize(
    "text", ["112", "901", "1234", "14000", "900", "+373 14000", "*100#", "0900 12345"]
)
def test_short_and_service_numbers_are_not_valid(text):
    assert read_phone(text) == PhoneReading()


def test_a_number_that_lost_its_digits_in_a_spreadsheet_says_so():
    assert read_phone("3.7369123456E+10").problem == "precision_lost"


def test_a_russian_habit_is_understood_in_another_region():
    assert read_phone("8 (912) 345-67-89", "MD").e164 == RUSSIAN


def test_an_unknown_region_is_refused():
    with pytest.raises(UnknownRegion):
        read_phone("069123456", "Moldova")


def test_a_number_is_written_for_people():
    assert pretty(MOLDOVAN) == "+373 691 23 456"
    assert pretty("12") == "12"


def test_digits_of_any_script_are_digits():
    assert digits_of("０69-١٢٣") == "069123"


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    for reading in read_phones(text):
        assert reading.e164 is not None
        assert reading.e164.startswith("+")


@given(st.integers(60_000_000, 69_999_999), st.sampled_from([" ", "-", ".", ") ", "\u00a0"]))
def test_what_separates_the_digits_never_matters(number, separator):
    digits = f"0{number}"
    spelled = separator.join([digits[:3], digits[3:6], digits[6:]])
    assert read_phone(spelled) == read_phone(digits)


def test_a_hostile_text_is_read_in_bounded_time():
    assert read_phones("(" * 100_000 + " " * 100_000 + "+" * 100_000) == ()
