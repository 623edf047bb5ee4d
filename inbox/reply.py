"""Agents' answers: stored once, refused when something came in between, queued for delivery."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Viewer
from inbox.assignment import assign_agent
from inbox.attachments import attach, check_files
from inbox.carried import CapsOf
from inbox.case import Case, open_any, require
from inbox.changes import message_changed
from inbox.contract import AccountId, Capabilities, ThreadRef
from inbox.drafts import discard_draft
from inbox.folders import move_to
from inbox.posting import (
    MessageGiven,
    Posted,
    check_content,
    fingerprint,
    mention,
    posted_before,
    preview_of,
    record,
)
from inbox.quiet import first_hour
from inbox.recipients import Recipient, default_recipients, resolve
from inbox.status import move, set_status
from inbox.switching import thread_via
from inbox.tables import DeliveryRow, MessageRow
from inbox.thread_page import public_after
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Invalid
from infra.tables import Json


SAFE_LINK = re.compile(r"(https?://|mailto:|tel:)\S", re.IGNORECASE)

LATEST_THREAD = """
SELECT thread_id FROM message
 WHERE conversation_id = $1 AND thread_id IS NOT NULL AND kind IN ('inbound', 'outbound')
 ORDER BY (kind = 'inbound' AND visibility = 'public') DESC, seq DESC LIMIT 1
"""

LINE = """
SELECT t.id, t.account_id, t.key, t.peer_identity_id, t.subject, t.window_until,
       a.kind AS channel, a.provider, a.name AS account_name, a.is_enabled, a.removed_at,
       a.config::text AS config
  FROM thread AS t JOIN channel_account AS a ON a.id = t.account_id
 WHERE t.id = $2 AND (t.conversation_id = $1 OR EXISTS (
       SELECT FROM message AS m WHERE m.conversation_id = $1 AND m.thread_id = t.id))
"""

JOIN_IN = """
INSERT INTO participant (conversation_id, identity_id, role, since_seq, added_by)
SELECT $1, one.id, 'cc', $3, $4 FROM unnest($2::uuid[]) AS one (id)
ON CONFLICT (conversation_id, identity_id) DO UPDATE SET role = 'cc'
 WHERE participant.role = 'third_party'
"""


class StaleView(Conflict):
    """Something public was added after what the agent has seen; it comes along."""

    code = "conversation.changed"
    title = "Something new came in"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The thread an answer goes through, and its account."""

    id: UUID
    account_id: UUID
    key: str
    peer_identity_id: UUID
    subject: str
    window_until: datetime | None
    channel: str
    provider: str
    account_name: str
    is_enabled: bool
    removed_at: datetime | None
    config: Json = {}


async def reply(
    tx: Transaction,
    conversation_id: UUID,
    *,
    given: MessageGiven,
    token: UUID,
    viewer: Viewer,
    caps_of: CapsOf,
) -> Posted:
    """Queue an answer; a repeated request returns the message of the first.

    Raises:
        NotFound: There is no conversation the viewer may see.
        Forbidden: The viewer may not answer it.
        StaleView: Something public was added after ``given.base_seq``, unless forced.
        TokenReused: The token made another message.
        Unreachable: A recipient opted out or blocked us.
        OpenElsewhere: The other channel's thread is another open conversation's.
        Invalid: The channel does not carry it, or nobody would get it.
    """
    earlier = await posted_before(
        tx, token, place=conversation_id, given=given, agent_id=viewer.agent_id
    )
    if earlier is not None:
        return earlier
    check_content(given)
    await require(tx, conversation_id, viewer=viewer, action="reply")
    line = await _line(tx, conversation_id, given, viewer=viewer, caps_of=caps_of)
    caps = caps_of(line.provider, line.config, ThreadRef(AccountId(line.account_id), line.key))
    _check_line(line, given, caps)
    chosen = given.recipients or await default_recipients(tx, line.id, caps)
    recipients = await resolve(
        tx,
        chosen,
        account_id=line.account_id,
        channel=line.channel,
        caps=caps,
        peer_id=line.peer_identity_id,
    )
    case = await open_any(tx, conversation_id, actor_id=viewer.agent_id)
    await _guard(case, given)
    await _check_answered(case, given)
    return await queue(case, line, given=given, token=token, recipients=recipients, caps=caps)


async def queue(
    case: Case,
    line: Line,
    *,
    given: MessageGiven,
    token: UUID,
    recipients: list[Recipient],
    caps: Capabilities,
    place: UUID | None = None,
) -> Posted:
    """Store an answer that passed every check, with its deliveries, and announce it.

    Args:
        place: What the request was made to, when that is not the conversation.
    """
    tx, row = case.tx, case.row
    at = now()
    message = MessageRow(
        conversation_id=row.id,
        seq=case.next_seq(),
        kind="outbound",
        thread_id=line.id,
        account_id=line.account_id,
        channel=line.channel,
        agent_id=case.actor_id,
        subject=given.subject if caps.subject else None,
        text=given.text,
        reply_text=given.text,
        spans=[msgspec.to_builtins(span) for span in given.spans],
        parts=_buttons(given),
        in_reply_to=given.reply_to,
        recipients=[_shown(one) for one in recipients],
        client_token=token,
        meta={"request": fingerprint(place or row.id, given)}
        | ({"scheduled": True} if given.not_before else {}),
        at=at,
    )
    row.last_public_seq = message.seq
    tx.session.add(message)
    await tx.session.flush()  # what refers to it comes next
    due = await first_hour(
        tx,
        account_id=line.account_id,
        thread_id=line.id,
        due=given.not_before or at + timedelta(seconds=caps.undo_seconds),
    )
    tx.session.add_all(
        DeliveryRow(
            message_id=message.id, identity_id=one.identity_id, role=one.role, not_before=due
        )
        for one in recipients
    )
    await attach(tx, message.id, given.attachments)
    await mention(case, message, given.mention_ids)
    await _take_part(case, recipients, message.seq)
    await _move_on(case, given, at)
    await _finish(case, line, message, preview_of(given))
    return Posted(message.id, row.id)


