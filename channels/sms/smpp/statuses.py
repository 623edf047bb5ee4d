"""What a centre's refusals mean, as stable codes: one table, nowhere else.

Sources: SMPP 3.4 section 5.1.3; 0x0400 to 0x04FF are each vendor's own.
"""

import ssl
from socket import gaierror

import msgspec

from inbox.contract import Fault, Health, HealthState, SendError
from infra.outbound import Blocked


THROTTLED, QUEUE_FULL, TRY_LATER = 0x58, 0x14, 0x64
ALREADY_BOUND = 0x05
CLOSED_FOR = 5.0  # seconds a bucket stays closed after a throttling


class Refused(Exception):
    """The centre answered a request with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"0x{status:08X} {name_of(status)}".strip())
        self.status = status


class BindRefused(Refused):
    """The centre does not let us in."""


class SessionLost(ConnectionError):
    """The session ended while something was under way."""


class NotAnswered(TimeoutError):
    """The centre did not answer in time."""


NAMES = {
    0x01: "message length is invalid", 0x02: "command length is invalid",
    0x03: "command id is invalid", 0x04: "bind status does not allow it",
    0x05: "already bound", 0x08: "system error", 0x0A: "source address is invalid",
    0x0B: "destination address is invalid", 0x0D: "bind failed", 0x0E: "password is invalid",
    0x0F: "system id is invalid", 0x14: "message queue is full",
    0x33: "number of destinations is invalid", 0x43: "esm_class is invalid",
    0x45: "submit_sm failed", 0x48: "source TON is invalid", 0x49: "source NPI is invalid",
    0x50: "destination TON is invalid", 0x51: "destination NPI is invalid",
    0x53: "system type is invalid", 0x58: "throttled",
    0x61: "scheduled delivery time is invalid", 0x62: "validity period is invalid",
    0x64: "temporary error of the receiver", 0x65: "permanent error of the receiver",
    0x66: "receiver rejected the message", 0xFF: "unknown error",
}  # fmt: skip


def name_of(status: int) -> str:
    """Return a status in words; "" when it is a vendor's own."""
    return NAMES.get(status, "")


FAULTS = {
    0x01: (Fault.CONTENT, "smpp.message_length"),
    0x02: (Fault.BUG, "smpp.malformed"),
    0x03: (Fault.BUG, "smpp.malformed"),
    0x04: (Fault.TRANSIENT, "smpp.not_bound"),
    0x05: (Fault.TRANSIENT, "smpp.already_bound"),
    0x08: (Fault.TRANSIENT, "smpp.system_error"),
    0x0A: (Fault.AUTH, "smpp.source_refused"),
    0x0B: (Fault.RECIPIENT, "smpp.no_such_number"),
    0x0D: (Fault.AUTH, "smpp.bind_failed"),
    0x0E: (Fault.AUTH, "smpp.bad_password"),
    0x0F: (Fault.AUTH, "smpp.bad_system_id"),
    QUEUE_FULL: (Fault.THROTTLED, "smpp.queue_full"),
    0x43: (Fault.BUG, "smpp.malformed"),
    0x45: (Fault.CONTENT, "smpp.submit_failed"),
    0x48: (Fault.AUTH, "smpp.source_refused"),
    0x49: (Fault.AUTH, "smpp.source_refused"),
    0x50: (Fault.RECIPIENT, "smpp.no_such_number"),
    0x51: (Fault.RECIPIENT, "smpp.no_such_number"),
    0x53: (Fault.AUTH, "smpp.bad_system_type"),
    THROTTLED: (Fault.THROTTLED, "smpp.throttled"),
    TRY_LATER: (Fault.TRANSIENT, "smpp.try_later"),
    0x65: (Fault.CONTENT, "smpp.rejected"),
    0x66: (Fault.CONTENT, "smpp.rejected"),
}


