"""The files a browser gets: loader, frame, hosted page, demo; and the headers they need.

What keeps foreign sites out is ``frame-ancestors``: the browser itself refuses to show the frame
anywhere but on the widget's own origins (CSP level 3, section 6.4.2). The socket and the posts
come from the frame, whose origin is the hub's, and nobody else's are taken. What the frame says
of the page around it (``hello.site``) is a hint for the agent.
"""

from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from channels.webchat.account import WidgetAccount
from channels.webchat.services import Widget


STATIC = Path(__file__).parent / "static"

IMMUTABLE = "public, max-age=31536000, immutable"
BRIEF = "public, max-age=300"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
}
CAPTCHAS = {
    "hcaptcha": "https://hcaptcha.com https://*.hcaptcha.com",
    "turnstile": "https://challenges.cloudflare.com",
}
MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Punte</title>
<h1>The chat is not built</h1><p>Build it with <code>make ui</code> and load this page again.</p>
"""


def asset(request: web.Request, name: str, *, cache: str) -> web.Response:
    """Send a file of the built widget, packed as the browser likes it."""
    if "\0" in name:
        raise web.HTTPNotFound
    folder = STATIC.resolve()
    file = (folder / name).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise web.HTTPNotFound
    if file.suffix not in TYPES or file.suffix == ".html":
        raise web.HTTPNotFound
    headers = {
        "Content-Type": TYPES[file.suffix],
        "Cache-Control": cache,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
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


def page(name: str, *, csp: str, key: str = "", framed: bool = False) -> web.Response:
    """Send a page of the built widget."""
    file = STATIC / name
    text = file.read_text("utf-8") if file.is_file() else MISSING
    headers = {
        "Content-Security-Policy": csp,
        "Referrer-Policy": "strict-origin",
        "Cache-Control": "no-cache",
    }
    if framed:  # ``frame-ancestors`` says more than X-Frame-Options can, and goes before it
        headers |= {"X-Frame-Options": "", "Cross-Origin-Resource-Policy": "cross-origin"}
    return web.Response(
        text=text.replace("__WIDGET_KEY__", key),
        status=200 if file.is_file() else 503,
        content_type="text/html",
        headers=headers,
    )


def csp_of(widget: Widget, host: str, *, framed: bool) -> str:
    """Return the policy of the frame, or of the hosted page, which nobody may frame."""
    captcha = CAPTCHAS.get(widget.settings.captcha.kind, "")
    ancestors = frame_ancestors(widget.settings) if framed else "'none'"
    script = f"'self' {captcha}".strip()
    frames = captcha or "'none'"
    return (
        f"default-src 'none'; script-src {script}; style-src {script};"
        f" connect-src 'self' ws://{host} wss://{host} {captcha};"
        " img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self';"
        f" frame-src {frames};"
        " base-uri 'none'; form-action 'none'; object-src 'none';"
        f" frame-ancestors {ancestors}"
    ).replace(" ;", ";")


def frame_ancestors(settings: WidgetAccount) -> str:
    """Return who may show the frame: the hub's own pages, and the widget's origins."""
    if "*" in settings.origins:
        return "*"
    return " ".join(["'self'", *settings.origins])


def may_embed(settings: WidgetAccount, origin: str, own: str) -> bool:
    """Say whether a page of ``origin`` may show the widget."""
    if origin.lower() == own.lower() or "*" in settings.origins:
        return True
    try:
        asked = urlsplit(origin)
        port = asked.port
    except ValueError:
        return False
    for allowed in settings.origins:
        known = urlsplit(allowed)
        if (known.scheme, known.port) != (asked.scheme, port):
            continue
        host, wanted = known.hostname or "", asked.hostname or ""
        if host == wanted or (host.startswith("*.") and wanted.endswith(host[1:])):
            return True
    return False
