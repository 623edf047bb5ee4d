"""The folder for sent mail: keeping a copy there, and looking whether something was sent."""

from datetime import datetime

from channels.email.account import MailAccount
from channels.email.imap.client import ImapClient
from channels.email.imap.names import quoted
from channels.email.oauth import Tokens
from channels.email.session import find_sent_folder, open_imap
from inbox.contract import RunContext


async def is_in_sent(client: ImapClient, folder: str, message_id: str) -> bool:
    """Tell whether the folder has a mail with this id; the folder is open afterwards."""
    await client.select(folder)
    return bool(await client.search("HEADER", "Message-ID", quoted(message_id)))


async def save_to_sent(
    ctx: RunContext,
    account: MailAccount,
    tokens: Tokens,
    *,
    raw: bytes,
    message_id: str,
    at: datetime,
) -> bool:
    """Put a copy of what was sent into the folder unless it has one; tell whether it has now."""
    async with await open_imap(ctx, account, tokens) as client:
        folder = await find_sent_folder(client, account)
        if folder is None:
            return False
        if not await is_in_sent(client, folder, message_id):
            await client.append(folder, raw, at)
        await client.log_out()
        return True


async def was_seen_in_sent(
    ctx: RunContext, account: MailAccount, tokens: Tokens, message_id: str
) -> bool:
    """Tell whether the mail left a trace in the folder for sent mail."""
    async with await open_imap(ctx, account, tokens) as client:
        folder = await find_sent_folder(client, account)
        found = folder is not None and await is_in_sent(client, folder, message_id)
        await client.log_out()
        return found
