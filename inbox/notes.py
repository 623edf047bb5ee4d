"""Internal notes: entries of the timeline that have no destination, so none can leak."""

from uuid import UUID

from crm_core.staff.visibility import Viewer
from inbox.attachments import attach
from inbox.case import open_case
from inbox.changes import message_changed
from inbox.drafts import discard_draft
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
from inbox.tables import MessageRow
from infra.db import Transaction
from infra.errors import Invalid


async def add_note(
    tx: Transaction, conversation_id: UUID, *, given: MessageGiven, token: UUID, viewer: Viewer
) -> Posted:
    """Leave a note for colleagues; those it mentions follow the conversation from now on.

    Raises:
        NotFound: There is no conversation the viewer may see.
        Forbidden: The viewer may not leave notes there.
        TokenReused: The token made another message.
        Invalid: The note is empty, or is addressed to somebody.
    """
    if given.recipients or given.thread_id or given.not_before:
        raise Invalid("a note goes to nobody")
    check_content(given)
    earlier = await posted_before(
        tx, token, place=conversation_id, given=given, agent_id=viewer.agent_id
    )
    if earlier is not None:
        return earlier
    case = await open_case(tx, conversation_id, viewer=viewer, action="note")
    note = MessageRow(
        conversation_id=conversation_id,
        seq=case.next_seq(),
        kind="note",
        visibility="internal",
        agent_id=viewer.agent_id,
        text=given.text,
        reply_text=given.text,
        client_token=token,
        meta={"request": fingerprint(conversation_id, given)},
    )
    tx.session.add(note)
    await tx.session.flush()  # what refers to it comes next
    await mention(case, note, given.mention_ids)
    await attach(tx, note.id, given.attachments)
    await record(case, note, summary=preview_of(given), about=None)
    case.row.preview, case.row.preview_kind = preview_of(given), "note"
    case.touch()
    await discard_draft(tx, conversation_id, kind="note", agent_id=viewer.agent_id)
    await message_changed(tx, note.id)
    await case.announce()
    return Posted(note.id, conversation_id)
