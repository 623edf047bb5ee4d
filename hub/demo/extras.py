"""What every inbox has beside its talks: spam, bounces, drafts, snoozes, somebody on holiday."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hub.demo.company import Company
from hub.demo.mails import Letter, away, bounce, newsletter
from hub.demo.plan import Scene
from hub.demo.stage import Arrival, Stage
from inbox.change import ConversationPatch


DRAFTS = (
    "Bună ziua! Am verificat la atelier, iar termenul",
    "Здравствуйте! Уточнил по материалу,",
    "Hello, I have checked with the workshop and",
)
FRESH, SEEN = 12, 260  # the newest conversations the head has not seen yet, and those she has
AWAY = "Sunt în concediu până luni și nu citesc poșta. Revin cu un răspuns când mă întorc."


async def play_extras(
    stage: Stage,
    company: Company,
    *,
    places: Mapping[int, UUID],
    last_ids: Mapping[int, str],
    told: Sequence[Scene],
    dice: random.Random,
    until: datetime,
) -> None:
    """Play what belongs to no dialogue; the clock stands at ``until``."""
    await _spam(stage, company, until)
    recent = [scene for scene in reversed(told) if scene.number in places]
    recent.sort(key=lambda scene: scene.acts[-1].at, reverse=True)
    waiting = [scene for scene in recent if not scene.acts[-1].agent][:40]
    answered = [scene for scene in recent if scene.acts[-1].agent]
    await _bounces(stage, answered[:3], places, until)
    await _holiday(stage, answered[3:6], last_ids, until)
    for scene in recent[FRESH : FRESH + SEEN]:
        await stage.read("ana", places[scene.number])
    for position, scene in enumerate(waiting):
        place, agent = places[scene.number], dice.choice(scene.mailbox.agents)
        stage.clock.at += timedelta(seconds=1)
        match position:
            case 2 | 5 | 9 | 14:
                patch = ConversationPatch(assignee_id=company.viewers[agent].agent_id)
                await stage.change("ana", place, patch)
                await stage.draft(agent, place, dice.choice(DRAFTS))
            case 7 | 11:
                await stage.draft("ana", place, dice.choice(DRAFTS))
            case 4 | 8 | 12 | 16:
                until_then = until + timedelta(days=dice.randrange(1, 6), hours=2)
                patch = ConversationPatch(status="snoozed", snoozed_until=until_then)
                await stage.change("ana", place, patch)
            case 3 | 10 | 15:
                await stage.change("ana", place, ConversationPatch(priority=3))
            case 6 | 13 | 18 | 20:
                patch = ConversationPatch(assignee_id=company.viewers["nicu"].agent_id)
                await stage.change("ana", place, patch)
            case 17 | 19:
                later = until + timedelta(days=1, hours=position - 10)
                await stage.schedule(agent, place, "Bună dimineața! Revin cu oferta.", later)
            case 1 | 21 | 22 | 23:
                patch = ConversationPatch(assignee_id=company.viewers["ana"].agent_id)
                await stage.change("ana", place, patch)
            case _:
                pass


async def _spam(stage: Stage, company: Company, until: datetime) -> None:
    mailbox = company.mailboxes["sales"]
    mails = [
        Arrival(f"inbox/1/promo.{number}", newsletter(mailbox.address, at, number), at)
        for number in range(1, 7)
        for at in [until - timedelta(days=number * 3, hours=number)]
    ]
    found = await stage.receive(mailbox, mails)
    for place in list(found.values())[1:]:
        await stage.change("ana", place, ConversationPatch(folder="spam"))


async def _bounces(
    stage: Stage, answered: Sequence[Scene], places: Mapping[int, UUID], until: datetime
) -> None:
    for scene in answered:
        at = until - timedelta(minutes=30 + scene.number % 20)
        stage.clock.at = at
        agent = scene.acts[-1].agent
        message_id = await stage.answer(agent, places[scene.number], "Revin cu o precizare.")
        report = bounce(
            to=scene.mailbox.address,
            recipient=scene.client.email,
            message_id=message_id,
            at=stage.clock.at,
            own_id=f"<bounce.{scene.number}@mail.example.com>",
        )
        arrival = Arrival(f"inbox/1/bounce.{scene.number}", report, stage.clock.at)
        await stage.receive(scene.mailbox, [arrival])
    stage.clock.at = until


async def _holiday(
    stage: Stage, answered: Sequence[Scene], last_ids: Mapping[int, str], until: datetime
) -> None:
    for scene in answered:
        letter = Letter(
            sender=scene.client,
            to=scene.mailbox.address,
            subject=scene.subject,
            text=AWAY,
            at=until - timedelta(minutes=5),
            message_id=f"<away.{scene.number}@mail.example.com>",
            answers=last_ids[scene.number],
        )
        arrival = Arrival(f"inbox/1/away.{scene.number}", away(letter), letter.at)
        await stage.receive(scene.mailbox, [arrival])
