"""Filling an empty hub: the company, its clients, a season of talks, and the truth about them."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crm_core.addresses import AddressKind
from crm_core.cards import CardPatch, make_card
from crm_core.identities import add_identity
from hub.demo.chatting import play_chats
from hub.demo.company import DOMAIN, PEOPLE, Company, found
from hub.demo.extras import play_extras
from hub.demo.mails import Letter, sent, written
from hub.demo.people import Client, clients, pairs
from hub.demo.plan import HERE, Act, Scene, scenes
from hub.demo.stage import CUT, NOWHERE, Arrival, Stage, dice_for
from infra.clock import moved
from infra.db import Database, Transaction
from infra.errors import Conflict
from infra.settings import Settings


SIZES = {"XS": (40, 45), "S": (400, 690)}  # cards and conversations
BATCH = 60  # mails taken in at once
SPAN = timedelta(hours=8)  # a batch covers no more of the story than this
LIVED = timedelta(days=21)  # how long the hub has been there; older mail was imported by it
AT_ONCE = 50  # cards written in one commit

Tell = Callable[[str], object]


class NotEmpty(Conflict):
    """The hub has agents or mail: demo data goes into an empty one only."""

    code = "demo.not_empty"
    title = "Demo data is for an empty hub"


class Truth(msgspec.Struct, frozen=True):
    """What is true of the demo data, for whoever checks what the hub makes of it."""

    seed: int
    until: datetime
    logins: list[str]
    cards: int
    conversations: int
    doubles: list[tuple[str, str]]
    shared_phones: list[str]


async def fill(
    db: Database,
    settings: Settings,
    *,
    size: str,
    seed: int,
    until: datetime,
    password: str,
    tell: Tell,
) -> Truth:
    """Fill an empty hub with the data of ``seed``, told up to ``until``.

    Raises:
        NotEmpty: It has data already.
    """
    async with db.read() as sql:
        if await sql.fetchval("SELECT EXISTS (SELECT FROM agent) OR EXISTS (SELECT FROM journal)"):
            raise NotEmpty("start another one with PUNTE_DATA=another-folder")
    cards, talks = SIZES[size]
    people = clients(dice_for(seed, "people"), cards)
    with moved(until - timedelta(days=120), seed=seed) as clock:
        company = await found(db, password=password)
        tell(f"{len(PEOPLE)} people in {len(company.branches)} branches")
        ids = await _cards(db, company, people)
        tell(f"{len(ids)} client cards")
        told = scenes(dice_for(seed, "scenes"), company, people, until, talks)
        async with Stage.open(db, settings, company, clock) as stage:
            story = _Story(stage, company, told, dice=dice_for(seed, "story"), tell=tell)
            await story.play(until - LIVED)
            await play_chats(stage, company, people, until=until)
            clock.at = until
            await play_extras(
                stage,
                company,
                places=story.places,
                last_ids=story.last_ids,
                told=told,
                dice=dice_for(seed, "extras"),
                until=until,
            )
    return _truth(seed, until, people, ids, len(told))


class _Story:
    """Plays every scene in the order of the calendar.

    What lies before the hub's own days came in when it was connected: the answers of that time
    are mails of the sent folder. From then on agents answer in the hub.
    """

    def __init__(
        self,
        stage: Stage,
        company: Company,
        told: Sequence[Scene],
        *,
        dice: random.Random,
        tell: Tell,
    ) -> None:
        self.places: dict[int, UUID] = {}
        self._stage = stage
        self._company = company
        self._scenes = {scene.number: scene for scene in told}
        self._dice = dice
        self._tell = tell
        self._pending: list[tuple[Act, Arrival]] = []
        self.last_ids: dict[int, str] = {}
        self._last_said: dict[int, str] = {}

    async def play(self, moved_in: datetime) -> None:
        """Play until the last act; the hub is there since ``moved_in``."""
        acts = sorted(
            (act for scene in self._scenes.values() for act in scene.acts), key=lambda act: act.at
        )
        for done, act in enumerate(acts, 1):
            if act.at < moved_in:
                await self._imported(act)
            elif act.agent:
                await self._agent(act)
            else:
                await self._client(act)
            if done % 500 == 0:
                self._tell(f"{done} of {len(acts)} messages")
        await self._flush()
        await self._put_away(moved_in)

    async def _imported(self, act: Act) -> None:
        if not act.agent:
            await self._client(act)
        elif act.turn.side == "agent":
            await self._mail(act, role="sent")

    async def _client(self, act: Act) -> None:
        await self._mail(act, role="inbox")

    async def _mail(self, act: Act, *, role: str) -> None:
        first = self._pending[0][0].at if self._pending else act.at
        if len(self._pending) >= BATCH or act.at - first > SPAN:
            await self._flush()
        scene = self._scenes[act.scene]
        answers = self.last_ids.get(act.scene, "")
        domain = (scene.mailbox.address if act.agent else scene.client.email).rpartition("@")[2]
        letter = Letter(
            sender=scene.client,
            to=scene.mailbox.address,
            subject=f"Re: {scene.subject.removeprefix('Re: ')}" if answers else scene.subject,
            text=act.turn.text,
            at=act.at,
            message_id=f"<{int(act.at.timestamp())}.{act.scene}@{domain.lower()}>",
            answers=answers,
            quoted=self._last_said.get(act.scene, "") if self._dice.random() < 0.6 else "",
            extras=act.turn.extras,
        )
        body = sent(letter) if role == "sent" else written(letter, self._dice)
        key = f"{role}/1/{act.scene}.{int(act.at.timestamp())}"
        self._pending.append((act, Arrival(key, body, act.at, role)))
        self.last_ids[act.scene] = letter.message_id

    async def _agent(self, act: Act) -> None:
        if any(pending.scene == act.scene for pending, _ in self._pending):
            await self._flush()
        place = self.places.get(act.scene)
        if place is None:
            return
        scene = self._scenes[act.scene]
        self._stage.clock.at = act.at
        if act.turn.side == "note":
            mentions = ("ana",) if self._dice.random() < 0.15 else ()
            await self._stage.note(act.agent, place, act.turn.text, mentions)
            return
        fault = {3: NOWHERE, 4: CUT}.get(act.scene % 97) if act.is_last else None
        status = scene.dialogue.state if act.is_last else ""
        text = f"{act.turn.text}\n\n{self._company.names[act.agent]}, Style Mobilă"
        self.last_ids[act.scene] = await self._stage.answer(
            act.agent, place, text, extras=act.turn.extras, status=status, fault=fault
        )
        self._last_said[act.scene] = text
        await self._stage.read(act.agent, place)

    async def _flush(self) -> None:
        """Take in what came since the last time, and finish what is over with it."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        self._stage.clock.at = pending[-1][0].at + timedelta(seconds=2)
        for mailbox in self._company.mailboxes.values():
            mine = [(a, mail) for a, mail in pending if self._scenes[a.scene].mailbox is mailbox]
            if not mine:
                continue
            found = await self._stage.receive(mailbox, [mail for _, mail in mine])
            for act, mail in mine:
                if mail.key in found:
                    self.places.setdefault(act.scene, found[mail.key])

    async def _put_away(self, moved_in: datetime) -> None:
        over = [s for s in self._scenes.values() if s.number in self.places and s.acts]
        await self._stage.put_away(
            [self.places[scene.number] for scene in over if _is_over(scene, moved_in)],
            {
                tag: [self.places[scene.number] for scene in over if scene.dialogue.tag == tag]
                for tag in self._company.tags
            },
        )


