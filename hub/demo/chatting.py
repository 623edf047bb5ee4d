"""What clients write beside mail: in Telegram, alone and in a group, by SMS, on the site."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hub.demo.company import Company
from hub.demo.people import Client
from hub.demo.pictures import hum, photo
from hub.demo.stage import Stage
from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    FormSubmitted,
    Inline,
    Location,
    Media,
    MessageEdited,
    MessageIn,
    PageVisited,
    Part,
    Piece,
    ReactionChanged,
    RichText,
    SharedContact,
    Span,
    ThreadRef,
)


SITE = "https://style-mobila.example"


class _Line:
    """One chat of one account: makes its events, each a while after the last."""

    def __init__(
        self, stage: Stage, account: UUID, key: str, who: Address, begins: datetime
    ) -> None:
        self._stage = stage
        self._account = AccountId(account)
        self.who = who
        self.thread = ThreadRef(self._account, key)
        self.at = begins
        self._count = 0

    async def say(
        self,
        *parts: Part,
        who: Address | None = None,
        chat: Address | None = None,
        album: str | None = None,
        piece: Piece | None = None,
        answers: int | None = None,
    ) -> UUID | None:
        """Write a message; return its conversation."""
        number = self.next()
        thread = ThreadRef(self.thread.account, self.thread.key, group=chat is not None)
        event = MessageIn(
            account=self._account,
            dedup_key=f"{self.thread.key}/{number}",
            at=self.at,
            ref=ExternalRef(thread, str(number)),
            sender=who or self.who,
            parts=parts,
            chat=chat,
            album=album,
            piece=piece,
            reply_to=ExternalRef(thread, str(answers)) if answers else None,
        )
        return await self._stage.hear(self._account, event.dedup_key, event)

    async def change(self, number: int, text: str) -> None:
        """Change a message that was written."""
        key = f"{self.thread.key}/{self.next()}"
        ref = ExternalRef(self.thread, str(number))
        event = MessageEdited(
            account=self._account, dedup_key=key, at=self.at, ref=ref, parts=(RichText(text=text),)
        )
        await self._stage.hear(self._account, key, event)

    async def react(self, external_id: str, emoji: str) -> None:
        """Answer a message with a sign."""
        key = f"{self.thread.key}/{self.next()}"
        event = ReactionChanged(
            account=self._account,
            dedup_key=key,
            at=self.at,
            ref=ExternalRef(self.thread, external_id),
            sender=self.who,
            emojis=(emoji,),
        )
        await self._stage.hear(self._account, key, event)

    async def look(self, path: str, title: str, referrer: str = "") -> None:
        """Look at a page of the site."""
        key = f"{self.thread.key}/{self.next()}"
        event = PageVisited(
            account=self._account,
            dedup_key=key,
            at=self.at,
            thread=self.thread,
            sender=self.who,
            url=SITE + path,
            title=title,
            referrer=referrer,
        )
        await self._stage.hear(self._account, key, event)

    async def fill_in(self, form: str, **values: str) -> None:
        """Fill a form of ours in."""
        key = f"{self.thread.key}/{self.next()}"
        event = FormSubmitted(
            account=self._account,
            dedup_key=key,
            at=self.at,
            thread=self.thread,
            sender=self.who,
            form="callback" if form == "callback" else "prechat",
            values=values,
        )
        await self._stage.hear(self._account, key, event)

    def next(self) -> int:
        """Let some time pass; return the number of what comes now."""
        self._count += 1
        self.at += timedelta(seconds=50)
        self._stage.clock.at = self.at
        return self._count


def _said(text: str, *spans: Span) -> RichText:
    return RichText(text=text, spans=spans)


def _picture(dice: random.Random) -> Media:
    return Media(
        kind="image", source=Inline(data=photo(dice)), mime="image/png", filename="foto.png"
    )


async def play_chats(
    stage: Stage, company: Company, people: Sequence[Client], *, until: datetime
) -> None:
    """Play the chats of the last hours."""
    known = next(one for one in people if one.phones and one.email and one.language == "ro")
    await _telegram(stage, company, known, until - timedelta(hours=2))
    await _sms(stage, company, known, until - timedelta(minutes=50))
    await _group(stage, company, until - timedelta(hours=5))
    await _site(stage, company, until - timedelta(minutes=35))


async def _telegram(stage: Stage, company: Company, client: Client, at: datetime) -> None:
    """The client shares their number, so the chat is on their card; then asks with pictures."""
    dice, name = random.Random(7), f"{client.given} {client.family}"
    line = _Line(
        stage,
        company.chats["telegram"],
        "510001",
        Address("telegram_user", "510001", display=name),
        at,
    )
    await line.say(SharedContact(name=name, phones=(client.phones[0][0],), is_sender=True))
    bold = Span(start=17, end=34, kind="bold")
    place = await line.say(_said("Bună ziua! Despre dulapul din hol: ușa are o zgârietură.", bold))
    for _ in range(3):
        await line.say(_picture(dice), album="a1")
    await line.change(2, "Bună ziua! Despre dulapul din dormitor: ușa are o zgârietură.")
    await line.say(
        Media(
            kind="voice",
            source=Inline(data=hum(9)),
            mime="audio/wav",
            filename="voce.wav",
            duration=timedelta(seconds=9),
        )
    )
    if place is None:
        return
    stage.clock.at = line.at = line.at + timedelta(minutes=4)
    text = "Bună ziua! Vă schimbăm ușa gratuit. Unde să venim?"
    external_id = await stage.answer("cristina", place, text)
    await line.react(external_id, "👍")
    await line.say(Location(lat=47.0245, lon=28.8322, title="Bd. Ștefan cel Mare 1, Chișinău"))
    await line.say(_said("Aici, după ora 17."), answers=2)


async def _sms(stage: Stage, company: Company, client: Client, at: datetime) -> None:
    number = client.phones[0][0]
    who = Address("phone", number)
    line = _Line(stage, company.chats["sms"], f"+37322000000:{number}", who, at)
    await line.say(_said("Cand vine masurătorul?"))
    text = "Si va rog sa aduca si mostre de culoare, pentru ca sotia inca nu s-a hotarat intre"
    await line.say(_said(text), piece=Piece(key="p1", n=1, total=2))


async def _group(stage: Stage, company: Company, at: datetime) -> None:
    chat = Address("telegram_chat", "-1002001", display="Birou Ciocana, mobilier")
    line = _Line(stage, company.chats["telegram"], "-1002001", chat, at)
    dana, oleg = (
        Address("telegram_user", key, display=name)
        for key, name in (("510010", "Dana Popa"), ("510011", "Oleg Railean"))
    )
    await line.say(_said("Avem nevoie de 14 birouri până în februarie."), who=dana, chat=chat)
    await line.say(_said("И 14 кресел, желательно серых."), who=oleg, chat=chat)
    await line.say(_said("Puteți trimite o ofertă aici?"), who=dana, chat=chat)


async def _site(stage: Stage, company: Company, at: datetime) -> None:
    who = Address("web_visitor", "demo-visitor-1", display="Marina")
    line = _Line(stage, company.chats["webchat"], "demo-visitor-1", who, at)
    await line.fill_in("prechat", name="Marina Lungu", email="marina.lungu@example.com")
    await line.say(_said("Bună! Faceți bucătării pe colț, cu blat de stejar?"))
    await line.look("/bucatarii", "Bucătării la comandă", "https://www.google.com/")
    await line.look("/bucatarii/colt", "Bucătării pe colț")
    await line.look("/preturi", "Prețuri")
    await line.say(_said("Ar fi bine să mă sunați, e mai simplu."))
    await line.fill_in(
        "callback",
        name="Marina Lungu",
        phone="+37369700700",
        topic="Bucătărie pe colț, stejar",
        consent="yes",
    )
