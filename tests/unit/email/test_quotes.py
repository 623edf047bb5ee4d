"""Quotes and signatures are folded in every language; what a client wrote stays visible."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.quotes import find_folds, fold_known, without_folds
from inbox.contract import Fold


WRITTEN = "Fusce bibendum, quam hendrerit sagittis.\nNulla malesuada, orci non vulputate.\n\n"

FOLDED = [
    ('30.09.2017, 18.30, "John - Doe" <s.rewrre34r34reere.i@saas.com>:\n\nTest'),
    (
        "On Wed, 14 Nov 2018 08:14:43 -0200 John Doe <john@doe.com> wrote\n"
        "\n"
        "When are you available?"
    ),
    (
        "pe 20. lokakuuta 2017 klo 17.50 John Coe\n"
        "<s.testtesttest.i@test.com> kirjoitti:\n"
        "\n"
        "Thanks!"
    ),
    (
        "> Le 29 avr. 2025 à 11:11, Chris - Crisp <chris@mail.support.crisp.chat> a écrit :\n"
        "> A\n"
        "> B\n"
    ),
    (
        "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>\n"
        "________________________________\n"
        "From: The Hiring Engine <j@x.com>\n"
        "Sent: Thursday, September 26, 2019 11:35:12 AM\n"
        "To: Y <y@x.com>\n"
        "Subject: C\n"
        "\n"
        "foo"
    ),
    (
        "On Dec 15, 2024, at 3:45 PM, O'Brien, Patrick (Patrick) <p.o'brien@example.com> wrote:\n"
        "> Previous"
    ),
    ("ср, 30 апр. 2025 г. в 15:19, John Doe <doe@example.com>:\n\nпривет"),
    (
        "From: Human Resources \n"
        "<a-really@humanresources.com> \n"
        "Sent: Monday, August 26, 2019 4:37 PM\n"
        "To: A <a@company.com>\n"
        "Subject: A new message\n"
        "\n"
        "<https://d3k81>\n"
        "\n"
        "Here"
    ),
    (
        "Am Fr., 28. Nov. 2025 um 15:57 Uhr schrieb Test Mailer <\n"
        "testing@testing.com>:\n"
        "\n"
        "> Test\n"
        "> Respond"
    ),
    (
        "________________________________\n"
        "From: The H <j@h.com>\n"
        "Sent: Wednesday\n"
        "To: s <s@m.com>\n"
        "Subject: Y\n"
        "\n"
        "Hi Kevin"
    ),
    ("În vin., 6 nov. 2026 la 10:15, Ion Popescu <ion@x.md> a scris:\n\n> Bună\n> ziua"),
    ("În vin., 6 nov. 2026 la 10:15, Ion Popescu <\nion@x.md> a scris:\n\nBună\nziua"),
    (
        "De la: Ion Popescu <ion@x.md>\n"
        "Trimis: vineri, 6 noiembrie 2026 10:15\n"
        "Către: Suport <s@x.md>\n"
        "Subiect: RE: Comanda\n"
        "\n"
        "Bună ziua"
    ),
    ("-----Mesaj original-----\nDe la: Ion\n\nBună"),
    ("пятница, 6 ноября 2026 г., 10:15 +02:00 от Иван <ivan@mail.ru>:\n\n>Привет"),
    ('06.11.2026, 10:15, "Иван" <i@ya.ru>:\n> hi'),
    ("пт, 6 нояб. 2026 г. в 10:15, Иван Петров <i@p.ru>:\n\n> hi\n"),
    ("6 ноября 2026 г. 10:15:00 GMT+02:00, Иван <i@p.ru> пишет:\n>hi"),
    ("Пятница, 6 ноября 2026, 10:15 +03:00 от Иван <i@mail.ru>:\n \nhi"),
    (
        "От: Иван Петров <i@p.ru>\n"
        "Отправлено: 6 ноября 2026 г. 10:15\n"
        "Кому: support@x.md\n"
        "Тема: Заказ\n"
        "\n"
        "hi"
    ),
    ("От: Иван\nДата: 6 ноября 2026 г. 10:15\nКому: support@x.md\nТема: Заказ\n\nhi"),
    (
        "-------- Исходное сообщение --------\n"
        "От: Иван <i@p.ru>\n"
        "Дата: 06.11.26 10:15 (GMT+02:00)\n"
        "Кому: a@b.c\n"
        "Тема: x\n"
        "\n"
        "hi"
    ),
    ("Il giorno ven 6 nov 2026 alle ore 10:15 Mario <m@x.it> ha scritto:\n\n> ciao"),
    ("El vie, 6 nov 2026 a las 10:15, Juan (<j@x.es>) escribió:\n\n> hola"),
    ("W dniu 06.11.2026 o 10:15, Jan pisze:\n> hej"),
    ("Op vr 6 nov. 2026 om 10:15 schreef Jan <j@x.nl>:\n\n> hoi"),
    ("Den fre 6 nov. 2026 kl 10:15 skrev Sven <s@x.se>:\n\n> hej"),
    ("Em sex., 6 de nov. de 2026 às 10:15, José <j@x.pt> escreveu:\n\n> oi"),
    ("2026年11月6日(金) 10:15 山田 <y@x.jp>:\n\n> hi"),
    ("在 2026年11月6日,10:15,李 <l@x.cn> 写道:\n\n> hi"),
    ("On Fri, Nov 6, 2026 at 10:15 AM\nIon Popescu via Support <\nsupport@x.md> wrote:\n\n> hi"),
    ("-- \nJohn\nCEO"),
    "Sent from my iPhone",
    ("Отправлено с iPhone\n\n> 6 нояб. 2026 г., в 10:15, Иван <i@p.ru> написал(а):\n> \n> hi"),
    ("Trimis de pe iPhone-ul meu\n\n> Pe 6 nov. 2026, la 10:15, Ion <i@x.md> a scris:\n> \n> hi"),
    (
        "*From:* Ion <i@x.md>\n"
        "*Sent:* Friday, November 6, 2026 10:15 AM\n"
        "*To:* a@b.c\n"
        "*Subject:* x\n"
        "\n"
        "hi"
    ),
    ("Cu stimă,\nIon Popescu\nDirector\n+373 69 123 456"),
    ("С уважением,\nИван Петров"),
    ("Am 06.11.26 um 10:15 schrieb Hans:\n> x"),
    (
        "-----Ursprüngliche Nachricht-----\n"
        "Von: Hans [mailto:h@x.de]\n"
        "Gesendet: Freitag\n"
        "An: x\n"
        "Betreff: y\n"
        "\n"
        "z"
    ),
    ("Ion Popescu <ion@x.md> schrieb am Fr., 6. Nov. 2026, 10:15:\n\n> x"),
    (
        "--- Original Message ---\n"
        "On Friday, November 6th, 2026 at 10:15 AM, Ion <i@x.md> wrote:\n"
        "\n"
        "> hi"
    ),
    ("Pe vineri, 6 noiembrie 2026, 10:15:04 EET, Ion <i@x.md> a scris:\n\n\nhi"),
    ("La 06.11.2026 10:15, Ion a scris:\n> x"),
    '====\n\nMessage du : 12/12/2016\nDe : "Q" <q@b.example>\nA : m@b.example\nSujet : x\n\nq',
    "---- On Wed, 24 Feb 2021 14:02:50 +0530 john@b.example wrote ----\n\nq",
    (
        "Sent from TypeApp<http://b.example/r>\nOn Jun 17, 2017, at 14:15, V <t@b.example<\n"
        "mailto:t@b.example>> wrote:\nOh yes."
    ),
    "Em 10 de julho de 2017 às 16:32:35, John (\nc@b.example) escreveu:\n\nHi there!",
    "Aa Bb Cc <abc@b.example> schrieb am So., 23.\nJuni 2024, 21:08:\n\n> Hi",
    (
        "Kind regards,\n\n\nLisa\n\nHR\n\n**From:** A <a@b.example>**On Behalf Of** Z\n"
        "**Sent:** 28 July 2025 15:46\n**To:** H <h@b.example>\n**Subject:** R\n\nq"
    ),
    "Best regards,\nJohn\n\n--\nJohn Doe\nExample Corp\n\nSent from my iPhone",
]

VISIBLE = [
    "On the surface, this looks like a quote.\n\nOn the other hand, we should be careful.",
    "Here are formats:\n\n2024-01-15 14:30:25\nJan 15, 2024 at 14:30\n\nAll are examples.",
    (
        "See below.\n\n---------- Forwarded message ---------\nFrom: John <john@b.example>\n"
        "Date: Mon, Dec 15, 2024 at 3:00 PM\nSubject: Update\nTo: T <t@b.example>\n\nThe order."
    ),
    (
        "Vedeți mai jos.\n\n-------- Mesaj redirecționat --------\nDe la: Ion <i@b.example>\n"
        "Data: luni, 9 nov. 2026 10:15\nSubiect: x\nCătre: a@b.example\n\nComanda."
    ),
    'Да.\n\n---- Пересылаемое сообщение ----\n09.11.2026, 10:15, "И" <i@b.example>:\n\nзаказ',
    "Name: Ion\nEmail: ion@b.example\nPhone: 069123456\nMessage: Vreau o ofertă",
    "Please send to: x@b.example\nThanks",
    "Key points\n---\n- a\n- b\n---\nmore",
    "The table:\nDate: 2026-11-06 10:00\nTo: Chișinău\n\nplease book",
    "On 6 Nov 2026 I asked about the following:\n\n1. a\n2. b",
    "Am 6.11.2026 um 10:15 habe ich bestellt:\n\nx",
    "With regards to the payment, all is well.\nThanks",
    "The mail was sent from my iPhone app and failed.\nPlease help.",
    "Regards,",
    "I'm writing you because of:\n-- first point\n-- second point\n\nThanks!",
    "🎉\n\n—\nJohn Doe\nCEO at Pandaland\n\n@pandaland",
    "I parse mails that come from: j@b.example\n\nThe data comes From: our database",
    "From: the bottom of my heart, thank you!",
    "> only a quote\n> and nothing else",
]


@pytest.mark.parametrize("quoted", FOLDED)
def test_what_is_not_new_is_folded(quoted):
    text = WRITTEN + quoted
    folds = find_folds(text)
    assert without_folds(text, folds) == WRITTEN.strip()


@pytest.mark.parametrize("text", VISIBLE)
def test_what_a_client_wrote_stays_visible(text):
    assert without_folds(text, find_folds(text)) == text


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (
            (
                "Hi,\nOn Tue, 2011-03-01 at 18:02 +0530, A Kona wrote:\n> Hi folks\n> bye\n\n"
                "You can list the keys.\n\n> -A\n\nDone."
            ),
            "Hi,\n\nYou can list the keys.\n\nDone.",
        ),
        ("> question one?\n\nyes\n\n> question two?\n\nno", "yes\n\nno"),
        ("below the line\n\n-- \nAnn\n\nOn 6 Nov 2026 at 10:15 X wrote:\n> q", "below the line"),
        ("first\n\nBest regards,\nAnn Doe\nSales\n\n> q", "first"),
        (
            (
                "words\n\n_______________________________________________\nlist mailing list\n"
                "list@b.example\nhttp://b.example/list"
            ),
            "words",
        ),
    ],
)
def test_answers_between_quotes_are_kept(text, reply):
    assert without_folds(text, find_folds(text)) == reply


def test_a_forward_keeps_what_it_forwards():
    text = "See.\n\nFrom: A <a@b.example>\nSent: Friday\nTo: B\nSubject: S\n\norder"
    assert without_folds(text, find_folds(text, is_forward=True)) == text
    assert without_folds(text, find_folds(text)) == "See."


def test_a_quote_in_any_language_is_known_by_its_text():
    earlier = "Dear Ann,\nyour order was sent.\nIt arrives on Monday.\nThe shop"
    text = "Mersi!\n\nAnnak írta valaki\n| nothing\n" + earlier.replace("\n", "\n  ")
    folds = fold_known(text, (), [earlier])
    assert without_folds(text, folds) == "Mersi!\n\nAnnak írta valaki\n| nothing"


def test_two_equal_lines_are_not_yet_a_quote():
    assert fold_known("Hello\nThanks\nnew words", (), ["Hello\nThanks\nold words"]) == ()


def test_a_message_that_repeats_an_earlier_one_whole_stays_visible():
    text = "one\ntwo\nthree"
    assert fold_known(text, (), [text]) == ()


def test_known_text_adds_to_what_is_folded_already():
    text = "hi\na\nb\nc\n-- \nAnn"
    found = fold_known(text, (Fold(9, 16, "signature"),), ["a\nb\nc"])
    assert found == (Fold(3, 8, "quote"), Fold(9, 16, "signature"))


@given(st.text(alphabet=st.sampled_from("a >\n:-@On wrote1"), max_size=200))
def test_folds_are_ordered_ranges_of_the_text(text):
    end = 0
    for fold in find_folds(text):
        assert end <= fold.start < fold.end <= len(text)
        end = fold.end


@pytest.mark.parametrize(
    "text",
    [
        "> a\n" * 19_000,
        "plain words without end\n" * 19_000,
        "From: a\n" * 19_000,
        "On 2026 wrote:\n" * 19_000,
        "a " * 500_000,
        "-----\n" * 19_000,
        "x\n" * 200_000,
    ],
)
def test_long_texts_are_folded_in_bounded_time(text):
    begin = time.process_time()
    find_folds(text)
    assert time.process_time() - begin < 5.0  # alone it takes a tenth of that
