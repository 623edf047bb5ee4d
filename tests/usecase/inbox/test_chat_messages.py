"""What chats send beside text: formatting, places, albums, long SMS in pieces, groups."""

import itertools
from datetime import timedelta

import msgspec
import pytest

from inbox.content import Content
from inbox.content_views import ContactPart, ForwardedPart, LocationPart, UnsupportedPart
from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    Fold,
    Forwarded,
    Location,
    Media,
    MessageIn,
    Piece,
    RemoteMedia,
    RichText,
    SharedContact,
    Span,
    Stored,
    ThreadRef,
    Unsupported,
)
from inbox.indexing import index_batch
from inbox.ingest import OwnAccount, item_of, store
from inbox.views import Message
from infra.clock import now
from tests import seed
from tests.reading import events_of


BLOB = "ab" * 32


def photo(name: str, **fields) -> Media:
    return Media(
        kind="image", source=Stored(blob=BLOB), filename=name, mime="image/jpeg", **fields
    )


# ---------------------------------------------------------------- what one message holds


async def test_formatting_is_where_it_was_when_several_texts_are_put_together(office):
    parts = (
        RichText(text="Привет", spans=(Span(0, 6, "bold"),)),
        RichText(
            text="vezi 😀 aici\n> demult",
            spans=(Span(7, 11, "link", "https://hub.test/"),),
            folds=(Fold(12, 20, "quote"),),
        ),
    )
    message = await office.shown(await office.chat(parts=parts))
    marked = [(message.text[s.start : s.end], s.kind, s.arg) for s in message.spans]
    assert marked == [("Привет", "bold", None), ("aici", "link", "https://hub.test/")]
    assert message.text[message.folds[0].start : message.folds[0].end] == "> demult"


async def test_a_range_outside_its_text_is_cut_or_left_out(office):
    spans = (Span(2, 99, "bold"), Span(7, 9, "italic"), Span(-1, 2, "code"), Span(3, 3, "code"))
    message = await office.shown(await office.chat(parts=(RichText(text="Salut", spans=spans),)))
    assert [(s.start, s.end, s.kind) for s in message.spans] == [(2, 5, "bold")]


async def test_what_is_more_than_words_is_kept_and_said_in_words(office):
    parts = (
        RichText(text="Sunt aici"),
        Location(lat=47.0245, lon=28.8322, title="Piața"),
        SharedContact(name="Ion", phones=("+37369123456",), is_sender=True),
        Unsupported(type_name="dice", fallback="🎲 5"),
    )
    message_id = await office.chat(parts=parts)
    message = await office.shown(message_id)
    place, contact, dice = message.parts
    assert isinstance(place, LocationPart)
    assert isinstance(contact, ContactPart)
    assert (place.lat, place.lon, place.title, place.live) == (47.0245, 28.8322, "Piața", False)
    assert (contact.phones, contact.is_sender) == (["+37369123456"], True)
    assert isinstance(dice, UnsupportedPart)
    assert dice.type_name == "dice"
    words = [message.text[part.start : part.end] for part in message.parts]
    assert words == ["Piața 47.024500, 28.832200", "Ion +37369123456", "🎲 5"]
    async with office.db.transaction() as tx:
        await index_batch(tx)
        found = await tx.fetchval("SELECT words::text FROM message_search")
    assert "37369123456" in found


async def test_a_forwarded_message_keeps_its_shape_and_its_files_are_files(office):
    inner = (RichText(text="Preț", spans=(Span(0, 4, "bold"),)), photo("lista.jpg"))
    part = Forwarded(origin="Canal", at=now(), parts=inner)
    message = await office.shown(await office.chat(parts=(part,)))
    (forwarded,) = message.parts
    assert isinstance(forwarded, ForwardedPart)
    assert (forwarded.origin, forwarded.parts[0].text) == ("Canal", "Preț")
    assert [file.filename for file in message.attachments] == ["lista.jpg"]


async def test_nothing_a_payload_may_hold_breaks_the_storing(office):
    hostile = "a\0b\ud800"
    parts = (
        RichText(text=hostile, spans=(Span(0, 3, "link", hostile),)),
        Forwarded(
            origin=hostile, at=None, parts=(SharedContact(name=hostile, phones=(hostile,)),)
        ),
    )
    message = await office.shown(await office.chat(parts=parts, quoted=hostile))
    assert "\0" not in msgspec.json.encode(message).decode()


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("voice", "\U0001f399"), ("sticker", "\U0001f60a"), ("video_note", "\U0001f3ac")],
)
async def test_a_file_without_a_name_shows_in_lists_and_says_how_long_it_plays(office, kind, sign):
    source = RemoteMedia(handle="file-id-1", expires_at=now() + timedelta(hours=1))
    media = Media(kind=kind, source=source, mime="audio/ogg", duration=timedelta(seconds=7.5))
    message_id = await office.chat(parts=(media,))
    message = await office.shown(message_id)
    assert [(file.kind, file.duration) for file in message.attachments] == [(kind, 7.5)]
    assert (await office.conversation(message.conversation_id))["preview"] == sign
    kept = await office.row("SELECT handle, handle_until, blob FROM attachment")
    assert (kept["handle"], kept["blob"]) == ("file-id-1", None)
    assert kept["handle_until"] is not None


