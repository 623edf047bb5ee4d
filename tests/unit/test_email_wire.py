"""The pure parts of the wire side of e-mail."""

import ssl
from itertools import pairwise
from socket import gaierror
from uuid import UUID

import pytest
from aiosmtplib import SMTPDataError, SMTPSenderRefused
from aiosmtplib.errors import SMTPConnectError, SMTPRecipientRefused
from hypothesis import given
from hypothesis import strategies as st

from channels.email.account import PRESETS, SCHEMA, MailAccount, read_account, validated
from channels.email.errors import problem_of, problem_of_recipient, problem_of_sender, text_of
from channels.email.imap import answers, names
from channels.email.imap.client import uid_set
from channels.email.imap.failures import Bye, ConnectionLost, Injected, Refused, SignInFailed
from channels.email.imap.framer import Framer
from channels.email.keys import (
    Cursor,
    FolderMark,
    Key,
    fingerprint,
    known_mails,
    read_cursor,
    read_key,
)
from channels.email.render import cap_references, reply_subject
from channels.email.threading import Codes
from infra.clock import new_id


# ---------------------------------------------------------------- framing

RESPONSES = (
    b"* OK [CAPABILITY IMAP4rev1] hi {5}\r\n"  # no literal: free text
    b"* 1 FETCH (UID 7 BODY[] {11}\r\nhello\r\nworl FLAGS (\\Seen))\r\n"
    b"* 2 FETCH (UID 8 BODY[] {0}\r\n)\r\n"
    b'* LIST () "/" {3}\r\na:( \r\n'
    b"A1 OK done {9}\r\n"
)
PARTS = [
    [b"* OK [CAPABILITY IMAP4rev1] hi {5}"],
    [b"* 1 FETCH (UID 7 BODY[] {11}", b"hello\r\nworl", b" FLAGS (\\Seen))"],
    [b"* 2 FETCH (UID 8 BODY[] {0}", b"", b")"],
    [b'* LIST () "/" {3}', b"a:(", b" "],
    [b"A1 OK done {9}"],
]


@given(st.lists(st.integers(0, len(RESPONSES)), max_size=12))
def test_responses_are_cut_the_same_however_they_arrive(cuts):
    framer = Framer()
    edges = [0, *sorted(cuts), len(RESPONSES)]
    found = [
        parts for start, end in pairwise(edges) for parts in framer.feed(RESPONSES[start:end])
    ]
    assert found == PARTS
    assert framer.is_empty


def test_many_lines_in_one_chunk_do_not_exhaust_the_stack():
    assert sum(1 for _ in Framer().feed(b"* 1 EXPUNGE\r\n" * 50_000)) == 50_000


