"""Reads a mail: bytes in, everything the inbox wants to know out. Total: it never raises.

The work is split by what each module knows: ``headers``, ``charsets``, ``addresses``,
``entities`` (the tree), ``bodies`` (what is read and what is a file), ``html``, ``quotes``,
``bounce``, ``automatic``. Limits are in ``limits``; every one leaves a code in ``warnings``.
"""

import hashlib
import re
from datetime import datetime, timedelta

import msgspec

from channels.email.addresses import Mailbox, read_addresses
from channels.email.attachments import Attachment, make_attachment
from channels.email.authentication import Authentication, read_authentication
from channels.email.automatic import Automatic, classify
from channels.email.bodies import Collector, Content, body_charset, html_of
from channels.email.bounce import Bounce, read_bounces
from channels.email.entities import Entity, read_entities
from channels.email.headers import Headers, decode_header, split_headers, unfold
from channels.email.html import SafeHtml, sanitise
from channels.email.html_text import HtmlText, html_to_text, marks_quotes
from channels.email.identifiers import message_id, message_ids, read_date, references
from channels.email.limits import HEAD_OF_BIG_MAIL, HTML_CHARS, MAIL_BYTES, RECIPIENTS, TEXT_CHARS
from channels.email.quote_words import FORWARD_SUBJECT
from channels.email.quotes import find_folds, fold_known, without_folds
from inbox.contract import CalendarEvent, Fold, Span