def test_what_a_list_shows_is_one_line_without_folds():
    fold = Fold(6, 19, "quote")
    assert Content((RichText(text="Bună\n\n> ce ai scris", folds=(fold,)),)).preview == "Bună"


# ---------------------------------------------------------------- albums


async def test_an_album_is_one_message_whose_files_grow(office):
    first = await office.chat(parts=(RichText(text="Casa"), photo("1.jpg")), album="g1", name="11")
    case = await office.conversation(await office.place_of(first))
    for n in (12, 13):
        part = (photo(f"{n}.jpg"),)
        assert await office.chat(parts=part, album="g1", name=str(n)) == first
    message = await office.shown(first)
    assert [file.filename for file in message.attachments] == ["1.jpg", "12.jpg", "13.jpg"]
    assert (message.text, message.album, message.rev) == ("Casa", "g1", 3)
    after = await office.conversation(case["id"])
    assert (after["inbound_count"], after["last_seq"]) == (1, 1)
    changed = [e.decoded() for e in await events_of(office.db)]
    assert [e["message"]["rev"] for e in changed if e["type"] == "message.changed"] == [1, 2, 3]


async def test_captions_of_an_album_are_put_together_with_their_formatting(office):
    bold = RichText(text="unu", spans=(Span(0, 3, "bold"),))
    first = await office.chat(parts=(bold, photo("1.jpg")), album="g1", name="11")
    two = RichText(text="doi", spans=(Span(0, 3, "italic"),))
    await office.chat(parts=(two, photo("2.jpg")), album="g1", name="12")
    message = await office.shown(first)
    marked = [(message.text[s.start : s.end], s.kind) for s in message.spans]
    assert (message.text, marked) == ("unu\n\ndoi", [("unu", "bold"), ("doi", "italic")])
    preview = await office.value("SELECT preview FROM conversation")
    assert preview == await office.value("SELECT summary FROM activity") == "unu doi"


async def test_an_item_that_comes_twice_is_in_the_album_once(office):
    first = await office.chat(parts=(photo("1.jpg"),), album="g1", name="11")
    for _ in range(2):
        await office.chat(parts=(photo("2.jpg"),), album="g1", name="12")
    assert await office.chat(parts=(photo("1.jpg"),), album="g1", name="11") == first
    assert len((await office.shown(first)).attachments) == 2


async def test_the_items_of_one_batch_become_one_message(office):
    account = OwnAccount(office.chat_id, "telegram", frozenset())
    thread = ThreadRef(AccountId(office.chat_id), "chat5")
    events = [
        MessageIn(
            account=AccountId(office.chat_id),
            dedup_key=str(n),
            at=now(),
            ref=ExternalRef(thread, str(n)),
            sender=Address("telegram_user", "5"),
            parts=(photo(f"{n}.jpg"),),
            album="g1" if n < 4 else None,
        )
        for n in range(5)
    ]
    async with office.db.lane(via="channel") as tx:
        stored = await store(tx, [item_of(event, account) for event in events])
    assert [one.outcome for one in stored] == ["stored", *["amended"] * 3, "stored"]
    assert len({one.message_id for one in stored}) == 2
    assert len((await office.shown(stored[0].message_id)).attachments) == 4


async def test_the_same_album_name_in_another_chat_is_another_album(office):
    one = await office.chat(parts=(photo("1.jpg"),), album="g1", name="1", dedup_key="a")
    two = await office.chat(parts=(photo("2.jpg"),), album="g1", name="1", user="8", dedup_key="b")
    assert one != two


# ---------------------------------------------------------------- long SMS


async def piece(office, n: int, text: str, *, key: str = "a/b/7", total: int = 3, again: str = ""):
    return await office.chat(
        text, piece=Piece(key=key, n=n, total=total), name=f"{key}/{n}/{again}", user="5"
    )


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
async def test_pieces_make_one_text_in_any_order(office, order):
    words = {1: "Bună ziua, ", 2: "unde e com", 3: "anda mea?"}
    ids = {await piece(office, n, words[n]) for n in order}
    assert len(ids) == 1
    message = await office.shown(ids.pop())
    assert message.text == "Bună ziua, unde e comanda mea?"
    assert (message.pieces.have, message.pieces.total, message.album) == ([1, 2, 3], 3, None)
    assert await office.value("SELECT inbound_count FROM conversation") == 1


async def test_a_missing_piece_is_named_in_its_place(office):
    await piece(office, 3, "sfârșit")
    message = await office.shown(await piece(office, 1, "început"))
    assert message.text == "început […2/3…] sfârșit"
    assert message.pieces.have == [1, 3]


