"""E-mail over IMAP and SMTP, as the inbox sees it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.errors import MessageError
from typing import Any, ClassVar

import msgspec
import structlog

from channels.email import checking, dkim, oauth
from channels.email.account import (
    PRESETS,
    SCHEMA,
    SECRETS,
    MailAccount,
    read_account,
    validated,
)
from channels.email.compose import compose
from channels.email.errors import BAD_DKIM_KEY, SEALED, UNWRITABLE, problem_of
from channels.email.normalize import normalize
from channels.email.oauth import Tokens
from channels.email.receiving import Pace, Receiver
from channels.email.render import CAPABILITIES, render
from channels.email.sent import save_to_sent, was_seen_in_sent
from channels.email.smtp import SignIn, password_sign_in, submit, token_sign_in
from channels.email.threading import Codes
from inbox.contract import (
    AccountId,
    AccountInfo,
    Capabilities,
    ChannelKind,
    Event,
    Health,
    HealthState,
    Outbound,
    Raw,
    Receipt,
    Rendered,
    RunContext,
    SendFailed,
    ThreadRef,
    WireOp,
)
from inbox.services import Services


log = structlog.get_logger()

CONNECTING = 20  # mailboxes at once: a thousand after a restart would starve everything else
SAVING = 30.0  # seconds a copy for the sent folder may take; the mail is sent already
RESERVED = (".test", ".example", ".invalid", ".localhost", "example.com", "example.org")


class EmailAdapter:
    """Serves every mailbox of this process.

    Args:
        reply_keys: Keys of the codes in what is sent; the first signs, all are believed.
        sandbox: Send only to names reserved for tests (RFC 2606) and over this machine.
        pace: How often things are done; tests are in more of a hurry.
    """

    kind: ClassVar[ChannelKind] = "email"
    provider: ClassVar[str] = "email.imap"
    config_schema: ClassVar[Mapping[str, Any]] = SCHEMA
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = PRESETS
    check_steps: ClassVar[tuple[str, ...]] = checking.STEPS
    redact: ClassVar[tuple[str, ...]] = SECRETS
    exclusive: ClassVar[bool] = True
    resend_safe: ClassVar[bool] = False
    isolated: ClassVar[bool] = True

    def __init__(
        self, reply_keys: Sequence[bytes], *, sandbox: bool = False, pace: Pace | None = None
    ) -> None:
        self._codes = Codes(*reply_keys)
        self._sandbox = sandbox
        self._pace = pace or Pace()
        self._tokens = Tokens()
        self._doors = asyncio.Semaphore(CONNECTING)

    # ------------------------------------------------------------ pure

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what a mail carries."""
        del thread
        return CAPABILITIES

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Say what a mail means; a bounce is a change of a delivery, not a message."""
        return normalize(account, raw, self._codes)

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say what the mail will be; one provider call hands it to all its recipients."""
        return render(self._codes, message, caps)

    # ------------------------------------------------------------ receiving

    async def run(self, ctx: RunContext) -> None:
        """Receive until cancelled.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        await Receiver(ctx, self._tokens, self._pace, self._doors).run()

    # ------------------------------------------------------------ sending

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Make one SMTP transaction, and keep a copy where sent mail is kept.

        Raises:
            SendFailed: Nobody was sent it, or nobody knows.
        """
        account = _account_of(ctx)
        self._expect_open(account, op)
        raw = await self._written(ctx, account, op)
        recipients = [address.value for address in op.recipients]
        outcome = await submit(account, self._smtp_sign_in(ctx, account), raw, recipients)
        if len(outcome.refused) == len(recipients) == 1:
            raise SendFailed(outcome.refused[recipients[0]])
        if len(outcome.refused) < len(recipients) and account.saves_sent:
            await self._save(ctx, account, raw, op)
        return Receipt(external_ids=(op.payload["message_id"],), refused=outcome.refused)

    def names_of(self, ctx: RunContext, op: WireOp) -> tuple[str, ...]:
        """Return the Message-ID a mail will have: bounces and its copy in Sent name it."""
        del ctx
        return (op.payload["message_id"],)

    async def was_sent(self, ctx: RunContext, op: WireOp) -> Receipt | None:
        """Look for the mail where sent mail is kept.

        Raises:
            SendFailed: It cannot be looked for now.
        """
        account = _account_of(ctx)
        try:
            async with asyncio.timeout(SAVING):
                found = await was_seen_in_sent(
                    ctx, account, self._tokens, op.payload["message_id"]
                )
        except checking.EXPECTED as error:
            raise SendFailed(problem_of(error).as_send_error(error)) from error
        return Receipt(external_ids=(op.payload["message_id"],)) if found else None

    def _expect_open(self, account: MailAccount, op: WireOp) -> None:
        if not self._sandbox or account.smtp.host in {"127.0.0.1", "::1", "localhost"}:
            return
        domains = [address.value.rpartition("@")[2].lower() for address in op.recipients]
        if not all(domain.endswith(RESERVED) for domain in domains):
            raise SendFailed(SEALED)

    async def _written(self, ctx: RunContext, account: MailAccount, op: WireOp) -> bytes:
        names = {attachment["blob"] for attachment in op.payload["attachments"]}
        key = ctx.secret("dkim_key") if account.dkim.selector and account.dkim.domain else ""
        try:
            blobs = {name: b"".join([piece async for piece in ctx.blob(name)]) for name in names}
            return await asyncio.to_thread(_write, account, op.payload, blobs, key)
        except dkim.BadKey as error:
            raise SendFailed(BAD_DKIM_KEY.as_send_error(error)) from error
        except (ValueError, LookupError, MessageError, FileNotFoundError) as error:
            raise SendFailed(UNWRITABLE.as_send_error(error)) from error

    async def _save(self, ctx: RunContext, account: MailAccount, raw: bytes, op: WireOp) -> None:
        try:
            async with asyncio.timeout(SAVING):
                is_saved = await save_to_sent(
                    ctx,
                    account,
                    self._tokens,
                    raw=raw,
                    message_id=op.payload["message_id"],
                    at=datetime.fromisoformat(op.payload["date"]),
                )
        except Exception as error:  # noqa: BLE001 - the mail is sent, whatever became of the copy
            log.warning("email.not_saved", account=str(ctx.account), error=repr(error))
            return
        if not is_saved and account.sent_folder != "none":
            log.warning("email.no_sent_folder", account=str(ctx.account))

    def _smtp_sign_in(self, ctx: RunContext, account: MailAccount) -> SignIn:
        if account.auth == "password":
            return password_sign_in(account.login, ctx.secret("password"))

        async def token_of(refused: str) -> str:
            return await self._tokens.access(ctx, account, refused=refused)

        return token_sign_in(account.login, token_of)

    # ------------------------------------------------------------ settings

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Try the settings step by step.

        Raises:
            SendFailed: A step did not work; ``error.scope`` names those that did.
        """
        return await checking.check(ctx, self._tokens, lambda client: self._try_smtp(ctx, client))

    async def _try_smtp(self, ctx: RunContext, client: Any) -> None:
        await self._smtp_sign_in(ctx, read_account(ctx.config))(client)

    async def probe(self, ctx: RunContext) -> Health:
        """Say whether the account works right now."""
        try:
            await self.check(ctx)
        except SendFailed as failed:
            return Health(
                state=HealthState.DISCONNECTED, code=failed.error.code, text=failed.error.text
            )
        return Health(state=HealthState.CONNECTED)

    def validated(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings with their defaults filled in.

        Raises:
            ValueError: They break a rule; the message names the field and the remedy.
        """
        return validated(config)

    def consent_url(
        self, config: Mapping[str, Any], *, state: str, redirect_uri: str, login: str | None
    ) -> str:
        """Return the provider's page where a person allows access."""
        return oauth.consent_url(
            read_account(config).oauth, state=state, redirect_uri=redirect_uri, login=login or ""
        )

    async def exchange(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, str],
        *,
        code: str,
        redirect_uri: str,
    ) -> Mapping[str, str]:
        """Return the secrets that the code of a consent is worth.

        Raises:
            SendFailed: The provider did not take the code.
        """
        account = read_account(config)
        try:
            grant = await oauth.redeem(
                account, secrets.get("client_secret", ""), code=code, redirect_uri=redirect_uri
            )
        except checking.EXPECTED as error:
            raise SendFailed(problem_of(error).as_send_error(error)) from error
        return {"refresh_token": grant.refresh_token}


def _account_of(ctx: RunContext) -> MailAccount:
    try:
        return read_account(ctx.config)
    except msgspec.ValidationError as error:
        raise SendFailed(problem_of(error).as_send_error(error)) from error


def _write(
    account: MailAccount, payload: Mapping[str, Any], blobs: Mapping[str, bytes], key: str
) -> bytes:
    raw = compose(account, payload, blobs).as_bytes()
    return dkim.sign(raw, account.dkim, key) if key else raw


def open_adapter(services: Services) -> EmailAdapter:
    """Return the adapter as the hub runs it."""
    return EmailAdapter(services.reply_keys, sandbox=services.sandbox)
