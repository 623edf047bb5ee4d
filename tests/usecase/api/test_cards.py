"""Cards, tags, teams and search over HTTP: every answer is the shape its description promises."""

from agents_ui.api.agents import Invited
from agents_ui.api.audit import JournalEntry
from agents_ui.api.merges import Merged, MergePreview, Undone
from agents_ui.api.search import Found
from agents_ui.api.shapes import Page
from crm_core.views import Activity, Agent, Branch, Card, Change, Me, Merge, Role, Tag, Team
from inbox.views import Account, ConversationItem
from tests.shapes import strictly


async def test_a_client_is_written_down_changed_and_found(browser):
    said = {
        "display_name": "Ana Țurcanu",
        "identities": [{"kind": "phone", "value": "069 123 456", "label": "mobil"}],
    }
    card = strictly(await browser.post("/api/cards", said), Card)
    assert [i.value for i in card.identities] == ["+37369123456"]
    changed = await browser.patch(f"/api/cards/{card.id}", {"rev": card.rev, "about": "VIP"})
    assert strictly(changed, Card).about == "VIP"
    late = await browser.patch(f"/api/cards/{card.id}", {"rev": card.rev, "about": "Nu"})
    assert (late.status, late.code) == (409, "card.changed")
    assert late.json["fields"]["about"]["theirs"] == "VIP"
    for query in ("turcanu", "3456", "турк"):
        found = strictly(await browser.get("/api/search", params={"q": query}), Found)
        assert [hit.id for hit in found.cards] == [card.id], query
        page = strictly(await browser.get("/api/cards", params={"q": query}), Page[Card])
        assert [each.id for each in page.items] == [card.id]
    taken = await browser.post("/api/cards", {**said, "display_name": "Alta"})
    assert (taken.status, taken.code, taken.json["card_id"]) == (
        409,
        "identity.taken",
        str(card.id),
    )
    assert len((await browser.get("/api/cards")).json["items"]) == 1
    link = card.identities[0].link_id
    path = f"/api/cards/{card.id}/identities/{link}"
    assert (
        strictly(await browser.patch(path, {"label": "acasă"}), Card).identities[0].label
        == "acasă"
    )
    assert strictly(await browser.delete(path), Card).identities == []


async def test_cards_are_paged_by_name(browser):
    for name in ("Ion", "Ana", "Țepeș", "Мария"):
        assert (await browser.post("/api/cards", {"display_name": name})).status == 201
    names, before = [], None
    while True:
        query = {"limit": "2"} | ({"before": before} if before else {})
        page = strictly(await browser.get("/api/cards", params=query), Page[Card])
        names += [card.display_name for card in page.items]
        before = page.next
        if before is None:
            break
    assert names == ["Ana", "Ion", "Țepeș", "Мария"]


async def test_two_cards_are_merged_and_taken_apart(browser, office):
    case = await office.case()
    card = (await browser.get(f"/api/conversations/{case}")).json["card"]["id"]
    other = (await browser.post("/api/cards", {"display_name": "Ana T."})).json["id"]
    preview = await browser.post(f"/api/cards/{other}/merge/preview", {"loser_id": card})
    assert "display_name" in {f.field for f in strictly(preview, MergePreview).fields}
    merged = strictly(
        await browser.post(
            f"/api/cards/{other}/merge",
            {"loser_id": card, "choices": {"display_name": "winner"}},
        ),
        Merged,
    )
    assert merged.card.display_name == "Ana T."
    page = await browser.get(f"/api/cards/{other}/conversations")
    assert [c.id for c in strictly(page, Page[ConversationItem]).items] == [case]
    lines = strictly(await browser.get(f"/api/cards/{other}/timeline"), Page[Activity])
    assert {"message"} <= {line.kind for line in lines.items}
    assert len(strictly(await browser.get(f"/api/cards/{other}/merges"), list[Merge])) == 1
    undone = strictly(await browser.post(f"/api/merges/{merged.merge.id}/undo"), Undone)
    assert str(undone.loser.id) == card
    assert (await browser.get(f"/api/cards/{other}/conversations")).json["items"] == []


