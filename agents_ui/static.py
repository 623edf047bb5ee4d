"""The browser app, as Vite built it: hashed files for ever, the page itself never cached."""

import hashlib
import secrets
from mimetypes import guess_type
from pathlib import Path

from aiohttp import web


IMMUTABLE = "public, max-age=31536000, immutable"
BRIEF = "public, max-age=3600"
NO_PAGES = ("assets/", "api/", "m/")
NONCE = "__CSP_NONCE__"  # stands in index.html where the app needs the page's nonce

# Mantine writes a style element with the nonce, and style attributes, which no nonce covers.
CSP = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self' blob:; worker-src 'self'; "
    "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Punte</title>
<h1>The browser app is not built</h1>
<p>The hub works; its API is described at <a href="/openapi.json">/openapi.json</a>.
Build the app with <code>make ui</code> and load this page again.</p>
"""

TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


class Spa:
    """Serves the folder of the built app."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._page = folder / "index.html"

    def build(self) -> str:
        """Return what changes with every build of the app; empty when it is not built."""
        if not self._page.is_file():
            return ""
        return hashlib.sha256(self._page.read_bytes()).hexdigest()[:12]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the app; any other path is a place inside the app."""
        path = request.match_info.get("path", "")
        file = self._file(path)
        if file is not None:
            return self._send(request, file, path)
        if path.startswith(NO_PAGES):
            raise web.HTTPNotFound  # such as a file of another build: a page would confuse
        return self._index()

    def _file(self, path: str) -> Path | None:
        """Return the file at ``path``, if there is one inside the folder."""
        if not path or path == "index.html" or "\0" in path:
            return None
        file = (self._folder / path).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None

    def _send(self, request: web.Request, file: Path, path: str) -> web.StreamResponse:
        kind = TYPES.get(file.suffix) or guess_type(file.name)[0] or "application/octet-stream"
        headers = {
            "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            "Cache-Control": IMMUTABLE if path.startswith("assets/") else BRIEF,
            "Vary": "Accept-Encoding",
        }
        accepted = request.headers.get("Accept-Encoding", "")
        for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
            packed = file.with_name(file.name + suffix)
            if coding in accepted and packed.is_file():
                return web.Response(
                    body=packed.read_bytes(), headers={**headers, "Content-Encoding": coding}
                )
        return web.Response(body=file.read_bytes(), headers=headers)

    def _index(self) -> web.Response:
        if not self._page.is_file():
            return _page(MISSING, status=503)
        return _page(self._page.read_text("utf-8"), status=200)


def _page(text: str, *, status: int) -> web.Response:
    nonce = secrets.token_urlsafe(16)
    return web.Response(
        text=text.replace(NONCE, nonce),
        status=status,
        content_type="text/html",
        headers={
            "Content-Security-Policy": CSP.format(nonce=nonce),
            "Cache-Control": "no-cache",
        },
    )
