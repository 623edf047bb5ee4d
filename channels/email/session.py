"""Opening a signed-in IMAP connection for an account."""

from channels.email.account import MailAccount
from channels.email.imap.client import ImapClient
from channels.email.imap.failures import SignInFailed
from channels.email.oauth import Tokens
from inbox.contract import RunContext


async def connect_imap(account: MailAccount) -> ImapClient:
    """Return a connection that nobody has signed in on; for errors see ``ImapClient.open``."""
    return await ImapClient.open(
        account.imap.host,
        account.imap.port,
        security=account.imap.security,
        context=account.tls(),
        allow_private=account.allow_private,
    )


async def sign_in(
    client: ImapClient, ctx: RunContext, account: MailAccount, tokens: Tokens
) -> None:
    """Sign in; a token the server refuses is renewed once.

    Raises:
        SignInFailed: The server does not accept the account's credentials.
        SignInNeeded: The provider wants a person to sign in again.
    """
    if account.auth == "password":
        await client.sign_in(account.login, ctx.secret("password"))
        return
    token = await tokens.access(ctx, account)
    try:
        await client.sign_in_with_token(account.login, token)
    except SignInFailed:
        token = await tokens.access(ctx, account, refused=token)
        await client.sign_in_with_token(account.login, token)


async def open_imap(ctx: RunContext, account: MailAccount, tokens: Tokens) -> ImapClient:
    """Return a signed-in connection."""
    client = await connect_imap(account)
    try:
        await sign_in(client, ctx, account, tokens)
    except BaseException:
        client.abort()
        raise
    return client


async def find_sent_folder(client: ImapClient, account: MailAccount) -> str | None:
    """Return the name of the folder for sent mail; None when there is none to use.

    A server says which one it is (RFC 6154); one that does not is guessed by name.
    """
    if account.sent_folder == "none":
        return None
    folders = await client.folders()
    names = {folder.name.lower(): folder.name for folder in folders}
    if account.sent_folder != "auto":
        return names.get(account.sent_folder.lower())
    for folder in folders:
        if "\\sent" in folder.flags:
            return folder.name
    return next((names[name] for name in USUAL_NAMES if name in names), None)


USUAL_NAMES = (
    "sent",
    "sent items",
    "sent messages",
    "inbox.sent",
    "inbox/sent",
    "отправленные",
    "trimise",
    "elemente trimise",
)