async def test_ten_pieces_and_more_are_in_the_order_of_their_numbers(office):
    for n in range(11, 0, -1):
        last = await piece(office, n, f"<{n}>", total=11)
    assert (await office.shown(last)).text == "".join(f"<{n}>" for n in range(1, 12))


async def test_pieces_of_two_senders_with_one_number_are_not_mixed(office):
    mine = await piece(office, 1, "al meu", key="1/b/7", total=2)
    theirs = await piece(office, 2, "al lor", key="2/b/7", total=2)
    assert mine != theirs


async def test_a_number_that_comes_round_begins_another_text(office):
    old = await piece(office, 1, "vechi", total=2)
    new = await piece(office, 1, "nou", total=2, again="x")
    assert old != new
    assert await piece(office, 2, "!", total=2, again="x") == new
    assert (await office.shown(new)).text == "nou!"
    assert (await office.shown(old)).pieces.have == [1]


# ---------------------------------------------------------------- answers


async def test_an_answer_to_one_of_ours_names_it_by_any_of_its_names(office):
    agent = await office.agent()
    asked = await office.chat("Cât costă?", name="1")
    ours = await office.answer(await office.place_of(asked), agent, "Uite")
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE delivery SET provider_id = '40' WHERE message_id = $1", ours)
    for n, name in ((2, "1"), (3, "40")):
        thread = ThreadRef(AccountId(office.chat_id), "chat77")
        answer = await office.chat("Asta?", name=str(n), reply_to=ExternalRef(thread, name))
        expected = asked if name == "1" else ours
        assert (await office.shown(answer)).in_reply_to == expected


async def test_an_answer_to_what_comes_later_names_it_then(office):
    thread = ThreadRef(AccountId(office.chat_id), "chat77")
    answer = await office.chat("Da", name="2", reply_to=ExternalRef(thread, "1"))
    assert (await office.shown(answer)).in_reply_to is None
    question = await office.chat("Vii?", name="1")
    assert (await office.shown(answer)).in_reply_to == question


# ---------------------------------------------------------------- groups and accounts


async def test_in_a_group_the_chat_is_the_client_and_each_writes_under_a_name(office):
    thread = ThreadRef(AccountId(office.chat_id), "-100", group=True)
    chat = Address("telegram_chat", "-100", display="Bloc 5")
    ana = await office.chat("Salut", user="1", display="Ana", thread=thread, chat=chat)
    bob = await office.chat("Bună", user="2", display="Bob", thread=thread, chat=chat)
    case = await office.place_of(ana)
    assert await office.place_of(bob) == case
    assert [(await office.shown(m)).author.name for m in (ana, bob)] == ["Ana", "Bob"]
    assert await office.value("SELECT display_name FROM card") == "Bloc 5"
    row = await office.row(
        "SELECT t.is_group, i.kind, i.value FROM thread AS t"
        " JOIN identity AS i ON i.id = t.peer_identity_id"
    )
    assert tuple(row.values()) == (True, "telegram_chat", "-100")
    shown = await office.value("SELECT conversation_json(c)::text FROM conversation AS c")
    assert msgspec.json.decode(shown)["is_group"] is True
    agent = await office.agent()
    answer = await office.answer(case, agent)
    to = await office.value(
        "SELECT i.value FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id"
        " WHERE d.message_id = $1",
        answer,
    )
    assert to == "-100"


async def test_a_member_who_writes_alone_is_another_client(office):
    thread = ThreadRef(AccountId(office.chat_id), "-100", group=True)
    chat = Address("telegram_chat", "-100", display="Bloc 5")
    group = await office.chat("Salut", user="1", display="Ana", thread=thread, chat=chat)
    alone = await office.chat("Doar eu", user="1", display="Ana")
    assert await office.place_of(group) != await office.place_of(alone)
    names = await office.rows("SELECT display_name FROM card ORDER BY 1")
    assert [row["display_name"] for row in names] == ["Ana", "Bloc 5"]


async def test_one_person_at_two_bots_is_in_two_threads_and_two_conversations(office):
    other = await seed.account(
        office.db, branch_id=office.branch_id, kind="telegram", provider="paper", address="@doi"
    )
    one = await office.chat("La unu", name="5")
    two = await office.chat("La doi", name="5", account_id=other)
    assert await office.place_of(one) != await office.place_of(two)
    assert await office.value("SELECT count(*) FROM thread") == 2


async def test_what_is_told_is_what_is_shown(office):
    thread = ThreadRef(AccountId(office.chat_id), "-100", group=True)
    part = Location(lat=1, lon=2)
    await office.chat(
        parts=(RichText(text="aici"), part),
        thread=thread,
        chat=Address("telegram_chat", "-100", display="Bloc"),
        album="a",
    )
    told = [e.decoded() for e in await events_of(office.db)]
    for one in told:
        if one["type"] == "message.changed":
            message = msgspec.convert(one["message"], Message)
            assert msgspec.to_builtins(message).keys() == one["message"].keys()
