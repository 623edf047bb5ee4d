"""Files of strangers: kept whole, served so that nothing of them runs."""

import asyncio
import hashlib

import pytest
from aiohttp import web

from agents_ui.downloads import disposition
from infra.clock import new_id
from tests.desks import serving


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


async def put(office, desk, message_id, data, *, filename, mime, content_id=None):
    """Attach a file to a message."""
    blob = await asyncio.to_thread(desk.mounted.desk.services.blobs.put_bytes, data)
    attachment_id = new_id()
    async with office.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO attachment (id, message_id, position, kind, filename, mime, size, blob,"
            " content_id, is_inline) VALUES ($1, $2, (SELECT count(*) FROM attachment WHERE"
            " message_id = $2), 'file', $3, $4, $5, $6, $7, false)",
            attachment_id,
            message_id,
            filename,
            mime,
            len(data),
            blob,
            content_id,
        )
    return attachment_id


async def test_an_upload_is_named_by_its_content_and_typed_by_its_beginning(browser):
    for filename, data, mime in (
        ("a.png", PNG, "image/png"),
        ("a.png", SVG, "application/octet-stream"),
        ("a.svg", SVG, "application/octet-stream"),
        ("a.html", b"<script>", "application/octet-stream"),
        ("a.txt", b"abc", "text/plain"),
        ("fără nume", b"%PDF-1.7", "application/pdf"),
    ):
        answer = await browser.post("/api/uploads", params={"filename": filename}, data=data)
        assert answer.status == 201, answer.text
        assert answer.json == {
            "blob": hashlib.sha256(data).hexdigest(),
            "filename": filename,
            "mime": mime,
            "size": len(data),
        }


async def test_an_upload_over_the_limit_is_refused(db, office, owner, tmp_path):
    async with serving(db, tmp_path, upload_limit=2048) as desk, desk.browser() as browser:
        await browser.enter(owner)
        answer = await browser.post("/api/uploads?filename=a", data=bytes(4096))
        assert (answer.status, answer.code) == (413, "blob.too_large")


async def test_only_raster_images_are_shown_inside_a_page(browser, desk, office):
    message = await office.write()
    for data, mime, shown in (
        (PNG, "image/png", True),
        (SVG, "image/svg+xml", False),
        (b"<script>", "text/html", False),
        (b"%PDF-", "application/pdf", False),
    ):
        id_ = await put(office, desk, message, data, filename="poză.x", mime=mime)
        answer = await browser.get(f"/api/attachments/{id_}?inline=1")
        assert answer.body == data
        headers = answer.headers
        assert headers["Content-Disposition"].startswith("inline" if shown else "attachment")
        assert headers["Content-Type"] == (mime if shown else "application/octet-stream")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox;")


async def test_a_part_of_an_attachment_can_be_had(browser, desk, office):
    message = await office.write()
    id_ = await put(office, desk, message, b"0123456789", filename="a", mime="audio/ogg")
    answer = await browser.get(f"/api/attachments/{id_}", headers={"Range": "bytes=2-4"})
    assert (answer.status, answer.body) == (206, b"234")
    assert answer.headers["Content-Range"] == "bytes 2-4/10"


async def test_a_file_without_a_name_gets_one_when_it_is_saved(browser, desk, office):
    message = await office.write()
    id_ = await put(office, desk, message, PNG, filename="", mime="image/png")
    answer = await browser.get(f"/api/attachments/{id_}")
    assert 'filename="file.png"' in answer.headers["Content-Disposition"]


async def test_a_file_that_is_being_fetched_is_waited_for(browser, desk, office):
    message = await office.write()
    id_ = await put(office, desk, message, PNG, filename="a.png", mime="image/png")
    take_away = "UPDATE attachment SET blob = NULL, handle = 'h' WHERE id = $1"
    blob = hashlib.sha256(PNG).hexdigest()
    async with office.db.transaction() as tx:
        await tx.execute(take_away, id_)
    asking = asyncio.create_task(browser.get(f"/api/attachments/{id_}?inline=1"))
    await asyncio.sleep(0.5)
    assert not asking.done()
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE attachment SET blob = $2 WHERE id = $1", id_, blob)
    assert (await asking).body == PNG


@pytest.mark.parametrize("change", ["fetch_tries = 3", "unavailable = 'too_big'"])
async def test_a_file_that_does_not_come_is_not_waited_for(browser, desk, office, change):
    message = await office.write()
    id_ = await put(office, desk, message, PNG, filename="a.png", mime="image/png")
    async with office.db.transaction() as tx:
        await tx.execute(
            f"UPDATE attachment SET blob = NULL, handle = 'h', {change} WHERE id = $1", id_
        )
    async with asyncio.timeout(5):
        assert (await browser.get(f"/api/attachments/{id_}")).status == 404


@pytest.mark.parametrize(
    "filename",
    ['a"; x="b', "a\r\nSet-Cookie: x=1", "../../etc/passwd", "факту́ра.pdf", "", "\0", "%2f"],
)
def test_no_name_gets_out_of_its_header(filename):
    text = disposition(filename)
    assert text.isascii()
    assert text.isprintable()
    assert text.count('"') == 2
    assert "/" not in text.split("filename*")[0]


async def test_files_of_conversations_one_may_not_read_are_not_there(desk, office, browser):
    message = await office.write()
    id_ = await put(office, desk, message, PNG, filename="a", mime="image/png")
    newcomer = await office.agent(role="newcomer")
    async with desk.browser() as other:
        await other.enter(newcomer)
        for path in (f"/api/attachments/{id_}", f"/m/{message}/body", f"/m/{message}/raw"):
            assert (await other.get(path)).status == 404, path


async def test_a_mail_body_can_run_nothing_and_loads_images_when_asked(browser, desk, office):
    served = []

    async def picture(request):
        served.append(dict(request.headers))
        return web.Response(body=PNG, content_type="text/html")

    app = web.Application()
    app.router.add_get("/p.png", picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/p.png?a=1&amp;b=2"
    message = await office.write()
    image = await put(office, desk, message, PNG, filename="a", mime="image/png", content_id="c@x")
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE message SET html = $2 WHERE id = $1",
            message,
            f'<p>Salut</p><img src="cid:c@x"><img data-src="{url}"><img src="cid:none">',
        )
    try:
        plain = await browser.get(f"/m/{message}/body")
        policy = plain.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "allow-scripts" not in policy
        assert f'src="/api/attachments/{image}?inline=1"' in plain.text
        assert "127.0.0.1" not in plain.text
        asked = await browser.get(f"/m/{message}/body?images=1")
        address = asked.text.split('<img src="/m/')[1].split('"')[0].replace("&amp;", "&")
        loaded = await browser.get(f"/m/{address}", allow_redirects=False)
        assert (loaded.status, loaded.body) == (200, PNG), loaded.text
        assert loaded.headers["Content-Type"] == "image/png"
        assert "Cookie" not in served[0]
        assert "Referer" not in served[0]
        forged = await browser.get(f"/m/{address[:-2]}xx")
        assert (forged.status, forged.code) == (404, "image.unavailable")
    finally:
        await runner.cleanup()
