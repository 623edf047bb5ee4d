import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.addresses import (
    InvalidAddress,
    address_grams,
    address_name,
    canonical,
    compare_key,
    mail_domain,
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("email", " Ion.Popescu@Example.MD ", "Ion.Popescu@example.md"),
        ("email", "mailto:ion@example.md", "ion@example.md"),
        ("email", "<ion@example.md>", "ion@example.md"),
        ("email", "ion@exämple.md", "ion@xn--exmple-cua.md"),
        ("email", "ion@EXÄMPLE.md.", "ion@xn--exmple-cua.md"),
        ("email", "ион@пример.рф", "ион@xn--e1afmkfd.xn--p1ai"),
        ("email", "root@localhost", "root@localhost"),
        ("email", "a@my_host.example", "a@my_host.example"),
        ("phone", "069 123 456", "+37369123456"),
        ("telegram_user", "123456789", "123456789"),
        ("telegram_chat", "-100123", "-100123"),
        ("sip_uri", "sip:Ion@pbx.local", "sip:Ion@pbx.local"),
        ("web_visitor", "v-1", "v-1"),
        ("external_id", "crm:12", "crm:12"),
    ],
)
def test_an_address_has_one_canonical_form(kind, text, value):
    assert canonical(kind, text).value == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", ""),
        ("email", "ion"),
        ("email", "ion@"),
        ("email", "@example.md"),
        ("email", "ion popescu@example.md"),
        ("email", "ion@example.md\r\nBcc: x@example.md"),
        ("email", "a@b@c"),
        ("email", "ion@example.md\0"),
        ("email", "x" * 400 + "@example.md"),
        ("phone", "112"),
        ("telegram_user", "@ion"),
        ("telegram_user", "0"),
        ("sip_uri", "ion"),
        ("web_visitor", "a b"),
        ("external_id", "x" * 300),
    ],
)
def test_what_is_no_address_is_refused(kind, text):
    with pytest.raises(InvalidAddress):
        canonical(kind, text)


def test_mailboxes_compare_without_case_and_keep_dots_and_tags():
    assert (
        canonical("email", "Ion@example.md").compare
        == canonical("email", "ION@Example.md").compare
    )
    assert (
        canonical("email", "i.on@example.md").compare
        != canonical("email", "ion@example.md").compare
    )
    assert compare_key("external_id", "A1") == "A1"


def test_an_extension_stays_with_the_number():
    assert canonical("phone", "022 123 456 int. 12").extension == "12"


def test_a_local_number_reads_in_its_region():
    assert canonical("phone", "0722 123 456", region="RO").value == "+40722123456"


def test_pieces_of_a_number_are_digits_and_of_a_mail_letters():
    assert address_grams("phone", "+37369123456")[0] == "373"
    assert "n@e" in address_grams("email", "Ion@example.md")


def test_a_client_without_a_name_is_called_by_the_address():
    assert address_name("phone", "+37369123456") == "+373 691 23 456"
    assert address_name("email", "a@xn--e1afmkfd.xn--p1ai") == "a@пример.рф"
    assert address_name("telegram_user", "12") == "12"


@given(st.text(max_size=80))
def test_no_domain_breaks_the_reader(domain):
    assert mail_domain(domain) == mail_domain(mail_domain(domain))
