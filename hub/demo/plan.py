"""When what is said in the demo data: a season of an ordinary company, up to this minute."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from hub.demo.company import Company, Mailbox
from hub.demo.dialogues import Dialogue, Turn, dialogues
from hub.demo.people import Client


HERE = ZoneInfo("Europe/Chisinau")
DAYS = 90  # how far the story goes back
HOURS = (9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22)
BUSY = (8, 12, 12, 8, 6, 9, 10, 9, 8, 6, 5, 4, 3)  # how much is written in each of the hours
DESK = (time(8, 30), time(18, 30))  # when agents answer
COLORS = {
    "ro": ("alb mat", "stejar natur", "verde salvie", "antracit", "nuc"),
    "ru": ("белый матовый", "дуб натуральный", "шалфей", "антрацит", "орех"),
    "en": ("matt white", "natural oak", "sage green", "anthracite", "walnut"),
}
PRODUCTS = ("Milano", "Oslo", "Verona", "Nistru", "Codru", "Lisabona")


class Act(msgspec.Struct, frozen=True):
    """One thing somebody does in a conversation.

    Attributes:
        scene: Number of the conversation.
        turn: What is said; the first of a scene opens it.
        agent: Login of who says it; "" for the client.
        is_last: Nothing more is said.
    """

    at: datetime
    scene: int
    turn: Turn
    agent: str = ""
    is_last: bool = False


class Scene(msgspec.Struct, kw_only=True):
    """One conversation as it is going to be."""

    number: int
    client: Client
    dialogue: Dialogue
    mailbox: Mailbox
    subject: str
    acts: list[Act]


def scenes(
    dice: random.Random, company: Company, people: Sequence[Client], until: datetime, count: int
) -> list[Scene]:
    """Return ``count`` conversations, the last ones still under way at ``until``."""
    writers = [client for client in people if client.email]
    known = {language: dialogues(language) for language in ("ro", "ru", "en")}
    made: list[Scene] = []
    for number in range(1, count + 1):
        client = dice.choice(writers)
        talks = known[client.language]
        office = [talk for talk in talks if "{company}" in "".join(t.text for t in talk.turns)]
        talk = dice.choice(office if client.company and dice.random() < 0.5 else talks)
        mailbox = _mailbox(company, talk)
        words = _words(dice, client, until.date())
        start = _start(dice, until)
        acts = _acts(dice, number, talk, mailbox=mailbox, words=words, start=start)
        subject = talk.subject.format_map(words)
        scene = Scene(
            number=number,
            client=client,
            dialogue=talk,
            mailbox=mailbox,
            subject=subject,
            acts=[act for act in acts if act.at <= until],
        )
        made.append(scene)
    return made


def _mailbox(company: Company, talk: Dialogue) -> Mailbox:
    said = " ".join(turn.text for turn in talk.turns)
    if "{company}" in said:
        return company.mailboxes["office"]
    is_service = talk.tag in {"reclamație", "garanție", "livrare"}
    return company.mailboxes["service" if is_service else "sales"]


def _start(dice: random.Random, until: datetime) -> datetime:
    """Return a moment in the season: more in the last days, fewer at weekends and at night."""
    while True:
        days = int(DAYS * dice.random() ** 1.6)
        day = until.astimezone(HERE).date() - timedelta(days=days)
        if day.weekday() < 5 or dice.random() < 0.35:
            hour = dice.choices(HOURS, BUSY)[0]
            at = datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)), HERE)
            if at < until:
                return at


def _acts(
    dice: random.Random,
    number: int,
    talk: Dialogue,
    *,
    mailbox: Mailbox,
    words: dict[str, str],
    start: datetime,
) -> Iterator[Act]:
    at, agent = start, dice.choice(mailbox.agents)
    for position, turn in enumerate(talk.turns):
        if position:
            at = _later(dice, at, turn)
        said = msgspec.structs.replace(turn, text=turn.text.format_map(words))
        is_last = position == len(talk.turns) - 1
        yield Act(at, number, said, "" if turn.side == "client" else agent, is_last)


def _later(dice: random.Random, at: datetime, turn: Turn) -> datetime:
    """Return when the next turn is taken: agents while the desk is open, clients when they can."""
    if turn.side == "client":
        return at + timedelta(minutes=min(dice.lognormvariate(5.2, 1.1), 60 * 50))
    minutes = 2 if turn.side == "note" else min(dice.lognormvariate(4.2, 1.0), 60 * 20)
    then = (at + timedelta(minutes=minutes)).astimezone(HERE)
    opens, closes = DESK
    while then.weekday() == 6 or not opens <= then.time() <= closes:
        then = datetime.combine(
            then.date() + timedelta(days=then.time() > closes or then.weekday() == 6),
            opens,
            HERE,
        ) + timedelta(minutes=dice.randrange(90))
    return then


def _words(dice: random.Random, client: Client, today: date) -> dict[str, str]:
    day = today + timedelta(days=dice.randrange(3, 20))
    return {
        "client": client.given,
        "company": client.company or "Dulce Vita Cafe SRL",
        "city": client.city,
        "phone": client.phones[0][1] if client.phones else "+373 22 123 456",
        "w": str(dice.randrange(120, 380, 10)),
        "h": str(dice.randrange(60, 240, 10)),
        "ceil": f"{dice.randrange(250, 300, 5)} cm",
        "color": dice.choice(COLORS[client.language]),
        "product": dice.choice(PRODUCTS),
        "price": f"{dice.randrange(9, 98)} {dice.choice((0, 200, 500, 800)):03}",
        "order": f"C-{dice.randrange(1200, 4800)}",
        "date": f"{day:%d.%m}",
    }
