"""Bounces: RFC 3464 read by ourselves, and what servers wrote before it.

``flufl.bounce`` gives a second opinion; each of its detectors is guarded, for several raise on
8-bit or missing From fields.
"""

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import BytesParser

import msgspec

from channels.email.entities import Entity
from channels.email.headers import Headers, decode_header, split_headers
from channels.email.identifiers import message_id


class Bounce(msgspec.Struct, frozen=True):
    """A recipient whom a message of ours did not reach, or reaches late.

    Attributes:
        recipient: The address; None when the report does not name it.
        status: Enhanced status code such as ``5.1.1``.
        permanent: Trying again is of no use.
        original_message_id: Message-ID of what was sent, in angle brackets.
        action: ``failed``, ``delayed``, ``delivered``, ``relayed`` or ``expanded``.
        diagnostic: What the refusing server said.
    """

    recipient: str | None = None
    status: str | None = None
    permanent: bool = True
    original_message_id: str | None = None
    action: str = "failed"
    diagnostic: str = ""


STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
REPLY_CODE = re.compile(r"\b([45]\d\d)[ -]")
ADDRESS = re.compile(r"[^\s<>;,\"'()\[\]]+@[^\s<>;,\"'()\[\]]+")
ORIGINAL_ID = re.compile(rb"^message-id:\s*(<[^<>\r\n]{1,990}>)", re.IGNORECASE | re.MULTILINE)
FAILED_SUBJECT = re.compile(
    r"(?:undeliver|delivery (?:status notification|has failed|failure|incomplete|problem)|"
    r"returned mail|mail delivery (?:failed|failure|system)|failure notice|could not be delivered|"
    r"message (?:undeliverable|delivery failed)|non remis|unzustellbar|zustellung|nedeliver|"
    r"mesaj nelivrat|nu a putut fi livrat|не удалось доставить|недоставлен|не доставлено|"
    r"rejected(?: mail)?(?::|$)|mail could not be)",
    re.IGNORECASE,
)
SERVER = re.compile(
    rb"mailer[._-]?daemon|mail[._-]?daemon|postmaster|mdaemon|mail delivery|mail (?:admin|system)|"
    rb"system administrator|smtp|imss|microsoftexchange",
    re.IGNORECASE,
)
DELAYED_SUBJECT = re.compile(r"delayed|delay|warning|verzögert|întârzi|задерж", re.IGNORECASE)
QUOTED_ORIGINAL = re.compile(
    rb"^(?:-{2,}[^\r\n]{0,80}(?:copy|original|undelivered|message|headers)[^\r\n]{0,80}|"
    rb"Below this line is a copy of the message\.)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
BYTES_FOR_DETECTORS = 256 * 1024


def read_bounces(root: Entity, subject: str, text: str) -> tuple[Bounce, ...]:
    """Return who was not reached, as a mail says; empty when it is no bounce.

    Args:
        root: The tree of the mail.
        subject: Its decoded subject.
        text: Its readable text, where old servers put what happened.
    """
    original = _original_id(root)
    reports = [
        bounce
        for entity in root.walk()
        if entity.type in ("message/delivery-status", "message/global-delivery-status")
        for bounce in _recipients(entity, original, text)
    ]
    if reports:
        return tuple(reports)
    if root.type == "multipart/report" and root.content_type.label("report-type").lower() not in (
        "",
        "delivery-status",
    ):
        return ()
    if not _is_from_a_server(root.headers):
        return ()
    return _from_prose(root, subject, text, original)


def _recipients(entity: Entity, original: str | None, text: str) -> Iterator[Bounce]:
    blocks = list(_blocks(entity.content()))
    for block in blocks:
        raw = block.raw("final-recipient") or block.raw("original-recipient")
        action = block.token("action").split(" ")[0].split(";")[0]
        status = STATUS.search(block.token("status"))
        if not raw and not (action and status):
            continue
        recipient = _address(block.raw("original-recipient")) or _address(raw)
        diagnostic = decode_header(block.raw("diagnostic-code"))
        code = status[1] if status else _status_of(diagnostic)
        # some servers say 5.0.0 in the field and the truth in the diagnostic
        if code and code.endswith(".0.0") and (better := STATUS.search(diagnostic)):
            code = better[1]
        yield Bounce(
            recipient or next(iter(ADDRESS.findall(text)), None),
            code,
            _is_permanent(action, code),
            original,
            action or "failed",
            diagnostic.partition(";")[2].strip() or diagnostic,
        )


def _blocks(content: bytes) -> Iterator[Headers]:
    """Give the per-message and per-recipient groups of fields."""
    position = 0
    for _ in range(200):
        while content[position : position + 1] in (b"\r", b"\n"):
            position += 1
        if position >= len(content):
            return
        headers, end = split_headers(content, position, len(content), set())
        if headers.fields:
            yield headers
        if end <= position:
            return
        position = end


def _address(raw: bytes) -> str | None:
    value = decode_header(raw)
    _, semicolon, after = value.partition(";")
    found = ADDRESS.search(after if semicolon else value)
    return found[0].rstrip(".") if found else None


def _status_of(text: str) -> str | None:
    if found := STATUS.search(text):
        return found[1]
    if found := REPLY_CODE.search(text):
        return f"{found[1][0]}.0.0"
    return None


def _is_permanent(action: str, status: str | None) -> bool:
    if action in ("delayed", "delivered", "relayed", "expanded"):
        return False
    return status is None or not status.startswith(("4", "2"))


def _original_id(root: Entity) -> str | None:
    """Return the Message-ID of the returned mail or of its returned fields."""
    for entity in root.walk():
        if entity is root or entity.type not in (
            "message/rfc822",
            "message/global",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global-headers",
        ):
            continue
        content = entity.content().lstrip()
        headers, _ = split_headers(content, 0, len(content), set())
        if found := message_id(headers):
            return found
    for name in ("x-original-message-id", "original-message-id"):
        for entity in root.walk():
            if name in entity.headers:
                return decode_header(entity.headers.raw(name)) or None
    return None


def _is_from_a_server(headers: Headers) -> bool:
    """Tell whether a mail server may have written it; a client never has such a sender."""
    if "x-failed-recipients" in headers or headers.raw("return-path").strip() == b"<>":
        return True
    return bool(SERVER.search(headers.raw("from")))


def _from_prose(root: Entity, subject: str, text: str, original: str | None) -> tuple[Bounce, ...]:
    """Read a bounce that is written for people; empty when it is none after all."""
    named = [
        address.strip()
        for address in decode_header(root.headers.raw("x-failed-recipients")).split(",")
        if "@" in address
    ]
    late, refused = _second_opinion(root)
    recipients: list[str | None] = [*(named or refused or late)]
    if not recipients:
        if not FAILED_SUBJECT.search(subject):
            return ()
        recipients = [*_first_address(text)] or [None]
    original = original or _quoted_id(root.body())
    said = text[: len(text) // 2] if original and len(text) > 4000 else text
    status = _status_of(said)
    is_late = bool(late and not refused) or (
        not refused and DELAYED_SUBJECT.search(subject) is not None and not status
    )
    is_permanent = not is_late and not (status or "").startswith("4")
    action = "delayed" if is_late else "failed"
    return tuple(
        Bounce(one, status, is_permanent, original, action, _diagnostic(said))
        for one in recipients[:50]
    )


def _quoted_id(body: bytes) -> str | None:
    """Return the Message-ID in a copy of our mail that was put into the text."""
    after = QUOTED_ORIGINAL.search(body)
    found = ORIGINAL_ID.search(body, after.end() if after else 0)
    return found[1].decode("ascii", "replace") if found else None


def _diagnostic(text: str) -> str:
    found = re.search(r"^.*(?:\b[45]\d\d[ -]|\b[45]\.\d\.\d).*$", text, re.MULTILINE)
    return found[0].strip()[:500] if found else ""


def _first_address(text: str) -> list[str]:
    return [found.rstrip(".:") for found in ADDRESS.findall(text)][:1]


def _second_opinion(root: Entity) -> tuple[list[str], list[str]]:
    """Ask the detectors of flufl.bounce, each guarded: who is late and who was refused."""
    from flufl.bounce import _scan  # noqa: PLC0415 - only for the few mails that look like one

    try:
        message = BytesParser().parsebytes(root.mail[:BYTES_FOR_DETECTORS])
    except (ValueError, LookupError, RecursionError):
        return [], []
    for detector in _scan._DETECTORS:  # noqa: SLF001 - its public call stops at the first failure
        late, refused = _ask(detector, message)
        if late or refused:
            return late, refused
    return [], []


def _ask(detector: type, message: Message) -> tuple[list[str], list[str]]:
    try:
        late, refused = detector().process(message)
    except Exception:  # noqa: BLE001 - a detector that fails has no opinion
        return [], []
    return _addresses(late), _addresses(refused)


def _addresses(found: Iterable[bytes]) -> list[str]:
    return [one.decode("utf-8", "replace") for one in sorted(found) if b"@" in one]
