"""Everything chats do beyond writing: late, twice and in any order, with the same end."""

from datetime import timedelta

import msgspec
import pytest

from inbox.applying import apply
from inbox.contract import (
    AccountChanged,
    AccountId,
    Address,
    ButtonPressed,
    Cost,
    DeliveryChanged,
    ExternalRef,
    Health,
    HealthState,
    Media,
    MessageDeleted,
    MessageEdited,
    PageVisited,
    ReactionChanged,
    ReadUpTo,
    RemoteMedia,
    RichText,
    Span,
    Stored,
    ThreadMoved,
    ThreadRef,
)
from inbox.ingest import OwnAccount
from infra.clock import new_id, now
from tests.reading import events_of


ION = Address("telegram_user", "77", display="Ion")


def thread(office, key: str = "chat77", *, group: bool = False) -> ThreadRef:
    return ThreadRef(AccountId(office.chat_id), key, group)


def ref(office, name: str, key: str = "chat77") -> ExternalRef:
    return ExternalRef(thread(office, key), name)


async def happen(office, kind, *, order: int = 1, **fields):
    """Let an event of the chat account happen; return its verdict's reason."""
    event = kind(
        account=AccountId(office.chat_id),
        **{"dedup_key": str(new_id()), "at": now(), **fields},
    )
    account = OwnAccount(office.chat_id, "telegram", frozenset())
    async with office.db.transaction() as tx:
        await tx.act(None, "channel")
        verdict = await apply(tx, event, account, journal_id=order)
    return verdict.reason


async def edit(office, text: str, *, name: str = "1", **fields):
    parts = fields.pop("parts", (RichText(text=text),))
    return await happen(office, MessageEdited, ref=ref(office, name), parts=parts, **fields)


async def history(office, message_id) -> list[str]:
    rows = await office.rows(
        "SELECT text FROM message_edit WHERE message_id = $1 ORDER BY n", message_id
    )
    return [row["text"] for row in rows]


# ---------------------------------------------------------------- edits


async def test_an_edit_changes_what_is_shown_and_keeps_what_was(office):
    message_id = await office.chat("Vin la 5", name="1")
    bold = RichText(text="Vin la 6", spans=(Span(7, 8, "bold"),))
    assert await edit(office, "", parts=(bold,)) == ""
    message = await office.shown(message_id)
    assert (message.text, message.edits, message.rev) == ("Vin la 6", 1, 2)
    assert [(s.start, s.kind) for s in message.spans] == [(7, "bold")]
    assert message.edited_at is not None
    assert await history(office, message_id) == ["Vin la 5"]
    case = await office.conversation(message.conversation_id)
    assert (case["preview"], case["inbound_count"], case["last_seq"]) == ("Vin la 6", 1, 1)
    assert await office.value("SELECT summary FROM activity") == "Vin la 6"
    assert await office.value("SELECT count(*) FROM search_queue") == 1


async def test_an_edit_that_changes_nothing_tells_nobody(office):
    await office.chat("Vin", name="1")
    before = len(await events_of(office.db))
    assert await edit(office, "Vin") == "unchanged"
    assert len(await events_of(office.db)) == before


async def test_an_older_edit_never_undoes_a_newer_one(office):
    message_id = await office.chat("a", name="1")
    at = now()
    assert await edit(office, "c", at=at, order=2) == ""
    assert await edit(office, "b", at=at, order=1) == "older"
    assert await edit(office, "b", at=at - timedelta(seconds=1), order=3) == "older"
    assert (await office.shown(message_id)).text == "c"


async def test_an_edit_before_its_message_waits_for_it(office):
    assert await edit(office, "b") == "stranger"
    message_id = await office.chat("a", name="1")
    assert await edit(office, "b") == ""
    assert (await office.shown(message_id)).text == "b"


async def test_the_caption_of_one_item_of_an_album_is_edited_alone(office):
    def item(n: int, text: str) -> tuple:
        media = Media(kind="image", source=Stored(blob="ab" * 32), filename=f"{n}.jpg")
        return (RichText(text=text), media) if text else (media,)

    first = await office.chat(parts=item(1, "unu"), album="g", name="1")
    await office.chat(parts=item(2, ""), album="g", name="2")
    await office.chat(parts=item(3, "trei"), album="g", name="3")
    assert await edit(office, "", name="3", parts=item(3, "3")) == ""
    assert await edit(office, "", name="2", parts=item(2, "doi")) == ""
    message = await office.shown(first)
    assert message.text == "unu\n\ndoi\n\n3"
    assert len(message.attachments) == 3
    assert await edit(office, "", name="2", parts=item(2, "doi")) == "unchanged"


async def test_a_replaced_file_is_replaced_and_remembered(office):
    old = Media(kind="file", source=Stored(blob="ab" * 32), filename="v1.pdf", size=1)
    new = Media(kind="file", source=Stored(blob="cd" * 32), filename="v2.pdf", size=2)
    message_id = await office.chat(parts=(RichText(text="oferta"), old), name="1")
    assert await edit(office, "", parts=(RichText(text="oferta"), new)) == ""
    assert [f.filename for f in (await office.shown(message_id)).attachments] == ["v2.pdf"]
    kept = msgspec.json.decode(await office.value("SELECT parts::text FROM message_edit"))
    assert (kept[0]["filename"], kept[0]["blob"]) == ("v1.pdf", "ab" * 32)


