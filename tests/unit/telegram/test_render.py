"""What a message becomes for Telegram: its calls, and what is lost."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from channels.telegram.capabilities import capabilities
from channels.telegram.files import fits_photo
from channels.telegram.render import ASK_PHONE, Place, render
from inbox.contract import (
    AccountId,
    Address,
    Button,
    CalendarEvent,
    ExternalRef,
    Forwarded,
    Location,
    Media,
    Outbound,
    RichText,
    SharedContact,
    Span,
    Stored,
    ThreadRef,
    Unsupported,
)
from infra.clock import new_id
from tests.adapter.telegram.conftest import png


ACCOUNT = AccountId(new_id())
BLOB = "ab" * 32


def message(*parts, key="7", **fields):
    return Outbound(
        id=new_id(),
        thread=ThreadRef(ACCOUNT, key),
        thread_id=new_id(),
        to=Address("telegram_user", "7"),
        parts=parts,
        at=datetime(2026, 11, 24, tzinfo=UTC),
        **fields,
    )


def rendered(*parts, **fields):
    outbound = message(*parts, **fields)
    return render(outbound, capabilities({}, outbound.thread))


def calls(*parts, **fields):
    return [(op.method, op.payload) for op in rendered(*parts, **fields).ops]


def file(kind="image", mime="image/png", *, size=100, name="a.png", **fields):
    return Media(
        kind=kind, source=Stored(blob=BLOB), mime=mime, size=size, filename=name, **fields
    )


# ---------------------------------------------------------------- text


def test_spans_become_entities_in_utf16_units():
    text = RichText(
        text="😀 bold link", spans=(Span(2, 6, "bold"), Span(7, 11, "link", "https://x"))
    )
    ((method, payload),) = calls(text)
    assert method == "sendMessage"
    assert "parse_mode" not in payload
    assert payload["entities"] == [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "text_link", "url": "https://x", "offset": 8, "length": 4},
    ]


def test_every_kind_of_formatting_has_its_name():
    kinds = {
        "bold": "bold",
        "italic": "italic",
        "underline": "underline",
        "strike": "strikethrough",
        "code": "code",
        "pre": "pre",
        "quote": "blockquote",
        "spoiler": "spoiler",
    }
    spans = tuple(Span(n, n + 1, kind) for n, kind in enumerate(kinds))
    ((_, payload),) = calls(RichText(text="abcdefgh", spans=spans))
    assert [one["type"] for one in payload["entities"]] == list(kinds.values())


def test_a_mention_names_the_person():
    ((_, payload),) = calls(RichText(text="Ion, da", spans=(Span(0, 3, "mention", "42"),)))
    assert payload["entities"][0]["user"]["id"] == 42


def test_a_long_text_is_several_messages():
    ops = calls(RichText(text="cuvânt " * 1000))
    assert len(ops) == 2
    assert "".join(payload["text"] for _, payload in ops) == "cuvânt " * 1000


def test_half_a_pair_and_nothing_but_spaces_are_not_sent():
    ((_, payload),) = calls(RichText(text="a\ud83db"))
    assert payload["text"] == "a\ufffdb"
    assert calls(RichText(text=" \n ")) == []


# ---------------------------------------------------------------- files


def test_a_short_text_is_the_caption_of_its_photo():
    ((method, payload),) = calls(RichText(text="așa", spans=(Span(0, 3, "bold"),)), file())
    assert method == "sendPhoto"
    assert payload["caption"] == "așa"
    assert payload["caption_entities"][0]["type"] == "bold"
    assert payload["photo"] == "attach://photo"
    assert payload["files"][0]["blob"] == BLOB


def test_a_text_too_long_for_a_caption_follows_its_photo():
    ops = calls(RichText(text="x" * 1025), file())
    assert [method for method, _ in ops] == ["sendPhoto", "sendMessage"]
    assert "caption" not in ops[0][1]


def test_pictures_and_films_are_one_album_documents_another():
    film = file("video", "video/mp4", name="a.mp4")
    act = file("file", "application/pdf", name="act.pdf")
    ops = calls(RichText(text="toate"), file(), act, film, act)
    assert [method for method, _ in ops] == ["sendMediaGroup", "sendMediaGroup"]
    assert [one["type"] for one in ops[0][1]["media"]] == ["photo", "video"]
    assert [one["type"] for one in ops[1][1]["media"]] == ["document", "document"]
    assert ops[0][1]["media"][0]["caption"] == "toate"
    assert "caption" not in ops[0][1]


def test_more_than_ten_pictures_are_several_albums_and_weigh_as_many():
    ops = rendered(*[file()] * 13).ops
    assert [(len(op.payload["files"]), op.weight) for op in ops] == [(10, 10), (3, 3)]


@pytest.mark.parametrize(
    ("media", "method", "loss"),
    [
        (file(size=11 << 20), "sendDocument", "image_as_file"),
        (file(mime="image/tiff"), "sendDocument", "image_as_file"),
        (file(mime="image/gif"), "sendAnimation", ""),
        (file("voice", "audio/ogg"), "sendVoice", ""),
        (file("voice", "audio/ogg; codecs=opus"), "sendVoice", ""),
        (file("voice", "audio/webm"), "sendDocument", "voice_as_file"),
        (file("audio", "audio/mpeg"), "sendAudio", ""),
        (file("audio", "audio/flac"), "sendDocument", "audio_as_file"),
        (file("video", "video/webm"), "sendDocument", "video_as_file"),
        (file("sticker", "image/webp"), "sendSticker", ""),
    ],
)
def test_a_file_is_sent_as_what_telegram_takes(media, method, loss):
    result = rendered(media)
    assert [op.method for op in result.ops] == [method]
    assert result.losses == ((loss,) if loss else ())


def test_a_voice_message_keeps_its_length():
    ((_, payload),) = calls(file("voice", "audio/ogg", duration=timedelta(seconds=7)))
    assert payload["duration"] == 7


@pytest.mark.parametrize(
    ("size", "is_photo"),
    [((100, 100), True), ((9000, 1001), False), ((2100, 100), False), ((2000, 100), True)],
)
def test_a_picture_too_wide_is_no_photo(size, is_photo):
    assert fits_photo(png(*size)[:64]) is is_photo


def test_what_is_no_picture_is_no_photo():
    assert not fits_photo(b"%PDF-1.7")


# ---------------------------------------------------------------- around it


def test_an_answer_names_what_it_answers_and_only_the_first_call_does():
    ref = ExternalRef(ThreadRef(ACCOUNT, "7"), "55")
    ops = calls(RichText(text="x" * 5000), reply_to=ref, silent=True)
    assert ops[0][1]["reply_parameters"] == {
        "message_id": 55,
        "allow_sending_without_reply": True,
    }
    assert "reply_parameters" not in ops[1][1]
    assert all(payload["disable_notification"] for _, payload in ops)


def test_buttons_stand_under_the_last_message():
    rows = ((Button("da", "Da"), Button("", "Site", "https://x.test")),)
    ops = calls(RichText(text="x" * 5000), buttons=rows)
    assert "reply_markup" not in ops[0][1]
    assert ops[1][1]["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "Da", "callback_data": "da"}, {"text": "Site", "url": "https://x.test"}]
        ]
    }


def test_a_button_that_says_too_much_is_lost_and_said_so():
    result = rendered(RichText(text="a"), buttons=((Button("ș" * 33, "Da"),),))
    assert "reply_markup" not in result.ops[0].payload
    assert result.losses == ("buttons",)


def test_an_album_leaves_the_buttons_to_its_text():
    ops = calls(RichText(text="alegeți"), file(), file(), buttons=((Button("1", "Unu"),),))
    assert [method for method, _ in ops] == ["sendMediaGroup", "sendMessage"]
    assert "reply_markup" in ops[1][1]


def test_a_client_is_asked_for_their_number_in_private_only():
    ask = ((Button(ASK_PHONE, "Trimite numărul"),),)
    ((_, payload),) = calls(RichText(text="?"), buttons=ask)
    assert payload["reply_markup"]["keyboard"][0][0]["request_contact"] is True
    group = rendered(RichText(text="?"), buttons=ask, key="-100")
    assert "reply_markup" not in group.ops[0].payload
    assert group.losses == ("buttons",)


@pytest.mark.parametrize(
    ("key", "params", "bucket"),
    [
        ("7", {"chat_id": 7}, "chat:7"),
        ("-5/t9", {"chat_id": -5, "message_thread_id": 9}, "group:-5"),
        ("7/d3", {"chat_id": 7, "direct_messages_topic_id": 3}, "chat:7"),
        ("7/bAb/c", {"chat_id": 7, "business_connection_id": "Ab/c"}, "chat:7"),
    ],
)
def test_a_threads_key_says_where_a_message_goes(key, params, bucket):
    place = Place.of(key)
    assert place.params() == params
    assert place.bucket() == ("acct", bucket)


def test_places_and_people_have_calls_of_their_own():
    ops = calls(
        RichText(text="Aici"),
        Location(lat=47.0, lon=28.8, title="Oficiu"),
        SharedContact(name="Ana", phones=("+37360123456",)),
    )
    assert [method for method, _ in ops] == ["sendMessage", "sendVenue", "sendContact"]


def test_what_telegram_has_no_form_for_is_said_in_words_and_listed():
    result = rendered(
        RichText(text="Vedeți"),
        CalendarEvent(method="REQUEST", summary="Ședință", starts_at="2026-12-01"),
        Forwarded(origin="Ana", at=None, parts=(RichText(text="vechi"),)),
        Unsupported(type_name="poll", fallback="[sondaj]"),
        subject="Comanda",
    )
    (op,) = result.ops
    assert op.payload["text"] == "Vedeți\n\nȘedință\n2026-12-01\n\nAna:\nvechi\n\n[sondaj]"
    assert result.losses == ("calendarevent", "forwarded", "subject", "unsupported")


def test_calls_are_numbered_and_the_same_every_time():
    outbound = message(RichText(text="x" * 9000), file())
    first, second = (render(outbound, capabilities({})) for _ in "12")
    assert first == second
    assert [op.key for op in first.ops] == [f"{outbound.id}/{n}" for n in range(4)]
    msgspec.json.encode(first.ops)


def test_a_server_of_ones_own_takes_bigger_files():
    own = {"api_base": "https://bots.hub.test", "local_mode": True}
    assert capabilities(own).media["file"].max_bytes == 2000 << 20
    assert capabilities({}).media["file"].max_bytes == 50 << 20