async def test_the_company_is_organised(browser, office):
    team = strictly(await browser.post("/api/teams", {"name": "Vânzări"}), Team)
    invited = await browser.post(
        "/api/agents",
        {"name": "Ion", "login": "ion", "team_ids": [str(team.id)], "role_keys": ["manager"]},
    )
    agent = strictly(invited, Invited).agent
    assert "/link#token=" in invited.json["link"]
    assert agent.team_ids == [team.id]
    changed = await browser.patch(f"/api/agents/{agent.id}", {"name": "Ion P.", "rev": agent.rev})
    assert strictly(changed, Agent).name == "Ion P."
    members = await browser.put(f"/api/teams/{team.id}/members", {"member_ids": []})
    assert strictly(members, Team).member_ids == []
    assert (await browser.delete(f"/api/teams/{team.id}")).status == 204
    branch = await browser.post("/api/branches", {"name": "Bălți", "code": "BLT"})
    branch = strictly(branch, Branch)
    renamed = await browser.patch(f"/api/branches/{branch.id}", {"name": "Bălți Nord"})
    assert strictly(renamed, Branch).code == "BLT"
    assert len(strictly(await browser.get("/api/roles"), list[Role])) == 6
    assert len(strictly(await browser.get("/api/agents"), list[Agent])) == 2
    tag = strictly(await browser.post("/api/tags", {"name": "Retur", "color": "red"}), Tag)
    assert strictly(await browser.patch(f"/api/tags/{tag.id}", {"name": "Retururi"}), Tag)
    assert (await browser.delete(f"/api/tags/{tag.id}")).status == 204
    assert strictly(await browser.get("/api/tags"), list[Tag]) == []
    audit = strictly(await browser.get("/api/audit?limit=3"), Page[Change])
    assert len(audit.items) == 3
    more = strictly(await browser.get(f"/api/audit?limit=3&before={audit.next}"), Page[Change])
    assert more.items[0].id < audit.items[-1].id
    assert len(strictly(await browser.get("/api/accounts"), list[Account])) == 2
    strictly(await browser.get("/api/journal"), Page[JournalEntry])
    profile = await browser.patch("/api/me", {"locale": "ro", "preferences": {"theme": "dark"}})
    assert strictly(profile, Me).preferences == {"theme": "dark"}


async def test_who_may_not_manage_is_refused(desk, office):
    newcomer = await office.agent(role="newcomer")
    async with desk.browser() as browser:
        await browser.enter(newcomer)
        for method, path, body in (
            ("POST", "/api/teams", {"name": "A"}),
            ("POST", "/api/tags", {"name": "A"}),
            ("POST", "/api/agents", {"name": "A", "login": "a"}),
            ("POST", "/api/branches", {"name": "A", "code": "A"}),
            ("GET", "/api/api-keys", None),
            ("POST", "/api/api-keys", {"name": "a", "scopes": ["card.read"]}),
            ("GET", "/api/audit", None),
            ("GET", "/api/journal", None),
            ("POST", "/api/journal/1/replay", None),
            ("GET", "/api/journal/1/raw", None),
            ("GET", "/api/accounts", None),
            ("GET", "/api/account-kinds", None),
            ("POST", "/api/accounts/test", {"provider": "email.imap", "config": {}}),
            ("POST", "/api/accounts", {"provider": "email.imap", "name": "a", "config": {}}),
        ):
            answer = await browser.send(method, path, body)
            assert (answer.status, answer.json["status"]) == (403, 403), path
        state = (await browser.get("/api/state")).json
        assert {account["name"] for account in state["accounts"]} == {"support@hub.test", "@hub"}
        assert all(account["config"] == {} for account in state["accounts"])
