"""How deep HTML nests, found by one linear scan before any parser sees it.

``nh3`` (html5ever) takes 0.5 s for 10,000 nested elements and minutes for 100,000.
"""

import re

from channels.email.limits import HTML_DEPTH


VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
CLOSED_BY_ITSELF = frozenset(
    [
        "dd",
        "dt",
        "li",
        "option",
        "optgroup",
        "p",
        "rp",
        "rt",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
    ]
)
"""Elements whose next sibling ends them; nesting them takes an element that is counted."""
CELLS = frozenset(["td", "th", "tr", "tbody", "thead", "tfoot"])
BARRIER = frozenset(
    ["table", "td", "th", "caption", "button", "object", "applet", "marquee", "template", "select"]
)
FORMATTING = frozenset(
    [
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    ]
)
RAW = frozenset(
    ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"]
)
STEPS = 3_000_000  # elements looked at to find what an end tag ends
REOPENED = 300_000  # elements a parser opens anew after blocks that left them open
MARKUP = re.compile(
    r"<!--(?:>|->|.*?(?:-->|--!>|\Z))|<[!?][^>]*>?"
    r"|<(/?)([a-z][^\s/>]*)((?:=\s*+(?:\"[^\"]*+\"|'[^']*+')|[^>])*+)>",
    re.IGNORECASE | re.DOTALL,
)


def is_too_deep(html: str) -> bool:
    """Tell whether parsing would nest more than ``HTML_DEPTH`` elements, or blow up otherwise.

    A formatting element that a block leaves open is opened anew in every following block
    (https://html.spec.whatwg.org/#reconstruct-the-active-formatting-elements).
    """
    if html.count("<") - html.count("</") <= HTML_DEPTH:
        return False  # not enough elements, however they nest
    stack = _Stack()
    reopened = 0
    position = 0
    while match := MARKUP.search(html, position):
        position = match.end()
        if match[2] is None:
            continue
        name = match[2].lower()
        if match[1]:
            stack.close(name)
            continue
        if name in RAW:
            end = re.compile(rf"</{name}", re.IGNORECASE).search(html, position)
            position = end.start() if end else len(html)
            continue
        stack.open(name)
        if name not in FORMATTING:
            reopened += stack.formatting
        if len(stack.names) > HTML_DEPTH or reopened > REOPENED or stack.steps > STEPS:
            return True
    return False


class _Stack:
    """The open elements, as a parser would have them.

    Attributes:
        formatting: How many formatting elements are open, or were left open.
        steps: How many elements were looked at to find what an end tag ends.
    """

    __slots__ = ("formatting", "names", "steps")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.formatting = 0
        self.steps = 0

    def open(self, name: str) -> None:
        if name in CELLS:
            self._end_cell()
            if name not in ("td", "th"):
                return
        elif name in VOID or name in CLOSED_BY_ITSELF:
            return
        self.names.append(name)
        self.formatting += name in FORMATTING

    def _end_cell(self) -> None:
        """End the open cell of the innermost table, as the start of another one does."""
        for index in range(len(self.names) - 1, -1, -1):
            self.steps += 1
            if self.names[index] == "table":
                return
            if self.names[index] in ("td", "th"):
                # formatting does not leak out of a cell
                self.formatting -= sum(one in FORMATTING for one in self.names[index:])
                del self.names[index:]
                return

    def close(self, name: str) -> None:
        """Close the nearest element of that name; formatting inside it stays to be reopened."""
        for index in range(len(self.names) - 1, -1, -1):
            self.steps += 1
            found = self.names[index]
            if found == name:
                del self.names[index:]
                self.formatting -= name in FORMATTING
                return
            if found in BARRIER and name not in ("table", "tr", "tbody", "body", "html"):
                return
        if name in FORMATTING and self.formatting:
            self.formatting -= 1
