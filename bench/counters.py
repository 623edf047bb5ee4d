"""What an event costs the counters of somebody with sixty views, over 52,000 conversations.

``differences`` is how many of ten agents' counters disagree with a recount at the end: none may.
"""

import random
import time

import msgspec

from bench.ground import main, result
from crm_core.staff.visibility import Viewer
from inbox.desk import Desk
from inbox.open_set import OpenSet, Shown
from infra.clock import new_id
from infra.events import Cursor, Placed


OPEN = 52_000
EVENTS = 20_000
LIMIT = 60.0  # microseconds an event may take
AGENTS = 10


class World:
    """An open set in memory, and what may happen to it."""

    def __init__(self) -> None:
        self.chance = random.Random(1)
        self.branch = new_id()
        self.teams = [new_id() for _ in range(20)]
        self.agents = [new_id() for _ in range(200)]
        self.accounts = [str(new_id()) for _ in range(12)]
        self.tags = [str(new_id()) for _ in range(50)]
        self.shown = {}
        for _ in range(OPEN):
            one = self.some(str(new_id()), 1)
            self.shown[one.id] = one
        self.ids = list(self.shown)

    def some(self, id_: str, rev: int) -> Shown:
        """Return a conversation in any state."""
        chance = self.chance
        return Shown(
            id=id_,
            rev=rev,
            status=chance.choice(["open", "open", "open", "waiting", "snoozed"]),
            folder="inbox",
            branch_id=str(self.branch),
            team_id=str(chance.choice(self.teams)),
            assignee_id=chance.choice([None, str(chance.choice(self.agents))]),
            account_id=chance.choice(self.accounts),
            tag_ids=[chance.choice(self.tags)] if chance.random() < 0.3 else [],
            follower_ids=[],
            inbound_count=chance.randrange(1, 9),
            failed_count=int(chance.random() < 0.01),
        )

    def viewers(self) -> list[Viewer]:
        """Return agents of each scope: together they watch some sixty views."""
        scopes = ["all", "team", "team", "branch", "own"] * (AGENTS // 5)
        return [
            Viewer(
                agent,
                (self.branch,),
                tuple(self.chance.sample(self.teams, 3)),
                {("conversation", "read"): scope},
            )
            for agent, scope in zip(self.agents, scopes, strict=False)
        ]

    def events(self) -> list[Placed]:
        """Return what happens: a conversation changes, as the feed tells it."""
        placed = []
        for n in range(EVENTS):
            id_ = self.chance.choice(self.ids)
            self.shown[id_] = self.some(id_, self.shown[id_].rev + 1)
            event = {"type": "conversation.changed", "conversation": self.shown[id_]}
            placed.append(Placed(Cursor(1, n), msgspec.Raw(msgspec.json.encode(event)), {}))
        return placed


def differences(open_set: OpenSet, world: World, viewers: list[Viewer]) -> int:
    """Return how many counters disagree with counting everything anew."""
    wrong = 0
    for viewer in viewers:
        desk = Desk(viewer, reads={})
        for one in world.shown.values():
            desk.move(None, open_set.entry_of(one))
        wrong += open_set.counts(viewer.agent_id) != desk.counts()
    return wrong


async def bench() -> None:
    """Apply events for one agent against the clock, then for ten, and recount."""
    world = World()
    open_set = OpenSet()
    for one in world.shown.values():
        open_set.show(one)
    viewers = world.viewers()
    open_set.seat(Desk(viewers[0], reads={}))
    events = world.events()
    views = len(open_set.counts(viewers[0].agent_id))
    began = time.process_time()
    for placed in events:
        open_set.apply(placed)
    per_event = (time.process_time() - began) / EVENTS * 1e6
    for viewer in viewers[1:]:
        open_set.seat(Desk(viewer, reads={}))
    for placed in world.events():
        open_set.apply(placed)
    wrong = differences(open_set, world, viewers)
    result("counters", per_event, "us/event", LIMIT, per_event, differences=wrong, views=views)


if __name__ == "__main__":
    main(bench)
