"""Ordered calls and visitors over HTTP."""

from agents_ui.api.visitors import Visitor
from crm_core.task_views import Task, TaskPage
from crm_core.views import Card
from tests.shapes import strictly
from tests.usecase.inbox.test_forms import E164, PHONE, submit


async def test_an_ordered_call_is_listed_taken_and_closed(browser, office, owner):
    await office.chat()
    await submit(office, "callback", phone=PHONE, topic="Ofertă")
    page = strictly(await browser.get("/api/tasks"), TaskPage)
    (task,) = page.items
    assert (task.phone, page.open, page.overdue) == (E164, 1, 0)
    path = f"/api/tasks/{task.id}"
    taken = strictly(
        await browser.patch(path, {"rev": 1, "assignee_id": str(owner.agent_id)}), Task
    )
    assert len(strictly(await browser.get("/api/tasks?mine=1"), TaskPage).items) == 1
    late = await browser.patch(path, {"rev": 1, "status": "done", "result_code": "called"})
    assert late.status == 409
    done = {"rev": taken.rev, "status": "done", "result_code": "called", "result_note": "Da"}
    assert strictly(await browser.patch(path, done), Task).status == "done"
    assert strictly(await browser.get("/api/tasks"), TaskPage).items == []
    assert len(strictly(await browser.get("/api/tasks?status=done"), TaskPage).items) == 1
    assert (await browser.get("/api/tasks?before=nowhere")).status == 422


async def test_a_visitor_is_shown_and_a_claim_believed(browser, office):
    case = await office.place_of(await office.chat())
    await submit(office, "prechat", phone=PHONE, name="Ana")
    shown = strictly(await browser.get(f"/api/conversations/{case}/visitor"), Visitor)
    ids = {claim.kind: claim.id for claim in shown.claims}
    card = strictly(await browser.post(f"/api/claims/{ids['phone']}/accept", {}), Card)
    assert E164 in {identity.value for identity in card.identities}
    assert (await browser.delete(f"/api/claims/{ids['name']}")).status == 204
    shown = strictly(await browser.get(f"/api/conversations/{case}/visitor"), Visitor)
    assert (shown.claims, shown.forms[0].form) == ([], "prechat")