async def test_a_file_that_was_fetched_meanwhile_is_the_same_file(office):
    remote = Media(kind="image", source=RemoteMedia(handle="h1"), size=0)
    await office.chat(parts=(RichText(text="a"), remote), name="1")
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE attachment SET blob = $1, size = 9, mime = 'image/jpeg'", "ab" * 32
        )
    again = msgspec.structs.replace(remote, source=RemoteMedia(handle="h2"))
    assert await edit(office, "", parts=(RichText(text="a"), again)) == "unchanged"
    assert await edit(office, "", parts=(RichText(text="b"), again)) == ""
    assert await office.value("SELECT blob FROM attachment") == "ab" * 32


async def test_the_same_number_in_another_chat_is_another_message(office):
    mine = await office.chat("al meu", name="1", dedup_key="x")
    theirs = await office.chat("al lor", name="1", user="8", dedup_key="y")
    assert await edit(office, "schimbat") == ""
    assert [(await office.shown(m)).text for m in (mine, theirs)] == ["schimbat", "al lor"]


# ---------------------------------------------------------------- taking back


async def test_what_is_taken_back_is_not_shown_and_not_lost(office):
    message_id = await office.chat("secret", name="1")
    assert await happen(office, MessageDeleted, refs=(ref(office, "1"),)) == ""
    message = await office.shown(message_id)
    assert (message.text, message.spans, message.deleted_at is None) == ("", [], False)
    assert await office.value("SELECT text FROM message") == "secret"
    assert (await office.conversation(message.conversation_id))["preview"] == ""
    assert await edit(office, "altul") == "deleted"


async def test_those_that_are_here_go_while_others_are_waited_for(office):
    message_id = await office.chat("a", name="1")
    refs = (ref(office, "1"), ref(office, "2"))
    assert await happen(office, MessageDeleted, refs=refs) == "stranger"
    assert (await office.shown(message_id)).deleted_at is not None
    await office.chat("b", name="2")
    assert await happen(office, MessageDeleted, refs=refs) == ""


async def test_an_album_is_gone_when_all_of_it_is(office):
    for n in "12":
        media = Media(kind="image", source=Stored(blob="ab" * 32), filename=f"{n}.jpg")
        message_id = await office.chat(parts=(media,), album="g", name=n)
    await happen(office, MessageDeleted, refs=(ref(office, "2"),))
    assert (await office.shown(message_id)).deleted_at is None
    await happen(office, MessageDeleted, refs=(ref(office, "1"),))
    assert (await office.shown(message_id)).deleted_at is not None


# ---------------------------------------------------------------- reactions


async def react(office, *emojis: str, name: str = "1", sender=ION, **fields):
    return await happen(
        office, ReactionChanged, ref=ref(office, name), sender=sender, emojis=emojis, **fields
    )


async def test_the_newest_set_of_reactions_counts_and_none_clears(office):
    message_id = await office.chat("a", name="1")
    at = now()
    assert await react(office, "👍", at=at) == ""
    assert await react(office, "❤", "🔥", at=at + timedelta(seconds=2)) == ""
    assert await react(office, "👎", at=at + timedelta(seconds=1)) == "unchanged"
    (shown,) = (await office.shown(message_id)).reactions
    assert (shown.who, shown.name, shown.emojis) == ("client", "Ion", ["❤", "🔥"])
    assert await react(office, at=at + timedelta(seconds=3)) == ""
    assert (await office.shown(message_id)).reactions == []


async def test_a_reaction_before_its_message_waits_for_it(office):
    assert await react(office, "👍") == "stranger"


async def test_a_reaction_to_the_second_part_of_our_answer_is_to_the_answer(office):
    agent = await office.agent()
    ours = await office.answer(await office.place_of(await office.chat(name="1")), agent)
    async with office.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO message_ref (account_id, ref_hash, thread_id, message_id, kind, at)"
            " SELECT account_id, thread_ref_hash(thread_id, '41'), thread_id, id, 'own', now()"
            " FROM message WHERE id = $1",
            ours,
        )
    assert await react(office, "👍", name="41") == ""
    assert len((await office.shown(ours)).reactions) == 1


# ---------------------------------------------------------------- receipts


async def sent(office, case, agent, name: str):
    message_id = await office.answer(case, agent)
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE delivery SET state = 'sent', provider_id = $2 WHERE message_id = $1",
            message_id,
            name,
        )
        await tx.execute("UPDATE message SET external_id = $2 WHERE id = $1", message_id, name)
    return message_id


