"""Small signs to the other side that are no messages: a button's answer, typing, read marks.

They are best effort: nothing is stored, nothing is tried again, and a channel that cannot do them
is not asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from inbox.contract import Adapter, Answers, RunContext


log = structlog.get_logger()

LIMIT = 10.0  # seconds a sign may take

OpenLine = Callable[[UUID], Awaitable[tuple[Adapter, RunContext]]]
"""Gives the adapter of an account and what it works with."""


async def answer_button(open_line: OpenLine, account_id: UUID, token: str) -> None:
    """Tell the provider that a pressed button was heard."""
    try:
        adapter, ctx = await open_line(account_id)
        if isinstance(adapter, Answers):
            async with asyncio.timeout(LIMIT):
                await adapter.answer_button(ctx, token, None)
    except Exception as error:  # noqa: BLE001 - the press is stored; only the spinner turns longer
        log.info("button.not_answered", account=str(account_id), error=repr(error)[:200])