def _is_over(scene: Scene, moved_in: datetime) -> bool:
    """Say whether nothing more is to come of a scene."""
    last = scene.acts[-1]
    return last.at < moved_in or (last.is_last and scene.dialogue.state == "closed")


async def _cards(db: Database, company: Company, people: Sequence[Client]) -> dict[int, UUID]:
    """Write the clients' cards down as the company's people did."""
    ids: dict[int, UUID] = {}
    given = Counter(value for client in people for _, value in _addresses(client))
    shared = {value for value, count in given.items() if count > 1}
    for start in range(0, len(people), AT_ONCE):
        async with db.transaction() as tx:
            await tx.act(company.viewers["ana"].agent_id, "demo")
            for client in people[start : start + AT_ONCE]:
                ids[client.number] = await _card(tx, company, client, shared)
    return ids


async def _card(tx: Transaction, company: Company, client: Client, shared: set[str]) -> UUID:
    viewer = company.viewers["ana"]
    managers = [person.login for person in PEOPLE if person.roles == ("manager",)]
    owner = company.viewers[managers[client.number % len(managers)]]
    fields = CardPatch(
        display_name=client.shown,
        given_name=client.given,
        family_name=client.family,
        locale=client.language,
        lifecycle="client" if client.number % 3 else "lead",
        branch_id=owner.branch_ids[0],
        owner_id=owner.agent_id,
        about=", ".join(filter(None, (client.company, client.city))),
    )
    card_id = await make_card(tx, fields=fields, viewer=viewer)
    for kind, value in _addresses(client):
        await add_identity(
            tx, card_id, kind=kind, value=value, shared=value in shared, viewer=viewer
        )
    return card_id


def _addresses(client: Client) -> list[tuple[AddressKind, str]]:
    """Return the client's addresses: mail in small letters, numbers as they were typed in."""
    phones: list[tuple[AddressKind, str]] = [("phone", typed) for _, typed in client.phones]
    return [("email", client.email.lower()), *phones] if client.email else phones


def _truth(
    seed: int, until: datetime, people: Sequence[Client], ids: dict[int, UUID], told: int
) -> Truth:
    phones = [phone for client in people for phone, _ in client.phones]
    return Truth(
        seed=seed,
        until=until.astimezone(HERE),
        logins=[f"{person.login}@{DOMAIN}" for person in PEOPLE],
        cards=len(ids),
        conversations=told,
        doubles=[(str(ids[one]), str(ids[two])) for one, two in pairs(list(people))],
        shared_phones=sorted({phone for phone in phones if phones.count(phone) > 1}),
    )