# ---------------------------------------------------------------- names and answers


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"))))
def test_a_mailbox_name_survives_modified_utf7(name):
    coded = names.mailbox(name)
    assert coded.isascii()
    inner = coded[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    assert names.decoded(inner) == name


@pytest.mark.parametrize(
    ("name", "coded"),
    [
        ("Entwürfe", '"Entw&APw-rfe"'),
        ("Tom & Jerry", '"Tom &- Jerry"'),
        ("日本語", '"&ZeVnLIqe-"'),
    ],
)
def test_modified_utf7_is_that_of_rfc_3501(name, coded):
    assert names.mailbox(name) == coded


def test_control_characters_are_not_quoted():
    with pytest.raises(ValueError, match="control"):
        names.quoted('a"\r\nA2 DELETE INBOX')


@given(st.sets(st.integers(1, 200)))
def test_uid_sets_name_exactly_the_uids(uids):
    named = set()
    for part in filter(None, uid_set(uids).split(",")):
        first, _, last = part.partition(":")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == uids


def test_a_fetch_is_read_with_its_body_in_any_form():
    line = b'1 FETCH (UID 5 RFC822.SIZE 42 INTERNALDATE " 4-Nov-2026 10:00:00 +0200" BODY[] {2}'
    mail = answers.fetched([line, b"hi", b")"])
    assert (mail.uid, mail.size, mail.body) == (5, 42, b"hi")
    assert mail.at.isoformat() == "2026-11-04T10:00:00+02:00"
    assert answers.fetched([b'1 FETCH (UID 5 BODY[] "a\\"b")']).body == b'a"b'
    assert answers.fetched([b"1 FETCH (BODY[] NIL UID 5)"]).body == b""
    assert answers.fetched([b"1 FETCH (FLAGS (\\Seen) UID 5)"]).body is None
    assert answers.fetched([b"1 FETCH (FLAGS (\\Seen))"]) is None


def test_folders_are_listed_in_any_spelling():
    lines = [
        b'LIST (\\HasNoChildren \\Sent) "/" "Sent \\"x\\""',
        b"LIST () NIL INBOX",
        b'LIST () "." {5}',
        b"a.b c",
        b"",
        b"List completed.",
    ]
    found = answers.folders(lines)
    assert [folder.name for folder in found] == ['Sent "x"', "INBOX", "a.b c"]
    assert "\\sent" in found[0].flags


# ---------------------------------------------------------------- journal keys


def test_a_key_is_read_back_whatever_the_folder_is_called():
    key = Key("A/1/2/b", 7, 9, "cafe")
    assert read_key(str(key)) == key
    assert read_key("something else") is None


def test_a_fingerprint_looks_at_four_fields_alone():
    fields = b"From: a@b\r\nSubject: long\r\n line\r\nMessage-ID: <1>\r\n"
    mail = b"Received: x\r\n" + fields + b"\r\nSubject: no\r\n"
    head = b"From: a@b\r\nSubject: long line\r\nMessage-ID: <1>\r\n\r\n"
    assert fingerprint(mail) == fingerprint(head)
    assert fingerprint(mail) != fingerprint(head.replace(b"<1>", b"<2>"))


def test_known_mails_are_counted_per_numbering():
    keys = ["INBOX/1/1/a", "INBOX/1/2/a", "INBOX/2/1/a", "INBOX/3/5/b", "INBOX/Sub/3/9/c"]
    known = known_mails(keys, "INBOX", 3)
    assert known.uids == {5}
    assert known.before == {"a": 2}


def test_a_cursor_that_cannot_be_read_is_a_new_one():
    cursor = Cursor({"INBOX": FolderMark(1, 2)})
    assert read_cursor(cursor.dump()) == cursor
    assert read_cursor("{{") == Cursor() == read_cursor(None)


# ---------------------------------------------------------------- codes


ACCOUNT, THREAD, MESSAGE = UUID(int=1), new_id(), new_id()


def test_a_code_comes_back_as_its_thread_in_any_case():
    codes = Codes(b"k" * 32)
    message_id = f"<{codes.message_code(ACCOUNT, THREAD, MESSAGE)}@hub.test>"
    address = f"support+{codes.reply_code(ACCOUNT, THREAD)}@hub.test"
    for token in (message_id, address, message_id.upper(), address.upper()):
        assert codes.thread_of(ACCOUNT, token) == THREAD
    assert len(address.partition("@")[0]) <= 64


@given(st.integers(0, 60), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_code_that_was_touched_proves_nothing(place, char):
    codes = Codes(b"k" * 32)
    token = f"<{codes.message_code(ACCOUNT, THREAD, MESSAGE)}@hub.test>"
    touched = token[: place + 3] + char + token[place + 4 :]
    assert touched == token or codes.thread_of(ACCOUNT, touched) is None


def test_a_code_proves_nothing_in_another_mailbox():
    codes = Codes(b"k" * 32)
    token = f"<{codes.message_code(ACCOUNT, THREAD, MESSAGE)}@hub.test>"
    assert codes.thread_of(UUID(int=2), token) is None


def test_an_old_key_is_believed_and_does_not_sign():
    old, new = Codes(b"o" * 32), Codes(b"n" * 32, b"o" * 32)
    token = f"<{old.message_code(ACCOUNT, THREAD, MESSAGE)}@hub.test>"
    assert new.thread_of(ACCOUNT, token) == THREAD
    assert old.message_code(ACCOUNT, THREAD, MESSAGE) != new.message_code(ACCOUNT, THREAD, MESSAGE)


# ---------------------------------------------------------------- what is written


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Order", "Re: Order"),
        ("Re: Order", "Re: Order"),
        ("RE: re[4]: AW: Order", "Re: Order"),
        ("Răsp: Comandă", "Re: Comandă"),
        ("Отв: Заказ", "Re: Заказ"),
        ("Fwd: Order", "Re: Order"),
        ("Reorder", "Re: Reorder"),
        ("", "Re:"),
    ],
)
def test_an_answer_has_one_prefix(subject, answer):
    assert reply_subject(subject, is_reply=True) == answer


