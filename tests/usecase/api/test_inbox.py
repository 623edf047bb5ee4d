"""The inbox over HTTP: every answer is the shape its description promises."""

import msgspec
import pytest

from agents_ui.api.catalog import openapi
from agents_ui.api.shapes import LivePage
from inbox.views import ConversationItem, Draft, Message, Timeline
from infra.clock import new_id
from tests.shapes import strictly


async def test_a_mail_is_listed_read_answered_and_undone(browser, office):
    case = await office.case("Unde e comanda?")
    page = strictly(
        await browser.get("/api/conversations?view=unassigned"), LivePage[ConversationItem]
    )
    (item,) = page.items
    assert (item.id, item.inbound_count, item.read_count) == (case, 1, 0)
    shown = strictly(await browser.get(f"/api/conversations/{case}/messages"), Timeline)
    assert [m.text for m in shown.messages] == ["Unde e comanda?"]
    assert (
        await browser.post(f"/api/conversations/{case}/read", {"seq": shown.last_seq})
    ).status == 204
    item = strictly(await browser.get(f"/api/conversations/{case}"), ConversationItem)
    assert item.read_count == 1
    assert (await browser.get(f"/api/conversations/by-number/{item.number}")).json["id"] == str(
        case
    )
    said = {"kind": "reply", "text": "Mâine.", "base_seq": item.last_public_seq}
    answer = await browser.post(
        f"/api/conversations/{case}/messages", said, headers={"Idempotency-Key": str(new_id())}
    )
    assert answer.status == 201
    message = strictly(answer, Message)
    assert [d.state for d in message.deliveries] == ["queued"]
    undone = strictly(await browser.post(f"/api/messages/{message.id}/cancel"), Message)
    assert [d.state for d in undone.deliveries] == ["cancelled"]


async def test_the_same_key_makes_one_message(browser, office):
    case = await office.case()
    key = {"Idempotency-Key": str(new_id())}
    path = f"/api/conversations/{case}/messages"
    said = {"kind": "note", "text": "Atenție"}
    one = await browser.post(path, said, headers=key)
    two = await browser.post(path, said, headers=key)
    assert (one.status, one.json["id"]) == (two.status, two.json["id"])
    missing = await browser.post(path, said)
    assert (missing.status, missing.code) == (422, "hub.idempotency_key")
    other = await browser.post(path, {**said, "text": "Altceva"}, headers=key)
    assert (other.status, other.code) == (409, "request.key_reused")


async def test_an_answer_to_an_old_view_is_refused_with_what_came(browser, office):
    mail = await office.write("Unde e?", name="<1@client.test>")
    case = await office.place_of(mail)
    before = (await browser.get(f"/api/conversations/{case}")).json["last_public_seq"]
    await office.write("A venit!", thread="<1@client.test>")
    said = {"kind": "reply", "text": "Vine.", "base_seq": before}
    path = f"/api/conversations/{case}/messages"
    answer = await browser.post(path, said, headers={"Idempotency-Key": str(new_id())})
    assert (answer.status, answer.code) == (409, "conversation.changed")
    (entry,) = msgspec.convert(answer.json["entries"], list[Message])
    assert entry.text == "A venit!"
    assert answer.json["conversation"]["id"] == str(case)
    forced = {**said, "force": True}
    answer = await browser.post(path, forced, headers={"Idempotency-Key": str(new_id())})
    assert answer.status == 201


async def test_a_change_says_which_revision_it_is_about(browser, office):
    case = await office.case()
    item = (await browser.get(f"/api/conversations/{case}")).json
    changed = await browser.patch(
        f"/api/conversations/{case}", {"rev": item["rev"], "status": "closed", "priority": 2}
    )
    assert (changed.json["status"], changed.json["priority"]) == ("closed", 2)
    late = await browser.patch(
        f"/api/conversations/{case}", {"rev": item["rev"], "status": "open"}
    )
    assert late.status == 409
    bulk = await browser.post(
        "/api/conversations/bulk",
        {"ids": [str(case), str(new_id())], "patch": {"status": "open"}},
    )
    assert bulk.json["done"] == [str(case)]
    assert [f["code"] for f in bulk.json["failed"]] == ["hub.not_found"]


async def test_drafts_are_kept_until_thrown_away(browser, office):
    case = await office.case()
    path = f"/api/conversations/{case}/drafts"
    body = {"body": {"text": "Bună"}, "base_seq": 1}
    saved = strictly(await browser.put(f"{path}/reply", body), Draft)
    assert saved.body.text == "Bună"
    body = {"body": {"text": "Alta"}, "base_seq": 1, "rev": saved.rev + 5}
    clash = await browser.put(f"{path}/reply", body)
    assert (clash.status, clash.code, clash.json["draft"]["rev"]) == (
        409,
        "draft.changed",
        saved.rev,
    )
    assert len(strictly(await browser.get(path), list[Draft])) == 1
    assert (await browser.delete(f"{path}/reply")).status == 204
    assert (await browser.get(path)).json == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/conversations/bulk", {"ids": [], "patch": {}, "admin": True}),
        ("/api/teams", {"name": "A", "rev": 1}),
        ("/api/tags", {"name": "A", "id": "x"}),
        ("/api/agents", {"name": "A", "login": "a", "password": "x"}),
    ],
)
async def test_a_field_we_do_not_know_is_an_error(browser, path, body):
    answer = await browser.post(path, body)
    assert (answer.status, answer.code) == (422, "hub.invalid")


async def test_the_description_is_served_as_it_is(browser):
    answer = await browser.get("/openapi.json")
    assert answer.json == openapi()


async def test_a_renewed_consent_needs_a_reason_and_somebody_who_opted_out(browser, office):
    case = await office.case()
    identity = await office.value("SELECT identity_id FROM message")
    path = f"/api/conversations/{case}/consent"
    said = {"identity_id": str(identity), "reason": "a cerut la telefon"}
    assert (await browser.post(path, said)).code == "identity.not_opted_out"
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE identity SET status = 'opted_out' WHERE id = $1", identity)
    assert (await browser.post(path, {**said, "reason": ""})).status == 422
    assert (await browser.post(path, said)).status == 204
    row = await office.row("SELECT status, status_reason FROM identity WHERE id = $1", identity)
    assert row == {"status": "ok", "status_reason": "agent: a cerut la telefon"}
    assert "opt_in" in await office.entries(case)
