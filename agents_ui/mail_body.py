"""A mail as its sender laid it out, as a document that can run and load nothing."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import quote
from uuid import UUID


CSP = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""No script runs: the same origin only lets the page around it measure and fill its images."""

PAGE = """<!doctype html><html><head><meta charset="utf-8">
<meta name="color-scheme" content="light"><meta name="referrer" content="no-referrer">
<base target="_blank"><style>
body{{margin:0;font:15px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff;\
overflow-wrap:anywhere}}
img{{max-width:100%;height:auto}}table{{max-width:100%}}pre{{white-space:pre-wrap}}
blockquote{{margin:0 0 0 .8em;padding-left:.8em;border-left:2px solid #d0d7de;color:#57606a}}
</style></head><body>{body}</body></html>"""

INLINE = re.compile(r'(?<=\ssrc=")cid:([^"]*)(?=")')
REMOTE = re.compile(r'\sdata-src="([^"]*)"')


def page(html: str, message_id: UUID, images: Mapping[str, UUID], *, key: bytes | None) -> str:
    """Return the document that shows sanitised ``html``.

    Args:
        images: Attachments by content id.
        key: Signs the addresses of remote images; None leaves them out.
    """

    def inline(found: re.Match[str]) -> str:
        attachment = images.get(unescape(found[1]))
        return f"/api/attachments/{attachment}?inline=1" if attachment else ""

    def remote(found: re.Match[str]) -> str:
        if key is None:
            return ""
        url = unescape(found[1])
        source = (
            f"/m/{message_id}/image?u={quote(url, safe='')}&s={signature(key, message_id, url)}"
        )
        return f' src="{escape(source)}"'

    return PAGE.format(body=REMOTE.sub(remote, INLINE.sub(inline, html)))


def signature(key: bytes, message_id: UUID, url: str) -> str:
    """Return what proves that ``url`` is an image of the message: the proxy loads no others."""
    said = message_id.bytes + url.encode()
    return base64.urlsafe_b64encode(hmac.digest(key, said, hashlib.sha256)[:18]).decode()
