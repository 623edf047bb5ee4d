"""Writing first: a conversation that begins with us."""

from typing import Annotated, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from crm_core.seeds import card_seed
from crm_core.staff.visibility import Viewer
from inbox.assignment import assign_agent
from inbox.attachments import check_files
from inbox.carried import CapsOf
from inbox.case import Case, open_any, open_case
from inbox.contract import Capabilities
from inbox.posting import MessageGiven, Posted, check_content, posted_before
from inbox.recipients import Recipient, RecipientGiven, resolve
from inbox.reply import Line, queue
from inbox.switching import begin_thread, usable_account
from inbox.tables import AccountRow, ConversationRow
from infra.clock import new_id, now
from infra.db import Transaction
from infra.errors import Conflict, Invalid, NotFound


CARD_OF_IDENTITY = """
SELECT found.card_id, found.origin_id
  FROM identity AS i, ingest_card(i, $2::jsonb, $3, $4) AS found WHERE i.id = $1
"""

LINKED = """
SELECT card_id, origin_card_id FROM card_identity
 WHERE identity_id = $1 AND until IS NULL ORDER BY (card_id = $2) DESC, since LIMIT 1
"""

LINK = """
INSERT INTO card_identity (id, card_id, origin_card_id, identity_id, label, is_primary, shared,
                           linked_by, since)
VALUES ($1, $2, $2, $3, '', false, false, 'agent', $4)
"""

KNOWN_THREAD = """
SELECT t.id, t.conversation_id, c.status FROM thread AS t
  JOIN conversation AS c ON c.id = t.conversation_id
 WHERE t.account_id = $1 AND t.peer_identity_id = $2 ORDER BY t.created_at DESC LIMIT 1
"""


class AddressTaken(Conflict):
    """The address is on another client's card."""

    code = "identity.taken"
    title = "This address belongs to another card"


class ConversationGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that begins a conversation.

    Attributes:
        card_id: Whose conversation it is; None is whose the address is, or a new card.
        team_id: Which team has it; None is the account's.
    """

    account_id: UUID
    to: RecipientGiven
    message: MessageGiven
    card_id: UUID | None = None
    subject: Annotated[str, msgspec.Meta(max_length=998)] = ""
    team_id: UUID | None = None


async def start_conversation(
    tx: Transaction, *, given: ConversationGiven, token: UUID, viewer: Viewer, caps_of: CapsOf
) -> Posted:
    """Write to somebody first; where a channel has one line per client, it goes on there.

    Raises:
        NotFound: There is no such account or card, or the line is an open conversation's that
            the viewer does not see.
        Forbidden: The viewer may not write from that account, or not in that conversation.
        TokenReused: The token made another message.
        AddressTaken: The address belongs to another card than the one named.
        Unreachable: A recipient opted out or blocked us.
        Invalid: The channel cannot write first, or does not carry the message.
    """
    message = msgspec.structs.replace(given.message, kind="reply", subject=given.subject or None)
    earlier = await posted_before(
        tx, token, place=given.account_id, given=message, agent_id=viewer.agent_id
    )
    if earlier is not None:
        return earlier
    check_content(message)
    account = await usable_account(tx, given.account_id, viewer)
    caps = caps_of(account.provider, account.config)
    check_files(message.attachments, caps)
    recipients = await resolve(
        tx,
        [given.to, *message.recipients],
        account_id=account.id,
        channel=account.kind,
        caps=caps,
        peer_id=None,
    )
    opening = Opening(given, account, recipients[0], caps)
    if caps.initiate != "always" and await _known(tx, opening) is None:
        raise Invalid("on this channel the client writes first")
    case, thread_id = await _place(tx, opening, viewer)
    line = Line(
        id=thread_id,
        account_id=account.id,
        key="",
        peer_identity_id=recipients[0].identity_id,
        subject=given.subject,
        window_until=None,
        channel=account.kind,
        provider=account.provider,
        account_name=account.name,
        is_enabled=True,
        removed_at=None,
    )
    return await queue(
        case,
        line,
        given=message,
        token=token,
        recipients=recipients,
        caps=caps,
        place=given.account_id,
    )


class Opening(NamedTuple):
    """What a new conversation is made from."""

    given: ConversationGiven
    account: AccountRow
    to: Recipient
    caps: Capabilities


async def _place(tx: Transaction, opening: Opening, viewer: Viewer) -> tuple[Case, UUID]:
    """Return the conversation and the thread to write in; one that goes on is used again."""
    known = await _known(tx, opening)
    if known is not None and known["status"] != "closed":
        case = await open_case(tx, known["conversation_id"], viewer=viewer, action="reply")
        if opening.given.card_id not in {None, case.row.card_id}:
            raise AddressTaken(f"{opening.to.value} is on another card")
        return case, known["id"]
    conversation = await _conversation(tx, opening, viewer)
    if known is None:
        thread_id = await begin_thread(
            tx,
            opening.account,
            conversation_id=conversation.id,
            peer_id=opening.to.identity_id,
            peer=opening.to.value,
            subject=opening.given.subject,
            caps=opening.caps,
        )
    else:
        thread_id = known["id"]
        conversation.continues_id = known["conversation_id"]
        await tx.execute(
            "UPDATE thread SET conversation_id = $2 WHERE id = $1", thread_id, conversation.id
        )
    case = await open_any(tx, conversation.id, actor_id=viewer.agent_id)
    await assign_agent(case, viewer.agent_id, reason="started")
    return case, thread_id


async def _known(tx: Transaction, opening: Opening) -> asyncpg.Record | None:
    """Return the thread a channel with one line per client has with them already."""
    if opening.caps.subject:
        return None
    return await tx.fetchrow(KNOWN_THREAD, opening.account.id, opening.to.identity_id)


async def _conversation(tx: Transaction, opening: Opening, viewer: Viewer) -> ConversationRow:
    card_id, origin_id = await _card(tx, opening, viewer)
    account = opening.account
    row = ConversationRow(
        card_id=card_id,
        origin_card_id=origin_id,
        subject=opening.given.subject,
        branch_id=account.branch_id,
        team_id=opening.given.team_id or account.team_id,
        account_id=account.id,
        channels=[account.kind],
    )
    tx.session.add(row)
    await tx.session.flush()
    return row


async def _card(tx: Transaction, opening: Opening, viewer: Viewer) -> tuple[UUID, UUID]:
    given, to = opening.given, opening.to
    if given.card_id is None:
        found = await tx.fetchrow(
            CARD_OF_IDENTITY, to.identity_id, _seed_of(to), opening.account.branch_id, now()
        )
        if found is None:
            raise Invalid(f"{to.value} leads to no card")
        return found["card_id"], found["origin_id"]
    seen, args = viewer.where("card", "read", "k", 2)
    card = await tx.fetchval(
        f"SELECT k.id FROM card AS k WHERE k.id = $1 AND {seen}",  # noqa: S608 - compiled
        given.card_id,
        *args,
    )
    if card is None:
        raise NotFound(f"no card {given.card_id}")
    linked = await tx.fetchrow(LINKED, to.identity_id, given.card_id)
    if linked is None:
        await tx.execute(LINK, new_id(), given.card_id, to.identity_id, now())
        return given.card_id, given.card_id
    if linked["card_id"] != given.card_id:
        raise AddressTaken(f"{to.value} is on another card")
    return linked["card_id"], linked["origin_card_id"]


def _seed_of(first: Recipient) -> str:
    seed = card_seed(first.kind, first.value, first.display)
    return msgspec.json.encode(
        {
            "id": new_id(),
            "link_id": new_id(),
            "display_name": seed.display_name,
            "given_name": seed.given_name,
            "family_name": seed.family_name,
            "search_text": seed.search_text,
            "search_grams": seed.search_grams,
            "name_key": seed.name_key,
            "sort_key": seed.sort_key,
        }
    ).decode()
