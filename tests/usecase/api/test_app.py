"""The browser app as it is served."""

import gzip

import aiohttp
import pytest

from tests.desks import serving


@pytest.fixture
def built(tmp_path):
    """A built app."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<script nonce="__CSP_NONCE__" src="/assets/a1.js">')
    (folder / "assets" / "a1.js").write_text("let a = 1;")
    (folder / "assets" / "a1.js.br").write_bytes(b"br")
    (folder / "assets" / "a1.js.gz").write_bytes(gzip.compress(b"let a = 1;"))
    (folder / "manifest.webmanifest").write_text("{}")
    (tmp_path / "secret").write_text("secret")
    return folder


@pytest.fixture
async def desk(db, office, tmp_path, built):
    async with serving(db, tmp_path, static=built) as served:
        yield served


async def test_the_page_has_a_nonce_of_its_own_each_time(desk):
    async with desk.browser() as browser:
        one, two = await browser.get("/"), await browser.get("/inbox/mine?x=1")
        nonces = [page.text.split('nonce="')[1].split('"')[0] for page in (one, two)]
        assert nonces[0] != nonces[1]
        for page, nonce in zip((one, two), nonces, strict=True):
            assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
            assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].replace(
                "style-src-attr 'unsafe-inline'", ""
            )
            assert page.headers["Cache-Control"] == "no-cache"
            assert page.headers["Content-Type"].startswith("text/html")


async def test_hashed_files_are_kept_for_ever_and_come_packed(desk):
    async with aiohttp.ClientSession(desk.url, auto_decompress=False) as http:
        for accepted, coding in (("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)):
            asked = {"Accept-Encoding": accepted}
            async with http.get("/assets/a1.js", headers=asked) as answer:
                assert answer.headers.get("Content-Encoding") == coding
                assert "immutable" in answer.headers["Cache-Control"]
                assert answer.headers["Content-Type"].startswith("text/javascript")
                assert answer.headers["Vary"] == "Accept-Encoding"
        async with http.get("/manifest.webmanifest") as answer:
            assert answer.headers["Content-Type"] == "application/manifest+json"


@pytest.mark.parametrize(
    "path",
    ["/assets/gone.js", "/api/gone", "/assets/../../secret", "/assets/%2e%2e/%2e%2e/secret"],
)
async def test_nothing_outside_the_folder_is_served(desk, path):
    async with desk.browser() as browser:
        answer = await browser.get(path)
        assert answer.body != b"secret"
        assert answer.status in {200, 404}


async def test_a_hub_without_the_app_says_how_to_build_it(db, office, tmp_path):
    async with serving(db, tmp_path, static=tmp_path / "none") as desk, desk.browser() as browser:
        answer = await browser.get("/")
        assert answer.status == 503
        assert "make ui" in answer.text
