"""What agents do to messages that are sent: change them, take them back, react to them.

The provider is asked first, outside any transaction, and only what it did is stored. Nothing is
queued: whoever acts sees at once whether it worked. When nobody knows, the answer says that, and
nothing is stored; the provider's own report of the change will be.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Viewer
from inbox.answering import OpenLine
from inbox.carried import carried
from inbox.case import require
from inbox.content import clean, spans_of
from inbox.contract import (
    AccountId,
    Adapter,
    Capabilities,
    Edits,
    ExternalRef,
    Fault,
    Level,
    Outbound,
    Reacts,
    RichText,
    RunContext,
    SendFailed,
    Span,
    ThreadRef,
)
from inbox.edits import NewContent, open_message, rewrite, take_back
from inbox.outbound import load_outbound
from inbox.posting import message_json
from inbox.reactions import US, set_reactions
from infra.clock import now
from infra.db import Database, Raw, Transaction
from infra.errors import Conflict, Forbidden, HubError, Invalid, NotFound


LIMIT = 30.0  # seconds the provider is given

LOAD = """
SELECT m.id, m.conversation_id, m.kind, m.rev, m.account_id, m.external_id, m.text, m.at,
       m.deleted_at IS NOT NULL AS is_deleted, t.key, t.is_group, a.config::text AS config,
       a.is_enabled AND a.removed_at IS NULL AS is_on,
       ARRAY(SELECT jsonb_array_elements_text(m.meta -> 'names')) AS names,
       ARRAY(SELECT d.provider_id FROM delivery AS d
              WHERE d.message_id = m.id AND d.provider_id IS NOT NULL ORDER BY d.part) AS parts,
       EXISTS (SELECT FROM delivery AS d WHERE d.message_id = m.id AND d.rank < 2) AS is_leaving
  FROM message AS m
  JOIN thread AS t ON t.id = m.thread_id
  JOIN channel_account AS a ON a.id = m.account_id
 WHERE m.id = $1
"""

EDITS = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
           'n', e.n, 'at', e.at, 'actor_kind', e.actor_kind, 'text', e.text, 'spans', e.spans,
           'parts', e.parts) ORDER BY e.n), '[]')::text FROM (
    SELECT n, at, actor_kind, text, spans, parts FROM message_edit WHERE message_id = $1
    UNION ALL
    SELECT 1 + (SELECT count(*) FROM message_edit WHERE message_id = $1), deleted_at,
           CASE kind WHEN 'inbound' THEN 'client' ELSE 'agent' END, text, spans, parts
      FROM message WHERE id = $1 AND deleted_at IS NOT NULL) AS e
"""


class CannotAct(Conflict):
    """The channel, or the message as it is now, does not allow this."""

    code = "message.cannot_change"
    title = "This message cannot be changed"


class ProviderRefused(HubError):
    """The provider did not do it; ``fault`` and ``provider_code`` say why."""

    code = "provider.refused"
    status = 502
    title = "The channel's provider refused"


class OutcomeUnknown(HubError):
    """The provider was asked and did not answer: it may have done it."""

    code = "provider.unknown"
    status = 502
    title = "Nobody knows whether it was done"


class Acted(NamedTuple):
    """A message that is acted on, and what acts on it."""

    row: Mapping[str, Any]
    adapter: Adapter
    ctx: RunContext
    caps: Capabilities
    thread: ThreadRef

    @property
    def refs(self) -> list[ExternalRef]:
        """The names the provider has for the message."""
        first = [self.row["external_id"]] if self.row["external_id"] else []
        names = dict.fromkeys([*first, *self.row["names"], *self.row["parts"]])
        return [ExternalRef(self.thread, name) for name in names]


async def edit_message(
    db: Database,
    open_line: OpenLine,
    message_id: UUID,
    *,
    text: str,
    spans: Sequence[Span] = (),
    rev: int,
    viewer: Viewer,
    via: str,
) -> str:
    """Change the text of an answer that was sent; return the message as JSON text.

    Raises:
        NotFound: There is no such message the viewer may see.
        Forbidden: The viewer may not answer in that conversation.
        Conflict: It is not at ``rev`` any more, or cannot be changed.
        Invalid: The text is empty.
        ProviderRefused: The provider did not change it.
        OutcomeUnknown: Nobody knows whether it did.
    """
    if not text.strip():
        raise Invalid("a message that says nothing is to be taken back")
    async with db.read() as raw:
        row = await _readable(raw, message_id, viewer)
        outbound = await _outbound(raw, row)
    acted = await _opened(open_line, row)
    if row["rev"] != rev:
        raise Conflict(f"the message is at revision {row['rev']}")
    _may(acted.caps.edit, acted, acted.caps.edit_max_age)
    if not isinstance(acted.adapter, Edits):
        raise CannotAct("this channel changes no messages")
    if len(row["parts"]) > 1:
        raise CannotAct("it was sent in several parts")
    said = RichText(text=clean(text), spans=tuple(spans))
    files = tuple(part for part in outbound.parts if not isinstance(part, RichText))
    new = msgspec.structs.replace(outbound, parts=(said, *files))
    await _ask(acted.adapter.edit(acted.ctx, acted.refs[0], new))
    content = NewContent(
        text=said.text,
        reply_text=said.text,
        spans=spans_of(spans, 0, len(said.text)),
        parts=[],
    )
    async with db.transaction() as tx:
        await tx.act(viewer.agent_id, via)
        await _rewritten(tx, message_id, content, viewer)
        return await message_json(tx, message_id)


