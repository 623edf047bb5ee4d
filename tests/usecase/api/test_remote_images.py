"""The image proxy reaches the public Internet and nothing inside, however it is spelt."""

import pytest
from aiohttp import web

from agents_ui.remote_images import NoImage, RemoteImages


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)

INSIDE = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "2130706433",
    "0",
    "0.0.0.0",  # noqa: S104 - asked for, not bound to
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "①②⑦.⓪.⓪.①",
]


class Pictures:
    """A server on this machine that counts who comes."""

    def __init__(self):
        self.asked = []

    async def start(self):
        app = web.Application()
        app.router.add_get("/{path:.*}", self.answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.port = self.runner.addresses[0][1]
        return self

    async def answer(self, request):
        self.asked.append(request.path)
        match request.path:
            case "/big":
                return web.Response(body=PNG + bytes(11 << 20))
            case "/page":
                return web.Response(text="<script>", content_type="image/png")
            case "/round":
                raise web.HTTPFound("/round")
            case "/file":
                raise web.HTTPFound("file:///etc/passwd")
            case "/gone":
                raise web.HTTPNotFound
        return web.Response(body=PNG, content_type="image/png")


@pytest.fixture
async def pictures():
    started = await Pictures().start()
    yield started
    await started.runner.cleanup()


@pytest.mark.parametrize("host", INSIDE)
async def test_nothing_inside_is_reached(pictures, host):
    images = RemoteImages()
    with pytest.raises(NoImage):
        await images.load(f"http://{host}:{pictures.port}/a.png")
    assert pictures.asked == []
    await images.close()


@pytest.mark.parametrize("path", ["/big", "/page", "/round", "/file", "/gone"])
async def test_what_is_no_image_is_not_handed_on(pictures, path):
    images = RemoteImages(guarded=False)
    with pytest.raises(NoImage):
        await images.load(f"http://127.0.0.1:{pictures.port}{path}")
    assert len(pictures.asked) <= 4
    await images.close()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.test/a", "http://", "x", "//x"])
async def test_only_http_is_spoken(url):
    images = RemoteImages()
    with pytest.raises(NoImage):
        await images.load(url)
    await images.close()
