"""Office hours, budgets, forms, settings and addresses of pages: pure rules."""

from datetime import UTC, datetime

import pytest

from channels.webchat.account import Field, Form, Hours, read_account, validated
from channels.webchat.files import safe_name
from channels.webchat.forms import Wrong, checked
from channels.webchat.hours import is_open, opens_at
from channels.webchat.limits import Budget, Budgets, block_of
from channels.webchat.pages import may_embed


WEEK = Hours(
    zone="Europe/Bucharest",
    always=False,
    week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "18:00"),)),
    holidays=("2026-12-01",),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T07:00", True),  # Tuesday 9:00 in Bucharest
        ("2026-11-24T06:59", False),
        ("2026-11-24T16:00", False),
        ("2026-11-28T10:00", False),  # Saturday
        ("2026-12-01T10:00", False),  # a holiday
        ("2026-07-07T06:00", True),  # summer time
    ],
)
def test_the_office_is_open_by_its_own_clock(moment, expected):
    assert is_open(WEEK, at(moment)) is expected


def test_the_next_opening_skips_nights_weekends_and_holidays():
    assert opens_at(WEEK, at("2026-11-27T17:00")) == at("2026-11-30T07:00")
    assert opens_at(WEEK, at("2026-11-30T17:00")) == at("2026-12-02T07:00")
    assert opens_at(WEEK, at("2026-11-24T10:00")) is None
    assert opens_at(Hours(always=False, week={}), at("2026-11-24T10:00")) is None


def test_a_budget_says_how_long_to_wait_and_flows_back():
    budgets, budget = Budgets(), Budget(2, 1000.0)
    assert [budgets.take("a", budget) for _ in range(2)] == [0, 0]
    slow = Budget(1, 0.1)
    assert budgets.take("b", slow) == 0
    assert 9 < budgets.take("b", slow) <= 10
    assert budgets.take("c", slow) == 0


@pytest.mark.parametrize(
    ("ip", "block"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_addresses_are_counted_in_blocks(ip, block):
    assert block_of(ip) == block


def test_consent_is_asked_for_and_kept_with_its_text():
    form = Form(
        fields=(Field(key="email", label={"en": "E-mail"}, type="email", required=True),),
        consent={"en": "I agree", "ro": "Sunt de acord"},
        version="7",
    )
    with pytest.raises(Wrong, match="consent"):
        checked(form, {"email": "ana@client.test"}, lang="ro", region="RO")
    said = checked(form, {"email": "ANA@Client.test", "consent": "1"}, lang="ro", region="RO")
    assert said == {
        "email": "ANA@client.test",
        "consent": "yes",
        "consent_version": "7",
        "consent_text": "Sunt de acord",
    }


def test_a_wish_when_to_be_called_has_a_zone_and_an_order():
    form = Form(fields=())
    good = {"window_from": "2026-11-24T10:00+02:00", "window_to": "2026-11-24T12:00+02:00"}
    assert checked(form, good, lang="en", region="RO", times=True) == {
        key: f"{value[:-6]}:00+02:00" for key, value in good.items()
    }
    for bad in ({"window_from": "10:00"}, {"window_from": "2026-11-24T10:00"}):
        with pytest.raises(Wrong):
            checked(form, bad, lang="en", region="RO", times=True)


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({"origins": ["shop.example"]}, "origins"),
        ({"origins": ["https://shop.example/path"]}, "origins"),
        ({"color": "blue"}, "color"),
        ({"hours": {"zone": "Mars/Base"}}, "zone"),
        ({"hours": {"always": False}}, "hours.week"),
        ({"hours": {"week": {"mon": [["18:00", "09:00"]]}}}, "before"),
        ({"identified_only": True}, "identified_only"),
        ({"callback": {"on": True, "fields": []}}, "phone"),
        ({"mail_account": "support"}, "mail_account"),
        ({"unknown": 1}, "unknown"),
        ({"address": "a b"}, "address"),
    ],
)
def test_a_wrong_setting_is_named(config, word):
    with pytest.raises(ValueError, match=word):
        validated(config)


def test_a_key_is_made_once():
    first = validated({})
    assert len(first["address"]) >= 16
    assert validated(first) == first


def test_pages_that_may_show_the_widget():
    account = read_account({"origins": ["https://a.test", "https://*.b.test:8443"]})
    own = "https://hub.test"
    assert may_embed(account, "https://hub.test", own)
    assert may_embed(account, "https://a.test", own)
    assert may_embed(account, "https://x.b.test:8443", own)
    for origin in ("null", "https://b.test:8443", "https://xb.test:8443", "https://a.test:444"):
        assert not may_embed(account, origin, own)


def test_names_of_files_lose_what_deceives():
    assert safe_name("C:\\temp\\a.pdf") == "a.pdf"
    assert safe_name("../../x") == "x"
    assert safe_name("...") == "file"
    assert safe_name("a\u202efdp.exe") == "a_fdp.exe"
