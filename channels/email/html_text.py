"""HTML to text with its structure: paragraphs, lists, tables, links, and where quotes are.

Works on what ``html.sanitise`` returns, whose tags are balanced and whose attributes stand in
double quotes, and tolerates raw HTML that was too deep to be sanitised. One linear pass.
"""

import re
from html import unescape

import msgspec

from inbox.contract import Fold, Span


class HtmlText(msgspec.Struct, frozen=True):
    """What the HTML says.

    Attributes:
        folds: Quotes and signatures its mark-up names, in order; they do not overlap.
        links: Link spans of the text.
    """

    text: str
    folds: tuple[Fold, ...] = ()
    links: tuple[Span, ...] = ()


TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*>?"
    r"|<(/?)([a-zA-Z][^\s/>]*)((?:=\s*+(?:\"[^\"]*+\"|'[^']*+')|[^>])*+)>|([^<]+|<)",
    re.DOTALL,
)
UNSEEN = re.compile(
    r"<(script|style|title|head|template|svg|noscript)\b[^>]*>.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
WHITESPACE = re.compile("[ \t\r\n\f\u00a0]+")
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
SPACED = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote"]
)
VOID = frozenset(["br", "hr", "img", "wbr", "col", "input", "meta", "link"])
QUOTE_CLASS = re.compile(
    r"gmail_quote|yahoo_quoted|yahoo-quoted-begin|protonmail_quote|tutanota_quote|zmail_extra|"
    r"moz-cite-prefix|hub-quote"
)
SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature_block|ms-outlook-mobile-signature|"
    r"\A[Ss]ignature\Z"
)
REST_IS_QUOTE = re.compile(
    r"appendonsend|divRplyFwdMsg|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|"
    r"isReplyContent|OutlookMessageHeader"
)
OUTLOOK_RULE = re.compile(
    r"border-top:\s*(?:solid\s+#(?:e1e1e1|b5c4df)|#(?:e1e1e1|b5c4df)\s)", re.IGNORECASE
)


def marks_quotes(html: str) -> bool:
    """Tell whether sanitised HTML may mark a quote: then it is worth reading."""
    return (
        'type="cite"' in html
        or "border-top" in html
        or bool(QUOTE_CLASS.search(html) or REST_IS_QUOTE.search(html))
    )


def html_to_text(html: str, *, is_clean: bool = True) -> HtmlText:
    """Return the text of HTML.

    Args:
        html: What ``sanitise`` gave.
        is_clean: False for raw HTML, whose invisible elements are dropped first.
    """
    if not is_clean:
        html = UNSEEN.sub(" ", html)
    reader = _Reader()
    for token in TOKEN.finditer(html):
        if token[4] is not None:
            reader.words(unescape(token[4]))
        elif token[2]:
            name = token[2].lower()
            if token[1]:
                reader.close(name)
            else:
                reader.open(name, token[3])
    return reader.finish()


