"""One session of one visitor: what each frame does, over a socket or by long poll alike."""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import msgspec

from channels.webchat import acts, log, marks, proving, visitors
from channels.webchat.acts import Checked, Durable
from channels.webchat.answers import (
    Ack,
    Conv,
    FromHub,
    Nack,
    OlderPage,
    Online,
    Pong,
    Resync,
    Session,
    Welcome,
)
from channels.webchat.checks import Checks
from channels.webchat.guest import Guest
from channels.webchat.limits import BLOCK_HELLOS, HELLOS, PAGES, TYPING
from channels.webchat.normalize import SeenPage
from channels.webchat.protocol import (
    CLOSE_LIMIT,
    CLOSE_REFUSED,
    CLOSE_TOKEN,
    FIRST_PAGE,
    Attrs,
    Callback,
    Captcha,
    Csat,
    Form,
    FromVisitor,
    Got,
    Hello,
    Identify,
    Link,
    Logout,
    Older,
    Otp,
    OtpCode,
    Page,
    Pick,
    Ping,
    React,
    Read,
    Send,
    TypingNow,
)
from channels.webchat.public import language_of, public_config
from channels.webchat.rooms import conv_of
from channels.webchat.services import Services, Widget, Widgets
from inbox.contract import Address, ThreadRef, TypingIn
from inbox.visitors import Case, barred_of, cases_of
from infra.clock import now


OLDER = 100  # entries of one answer


