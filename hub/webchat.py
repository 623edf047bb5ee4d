"""Website chat, put together: its provider is this hub."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from uuid import UUID

import aiohttp
import structlog

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.continuity import Continuity
from channels.webchat.forgetting import forget_old
from channels.webchat.rooms import Rooms
from channels.webchat.services import Services
from channels.webchat.serving import DEMO, Chat
from crm_core.staff.setup import default_places
from hub.operator import OPERATOR
from inbox.accounts import Account, AccountContext, load_account
from inbox.adapters import Adapters
from inbox.connecting import NewAccount, create_account
from inbox.continuing import keep_names, note_mailed, thread_by_mail
from inbox.contract import (
    AccountId,
    Address,
    AddressKind,
    NamesFirst,
    Outbound,
    RichText,
    SendFailed,
    ThreadRef,
)
from infra.blobs import Blobs
from infra.bus import Bus
from infra.clock import new_id, now
from infra.db import Database
from infra.errors import HubError
from infra.http.site import Site
from infra.settings import Settings
from infra.vault import Vault


log = structlog.get_logger()

CAPTCHA_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds

EVER = "SELECT 1 FROM channel_account WHERE kind = 'webchat' AND address = $1"
SHUT_OUT = """
SELECT 1 FROM identity
 WHERE kind = $1 AND value = $2 AND scope = '' AND status IN ('opted_out', 'blocked_us')
"""
OWNED = "SELECT 1 FROM agent AS a JOIN agent_role AS r ON r.agent_id = a.id LIMIT 1"


class Webchat:
    """The parts of website chat that a hub runs.

    Attributes:
        adapter: What the inbox knows.
        chat: What browsers reach.
        continuity: What follows visitors who left.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        bus: Bus,
        blobs: Blobs,
        vault: Vault,
        *,
        site: Site,
        adapters: Callable[[], Adapters],
        context_of: Callable[[Account], AccountContext],
        agents_online: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._db = db
        self._vault = vault
        self._adapters = adapters
        self._context_of = context_of
        self._is_demo_made = False
        rooms = Rooms(db, bus)
        self.adapter = WebchatAdapter(db, rooms)
        self.services = Services(
            db=db,
            blobs=blobs,
            rooms=rooms,
            context_of=context_of,
            key=vault.derive("webchat"),
            agents_online=agents_online,
            post=self._post,
            upload_limit=settings.upload_limit,
            verify=_verify,
        )
        self.chat = Chat(self.services, site)
        self.continuity = Continuity(
            self.services,
            public_url=settings.base_url,
            thread_of=thread_by_mail,
            note=note_mailed,
        )

    async def make_demo(self) -> None:
        """Give a new hub on its owner's own machine a widget to try, once."""
        if self._is_demo_made or not _is_loopback(self._settings.host):
            return
        async with self._db.transaction() as tx:
            if await tx.fetchval(EVER, DEMO):
                self._is_demo_made = True
                return
            if not await tx.fetchval(OWNED):
                return  # nobody is there yet who could answer
            await tx.act(None, "cli")
            await tx.lock("webchat-demo")
            config = {"address": DEMO, "name": "Mobila", "demo": True}
            branch_id, team_id = await default_places(tx)
            new = NewAccount(
                provider="webchat",
                name="Website chat (demo)",
                config=config,
                branch_id=branch_id,
                team_id=team_id,
            )
            try:
                await create_account(tx, self._adapters(), self._vault, new, viewer=OPERATOR)
            except HubError as error:
                log.warning("webchat.no_demo", error=repr(error))
        self._is_demo_made = True

    async def follow(self) -> None:
        """Send visitors who left the answers they missed."""
        await self.continuity.run_due()

    async def forget(self) -> None:
        """Forget visitors who were not here for as long as their widget's settings say."""
        await forget_old(self._db)

    async def _post(
        self, account_id: UUID, to: str, *, subject: str, text: str, thread: UUID | None = None
    ) -> bool:
        """Send a text through one of the company's accounts, outside any conversation.

        Whoever wants nothing from the company gets nothing, a code neither.
        """
        try:
            async with self._db.read() as sql:
                account = await load_account(sql, account_id)
                kind: AddressKind = "email" if account.kind == "email" else "phone"
                if await sql.fetchval(SHUT_OUT, kind, to):
                    return False
            adapter = await self._adapters().get(account.provider)
            ctx = self._context_of(account)
            message = Outbound(
                id=new_id(),
                thread=ThreadRef(AccountId(account.id), ""),
                thread_id=thread or new_id(),
                to=Address(kind, to),
                parts=(RichText(text=text),),
                at=now(),
                sender=Address(kind, account.address),
                subject=subject,
                sender_name=account.name,
                automatic=thread is None,
            )
            for op in adapter.render(message, adapter.capabilities()).ops:
                if thread is not None and isinstance(adapter, NamesFirst):
                    async with self._db.transaction() as tx:
                        await keep_names(tx, thread, adapter.names_of(ctx, op))
                await adapter.send(ctx, op)
        except (HubError, SendFailed) as error:
            log.warning("webchat.not_posted", account=str(account_id), error=str(error)[:300])
            return False
        return True


async def _verify(url: str, form: Mapping[str, str]) -> bool:
    """Ask a captcha's service whether an answer is right; one that is away says no."""
    try:
        async with (
            aiohttp.ClientSession(timeout=CAPTCHA_TIMEOUT) as http,
            http.post(url, data=dict(form)) as answer,
        ):
            said = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        log.warning("webchat.captcha_away", error=repr(error)[:200])
        return False
    return isinstance(said, dict) and said.get("success") is True


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