async def take_message_back(
    db: Database, open_line: OpenLine, message_id: UUID, *, viewer: Viewer, via: str
) -> str:
    """Take back an answer that was sent; return the message as JSON text.

    Raises:
        NotFound: There is no such message the viewer may see.
        Forbidden: The viewer may not answer in that conversation.
        Conflict: It cannot be taken back.
        ProviderRefused: The provider did not take it back.
        OutcomeUnknown: Nobody knows whether it did.
    """
    async with db.read() as raw:
        row = await _readable(raw, message_id, viewer)
    acted = await _opened(open_line, row)
    _may(acted.caps.delete, acted, acted.caps.delete_max_age)
    if not isinstance(acted.adapter, Edits):
        raise CannotAct("this channel takes nothing back")
    await _ask(acted.adapter.delete(acted.ctx, acted.refs))
    async with db.transaction() as tx:
        await tx.act(viewer.agent_id, via)
        case, message = await open_message(tx, message_id)
        if message.deleted_at is None:
            await take_back(case, message, at=now())
        return await message_json(tx, message_id)


async def react_to(
    db: Database,
    open_line: OpenLine,
    message_id: UUID,
    *,
    emojis: Sequence[str],
    viewer: Viewer,
    via: str,
) -> str:
    """Make ``emojis`` our reactions to a message; return the message as JSON text.

    Raises:
        NotFound: There is no such message the viewer may see.
        Forbidden: The viewer may not answer in that conversation.
        Conflict: The channel has no reactions, or the message was taken back.
        Invalid: The channel does not take these, or so many.
        ProviderRefused: The provider did not take them.
        OutcomeUnknown: Nobody knows whether it did.
    """
    async with db.read() as raw:
        row = await _readable(raw, message_id, viewer)
    acted = await _opened(open_line, row)
    caps = acted.caps
    if not isinstance(acted.adapter, Reacts) or not caps.reactions or not acted.refs:
        raise CannotAct("this channel has no reactions")
    wanted = list(dict.fromkeys(emojis))
    if len(wanted) > caps.reactions:
        raise Invalid(f"this channel takes {caps.reactions} reactions to a message")
    if caps.allowed_reactions is not None and not set(wanted) <= set(caps.allowed_reactions):
        raise Invalid("this channel does not take such a reaction")
    await _ask(acted.adapter.react(acted.ctx, acted.refs[0], wanted))
    async with db.transaction() as tx:
        await tx.act(viewer.agent_id, via)
        await set_reactions(
            tx, message_id, who=US, agent_id=viewer.agent_id, emojis=wanted, at=now()
        )
        return await message_json(tx, message_id)


async def edits_json(raw: Raw, message_id: UUID, *, viewer: Viewer) -> str:
    """Return what a message said before, oldest first, as JSON text.

    What was taken back is for those who may read the audit.

    Raises:
        NotFound: There is no such message the viewer may see.
        Forbidden: It was taken back, and the viewer may not read the audit.
    """
    row = await raw.fetchrow(
        "SELECT conversation_id, deleted_at FROM message WHERE id = $1", message_id
    )
    if row is None:
        raise NotFound(f"no message {message_id}")
    await require(raw, row["conversation_id"], viewer=viewer, action="read")
    if row["deleted_at"] is not None and not viewer.may("audit", "read"):
        raise Forbidden("it was taken back")
    return str(await raw.fetchval(EDITS, message_id))


async def _readable(raw: Raw, message_id: UUID, viewer: Viewer) -> Mapping[str, Any]:
    row = await raw.fetchrow(LOAD, message_id)
    if row is None:
        raise NotFound(f"no message {message_id}")
    await require(raw, row["conversation_id"], viewer=viewer, action="reply")
    if row["is_deleted"]:
        raise CannotAct("it was taken back")
    if not row["is_on"]:
        raise CannotAct("the account is switched off")
    return dict(row)


async def _outbound(raw: Raw, row: Mapping[str, Any]) -> Outbound:
    if row["kind"] != "outbound":
        raise CannotAct("only our own messages can be changed")
    return (await load_outbound(raw, row["id"])).message


async def _opened(open_line: OpenLine, row: Mapping[str, Any]) -> Acted:
    adapter, ctx = await open_line(row["account_id"])
    thread = ThreadRef(AccountId(row["account_id"]), row["key"], row["is_group"])
    caps = carried(adapter, msgspec.json.decode(row["config"]), thread)
    return Acted(row, adapter, ctx, caps, thread)


def _may(level: Level, acted: Acted, max_age: timedelta | None) -> None:
    """Make sure that a message of ours can be changed now."""
    row = acted.row
    if row["kind"] != "outbound":
        raise CannotAct("only our own messages can be changed")
    if level <= Level.DROPPED:
        raise CannotAct("this channel does not do this")
    if row["is_leaving"] or not acted.refs:
        raise CannotAct("it has not left yet: take it back instead")
    if max_age is not None and now() - row["at"] > max_age:
        raise CannotAct("it is too old for this channel")


async def _ask(call: Awaitable[Any]) -> None:
    """Make a provider call; say in the hub's words how it failed."""
    try:
        async with asyncio.timeout(LIMIT):
            await call
    except TimeoutError:
        raise OutcomeUnknown("the provider did not answer in time") from None
    except SendFailed as failed:
        error = failed.error
        kind = OutcomeUnknown if error.fault is Fault.UNKNOWN else ProviderRefused
        raise kind(
            error.text or error.code, provider_code=error.code, fault=error.fault.value
        ) from failed


async def _rewritten(tx: Transaction, message_id: UUID, new: NewContent, viewer: Viewer) -> None:
    case, message = await open_message(tx, message_id)
    if (message.text, message.spans) != (new.text, new.spans):  # else the echo was quicker
        kept = msgspec.structs.replace(new, parts=message.parts)
        await rewrite(case, message, kept, at=now(), actor_kind="agent", actor_id=viewer.agent_id)
