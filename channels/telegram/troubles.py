"""What goes wrong with a bot's account, as stable codes: one table, nowhere else.

``docs/channels/telegram.md`` explains each code. What a failed call means for a message is told
in ``channels.telegram.faults``.
"""

import msgspec

from channels.telegram.wire import CallFailed
from inbox.contract import Fault, Health, HealthState, SendError


class Problem(msgspec.Struct, frozen=True):
    """What a failure means.

    Attributes:
        code: Stable name, part of the public API.
        remedy: What a person can do, as a stable name too.
        pause: Seconds to leave Telegram alone; None for the usual backoff.
    """

    code: str
    fault: Fault
    state: HealthState
    remedy: str
    pause: float | None = None

    def as_health(self, text: str) -> Health:
        """Return it as an account's health."""
        return Health(state=self.state, code=self.code, remedy=self.remedy, text=text)

    def as_send_error(self, text: str) -> SendError:
        """Return it as the reason why something was not done."""
        return SendError(fault=self.fault, code=self.code, text=text, retry_after=self.pause)


class Elsewhere(Exception):
    """Another program receives the bot's messages by a web hook."""


class NotStored(Exception):
    """The hub could not take updates into its journal."""


class NotThisBot(Exception):
    """The token is of another bot than the settings say."""


class NoPublicAddress(Exception):
    """The hub does not know where Telegram could reach it."""


LONG = 900.0  # seconds between tries of what only a person can mend
AGAIN = HealthState.DISCONNECTED

TOKEN = Problem(
    "telegram.token_refused", Fault.AUTH, HealthState.BAD_CREDENTIALS, "check_token", LONG
)
OTHER_BOT = Problem(
    "telegram.other_bot", Fault.AUTH, HealthState.BAD_CREDENTIALS, "check_token", LONG
)
OTHER_POLLER = Problem(
    "telegram.other_poller", Fault.AUTH, HealthState.CONFLICT, "stop_other_program", 60.0
)
HOOK_ELSEWHERE = Problem(
    "telegram.webhook_elsewhere", Fault.AUTH, HealthState.CONFLICT, "take_over", 60.0
)
NO_ADDRESS = Problem(
    "telegram.no_public_address", Fault.AUTH, HealthState.UNCONFIGURED, "use_polling", LONG
)
THROTTLED = Problem("telegram.throttled", Fault.THROTTLED, HealthState.DEGRADED, "wait")
SERVER = Problem("telegram.server_error", Fault.TRANSIENT, AGAIN, "wait")
REFUSED = Problem("telegram.refused", Fault.BUG, AGAIN, "read_answer", 60.0)
GARBLED = Problem("telegram.not_bot_api", Fault.TRANSIENT, AGAIN, "check_api_base")
UNSTORED = Problem("telegram.not_stored", Fault.TRANSIENT, AGAIN, "check_database")
UNKNOWN = Problem("telegram.failed", Fault.TRANSIENT, AGAIN, "wait")

NO_ANSWER = {
    "garbled": GARBLED,
    "sandbox": Problem("sandbox.sealed", Fault.CONTENT, HealthState.PAUSED, "leave_sandbox", LONG),
    "settings.invalid": Problem(
        "settings.invalid", Fault.AUTH, HealthState.UNCONFIGURED, "check_settings", LONG
    ),
    "host.not_found": Problem("host.not_found", Fault.TRANSIENT, AGAIN, "check_network"),
    "host.private": Problem("host.private", Fault.AUTH, AGAIN, "allow_private", LONG),
    "host.refused": Problem("host.refused", Fault.TRANSIENT, AGAIN, "check_network"),
    "host.timeout": Problem("host.timeout", Fault.TRANSIENT, AGAIN, "check_network"),
    "host.unreachable": Problem("host.unreachable", Fault.TRANSIENT, AGAIN, "check_network"),
    "host.lost": Problem("host.lost", Fault.TRANSIENT, AGAIN, "wait"),
    "tls.untrusted": Problem("tls.untrusted", Fault.AUTH, AGAIN, "check_certificate", LONG),
    "tls.failed": Problem("tls.failed", Fault.TRANSIENT, AGAIN, "check_network"),
}
"""By ``CallFailed.trouble``."""

OURS: tuple[tuple[type[BaseException], Problem], ...] = (
    (Elsewhere, HOOK_ELSEWHERE),
    (NotStored, UNSTORED),
    (NotThisBot, OTHER_BOT),
    (NoPublicAddress, NO_ADDRESS),
)


def problem_of(error: BaseException) -> Problem:
    """Return what a failure means for the account."""
    if isinstance(error, CallFailed):
        return _answered(error)
    return next((problem for kind, problem in OURS if isinstance(error, kind)), UNKNOWN)


def text_of(error: BaseException) -> str:
    """Return what was said of a failure, short enough to show."""
    said = error.description if isinstance(error, CallFailed) else str(error)
    return " ".join((said or type(error).__name__).split())[:500]


def _answered(error: CallFailed) -> Problem:
    if error.trouble:
        return NO_ANSWER.get(error.trouble, UNKNOWN)
    code = error.error_code
    if code == 409:
        return HOOK_ELSEWHERE if "webhook" in error.description.lower() else OTHER_POLLER
    if code == 429:
        return msgspec.structs.replace(THROTTLED, pause=error.retry_after)
    if code >= 500:
        return SERVER
    return TOKEN if code in {401, 404} else REFUSED  # a token that never was is "Not Found"
