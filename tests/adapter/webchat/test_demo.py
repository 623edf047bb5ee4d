"""The widget a new hub has for its owner to try."""

import aiohttp

from crm_core.staff.setup import set_up, setup_link


async def test_a_new_owner_can_try_the_chat_and_remove_it_for_good(office):
    await office.hub.webchat.make_demo()
    assert not await office.sql("SELECT 1 FROM channel_account")  # nobody could answer yet
    async with office.hub.db.transaction() as tx:
        token = await setup_link(tx)
        await set_up(tx, token, name="Ana", login="ana@hub.test", password="correct horse battery")
    await office.hub.webchat.make_demo()
    (account,) = await office.until("SELECT id, address FROM channel_account")
    assert account["address"] == "demo"
    async with aiohttp.ClientSession() as http:
        page = await http.get(f"{office.base}/widget/demo")
        assert page.status in {200, 503}  # 503 where the widget is not built
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    async with office.visitor("demo") as ana:
        assert (await ana.write("Bună"))["t"] == "ack"
    async with office.hub.db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET removed_at = now(), is_enabled = false")
    office.hub.webchat._is_demo_made = False
    await office.hub.webchat.make_demo()
    assert len(await office.sql("SELECT 1 FROM channel_account")) == 1