class Preview(msgspec.Struct, frozen=True):
    """A forwarded mail as far as it is shown inside the one that carries it."""

    sender: Mailbox | None
    subject: str | None
    date: datetime | None
    text: str


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it was read.

    Attributes:
        sender: The first valid address of From, else of Reply-To, Return-Path or Sender.
        sent_by: The Sender field, when it is not the author.
        answers: Every id of In-Reply-To; ``in_reply_to`` is the first.
        references: Ids of References, oldest first.
        text: The readable text: the plain reading, or what the HTML says.
        html: Sanitised; None when the mail has none or when it may only be shown as text.
        reply_text: ``text`` without quotes and signature.
        folds: Quotes and signature in ``text``.
        links: Links in ``text`` that was made from HTML.
        shown_cids: Content ids of images the HTML shows.
        automatic: What kind of machine wrote it.
        bounces: Recipients of an earlier mail that were not reached.
        read_by: Ids of our mails this read receipt is for.
        delivered_to: Addresses it was delivered or sent to, where a reply token may stand.
        fingerprint: The same when the mail is delivered again, and only then.
        warnings: Codes of what was wrong with it, sorted.
    """

    sender: Mailbox | None = None
    sent_by: Mailbox | None = None
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    subject: str | None = None
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    answers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    html: str | None = None
    reply_text: str = ""
    folds: tuple[Fold, ...] = ()
    links: tuple[Span, ...] = ()
    remote_images: int = 0
    shown_cids: frozenset[str] = frozenset()
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic = ""
    bounces: tuple[Bounce, ...] = ()
    read_by: tuple[str, ...] = ()
    events: tuple[CalendarEvent, ...] = ()
    forwarded: tuple[Preview, ...] = ()
    delivered_to: tuple[str, ...] = ()
    authentication: tuple[Authentication, ...] = ()
    list_id: str | None = None
    loop: str = ""
    fingerprint: str = ""
    warnings: tuple[str, ...] = ()


PREVIEWS = 5  # forwarded mails shown inside one
PREVIEW_CHARS = 20_000
STUB_RATIO = 5  # HTML with this many times the words of the plain reading: that one is a stub
STUB_WORDS = 40
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff]")
PGP = "-----BEGIN PGP MESSAGE-----"
CLOCK_SKEW = timedelta(days=1)


def read_mail(raw: bytes, *, received_at: datetime | None = None) -> Mail:
    """Return the best reading of any bytes.

    Args:
        raw: The mail as it was received.
        received_at: When; a Date field far after it is marked as wrong.
    """
    warnings: set[str] = set()
    fingerprint = hashlib.sha256(raw).hexdigest()
    if len(raw) > MAIL_BYTES:
        warnings.add("mail.too_big")
        raw = raw[:HEAD_OF_BIG_MAIL]
    try:
        root = read_entities(raw, warnings)
        return _read(root, warnings, received_at)
    except Exception:  # noqa: BLE001 - whatever the bytes, the mail is shown with its original
        return Mail(warnings=(*sorted(warnings), "mail.unreadable"), fingerprint=fingerprint)


def _read(root: Entity, warnings: set[str], received_at: datetime | None) -> Mail:
    headers = root.headers
    hint = body_charset(root)
    collector = Collector(warnings, hint)
    collector.visit(root)
    content = collector.content
    subject = headers.text("subject", hint) if "subject" in headers else None
    is_forward = bool(subject and FORWARD_SUBJECT.match(subject))
    body = _read_body(content, warnings, is_forward=is_forward)
    bounces = read_bounces(root, subject or "", body.text)
    report = root.content_type.label("report-type").lower()
    automatic = "receipt" if bounces else classify(headers, root.type, report, subject or "")
    sender = _author(headers, hint, warnings)
    answers = [one for raw in headers.raws("in-reply-to") for one in message_ids(raw)]
    date = _date(headers, received_at, warnings)
    return Mail(
        sender=sender,
        sent_by=_sent_by(headers, hint, sender),
        to=_people(headers, "to", hint, warnings),
        cc=_people(headers, "cc", hint, warnings),
        bcc=_people(headers, "bcc", hint, warnings),
        reply_to=_people(headers, "reply-to", hint, warnings),
        subject=subject,
        date=date,
        message_id=message_id(headers),
        in_reply_to=answers[0] if answers else None,
        answers=tuple(answers[:20]),
        references=tuple(references(headers)),
        text=body.text,
        html=body.safe.html if body.safe else None,
        reply_text=without_folds(body.text, body.folds),
        folds=body.folds,
        links=body.links,
        remote_images=body.safe.remote_images if body.safe else 0,
        shown_cids=body.safe.cids if body.safe else frozenset(),
        attachments=_files(content, body, warnings),
        automatic=automatic,
        bounces=bounces,
        read_by=_read_receipt(root),
        events=tuple(content.events),
        forwarded=() if bounces else tuple(_previews(content.messages)),
        delivered_to=_delivered_to(headers),
        authentication=_authentication(headers),
        list_id=headers.text("list-id") or None,
        loop=headers.token("x-hub-loop")[:200],
        fingerprint=_fingerprint(root),
        warnings=tuple(sorted(warnings)),
    )


# ---------------------------------------------------------------- people, dates, identity


def _author(headers: Headers, hint: str | None, warnings: set[str]) -> Mailbox | None:
    """Return who wrote it; of several From fields the first valid one."""
    if sum(1 for _ in headers.raws("from")) > 1:
        warnings.add("from.many")
    for field in ("from", "reply-to", "return-path", "sender", "x-original-from"):
        for raw in headers.raws(field):
            if found := read_addresses(raw, hint):
                if field != "from":
                    warnings.add("from.missing")
                    if name := headers.text("from", hint):
                        return Mailbox(found[0].address, name)
                return found[0]
    warnings.add("from.missing")
    return None


def _sent_by(headers: Headers, hint: str | None, sender: Mailbox | None) -> Mailbox | None:
    found = read_addresses(headers.raw("sender"), hint)
    if not found or (sender and found[0].address.lower() == sender.address.lower()):
        return None
    return found[0]


def _people(
    headers: Headers, field: str, hint: str | None, warnings: set[str]
) -> tuple[Mailbox, ...]:
    found = [one for raw in headers.raws(field) for one in read_addresses(raw, hint)]
    if len(found) > RECIPIENTS:
        warnings.add("recipients.too_many")
    return tuple(found[:RECIPIENTS])


def _date(headers: Headers, received_at: datetime | None, warnings: set[str]) -> datetime | None:
    for raw in headers.raws("date"):
        if (date := read_date(raw)) is not None:
            if received_at and date > received_at + CLOCK_SKEW:
                warnings.add("date.future")
            return date
    warnings.add("date.missing")
    return None


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    fields = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
    found = {
        one.address: None
        for field in fields
        for raw in headers.raws(field)
        for one in read_addresses(raw)
    }
    return tuple(found)[:RECIPIENTS]


def _authentication(headers: Headers) -> tuple[Authentication, ...]:
    raws = headers.raws("authentication-results")
    return read_authentication(unfold(raw).decode("utf-8", "replace") for raw in raws)


def _fingerprint(root: Entity) -> str:
    """Return the identity of a mail: not of its transport, and not of its id alone.

    With the id alone an outsider could suppress a mail by sending another with its id first.
    """
    digest = hashlib.sha256()
    for field in ("message-id", "date", "from", "subject"):
        digest.update(unfold(root.headers.raw(field)).strip() + b"\0")
    digest.update(memoryview(root.mail)[root.start :])
    return digest.hexdigest()


def _read_receipt(root: Entity) -> tuple[str, ...]:
    """Return the ids of our mails somebody opened: RFC 8098."""
    found: list[str] = []
    for entity in root.walk():
        if entity.type == "message/disposition-notification":
            content = entity.content().lstrip()
            fields, _ = split_headers(content, 0, len(content), set())
            if "displayed" in fields.token("disposition"):
                found += message_ids(fields.raw("original-message-id"))
    return tuple(found[:20])


# ---------------------------------------------------------------- body and files


class _Body(msgspec.Struct):
    text: str
    folds: tuple[Fold, ...] = ()
    links: tuple[Span, ...] = ()
    safe: SafeHtml | None = None
    full: str = ""  # the whole text, when what is shown had to be cut


def _read_body(content: Content, warnings: set[str], *, is_forward: bool) -> _Body:
    blocks = content.blocks
    plain = "\n".join(block.plain for block in blocks if block.plain is not None)
    if not any(block.html is not None for block in blocks):
        return _from_plain(plain, warnings, is_forward=is_forward)
    raw = html_of(blocks)
    safe = sanitise(raw, warnings)
    has_plain = all(block.plain is not None for block in blocks if block.html is not None)
    if has_plain and len(plain.split(maxsplit=STUB_WORDS)) > STUB_WORDS:
        body = _from_plain(plain, warnings, is_forward=is_forward)
    else:
        body = _from_html(_said(raw, safe), warnings, is_forward=is_forward)
        if has_plain and not _is_stub(plain, body.text):
            body = _from_plain(plain, warnings, is_forward=is_forward)
    body.safe = safe
    if safe and has_plain and not is_forward:
        _fold_as_html(body, safe.html)
    return body


def _said(raw: str, safe: SafeHtml | None) -> HtmlText:
    return html_to_text(safe.html) if safe else html_to_text(raw[: 2 * HTML_CHARS], is_clean=False)


def _fold_as_html(body: _Body, html: str) -> None:
    """Fold in the plain reading what the HTML marks as a quote and the words alone do not."""
    if any(fold.kind == "quote" for fold in body.folds) or not marks_quotes(html):
        return
    said = html_to_text(html)
    quoted = [said.text[one.start : one.end] for one in said.folds if one.kind == "quote"]
    body.folds = fold_known(body.text, body.folds, quoted)


def _is_stub(plain: str, said: str) -> bool:
    """Tell a plain reading that only says that one should read HTML."""
    words = len(plain.split())
    if not words:
        return bool(said.strip())
    return words < STUB_WORDS and len(said.split()) > words * STUB_RATIO + STUB_WORDS


def _from_plain(plain: str, warnings: set[str], *, is_forward: bool) -> _Body:
    if PGP in plain:
        warnings.add("encrypted.pgp")
    full = _clean(plain)
    text = _cut(full, warnings)
    folds = find_folds(text, is_forward=is_forward)
    return _Body(text, folds, full=full if len(full) > len(text) else "")


def _from_html(said: HtmlText, warnings: set[str], *, is_forward: bool) -> _Body:
    # same length, so that ranges stay right
    text = _cut(UNREADABLE.sub(" ", said.text), warnings)
    marked = [one for one in said.folds if one.end <= len(text)]
    links = tuple(one for one in said.links if one.end <= len(text))
    folds = find_folds(text, marked, is_forward=is_forward)
    return _Body(text, folds, links, full=said.text if len(said.text) > len(text) else "")


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = UNREADABLE.sub("", text)
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()


def _cut(text: str, warnings: set[str]) -> str:
    if len(text) <= TEXT_CHARS:
        return text
    warnings.add("text.cut")
    return text[:TEXT_CHARS]


def _files(content: Content, body: _Body, warnings: set[str]) -> tuple[Attachment, ...]:
    """Return the files; those the HTML shows are inline whatever they claim."""
    shown = body.safe.cids if body.safe else frozenset()
    files = [
        msgspec.structs.replace(one, disposition="inline")
        if one.content_id in shown and one.disposition != "inline"
        else one
        for one in content.files
    ]
    if body.full:
        files.append(
            make_attachment(body.full.encode("utf-8", "replace"), "text/plain", "text.txt")
        )
    if body.safe is None and (htmls := [one.html for one in content.blocks if one.html]):
        warnings.add("html.as_text")
        data = "\n".join(htmls).encode("utf-8", "replace")
        files.append(make_attachment(data, "text/html", "message.html"))
    return tuple(files)


def _previews(messages: list[bytes]) -> list[Preview]:
    """Read forwarded mails one level deep."""
    previews = []
    for raw in messages[:PREVIEWS]:
        warnings: set[str] = set()
        root = read_entities(raw, warnings)
        hint = body_charset(root)
        collector = Collector(warnings, hint)
        collector.visit(root)
        body = _read_body(collector.content, warnings, is_forward=False)
        previews.append(
            Preview(
                _author(root.headers, hint, warnings),
                decode_header(root.headers.raw("subject"), hint) or None,
                _date(root.headers, None, warnings),
                body.text[:PREVIEW_CHARS],
            )
        )
    return previews
