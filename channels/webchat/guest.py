"""Who sits at the other end of a session, as far as the hub knows."""

from collections import deque

from channels.webchat.answers import Me, Session
from channels.webchat.challenge import Challenge
from channels.webchat.limits import block_of
from channels.webchat.normalize import SeenPage
from channels.webchat.public import language_of
from channels.webchat.services import Services, Widget
from channels.webchat.visitors import Visitor
from inbox.visitors import Case


MOST_PAGES = 20


class Guest:
    """A visitor of a session, or somebody who did nothing yet.

    Attributes:
        visitor: None before they did anything.
        hashed: What is kept of the session's token.
        seq: The newest entry that was sent.
        pages: What they looked at before they did anything.
    """

    def __init__(self, services: Services, widget: Widget, *, ip: str, lang: str = "") -> None:
        self.services = services
        self.widget = widget
        self.account_id = widget.id
        self.block = block_of(ip)
        self.visitor: Visitor | None = None
        self.hashed = b""
        self.seq = 0
        self.lang = language_of(widget.settings, lang)
        self.site = ""
        self.case: Case | None = None
        self.pages: deque[SeenPage] = deque(maxlen=MOST_PAGES)
        self.challenge = Challenge(services, widget, self.block)

    @property
    def me(self) -> Me:
        """What the visitor is told of themselves."""
        return self.visitor.me if self.visitor else Me()

    def become(
        self, visitor: Visitor, token: str | None, hashed: bytes, *, reset: bool
    ) -> Session:
        """Go on as somebody else, or as somebody better known."""
        self.visitor = visitor
        self.hashed = hashed
        if reset:
            self.seq = 0
        return Session(me=self.me, token=token, reset=reset)
