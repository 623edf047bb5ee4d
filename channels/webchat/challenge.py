"""A challenge for new visitors while somebody attacks: hCaptcha and Turnstile speak alike.

The answer is checked by the service's ``siteverify``: a form with ``secret`` and ``response``,
answered by JSON with ``success`` (https://docs.hcaptcha.com/#verify-the-user-response-server-side).
"""

from channels.webchat.limits import UNDER_ATTACK, VISITORS
from channels.webchat.services import Services, Widget


class Challenge:
    """Whether a session has to solve one, and whether it did."""

    def __init__(self, services: Services, widget: Widget, block: str) -> None:
        self._services = services
        self._widget = widget
        self._block = block
        self._solved = False

    @property
    def is_wanted(self) -> bool:
        """Whether a new visitor of this block has to solve one first."""
        if self._solved or not self._widget.settings.captcha.kind:
            return False
        left = self._services.budgets.left(f"visitors/{self._block}", VISITORS)
        return left < VISITORS.burst * UNDER_ATTACK

    async def solve(self, answer: str) -> bool:
        """Say whether ``answer`` is right; it is believed for this session."""
        verify = self._services.verify
        if verify is None:
            return False
        form = {"secret": self._widget.ctx.secret("captcha_secret"), "response": answer}
        self._solved = await verify(self._widget.settings.captcha.verify_url, form)
        return self._solved
