"""HTML made safe to show: what is on the allow-list, with remote images made inert."""

import re
from collections.abc import Callable
from html import escape, unescape

import msgspec
import nh3

from channels.email.html_depth import is_too_deep
from channels.email.html_rules import ATTRIBUTES, DROPPED, QUOTE_CLASSES, QUOTE_IDS, STYLES, TAGS
from channels.email.limits import HTML_CHARS


class SafeHtml(msgspec.Struct, frozen=True):
    """Sanitised HTML.

    Attributes:
        html: Well formed, attributes in double quotes; ``cid:`` images are kept.
        remote_images: How many images would have been fetched from outside; their address is
            in ``data-src``.
        cids: Content ids its images refer to.
    """

    html: str
    remote_images: int = 0
    cids: frozenset[str] = frozenset()


LINK = re.compile(r"(?:https?|mailto|tel|sms|callto|geo|xmpp|skype|ftp):", re.IGNORECASE)
UNSAFE_LINK = re.compile(r"=\s*[\"']?\s*(?:(?:java|vb)script:|data:text/html)", re.IGNORECASE)
IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,", re.IGNORECASE)
REMOTE = re.compile(r"(?:https?:)?//|https?:", re.IGNORECASE)
BLANKS = re.compile(r"[\x00-\x20\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
UNSAFE_STYLE = re.compile(
    r"url\s*\(|expression|\\|@|javascript:|image-set|element\s*\(|/\*", re.IGNORECASE
)
IMG = re.compile(r'<img((?: [a-z-]+(?:="[^"]*")?)*)>')
SRC = re.compile(r' src="([^"]*)"')
SCHEMES = {"http", "https", "mailto", "tel", "sms", "callto", "geo", "xmpp", "skype", "ftp"}


def sanitise(html: str, warnings: set[str]) -> SafeHtml | None:
    """Return HTML that is safe to show; None when it can only be shown as text."""
    if len(html) > HTML_CHARS:
        warnings.add("html.too_big")
        return None
    if is_too_deep(html):
        warnings.add("html.too_deep")
        return None
    if UNSAFE_LINK.search(html):
        warnings.add("html.unsafe_link")
    keeper = _Keeper()
    clean = nh3.clean(
        html.replace("\0", ""),
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=keeper,
        url_schemes={*SCHEMES, "cid", "data"},
        filter_style_properties=set(STYLES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    if keeper.has_images:
        clean = IMG.sub(keeper.still, clean)
    return SafeHtml(clean, keeper.remote, frozenset(keeper.cids))


class _Keeper:
    """Decides which attribute values stay."""

    def __init__(self) -> None:
        self.remote = 0
        self.cids: set[str] = set()
        self.has_images = False
        self.rules: dict[str, Callable[[str], str | None]] = {
            "style": self.style,
            "href": self.link,
            "src": self.source,
            "class": _known_classes,
            "id": _known_id,
            "cite": lambda _: None,
        }

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        rule = self.rules.get(name)
        return rule(value) if rule else value

    def style(self, value: str) -> str | None:
        if not UNSAFE_STYLE.search(value):
            return value
        if re.search(r"url\s*\(\s*[\"']?\s*(?:https?:)?//", value, re.IGNORECASE):
            self.remote += 1
        kept = [one for one in value.split(";") if not UNSAFE_STYLE.search(one)]
        return ";".join(kept) or None

    def link(self, value: str) -> str | None:
        plain = BLANKS.sub("", value)
        return value.strip() if LINK.match(plain) else None

    def source(self, value: str) -> str | None:
        plain = BLANKS.sub("", value)
        self.has_images = True
        if plain[:4].lower() == "cid:":
            self.cids.add(plain[4:])
            return "cid:" + plain[4:]
        if IMAGE.match(plain):
            return plain
        return value.strip() if REMOTE.match(plain) else None

    def still(self, image: re.Match[str]) -> str:
        """Move the address of a remote image where no browser looks for it."""
        source = SRC.search(image[1])
        if source is None or not REMOTE.match(unescape(source[1])):
            return image[0]
        self.remote += 1
        return image[0].replace(source[0], f' data-src="{source[1]}"', 1)


def _known_classes(value: str) -> str | None:
    return " ".join(one for one in value.split() if one in QUOTE_CLASSES) or None


def _known_id(value: str) -> str | None:
    return value if value in QUOTE_IDS else None


def from_text(text: str) -> str:
    """Return plain text as HTML, for a mail that mixes both."""
    return f'<div style="white-space:pre-wrap">{escape(text, quote=False)}</div>'