class Problem(msgspec.Struct, frozen=True):
    """What keeps an account from working.

    Attributes:
        code: Stable name; ``docs/channels/sms.md`` explains each.
        remedy: What a person can do, as a stable name too.
        pause: Seconds to leave the centre alone; None for the usual backoff.
    """

    code: str
    fault: Fault
    state: HealthState
    remedy: str
    pause: float | None = None

    def as_health(self, error: BaseException) -> Health:
        """Return it as an account's health."""
        return Health(state=self.state, code=self.code, remedy=self.remedy, text=text_of(error))

    def as_send_error(self, error: BaseException) -> SendError:
        """Return it as the reason why nothing was sent."""
        return SendError(
            fault=self.fault, code=self.code, text=text_of(error), retry_after=self.pause
        )


AGAIN = HealthState.DISCONNECTED
BAD = HealthState.BAD_CREDENTIALS
LOCKED_OUT = 300.0  # seconds a refused sign-in rests: centres lock out who hammers

BINDS = {
    0x05: Problem(
        "smpp.already_bound", Fault.TRANSIENT, HealthState.CONFLICT, "check_binds", 30.0
    ),
    0x0D: Problem("smpp.bind_failed", Fault.AUTH, BAD, "ask_provider", LOCKED_OUT),
    0x0E: Problem("smpp.bad_password", Fault.AUTH, BAD, "check_password", LOCKED_OUT),
    0x0F: Problem("smpp.bad_system_id", Fault.AUTH, BAD, "check_system_id", LOCKED_OUT),
    0x53: Problem("smpp.bad_system_type", Fault.AUTH, BAD, "check_system_type", LOCKED_OUT),
    THROTTLED: Problem("smpp.throttled", Fault.TRANSIENT, AGAIN, "wait", 30.0),
}
OTHER_BIND = Problem("smpp.bind_refused", Fault.TRANSIENT, AGAIN, "ask_provider", 60.0)
NO_SETTINGS = Problem(
    "settings.invalid", Fault.AUTH, HealthState.UNCONFIGURED, "check_settings", LOCKED_OUT
)
FAILED = Problem("smpp.failed", Fault.TRANSIENT, AGAIN, "wait")
KINDS: tuple[tuple[type[BaseException], Problem], ...] = (  # the first that fits
    (msgspec.ValidationError, NO_SETTINGS),
    (Blocked, Problem("host.private", Fault.AUTH, AGAIN, "allow_private", LOCKED_OUT)),
    (gaierror, Problem("host.not_found", Fault.TRANSIENT, AGAIN, "check_host")),
    (ConnectionRefusedError, Problem("host.refused", Fault.TRANSIENT, AGAIN, "check_port")),
    (
        ssl.SSLCertVerificationError,
        Problem("tls.untrusted", Fault.AUTH, AGAIN, "check_certificate", LOCKED_OUT),
    ),
    (ssl.SSLError, Problem("tls.failed", Fault.TRANSIENT, AGAIN, "check_security")),
    (NotAnswered, Problem("smpp.silent", Fault.TRANSIENT, AGAIN, "check_port")),
    (SessionLost, Problem("smpp.lost", Fault.TRANSIENT, AGAIN, "wait")),
    (TimeoutError, Problem("host.timeout", Fault.TRANSIENT, AGAIN, "check_network")),
    (OSError, Problem("host.unreachable", Fault.TRANSIENT, AGAIN, "check_network")),
)


def problem_of(error: BaseException) -> Problem:
    """Return what keeps a session from being; a group means what its first member does."""
    if isinstance(error, BaseExceptionGroup):
        return problem_of(error.exceptions[0])
    if isinstance(error, BindRefused):
        return BINDS.get(error.status, OTHER_BIND)
    return next((problem for kind, problem in KINDS if isinstance(error, kind)), FAILED)


def refusal(error: Refused) -> SendError:
    """Return why a message was not taken; a vendor's own code refuses this message for good."""
    fault, code = FAULTS.get(error.status, (Fault.CONTENT, "smpp.refused"))
    pause = CLOSED_FOR if fault is Fault.THROTTLED else None
    return SendError(
        fault=fault,
        code=code,
        text=str(error),
        retry_after=pause,
        scope="acct" if pause else None,
    )


def text_of(error: BaseException) -> str:
    """Return what the other side said, short enough to show."""
    return " ".join((str(error) or type(error).__name__).split())[:500]
