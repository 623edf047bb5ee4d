"""What agents do is seen by the visitor, and the other way round."""

from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    Outbound,
    RichText,
    ThreadRef,
)
from infra.clock import new_id, now


async def talk(office, **config):
    """Return a visitor who was answered, the widget and the answer's name."""
    key = await office.widget(**config)
    ana = office.visitor(key)
    await ana.open()
    await ana.write("Bună")
    await office.answer(ana.me["id"], "Da?")
    answer = await ana.entry(lambda entry: entry.get("dir") == "out")
    widget = await office.hub.webchat.chat.widgets.get(key)
    return ana, widget, answer["id"]


async def test_edits_reactions_and_deletions_reach_the_visitor(office):
    ana, widget, name = await talk(office)
    adapter = office.hub.webchat.adapter
    thread = ThreadRef(AccountId(widget.id), ana.me["id"])
    ref = ExternalRef(thread, name)
    new = Outbound(
        id=new_id(),
        thread=thread,
        thread_id=new_id(),
        to=Address("web_visitor", ana.me["id"]),
        parts=(RichText(text="Da, vă ascult."),),
        at=now(),
    )
    await adapter.edit(widget.ctx, ref, new)
    edit = await ana.entry(lambda e: e["t"] == "amend" and "text" in e)
    assert (edit["id"], edit["text"]) == (name, "Da, vă ascult.")
    await adapter.react(widget.ctx, ref, ["👍"])
    assert (await ana.entry(lambda e: e.get("ours")))["ours"] == ["👍"]
    await adapter.delete(widget.ctx, [ref])
    assert (await ana.entry(lambda e: e.get("deleted")))["id"] == name
    await adapter.typing(widget.ctx, thread, on=True)
    await ana.wait(lambda f: f["t"] == "typing")
    await adapter.mark_read(widget.ctx, ExternalRef(thread, ana.log[1]["id"]))
    assert (await ana.wait(lambda f: f["t"] == "st"))["upto"] == 1
    await ana.close()


async def test_reactions_and_buttons_of_the_visitor_are_told_once(office):
    ana, _, name = await talk(office)
    assert (await ana.ask("react", id=name, emojis=["❤"]))["t"] == "ack"
    assert (await ana.ask("pick", id=name, button="yes"))["t"] == "ack"
    kinds = {row["kind"] for row in await office.sql("SELECT kind FROM journal")}
    assert {"reaction", "button"} <= kinds
    await ana.close()


async def test_the_case_tells_its_place_who_has_it_and_asks_how_it_was(office):
    key = await office.widget()
    ana = office.visitor(key)
    await ana.open()
    await ana.write("Bună")
    waiting = await ana.wait(lambda f: f["t"] == "conv" and f.get("status") == "waiting")
    assert waiting["position"] == 1
    await office.answer(ana.me["id"], "Da?")
    nack = await ana.ask("csat", score=5)
    assert nack["code"] == "closed"
    async with office.hub.db.transaction() as tx:
        await tx.execute("UPDATE conversation SET status = 'closed', closed_at = now()")
        tx.wrote()
    closed = await ana.wait(lambda f: f["t"] == "conv" and f.get("status") == "closed")
    assert closed["csat"] is True
    assert (await ana.ask("csat", score=5, comment="Mulțumesc"))["t"] == "ack"
    await ana.wait(lambda f: f["t"] == "conv" and not f.get("csat"))
    rows = await office.until("SELECT values FROM form_submission WHERE form = 'csat'")
    assert rows[0]["values"]["score"] == "5"
    await ana.close()
    again = office.visitor(ana.key, token=ana.token)
    await again.open()
    conv = await again.wait(lambda f: f["t"] == "conv")
    assert (conv["status"], conv.get("csat", False)) == ("closed", False)
    await again.close()


async def test_a_long_log_comes_from_its_end_and_older_pages_on_request(office):
    office.hub.webchat.services.budgets.scale = 1000
    key = await office.widget()
    async with office.visitor(key) as ana:
        for number in range(230):
            await ana.say("send", cid=f"message-{number}", text=str(number))
        await ana.entry(lambda e: e["seq"] == 230)
    fresh = office.visitor(key, token=ana.token)
    welcome = await fresh.open()
    assert (welcome["start"], welcome["seq"]) == (30, 230)
    await fresh.entry(lambda e: e["seq"] == 230)
    assert min(fresh.log) == 31
    await fresh.say("older", before=31)
    page = await fresh.wait(lambda f: f["t"] == "older")
    assert [e["seq"] for e in page["entries"]] == list(range(1, 31))
    await fresh.close()


async def test_a_client_of_another_log_is_told_to_begin_anew(office):
    key = await office.widget()
    async with office.visitor(key) as ana:
        ana.log = {7: {"seq": 7}}
        await ana.close()
        await ana.open()
        await ana.wait(lambda f: f["t"] == "resync")