async def test_reading_up_to_a_message_reads_everything_of_ours_before_it(office):
    agent = await office.agent()
    case = await office.place_of(await office.chat(name="1"))
    one, two, three = [await sent(office, case, agent, name) for name in ("2", "3", "4")]
    assert await happen(office, ReadUpTo, thread=thread(office), message_id="3") == ""
    states = [(await office.shown(m)).deliveries[0].state for m in (one, two, three)]
    assert states == ["read", "read", "sent"]
    again = await happen(office, ReadUpTo, thread=thread(office), message_id="3")
    assert again == "unchanged"
    early = await happen(office, ReadUpTo, thread=thread(office), message_id="9")
    assert early == "stranger"


async def test_a_report_without_a_thread_is_found_by_its_name_and_its_cost_is_kept_once(office):
    agent = await office.agent()
    case = await office.place_of(await office.chat(name="1"))
    message_id = await sent(office, case, agent, "sid-1")
    report = {
        "ref": ExternalRef(ThreadRef(AccountId(office.chat_id), ""), "sid-1"),
        "state": "delivered",
        "cost": Cost("0.04", "EUR", 1),
    }
    for _ in range(2):
        assert await happen(office, DeliveryChanged, **report) == ""
    assert (await office.shown(message_id)).deliveries[0].state == "delivered"
    costs = await office.value("SELECT (meta -> 'costs')::text FROM message WHERE kind='outbound'")
    assert msgspec.json.decode(costs) == {
        "sid-1/0": {"amount": "0.04", "currency": "EUR", "units": 1}
    }


# ---------------------------------------------------------------- the rest


async def test_a_pressed_button_is_told_once_and_brings_the_case_back(office):
    agent = await office.agent()
    case = await office.place_of(await office.chat(name="1"))
    message_id = await sent(office, case, agent, "2")
    rows = [{"type": "buttons", "rows": [[{"id": "y", "label": "Da", "url": None}]]}]
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE message SET parts = $2::jsonb WHERE id = $1",
            message_id,
            msgspec.json.encode(rows).decode(),
        )
    press = {"ref": ref(office, "2"), "sender": ION, "button": "y", "dedup_key": "p1"}
    assert await happen(office, ButtonPressed, **press) == ""
    assert await happen(office, ButtonPressed, **press) == "duplicate"
    row = await office.row("SELECT * FROM conversation_event WHERE type = 'button'")
    assert row["actor_kind"] == "client"
    assert row["data"]["label"] == "Da"
    after = await office.conversation(case)
    assert (after["status"], after["preview"]) == ("open", "Da")
    assert after["waiting_since"] is not None


async def test_pages_are_kept_of_those_who_wrote_and_not_for_long(office):
    who = Address("web_visitor", "v1")
    page = {"thread": thread(office), "sender": who, "url": "https://shop.test/p"}
    assert await happen(office, PageVisited, **page) == "no_visitor"
    assert await happen(office, PageVisited, **page | {"url": "javascript:x"}) == "no_page"
    page["sender"] = ION
    await office.chat(name="1")
    for n in range(25):
        assert await happen(office, PageVisited, **page | {"url": f"https://shop.test/{n}"}) == ""
    rows = await office.rows("SELECT url FROM page_view ORDER BY id")
    assert [row["url"] for row in rows] == [f"https://shop.test/{n}" for n in range(5, 25)]
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE page_view SET at = at - interval '25 hours'")
    await happen(office, PageVisited, **page)
    assert await office.value("SELECT count(*) FROM page_view") == 1


async def test_a_group_that_became_a_supergroup_goes_on_in_the_same_conversation(office):
    old, new = thread(office, "-5", group=True), thread(office, "-1005", group=True)
    before = Address("telegram_chat", "-5", display="Bloc")
    after = Address("telegram_chat", "-1005", display="Bloc")
    first = await office.chat("a", thread=old, chat=before)
    assert await happen(office, ThreadMoved, old=old, new=new) == ""
    assert await happen(office, ThreadMoved, old=old, new=new) == "unchanged"
    second = await office.chat("b", thread=new, chat=after)
    assert await office.place_of(first) == await office.place_of(second)
    assert await office.value("SELECT count(*) FROM card") == 1


async def test_a_thread_that_is_not_here_cannot_move(office):
    moved = await happen(office, ThreadMoved, old=thread(office, "a"), new=thread(office, "b"))
    assert moved == "stranger"


async def test_what_a_provider_says_of_an_account_is_its_health(office):
    health = Health(state=HealthState.CONFLICT, code="telegram.other_poller")
    assert await happen(office, AccountChanged, health=health) == ""
    kept = await office.value(
        "SELECT health ->> 'state' FROM channel_account WHERE id = $1", office.chat_id
    )
    assert kept == "conflict"


@pytest.mark.parametrize("by", ["client", "us"])
async def test_an_edit_says_whose_it_was(office, by):
    fields = {"from_us": True, "recipients": ()} if by == "us" else {}
    chat = {"chat": Address("telegram_chat", "9")} if by == "us" else {}
    await office.chat("a", name="1", **fields, **chat)
    assert await edit(office, "b") == ""
    kind = await office.value("SELECT actor_kind FROM message_edit")
    assert kind == {"client": "client", "us": "agent"}[by]
