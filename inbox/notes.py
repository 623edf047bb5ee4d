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
)
from inbox.tables import ActivityRow, MessageRow
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
    await mention(case, note, given.mention_ids)
    await attach(tx, note.id, given.attachments)
    _leave_on_card(tx, case.row.card_id, case.row.origin_card_id, note, preview_of(given))
    case.row.preview, case.row.preview_kind = preview_of(given), "note"
    case.touch()
    await discard_draft(tx, conversation_id, kind="note", agent_id=viewer.agent_id)
    await tx.execute("INSERT INTO search_queue (message_id) VALUES ($1)", note.id)
    await message_changed(tx, note.id)
    await case.announce()
    return Posted(note.id, conversation_id)


def _leave_on_card(
    tx: Transaction, card_id: UUID, origin_card_id: UUID, note: MessageRow, summary: str
) -> None:
    tx.session.add(
        ActivityRow(
            kind="note",
            card_id=card_id,
            origin_card_id=origin_card_id,
            conversation_id=note.conversation_id,
            agent_id=note.agent_id,
            ref=note.id,
            summary=summary,
            data={"seq": note.seq},
        )
    )
