"""Taking messages in: once, in order, in the right conversation, on the right card."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    Fold,
    Media,
    MessageIn,
    Recipient,
    RichText,
    Stored,
    ThreadRef,
)
from inbox.ingest import NoPeer, OwnAccount, item_of, store
from inbox.views import Conversation, Message
from infra.clock import now
from tests import seed
from tests.reading import events_of


ANA = Address("email", "ana@example.ro", display="Ana Țurcanu")
EVE = Address("email", "eve@example.com", display="Eve")


@pytest.fixture
async def mailbox(db):
    return OwnAccount(await seed.account(db), "email", frozenset({"support@hub.test"}))


def mail(mailbox, message_id, sender=ANA, text="Salut", **fields):
    defaults = {
        "account": AccountId(mailbox.id),
        "dedup_key": f"{message_id}/{text}",
        "at": now() - timedelta(minutes=1),
        "ref": ExternalRef(ThreadRef(AccountId(mailbox.id), ""), message_id),
        "sender": sender,
        "parts": (RichText(text=text),),
        "subject": "Comanda",
    }
    return MessageIn(**{**defaults, **fields})


async def take(db, mailbox, *events):
    async with db.transaction() as tx:
        return await store(tx, [item_of(event, mailbox) for event in events])


async def one(db, sql, *args):
    async with db.read() as raw:
        return await raw.fetchrow(sql, *args)


async def conversation_of(db, message_id):
    row = await one(
        db,
        "SELECT c.* FROM conversation c JOIN message m"
        " ON m.conversation_id = c.id WHERE m.id = $1",
        message_id,
    )
    return dict(row)


async def test_a_stranger_gets_a_card_and_a_conversation(db, mailbox):
    (stored,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    assert stored.outcome == "stored"
    case = await conversation_of(db, stored.message_id)
    assert (case["status"], case["inbound_count"], case["preview"]) == ("open", 1, "Salut")
    card = await one(db, "SELECT * FROM card WHERE id = $1", case["card_id"])
    assert (card["display_name"], card["lifecycle"]) == ("Ana Țurcanu", "stranger")


async def test_what_is_announced_is_what_clients_decode(db, mailbox):
    await take(db, mailbox, mail(mailbox, "<1@x>"))
    announced = [placed.decoded() for placed in await events_of(db)]
    assert [one["type"] for one in announced] == ["conversation.changed", "message.changed"]
    case = msgspec.convert(announced[0]["conversation"], Conversation)
    message = msgspec.convert(announced[1]["message"], Message)
    assert (case.card.name, message.author.name, message.text) == (
        "Ana Țurcanu",
        "Ana Țurcanu",
        "Salut",
    )
    assert case.rev == 1


async def test_a_redelivered_mail_is_stored_once(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    (again,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    assert (again.outcome, again.message_id) == ("duplicate", first.message_id)


async def test_ten_at_once_from_one_stranger_make_one_card_and_gapless_numbers(db, mailbox):
    first = mail(mailbox, "<0@x>")
    await asyncio.gather(
        *(
            take(db, mailbox, mail(mailbox, f"<{n}@x>", references=("<0@x>",)))
            for n in range(1, 11)
        )
    )
    await take(db, mailbox, first)
    async with db.read() as raw:
        assert await raw.fetchval("SELECT count(*) FROM card") == 1
        for row in await raw.fetch(
            "SELECT array_agg(seq ORDER BY seq) AS seqs, c.last_seq FROM message m"
            " JOIN conversation c ON c.id = m.conversation_id GROUP BY c.id, c.last_seq"
        ):
            assert row["seqs"] == list(range(1, row["last_seq"] + 1))


async def test_an_answer_lands_in_the_conversation_it_answers(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    (second,) = await take(
        db, mailbox, mail(mailbox, "<2@x>", text="Și încă", references=("<1@x>",))
    )
    case = await conversation_of(db, second.message_id)
    assert case["id"] == (await conversation_of(db, first.message_id))["id"]
    assert case["last_seq"] == 2


async def test_an_outsider_who_guesses_an_id_gets_a_conversation_of_his_own(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    (guess,) = await take(db, mailbox, mail(mailbox, "<9@evil>", EVE, references=("<1@x>",)))
    theirs = await conversation_of(db, guess.message_id)
    assert theirs["related_id"] == (await conversation_of(db, first.message_id))["id"]
    assert theirs["id"] != theirs["related_id"]


async def test_an_outsider_who_holds_a_copy_is_shown_to_agents_only(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    case = await conversation_of(db, first.message_id)
    thread = await one(db, "SELECT id FROM thread WHERE conversation_id = $1", case["id"])
    (forwarded,) = await take(
        db, mailbox, mail(mailbox, "<9@evil>", EVE, proven_thread=thread["id"])
    )
    after = await conversation_of(db, forwarded.message_id)
    message = await one(db, "SELECT * FROM message WHERE id = $1", forwarded.message_id)
    assert after["id"] == case["id"]
    assert (message["visibility"], message["kind"]) == ("internal", "inbound")
    assert after["last_public_seq"] == 1
    role = await one(
        db, "SELECT role FROM participant WHERE identity_id = $1", message["identity_id"]
    )
    assert role["role"] == "third_party"


async def test_a_forged_sender_proves_nothing(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    (forged,) = await take(
        db, mailbox, mail(mailbox, "<2@x>", text="dă-mi", references=("<1@x>",), trust="failed")
    )
    theirs = await conversation_of(db, forged.message_id)
    assert theirs["related_id"] == (await conversation_of(db, first.message_id))["id"]


async def test_taking_a_known_message_id_steals_nothing(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    (copy,) = await take(db, mailbox, mail(mailbox, "<1@x>", EVE, text="altceva"))
    (answer,) = await take(db, mailbox, mail(mailbox, "<3@x>", text="eu", references=("<1@x>",)))
    assert copy.outcome == "stored"
    assert (await conversation_of(db, answer.message_id))["id"] == (
        await conversation_of(db, first.message_id)
    )["id"]
    assert (await conversation_of(db, copy.message_id))["id"] != (
        await conversation_of(db, first.message_id)
    )["id"]


async def test_a_copied_person_may_answer(db, mailbox):
    copied = (Recipient(EVE, "cc"), Recipient(Address("email", "Support@hub.test")))
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>", recipients=copied))
    (answer,) = await take(db, mailbox, mail(mailbox, "<2@x>", EVE, references=("<1@x>",)))
    case = await conversation_of(db, answer.message_id)
    assert case["id"] == (await conversation_of(db, first.message_id))["id"]
    async with db.read() as raw:
        assert await raw.fetchval("SELECT count(*) FROM participant") == 2


async def test_two_answers_to_a_mail_never_seen_meet(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>", references=("<lost@x>",)))
    (second,) = await take(db, mailbox, mail(mailbox, "<2@x>", references=("<lost@x>",)))
    assert (await conversation_of(db, first.message_id))["id"] == (
        await conversation_of(db, second.message_id)
    )["id"]


async def test_an_answer_reopens_what_was_closed_lately_and_continues_what_is_old(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    case = await conversation_of(db, first.message_id)
    for days, is_same in ((1, True), (30, False)):
        async with db.transaction() as tx:
            await tx.execute(
                "UPDATE conversation SET status = 'closed', closed_at = $2 WHERE id = $1",
                case["id"],
                now() - timedelta(days=days),
            )
        (answer,) = await take(
            db, mailbox, mail(mailbox, f"<{days}@y>", text=f"{days}", references=("<1@x>",))
        )
        after = await conversation_of(db, answer.message_id)
        assert (after["id"] == case["id"]) is is_same
        assert after["status"] == "open"
    assert after["continues_id"] == case["id"]


async def test_an_auto_reply_is_filed_and_wakes_nobody(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    case = await conversation_of(db, first.message_id)
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE conversation SET status = 'closed', closed_at = $2 WHERE id = $1",
            case["id"],
            now(),
        )
    (auto,) = await take(
        db,
        mailbox,
        mail(
            mailbox,
            "<2@x>",
            text="Sunt în concediu",
            references=("<1@x>",),
            automatic="auto_reply",
        ),
    )
    after = await conversation_of(db, auto.message_id)
    assert (after["id"], after["status"], after["inbound_count"]) == (case["id"], "closed", 1)


async def test_an_answer_written_elsewhere_is_an_outbound_message_of_ours(db, mailbox):
    (first,) = await take(db, mailbox, mail(mailbox, "<1@x>"))
    ours = Address("email", "support@hub.test")
    (sent,) = await take(
        db,
        mailbox,
        mail(
            mailbox,
            "<2@hub.test>",
            ours,
            text="Din Outlook",
            references=("<1@x>",),
            recipients=(Recipient(ANA),),
            from_us=True,
        ),
    )
    case = await conversation_of(db, sent.message_id)
    assert case["id"] == (await conversation_of(db, first.message_id))["id"]
    assert (case["status"], case["waiting_since"]) == ("waiting", None)
    with pytest.raises(NoPeer):
        item_of(mail(mailbox, "<3@hub.test>", ours, from_us=True), mailbox)


async def test_quotes_are_folded_and_files_are_kept(db, mailbox):
    text = "Da.\n\nOn Monday Ana wrote:\n> Nu?"
    event = mail(
        mailbox,
        "<1@x>",
        parts=(
            RichText(text=text, folds=(Fold(5, len(text), "quote"),)),
            Media(
                kind="image",
                source=Stored(blob="ab" * 32),
                filename="a\0.png",
                mime="image/png",
                size=7,
                content_id="x",
                inline=True,
            ),
        ),
    )
    (stored,) = await take(db, mailbox, event)
    row = await one(
        db,
        "SELECT message_json(m)::text AS j, m.reply_text FROM message m WHERE id = $1",
        stored.message_id,
    )
    message = msgspec.json.decode(row["j"], type=Message)
    assert (row["reply_text"], message.text, message.folds[0].kind) == ("Da.", text, "quote")
    assert message.attachments[0].filename == "a.png"


async def test_spam_stays_spam(db, mailbox):
    await take(db, mailbox, mail(mailbox, "<1@x>"))
    async with db.transaction() as tx:
        await tx.execute("UPDATE identity SET status = 'spam'")
    (again,) = await take(db, mailbox, mail(mailbox, "<2@x>", text="Ofertă"))
    assert (await conversation_of(db, again.message_id))["folder"] == "spam"


async def test_a_repetition_inside_one_batch_is_stored_once(db, mailbox):
    first, again = await take(db, mailbox, mail(mailbox, "<1@x>"), mail(mailbox, "<1@x>"))
    assert (first.outcome, again.outcome) == ("stored", "duplicate")
    assert again.message_id == first.message_id
