"""Going on over another channel: the conversation stays one, its threads are many.

A thread owns the address answers go to. Where a channel has one line per client, that line is used
again; when it is another conversation's that is still open, both are one client's: join them.
"""

from uuid import UUID

import asyncpg

from crm_core.staff.visibility import Viewer
from inbox.carried import CapsOf
from inbox.case import require
from inbox.contract import Capabilities
from inbox.posting import Via
from inbox.recipients import REACHED_AS
from inbox.tables import AccountRow, ThreadRow
from infra.clock import new_id
from infra.db import Transaction
from infra.errors import Conflict, Forbidden, Invalid, NotFound


REACHABLE = """
SELECT i.id, i.kind, i.scope, i.value FROM identity AS i
 WHERE i.id = $2 AND (
       EXISTS (SELECT FROM card_identity AS l JOIN conversation AS c ON c.card_id = l.card_id
                WHERE c.id = $1 AND l.identity_id = i.id AND l.until IS NULL)
    OR EXISTS (SELECT FROM participant AS p
                WHERE p.conversation_id = $1 AND p.identity_id = i.id))
"""
"""An address of the conversation's client, or of somebody who takes part."""

KNOWN = """
SELECT t.id, t.conversation_id, c.status, c.number FROM thread AS t
  JOIN conversation AS c ON c.id = t.conversation_id
 WHERE t.account_id = $2 AND t.peer_identity_id = $3
 ORDER BY (t.conversation_id = $1) DESC, t.created_at DESC LIMIT 1
"""


class OpenElsewhere(Conflict):
    """The client's line on that channel is another open conversation's: join the two.

    ``conversation_id`` and ``number`` name it to whoever may see it.
    """

    code = "conversation.elsewhere"
    title = "This line belongs to another open conversation"


async def thread_via(
    tx: Transaction,
    conversation_id: UUID,
    via: Via,
    *,
    subject: str | None,
    viewer: Viewer,
    caps_of: CapsOf,
) -> UUID:
    """Return the thread to answer in with an account at an address, made when there is none.

    Raises:
        NotFound: There is no such account, or the address is not the client's.
        Forbidden: The viewer may not write from that account.
        OpenElsewhere: The thread is another open conversation's.
        Invalid: The channel does not write to such an address, or the client writes first there.
    """
    account = await usable_account(tx, via.account_id, viewer)
    who = await tx.fetchrow(REACHABLE, conversation_id, via.identity_id)
    if who is None:
        raise NotFound("this is no address of the client")
    if who["kind"] not in REACHED_AS.get(account.kind, ()) or who["scope"] not in {
        "",
        str(account.id),
    }:
        raise Invalid(f"{account.name} does not write to this address")
    caps = caps_of(account.provider, account.config)
    known = await tx.fetchrow(KNOWN, conversation_id, account.id, who["id"])
    if known is not None and (known["conversation_id"] == conversation_id or not caps.subject):
        return await _taken_over(tx, conversation_id, known, viewer)
    if caps.initiate != "always":
        raise Invalid("on this channel the client writes first")
    return await begin_thread(
        tx,
        account,
        conversation_id=conversation_id,
        peer_id=who["id"],
        peer=who["value"],
        subject=subject or "",
        caps=caps,
    )


async def usable_account(tx: Transaction, account_id: UUID, viewer: Viewer) -> AccountRow:
    """Return an account the viewer may write from.

    Raises:
        NotFound: There is none.
        Invalid: It is switched off.
        Forbidden: It is another team's.
    """
    viewer.need("conversation", "reply")
    account = await tx.session.get(AccountRow, account_id)
    if account is None or account.removed_at is not None:
        raise NotFound(f"no channel account {account_id}")
    if not account.is_enabled:
        raise Invalid(f"{account.name} is switched off")
    if not may_use(viewer, branch_id=account.branch_id, team_id=account.team_id):
        raise Forbidden("this account is another team's")
    return account


def may_use(viewer: Viewer, *, branch_id: UUID, team_id: UUID | None) -> bool:
    """Whether the viewer may write from an account of a branch and a team."""
    audience = {"c": 1, "b": str(branch_id), "t": team_id and str(team_id)}
    return team_id in viewer.team_ids or viewer.sees(audience)


async def begin_thread(
    tx: Transaction,
    account: AccountRow,
    *,
    conversation_id: UUID,
    peer_id: UUID,
    peer: str,
    subject: str,
    caps: Capabilities,
) -> UUID:
    """Make the thread of an account with an address; return its id."""
    thread_id = new_id()
    key = peer if caps.thread_key == "peer" else f"{account.address}:{peer}"
    tx.session.add(
        ThreadRow(
            id=thread_id,
            account_id=account.id,
            key=str(thread_id) if caps.subject else key,
            peer_identity_id=peer_id,
            conversation_id=conversation_id,
            subject=subject,
        )
    )
    await tx.session.flush()
    return thread_id


async def _taken_over(
    tx: Transaction, conversation_id: UUID, known: asyncpg.Record, viewer: Viewer
) -> UUID:
    """Return a thread; one of a closed conversation is this conversation's from now on."""
    thread_id: UUID = known["id"]
    if known["conversation_id"] == conversation_id:
        return thread_id
    if known["status"] != "closed":
        try:
            await require(tx, known["conversation_id"], viewer=viewer, action="read")
        except NotFound:
            raise OpenElsewhere("this line is a conversation's you do not see") from None
        raise OpenElsewhere(
            f"this line is conversation #{known['number']}'s",
            conversation_id=str(known["conversation_id"]),
            number=known["number"],
        )
    await tx.execute(
        "UPDATE thread SET conversation_id = $2 WHERE id = $1", thread_id, conversation_id
    )
    return thread_id
