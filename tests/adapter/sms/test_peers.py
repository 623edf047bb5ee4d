from aiohttp import web

from tests.servers.kannel import kannel
from tests.servers.ports import free_port
from tests.servers.smsc import smsc


async def test_kannel_and_the_centre_hand_a_long_text_over_and_back(tmp_path):
    heard = []

    async def heard_one(request: web.Request) -> web.Response:
        heard.append(dict(request.query))
        return web.Response()

    app = web.Application()
    app.router.add_get("/mo", heard_one)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    mo = f"http://127.0.0.1:{port}/mo?from=%p&to=%P&text=%b&charset=%C&coding=%c"
    try:
        async with smsc() as centre, kannel(centre.port, tmp_path, mo_url=mo) as gateway:
            await centre.bound(1)
            assert await gateway.send("+40721000001", "+40721000002", "a" * 200) == 202
            state = await centre.until(lambda state: len(state["taken"]) == 2)
            assert [one["esm"] & 0x40 for one in state["taken"]] == [0x40, 0x40]
            await centre.deliver(
                {
                    "source_addr_ton": 1,
                    "source_addr": "40721000001",
                    "destination_addr": "13013",
                    "hex": b"salut".hex(),
                }
            )
            await centre.until(lambda state: state["answers"] == [0])
            await centre.until(lambda _: bool(heard))
            assert heard[0]["text"] == "salut"
    finally:
        await runner.cleanup()