class Closed(Exception):
    """The session ends with a close code of ``protocol``."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Talk(Guest):
    """A session."""

    def __init__(
        self, services: Services, widgets: Widgets, widget: Widget, *, ip: str, lang: str = ""
    ) -> None:
        super().__init__(services, widget, ip=ip, lang=lang)
        self.conv = Conv()
        self._widgets = widgets
        self._checks = Checks(self)

    # ------------------------------------------------------------ beginning

    async def hello(self, hello: Hello) -> list[FromHub]:
        """Begin: say who the visitor is, and which entries follow.

        Raises:
            Closed: The token is not valid, the visitor is blocked, or there are too many.
        """
        budgets = self.services.budgets
        try:
            self.hashed = visitors.hash_of(hello.token)
        except visitors.Ended as error:
            raise Closed(CLOSE_TOKEN) from error
        if budgets.take(f"hello/{self.hashed.hex()}", HELLOS) or budgets.take(
            f"hello/{self.block}", BLOCK_HELLOS
        ):
            raise Closed(CLOSE_LIMIT)
        self.lang = language_of(self.widget.settings, hello.lang, self.lang)
        self.site = hello.site[:300].replace("\0", "")
        if hello.page is not None:
            self._keep_page(hello.page)
        await self.look_up()
        answers: list[FromHub] = []
        if hello.jwt:
            answers += await proving.identify(self, hello.jwt)
        seq = self.visitor.seq if self.visitor else 0
        if hello.after > seq:
            return [*answers, self._welcome(0, hello), Resync()]
        start = hello.after or max(0, seq - FIRST_PAGE)
        self.seq = start
        return [*answers, self._welcome(start, hello)]

    async def look_up(self) -> None:
        """Find the visitor of the token.

        Raises:
            Closed: The token is not valid any more, or the visitor is blocked.
        """
        try:
            async with self.services.db.lane(via="channel") as tx:
                self.visitor = await visitors.find(tx, self.widget.id, self.hashed)
                barred = self.visitor and await barred_of(tx, [str(self.visitor.id)])
        except visitors.Ended as error:
            raise Closed(CLOSE_TOKEN) from error
        if self.visitor is not None and (self.visitor.blocked or barred):
            raise Closed(CLOSE_REFUSED)

    def _welcome(self, start: int, hello: Hello) -> Welcome:
        return Welcome(
            seq=self.visitor.seq if self.visitor else 0,
            start=start,
            me=self.me,
            cfg=public_config(self.widget.settings, self.lang, self.online) if hello.cfg else None,
            read=self.visitor.answered if self.visitor else 0,
        )

    # ------------------------------------------------------------ frames

    async def take(self, frames: Sequence[FromVisitor]) -> list[FromHub]:
        """Do what frames say, those that are stored in as few commits as possible.

        Raises:
            Closed: The session ends.
        """
        answers: list[FromHub] = []
        durable: list[Durable] = []
        for frame in frames:
            if isinstance(frame, Send | Form | Callback | Csat | Pick | React):
                durable.append(frame)
                continue
            answers += await self._store(durable)
            durable = []
            answers += await self._do(frame)
        return answers + await self._store(durable)

    async def _store(self, frames: Sequence[Durable]) -> list[FromHub]:
        if not frames:
            return []
        answers: list[FromHub] = []
        checked: list[Checked] = []
        for frame in frames:
            result = self._checks.check(frame)
            if isinstance(result, Nack):
                answers.append(result)
            else:
                checked.append(result)
        if not checked:
            return answers
        try:
            stored = await acts.store(
                self.services,
                self.widget,
                self.hashed,
                checked,
                lang=self.lang,
                site=self.site,
                pages=tuple(self.pages),
            )
        except visitors.Ended as error:
            raise Closed(CLOSE_TOKEN) from error
        if stored.visitor.blocked:
            raise Closed(CLOSE_REFUSED)
        had = self.me
        self.visitor = stored.visitor
        self.pages.clear()
        for one, place in zip(checked, stored.placed, strict=True):
            cid = one.frame.cid
            if place is None:
                answers.append(Nack(code="no_file", cid=cid))
            else:
                answers.append(Ack(cid=cid, seq=place.seq, id=place.id))
        if self.me != had:
            answers.append(Session(me=self.me))
        return answers

    async def _do(self, frame: FromVisitor) -> list[FromHub]:
        match frame:
            case Ping():
                return [Pong()]
            case Got(upto=upto):
                await marks.got(self, upto)
            case Read(upto=upto):
                await marks.read(self, upto)
            case TypingNow():
                await self._typing()
            case Page():
                await self._page(frame)
            case Older(before=before):
                return [await self._older(before)]
            case Captcha(answer=answer):
                if not await self.challenge.solve(answer):
                    return [Nack(code="captcha")]
            case Logout():
                await self._logout()
            case _:
                return await self._prove(frame)
        return []

    async def _prove(self, frame: FromVisitor) -> list[FromHub]:
        if isinstance(frame, Identify | Attrs | Otp | OtpCode | Link):
            return await proving.do(self, frame)
        return [Nack(code="invalid")]

    async def _typing(self) -> None:
        if self.visitor is None or not self.visitor.spoke:
            return
        if self.services.budgets.take(f"typing/{self.visitor.id}", TYPING):
            return
        key = str(self.visitor.id)
        await self.widget.ctx.emit_ephemeral(
            TypingIn(
                account=self.widget.ctx.account,
                dedup_key=f"{key}/typing",
                at=now(),
                thread=ThreadRef(self.widget.ctx.account, key),
                sender=Address("web_visitor", key, display=acts.name_of(self.visitor)),
            )
        )

    def _keep_page(self, page: Page) -> SeenPage | None:
        """Remember a page until there is a thread it belongs to; None when it is none."""
        url = _page_url(page.url, keep_query=self.widget.settings.page_query)
        if url is None:
            return None
        ref = _page_url(page.ref, keep_query=False) or ""
        seen = SeenPage(url, page.title[:300].replace("\0", ""), ref, now())
        self.pages.append(seen)
        return seen

    async def _page(self, page: Page) -> None:
        if self.services.budgets.take(f"page/{self.hashed.hex()}", PAGES):
            return
        seen = self._keep_page(page)
        if seen is not None and self.visitor is not None and self.visitor.spoke:
            await marks.page(self, seen)
            self.pages.clear()

    async def _older(self, before: int) -> OlderPage:
        if self.visitor is None:
            return OlderPage(before=before)
        async with self.services.db.read() as sql:
            entries = await log.before(sql, self.visitor.id, before, OLDER)
        raws = tuple(msgspec.Raw(entry) for entry in entries)
        return OlderPage(before=before, entries=raws)  # type: ignore[arg-type]  # encoded already

    async def _logout(self) -> None:
        async with self.services.db.lane(via="channel") as tx:
            await visitors.end(tx, self.hashed)
        raise Closed(CLOSE_TOKEN)

    # ------------------------------------------------------------ what comes

    @property
    def online(self) -> Online:
        """Whether somebody can answer."""
        return self._widgets.online(self.widget)

    async def case_now(self) -> tuple[Case | None, UUID | None]:
        """Return the visitor's case, and the one whose rating was given."""
        if self.visitor is None:
            return None, None
        async with self.services.db.look() as sql:
            former = await sql.fetch(
                "SELECT id FROM webchat_visitor WHERE merged_into = $1", self.visitor.id
            )
            keys = [str(self.visitor.id), *(str(row["id"]) for row in former)]
            cases = await cases_of(sql, keys)
        return max(cases.values(), key=lambda one: one.at, default=None), self.visitor.asked_for

    def conv_first(self, case: Case | None, asked_for: UUID | None) -> Conv:
        """Return the state of the case, news or not."""
        self.conv_now(case, asked_for)
        return self.conv

    def conv_now(self, case: Case | None, asked_for: UUID | None) -> Conv | None:
        """Return the state of the case when it is news."""
        settings = self.widget.settings
        conv = conv_of(
            case, asked_for, policy=settings.agents, queue=settings.queue, csat=settings.csat
        )
        if settings.agents == "team" and conv.agent is not None:
            conv = msgspec.structs.replace(conv, agent=None)
        self.case = case
        if conv == self.conv:
            return None
        self.conv = conv
        return conv

    async def entries(self) -> list[bytes]:
        """Return the entries after ``seq``, and move it on."""
        if self.visitor is None:
            return []
        async with self.services.db.look() as sql:
            sent = await log.after(sql, self.visitor.id, self.seq)
        if sent:
            self.seq = sent[-1].seq
        return [one.text for one in sent]


def _page_url(url: str, *, keep_query: bool) -> str | None:
    """Return a page's address without what may be secret; None when it is no page of the web."""
    try:
        parts = urlsplit(url.strip().replace("\0", ""))
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    netloc = parts.netloc.rpartition("@")[2]
    query = parts.query if keep_query else ""
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))[:2048]
