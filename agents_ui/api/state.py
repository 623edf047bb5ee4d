"""What the browser starts from."""

from agents_ui.call import Call
from agents_ui.topics import ViewInfo
from crm_core.views import Branch, Colleague, Me, Tag, Team, View
from inbox.views import Account
from infra.http.routes import Json, route


class State(View):
    """Everything small the browser needs, read in one snapshot.

    Attributes:
        cursor: Follow ``/live`` from here.
        build: Version of the browser app this hub serves.
        accounts: Without settings for those who may not see accounts.
        counts: ``[total, unread]`` by view key.
        presence: ``online`` or ``away`` by agent id; who is missing is offline.
    """

    cursor: str
    epoch: str
    build: str
    me: Me
    agents: list[Colleague]
    teams: list[Team]
    branches: list[Branch]
    tags: list[Tag]
    accounts: list[Account]
    views: list[ViewInfo]
    counts: dict[str, tuple[int, int]]
    presence: dict[str, str]


@route("GET", "/api/state")
async def state(call: Call) -> Json[State]:
    """Show everything small that the browser keeps."""
    async with call.read() as raw:
        return Json(await call.desk.topics.state(raw, call.viewer))