async def _line(
    tx: Transaction,
    conversation_id: UUID,
    given: MessageGiven,
    *,
    viewer: Viewer,
    caps_of: CapsOf,
) -> Line:
    chosen: UUID | None
    if given.via is not None:
        chosen = await thread_via(
            tx, conversation_id, given.via, subject=given.subject, viewer=viewer, caps_of=caps_of
        )
    else:
        chosen = given.thread_id or await tx.fetchval(LATEST_THREAD, conversation_id)
    found = await tx.fetchrow(LINE, conversation_id, chosen) if chosen else None
    if found is None:
        raise Invalid("this conversation has no such thread to answer in")
    return msgspec.convert(dict(found) | {"config": msgspec.json.decode(found["config"])}, Line)


def _check_line(line: Line, given: MessageGiven, caps: Capabilities) -> None:
    if not line.is_enabled or line.removed_at is not None:
        raise Invalid(f"{line.account_name} is switched off")
    if line.window_until is not None and line.window_until < now():
        raise Invalid("the time in which this channel allows an answer is over")
    if given.not_before is not None and given.not_before <= now():
        raise Invalid("the time to send has passed already")
    check_files(given.attachments, caps)
    if given.buttons and not caps.buttons:
        raise Invalid("this channel carries no buttons")
    if any(not 0 <= span.start <= span.end <= len(given.text) for span in given.spans):
        raise Invalid("a formatted range lies outside of the text")
    if any(span.kind == "link" and not SAFE_LINK.match(span.arg or "") for span in given.spans):
        raise Invalid("a link leads to http, https, mailto or tel")


async def _guard(case: Case, given: MessageGiven) -> None:
    row = case.row
    if row.last_public_seq <= given.base_seq or given.force:
        return
    entries = await public_after(case.tx, row.id, seq=given.base_seq)
    shown = await case.tx.fetchval(
        "SELECT conversation_json(c)::text FROM conversation AS c WHERE c.id = $1", row.id
    )
    raise StaleView(
        "something new came in since you looked",
        entries=msgspec.Raw(entries.encode()),
        conversation=msgspec.Raw(shown.encode()),
    )


async def _check_answered(case: Case, given: MessageGiven) -> None:
    if given.reply_to is None:
        return
    place = "SELECT 1 FROM message WHERE id = $1 AND conversation_id = $2 AND kind <> 'note'"
    if await case.tx.fetchval(place, given.reply_to, case.row.id) is None:
        raise Invalid("the message to answer is not in this conversation")


async def _take_part(case: Case, recipients: list[Recipient], seq: int) -> None:
    """Let those an agent writes to openly answer with a say, whoever they were before."""
    ids = [one.identity_id for one in recipients if one.role != "bcc"]
    await case.tx.execute(JOIN_IN, case.row.id, ids, seq, case.actor_id)


async def _move_on(case: Case, given: MessageGiven, at: datetime) -> None:
    row = case.row
    await move_to(case, "inbox")
    if row.assignee_id is None and case.actor_id is not None:
        await assign_agent(case, case.actor_id, reason="replied")
    status = given.status_after or "waiting"
    if "closed" in {status, row.status}:
        set_status(case, status, reason="replied")  # a case begins or ends: the timeline says so
    elif row.status != status:
        move(case, status)
    row.waiting_since = None
    if row.first_inbound_at is not None and row.first_reply_at is None:
        row.first_reply_at = at


async def _finish(case: Case, line: Line, message: MessageRow, preview: str) -> None:
    tx, row = case.tx, case.row
    row.preview, row.preview_kind = preview, "outbound"
    row.account_id = line.account_id
    if line.channel not in row.channels:
        row.channels = [*row.channels, line.channel]
    case.touch()
    if case.actor_id is not None:
        await discard_draft(tx, row.id, kind="reply", agent_id=case.actor_id)
    await record(case, message, summary=preview, about=line.peer_identity_id)
    await tx.execute("UPDATE card SET last_out_at = $2 WHERE id = $1", row.card_id, message.at)
    await message_changed(tx, message.id)
    await case.announce()


def _buttons(given: MessageGiven) -> list[Json]:
    rows = [[msgspec.to_builtins(button) for button in row] for row in given.buttons if row]
    return [{"type": "buttons", "rows": rows}] if rows else []


def _shown(one: Recipient) -> dict[str, str]:
    return {"role": one.role, "kind": one.kind, "value": one.value, "display": one.display}
