"""Address lists: RFC 5322 section 3.4, and what senders make of it."""

import re

import msgspec

from channels.email.headers import decode_header, show, unfold


class Mailbox(msgspec.Struct, frozen=True):
    """A person in an address field: the address as it was spelt, and the name."""

    address: str
    name: str = ""


TOKEN = re.compile(
    r"""(?P<word>=\?[^?\s]{0,60}\?[bBqQ]\?[^?]{0,4096}\?=)
      | (?P<quoted>"(?:[^"\\]|\\.)*+")
      | (?P<angle><[^<>]*+>?)
      | (?P<special>[(),;:])
      | (?P<text>[^\s"<>(),;:=]++|.)""",
    re.VERBOSE | re.DOTALL,
)
ADDRESS = re.compile(r'(?:"[^"@<>]{1,64}"|[^\s@<>,;:"()\[\]\\]{1,256})@[^\s@<>,;:"()\\]{1,255}')
LOOSE = re.compile(
    r"([^<>,;]{0,300}?)<?\s*((?:mailto:)?[^\s<>,;:\"()\[\]\\@]{1,256}@[^\s<>,;:\"()\\@]{1,255})\s*>?"
)


def read_addresses(raw: bytes, hint: str | None = None) -> list[Mailbox]:
    """Return the mailboxes of a field; what holds no address is left out.

    Args:
        raw: The folded value of the field.
        hint: Charset of 8-bit names that are no UTF-8.
    """
    line = unfold(raw)
    if b"@" not in line and b"=?" not in line:
        return []
    # latin-1 keeps every byte, so names can be decoded after splitting
    found = _Splitter(line.decode("latin-1"), hint).read()
    if found:
        return found
    decoded = decode_header(line, hint)
    return [
        Mailbox(match[2].removeprefix("mailto:").rstrip("."), _clean_name(match[1]).rstrip("( "))
        for match in LOOSE.finditer(decoded)
    ]


class _Splitter:
    """One pass over a field, collecting mailboxes between commas."""

    def __init__(self, line: str, hint: str | None) -> None:
        self.line = line
        self.hint = hint
        self.found: list[Mailbox] = []
        self.start()

    def start(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def read(self) -> list[Mailbox]:
        pending: list[str] = []
        depth = 0
        comment: list[str] = []
        for token in TOKEN.finditer(self.line):
            text = token[0]
            if text == "(":
                depth += 1
            elif text == ")" and depth:
                depth -= 1
                if not depth:
                    self.comments.append("".join(comment))
                    comment = []
            elif depth:
                comment.append(text)
            elif token["angle"]:
                self.angle = text
            elif text in (",", ";"):
                pending = self.finish(pending)
            elif text == ":" and self.angle is None and "@" not in "".join(self.words):
                self.start()  # the name of a group
            else:
                self.words.append(text)
        if comment:
            self.words += [*comment]
        self.finish(pending)
        return self.found

    def finish(self, pending: list[str]) -> list[str]:
        """Take the mailbox collected so far; return words that belong to the next one's name.

        ``Smith, Karoline <k@example.com>`` without quotes is one mailbox, not two.
        """
        text = "".join(self.words).strip()
        if (
            self.angle is None
            and text.count("@") > 1
            and len(several := ADDRESS.findall(text)) > 1
        ):
            self.found += [Mailbox(one.rstrip(".")) for one in several]
            self.start()
            return []
        mailbox = self.mailbox(text, pending)
        self.start()
        if mailbox:
            self.found.append(mailbox)
            return []
        if text and "@" not in text:
            return [*pending, text][-8:]
        return []

    def mailbox(self, text: str, pending: list[str]) -> Mailbox | None:
        if self.angle is not None:
            return self.angled(self.angle, text, pending)
        address = _clean_address(text)
        if address:
            return Mailbox(address, self.name(" ".join(self.comments)))
        if "=?" in text:
            return self.encoded(text)
        if found := ADDRESS.search(text):
            rest = text[: found.start()] + text[found.end() :]
            return Mailbox(found[0].strip("'").rstrip("."), self.name(rest))
        return None

    def angled(self, angle: str, text: str, pending: list[str]) -> Mailbox | None:
        address = _clean_address(angle)
        if address:
            name = ", ".join([*pending, text]) if text else ""
            return Mailbox(address, self.name(name or " ".join(self.comments)))
        if found := ADDRESS.search(text):
            return Mailbox(found[0].rstrip("."))
        return self.encoded(text)

    def encoded(self, text: str) -> Mailbox | None:
        """Read a mailbox that was encoded as a whole."""
        decoded = decode_header(text.encode("latin-1"), self.hint)
        if self.angle is not None and "@" not in decoded:
            decoded = decode_header(self.angle.encode("latin-1"), self.hint)
        found = LOOSE.search(decoded)
        return Mailbox(found[2], _clean_name(found[1])) if found else None

    def name(self, text: str) -> str:
        return _clean_name(decode_header(text.encode("latin-1", "replace"), self.hint))


def _clean_address(text: str) -> str:
    """Return an address without its wrapping; empty when it is none."""
    address = text.strip("<> \t'\"").removeprefix("mailto:").rstrip(".")
    if not ADDRESS.fullmatch(address):
        blanks = r"\s+" if text.startswith("<") else r"\s*(?=@)|(?<=@)\s*"
        address = re.sub(blanks, "", address)
        if not ADDRESS.fullmatch(address):
            found = ADDRESS.search(text) if text.startswith("<") else None
            address = found[0] if found else ""
    try:
        return show(address.encode("latin-1").decode("utf-8", "replace"))
    except UnicodeEncodeError:
        return show(address)


def _clean_name(name: str) -> str:
    name = re.sub(r"\s+", " ", show(name)).strip(" ,;")
    for quote in ('"', "'"):
        if len(name) > 1 and name[0] == quote == name[-1]:
            name = name[1:-1].strip()
    return re.sub(r'\\(["\\])', r"\1", name).replace('"', "") if '"' in name else name