class _Reader:
    """Collects text; white space is collapsed as a browser does."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.newlines = 0  # line breaks owed before the next word
        self.blank = False  # a blank owed before the next word
        self.stack: list[tuple[str, str]] = []  # element and the kind of fold it opened
        self.starts: dict[int, int] = {}  # depth to where the fold starts
        self.folds: list[Fold] = []
        self.links: list[Span] = []
        self.link: tuple[int, str] | None = None
        self.rest_is_quote = -1
        self.lists: list[int] = []
        self.preformatted = 0

    def words(self, text: str) -> None:
        if self.preformatted:
            self.preformatted_words(text)
            return
        collapsed = WHITESPACE.sub(" ", text)
        if collapsed == " " or not collapsed:
            self.blank = self.blank or bool(collapsed)
            return
        if collapsed[0] == " ":
            self.blank = True
            collapsed = collapsed[1:]
        ends_blank = collapsed.endswith(" ")
        self.emit(collapsed.rstrip(" ") if ends_blank else collapsed)
        self.blank = ends_blank

    def preformatted_words(self, text: str) -> None:
        for index, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if index:
                self.newlines = min(self.newlines + 1, 3)
            if line:
                self.blank = False
                self.emit(line)

    def emit(self, text: str) -> None:
        if self.newlines and self.length:
            self.put("\n" * min(self.newlines, 3))
        elif self.blank and self.length:
            self.put(" ")
        self.newlines = 0
        self.blank = False
        for depth, start in self.starts.items():
            if start < 0:
                self.starts[depth] = self.length
        if self.rest_is_quote == -2:
            self.rest_is_quote = self.length
        if self.link and self.link[0] < 0:
            self.link = (self.length, self.link[1])
        self.put(text)

    def put(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def open(self, name: str, rest: str) -> None:
        if name in BLOCKS:
            self.newlines = max(self.newlines, self.distance(name))
        if name in VOID:
            self.void(name, rest)
            return
        kind = self.fold_kind(name, rest) if '="' in rest else ""
        self.start(name, rest)
        if name == "pre" or "white-space:pre" in rest:
            self.preformatted += 1
            kind = kind or "pre"
        if kind in ("quote", "signature"):
            self.starts[len(self.stack)] = -1
        self.stack.append((name, kind))

    def distance(self, name: str) -> int:
        """Return how many line breaks set a block apart; a list inside a list stays close."""
        return 2 if name in SPACED and not self.lists else 1

    def start(self, name: str, rest: str) -> None:
        """Note what an element means for the text inside it."""
        match name:
            case "td" | "th" if not self.newlines and self.length:
                self.blank = True
            case "ul":
                self.lists.append(0)
            case "ol":
                self.lists.append(1)
            case "li":
                self.item()
            case "a":
                href = dict(ATTRIBUTE.findall(rest)).get("href")
                self.link = (-1, unescape(href)) if href else None
            case _:
                pass

    def void(self, name: str, rest: str) -> None:
        if name == "br":
            self.newlines = min(self.newlines + 1, 3)
        elif name == "img" and (alt := dict(ATTRIBUTE.findall(rest)).get("alt")):
            alt = unescape(alt)
            if len(alt) <= 3 and not alt.isascii():  # an emoji drawn as an image
                self.emit(alt)

    def item(self) -> None:
        if self.lists and self.lists[-1]:
            bullet = f"{self.lists[-1]}. "
            self.lists[-1] += 1
        else:
            bullet = "- "
        self.emit("  " * max(0, len(self.lists) - 1) + bullet.rstrip())
        self.blank = True

    def fold_kind(self, name: str, rest: str) -> str:
        attributes = dict(ATTRIBUTE.findall(rest))
        marks = f"{attributes.get('class', '')} {attributes.get('id', '')}".strip()
        if marks:
            if SIGNATURE.search(marks):
                return "signature"
            if QUOTE_CLASS.search(marks):
                return "quote"
            if REST_IS_QUOTE.search(marks) and self.rest_is_quote == -1:
                self.rest_is_quote = -2
        if name == "blockquote" and attributes.get("type", "").lower() == "cite":
            return "quote"
        style = attributes.get("style", "")
        if style and self.rest_is_quote == -1 and OUTLOOK_RULE.search(unescape(style)):
            self.rest_is_quote = -2
        return ""

    def close(self, name: str) -> None:
        if name in ("ul", "ol") and self.lists:
            self.lists.pop()
        if name in BLOCKS:
            self.newlines = max(self.newlines, self.distance(name))
        if name == "a" and self.link and self.link[0] >= 0 and self.link[0] < self.length:
            self.links.append(Span(self.link[0], self.length, "link", self.link[1]))
            self.link = None
        for index in range(len(self.stack) - 1, max(-1, len(self.stack) - 20), -1):
            if self.stack[index][0] == name:
                while len(self.stack) > index:
                    self.leave()
                return

    def leave(self) -> None:
        _, kind = self.stack.pop()
        if kind == "pre":
            self.preformatted = max(0, self.preformatted - 1)
        start = self.starts.pop(len(self.stack), -1)
        if start >= 0 and self.length > start and not self.starts:
            self.folds.append(
                Fold(start, self.length, "signature" if kind == "signature" else "quote")
            )

    def finish(self) -> HtmlText:
        while self.stack:
            self.leave()
        text = "".join(self.pieces)
        folds = self.folds
        if 0 <= self.rest_is_quote < len(text):
            folds = [one for one in folds if one.end <= self.rest_is_quote]
            folds.append(Fold(self.rest_is_quote, len(text), "quote"))
        return HtmlText(text, tuple(folds), tuple(self.links))
