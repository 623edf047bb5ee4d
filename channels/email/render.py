"""Deciding what a mail of ours says: pure, so that every attempt sends the same bytes."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

import css_inline

from channels.email.addressing import ascii_domain
from channels.email.threading import Codes
from inbox.contract import (
    Address,
    Capabilities,
    Html,
    Level,
    Media,
    MediaCaps,
    Outbound,
    Rendered,
    RichText,
    Stored,
    WireOp,
)


REFERENCES = 20  # ids at most, beside the first one
REFERENCES_BYTES = 900
REPLY_PREFIX = re.compile(
    r"^(?:(?:re|aw|sv|vs|antw|odp|r[ăa]sp|отв|на|fwd?|wg|tr)(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
STYLE = """
body { font: 14px/1.5 Helvetica, Arial, sans-serif; color: #1f2328 }
p { margin: 0 0 12px }
blockquote { margin: 0 0 12px; padding-left: 10px; border-left: 2px solid #d0d7de; color: #59636e }
"""
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)

CAPABILITIES = Capabilities(
    text_max=1_000_000,
    text_unit="codepoints",
    text_split=False,
    media={"*": MediaCaps(mimes={"*/*": Level.FULL}, max_bytes=25 << 20, per_message=50)},
    reply=Level.FULL,
    quote=Level.FULL,
    initiate="always",
    subject=True,
    copies=True,
    html=True,
    groups=True,
    undo_seconds=10,
)


def render(codes: Codes, message: Outbound, caps: Capabilities) -> Rendered:
    """Return the one provider call that hands a message to all its recipients."""
    del caps  # a mail carries all of them
    account, thread = message.thread.account, message.thread_id
    recipients = tuple(_recipients(message))
    text = "\n\n".join(part.text for part in message.parts if isinstance(part, RichText))
    answered, references = _references(message)
    message_id = f"<{codes.message_code(account, thread, message.id)}@{_domain(message.sender)}>"
    payload: dict[str, Any] = {
        "message_id": message_id,
        "reply_code": codes.reply_code(account, thread),
        "date": message.at.isoformat(),
        "sender_name": _line(message.sender_name or ""),
        "to": [_mailbox(message.to)],
        "cc": [_mailbox(copy.address) for copy in message.copies if copy.role == "cc"],
        "reply_to": [_mailbox(copy.address) for copy in message.copies if copy.role == "reply_to"],
        "subject": reply_subject(message.subject or "", is_reply=bool(references)),
        "in_reply_to": answered,
        "references": references,
        "automatic": message.automatic,
        "text": text,
        "html": _html(message, text),
        "attachments": [_attachment(part) for part in message.parts if isinstance(part, Media)],
    }
    op = WireOp(
        key=f"{message.id}/0",
        method="smtp.send",
        payload=payload,
        recipients=recipients,
        bucket=(f"account:{account}",),
    )
    losses = {type(part).__name__ for part in message.parts} - {"RichText", "Html", "Media"}
    return Rendered(ops=(op,), losses=tuple(sorted(losses)))


def _domain(sender: Address | None) -> str:
    """Return the domain of a Message-ID: the sender's, which looks well to DMARC."""
    return ascii_domain(sender.value).rpartition("@")[2] if sender else "hub.invalid"


def _recipients(message: Outbound) -> Iterator[Address]:
    seen = set()
    copies = [copy.address for copy in message.copies if copy.role in {"to", "cc", "bcc"}]
    for address in (message.to, *copies):
        if address.value not in seen:
            seen.add(address.value)
            yield Address("email", address.value)


def _references(message: Outbound) -> tuple[str, list[str]]:
    """Return what the mail answers, and the ids of its thread (RFC 5322 section 3.6.4)."""
    ids = [one for one in map(_message_id, message.references) if one]
    answered = _message_id(message.reply_to.message_id) if message.reply_to else ""
    if answered:
        ids = [*(one for one in ids if one != answered), answered]
    elif ids:
        answered = ids[-1]
    return answered, cap_references(list(dict.fromkeys(ids)))


def cap_references(ids: Sequence[str]) -> list[str]:
    """Return the first id and the last ones, as many as fit: relays cut or refuse long fields."""
    if not ids:
        return []
    kept: list[str] = []
    room = REFERENCES_BYTES - len(ids[0])
    for one in reversed(ids[1:][-REFERENCES:]):
        room -= len(one) + 1
        if room < 0:
            break
        kept.append(one)
    return [ids[0], *reversed(kept)]


def _message_id(text: str) -> str:
    """Return an id in angle brackets; "" when it is none that may stand in a header."""
    bare = text.strip().strip("<>")
    if not bare or len(bare) > 400 or re.search(r"[\x00-\x20\x7f<>]", bare):
        return ""
    return f"<{bare}>"


def reply_subject(subject: str, *, is_reply: bool) -> str:
    """Return the subject of an answer: ``Re:`` once, whatever stood before it."""
    line = _line(subject)
    if not is_reply:
        return line
    return f"Re: {REPLY_PREFIX.sub('', line)}".rstrip()


def _line(text: str) -> str:
    return CONTROL.sub(" ", text).strip()[:900]


def _mailbox(address: Address) -> dict[str, str]:
    return {"name": _line(address.display or ""), "address": address.value}


def _attachment(part: Media) -> dict[str, Any]:
    return {
        "blob": part.source.blob if isinstance(part.source, Stored) else "",
        "filename": _line(part.filename or "")[:200],
        "mime": part.mime or "application/octet-stream",
        "content_id": part.content_id or "",
        "inline": part.inline,
    }


def _html(message: Outbound, text: str) -> str:
    given = next((part.html for part in message.parts if isinstance(part, Html)), None)
    body = given if given is not None else "".join(_paragraphs(text))
    page = f"<html><head><style>{STYLE}</style></head><body>{body}</body></html>"
    return INLINER.inline(page)


def _paragraphs(text: str) -> Iterator[str]:
    for block in re.split(r"\n{2,}", text.strip("\n")):
        lines = block.split("\n")
        if all(line.startswith(">") for line in lines):
            quoted = "<br>".join(_linked(line[1:].lstrip()) for line in lines)
            yield f"<blockquote>{quoted}</blockquote>"
        else:
            yield f"<p>{'<br>'.join(_linked(line) for line in lines)}</p>"


def _linked(line: str) -> str:
    parts = []
    end = 0
    for match in LINK.finditer(line):
        url = html.escape(match[0])
        parts += [html.escape(line[end : match.start()]), f'<a href="{url}">{url}</a>']
        end = match.end()
    return "".join([*parts, html.escape(line[end:])])