def test_references_keep_the_first_and_the_last():
    ids = [f"<{n:03}@x>" for n in range(100)]
    kept = cap_references(ids)
    assert (kept[0], kept[-1], len(kept)) == (ids[0], ids[-1], 21)
    assert cap_references([]) == []


# ---------------------------------------------------------------- settings and problems

CONFIG = {
    "address": "support@hub.test",
    "imap": {"host": "imap.hub.test", "port": 993},
    "smtp": {"host": "smtp.hub.test", "port": 587, "security": "starttls"},
}


def test_the_form_and_the_settings_have_the_same_fields():
    assert set(SCHEMA["properties"]) == set(MailAccount.__struct_fields__)


def test_settings_get_their_defaults():
    complete = validated(CONFIG)
    assert complete["import_policy"] == "new"
    assert read_account(complete) == read_account(CONFIG)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "support"}, "address"),
        ({"imap": {"host": "", "port": 993}}, "imap.host"),
        ({"imap": {"host": "x", "port": "no"}}, "port"),
        ({"smtp": {"host": "x", "port": 25, "security": "plain"}}, "smtp.security"),
        ({"auth": "oauth"}, "oauth.client_id"),
        ({"auth": "oauth", "oauth": {"client_id": "x"}}, "oauth.token_url"),
        ({"trusted_certificate": "no"}, "trusted_certificate"),
    ],
)
def test_wrong_settings_are_named(change, field):
    with pytest.raises(ValueError, match=field):
        validated({**CONFIG, **change})


def test_presets_only_name_settings_there_are():
    for preset in PRESETS.values():
        assert set(preset) <= set(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (gaierror(-2, "unknown"), "host.not_found"),
        (ConnectionRefusedError(), "host.refused"),
        (TimeoutError(), "host.timeout"),
        (ssl.SSLCertVerificationError("self-signed"), "tls.untrusted"),
        (ssl.SSLError("wrong version"), "tls.failed"),
        (OSError(113, "no route"), "host.unreachable"),
        (SignInFailed("LOGIN", "[AUTHENTICATIONFAILED] no"), "auth.refused"),
        (SignInFailed("LOGIN", "[UNAVAILABLE] later"), "auth.unavailable"),
        (Refused("SELECT", "[NONEXISTENT] no"), "imap.no_folder"),
        (Refused("FETCH", "no"), "imap.refused"),
        (Bye("BYE Maximum number of connections exceeded"), "imap.too_many_connections"),
        (Bye("BYE shutting down"), "imap.bye"),
        (ConnectionLost("closed"), "imap.lost"),
        (Injected(), "imap.out_of_step"),
        (SMTPDataError(421, "4.7.0 slow down"), "smtp.throttled"),
        (SMTPDataError(554, "5.7.1 spam"), "smtp.policy"),
        (ExceptionGroup("many", [TimeoutError()]), "host.timeout"),
        (RuntimeError("?"), "email.failed"),
    ],
)
def test_every_failure_has_its_code(error, code):
    assert problem_of(error).code == code
    assert text_of(error)


def test_a_refused_certificate_is_found_under_the_smtp_error():
    error = SMTPConnectError("no")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert problem_of(error).code == "tls.untrusted"


def test_what_is_said_to_mail_is_about_us_and_to_rcpt_about_them():
    assert (
        problem_of_sender(SMTPSenderRefused(553, "not owned", "a")).code == "smtp.sender_refused"
    )
    assert problem_of_sender(SMTPSenderRefused(552, "too big", "a")).code == "smtp.too_big"
    said = SMTPRecipientRefused(550, "5.7.1 no", "a")
    assert problem_of_recipient(said).code == "smtp.recipient_refused"
