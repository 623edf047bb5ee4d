"""What goes wrong with mail servers, as stable codes: one table, nowhere else."""

import ssl
from socket import gaierror

import msgspec
from aiosmtplib import SMTPAuthenticationError, SMTPResponseException
from aiosmtplib.errors import (
    SMTPConnectError,
    SMTPException,
    SMTPServerDisconnected,
)

from channels.email.imap.failures import (
    Bye,
    ConnectionLost,
    NotOffered,
    OutOfStep,
    Refused,
    SignInFailed,
)
from inbox.contract import Fault, Health, HealthState, SendError
from infra.outbound import Blocked


class SignInNeeded(Exception):
    """The provider wants a person to sign in again."""


class TokenUnavailable(Exception):
    """The provider's token server does not answer as it should."""


class NotStored(Exception):
    """The hub could not take a mail into its journal."""


class Problem(msgspec.Struct, frozen=True):
    """What a failure means.

    Attributes:
        code: Stable name, part of the public API; ``docs/channels/email.md`` explains each.
        remedy: What a person can do, as a stable name too.
        pause: Seconds to leave the server alone; None for the usual backoff.
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


QUARTER = 900.0  # seconds a refused sign-in rests: servers lock out who hammers
AGAIN = HealthState.DISCONNECTED

NO_SUCH_HOST = Problem("host.not_found", Fault.TRANSIENT, AGAIN, "check_host")
PRIVATE = Problem("host.private", Fault.AUTH, AGAIN, "allow_private", QUARTER)
REFUSED_PORT = Problem("host.refused", Fault.TRANSIENT, AGAIN, "check_port")
SILENT = Problem("host.timeout", Fault.TRANSIENT, AGAIN, "check_network")
UNREACHABLE = Problem("host.unreachable", Fault.TRANSIENT, AGAIN, "check_network")
UNTRUSTED = Problem("tls.untrusted", Fault.AUTH, AGAIN, "check_certificate", QUARTER)
BAD_TLS = Problem("tls.failed", Fault.TRANSIENT, AGAIN, "check_security")
NO_STARTTLS = Problem("tls.not_offered", Fault.AUTH, AGAIN, "check_security", QUARTER)
BAD_SIGN_IN = Problem(
    "auth.refused", Fault.AUTH, HealthState.BAD_CREDENTIALS, "check_password", QUARTER
)
SIGN_IN_AGAIN = Problem(
    "auth.sign_in_again", Fault.AUTH, HealthState.BAD_CREDENTIALS, "sign_in_again", QUARTER
)
SIGN_IN_LATER = Problem("auth.unavailable", Fault.TRANSIENT, AGAIN, "wait", 60.0)
NO_TOKEN = Problem("auth.token_server", Fault.TRANSIENT, AGAIN, "wait")
TOO_MANY = Problem("imap.too_many_connections", Fault.TRANSIENT, AGAIN, "close_connections", 600.0)
GOODBYE = Problem("imap.bye", Fault.TRANSIENT, AGAIN, "wait")
LOST = Problem("imap.lost", Fault.TRANSIENT, AGAIN, "wait")
GARBLED = Problem("imap.out_of_step", Fault.TRANSIENT, AGAIN, "check_port")
NO_FOLDER = Problem("imap.no_folder", Fault.TRANSIENT, HealthState.DEGRADED, "check_folder")
NOT_DONE = Problem("imap.refused", Fault.TRANSIENT, AGAIN, "wait")
NO_SETTINGS = Problem(
    "settings.invalid", Fault.AUTH, HealthState.UNCONFIGURED, "check_settings", QUARTER
)
UNSTORED = Problem("email.not_stored", Fault.TRANSIENT, AGAIN, "check_database")
UNKNOWN = Problem("email.failed", Fault.TRANSIENT, AGAIN, "wait")

LATER = Problem("smtp.try_later", Fault.TRANSIENT, HealthState.DEGRADED, "wait")
BUSY = Problem("smtp.throttled", Fault.THROTTLED, HealthState.DEGRADED, "wait", 60.0)
TOO_BIG = Problem("smtp.too_big", Fault.CONTENT, HealthState.CONNECTED, "shorten")
FULL = Problem("smtp.mailbox_full", Fault.RECIPIENT, HealthState.CONNECTED, "tell_recipient")
NOBODY = Problem("smtp.no_such_mailbox", Fault.RECIPIENT, HealthState.CONNECTED, "check_address")
UNWANTED = Problem("smtp.recipient_refused", Fault.REFUSED, HealthState.CONNECTED, "ask_recipient")
POLICY = Problem("smtp.policy", Fault.CONTENT, HealthState.DEGRADED, "check_reputation")
SENDER = Problem("smtp.sender_refused", Fault.AUTH, HealthState.DEGRADED, "check_address", QUARTER)
NO_AUTH = Problem("smtp.sign_in_not_offered", Fault.AUTH, AGAIN, "check_security", QUARTER)
SMTP_LOST = Problem("smtp.lost", Fault.TRANSIENT, AGAIN, "wait")
SMTP_REFUSED = Problem("smtp.refused", Fault.CONTENT, HealthState.DEGRADED, "read_answer")
BAD_ADDRESS = Problem("smtp.bad_address", Fault.RECIPIENT, HealthState.CONNECTED, "check_address")
UNWRITABLE = Problem("smtp.not_writable", Fault.CONTENT, HealthState.CONNECTED, "write_again")
BAD_DKIM_KEY = Problem("dkim.bad_key", Fault.AUTH, HealthState.DEGRADED, "check_dkim", QUARTER)
PERHAPS = Problem("smtp.lost_after_data", Fault.UNKNOWN, HealthState.DEGRADED, "look_in_sent")

SEALED = SendError(
    fault=Fault.CONTENT, code="sandbox.sealed", text="this hub sends nothing to the outside"
)

BUSY_CODES = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"})  # RFC 5530
MISSING_CODES = frozenset({"NONEXISTENT", "TRYCREATE"})
TOO_MANY_WORDS = ("too many", "maximum number", "connection limit", "simultaneous")


def problem_of(error: BaseException) -> Problem:  # noqa: PLR0911 - one table
    """Return what a failure means; a group means what its first member does."""
    if isinstance(error, BaseExceptionGroup):
        return problem_of(error.exceptions[0])
    if isinstance(error, SMTPResponseException):
        return _answered(error)
    if isinstance(error, SMTPConnectError | SMTPServerDisconnected) and error.__cause__:
        return problem_of(error.__cause__)
    if isinstance(error, SignInFailed) and error.code in BUSY_CODES:
        return SIGN_IN_LATER
    if isinstance(error, Refused) and error.code in MISSING_CODES:
        return NO_FOLDER
    if isinstance(error, Bye) and any(word in str(error).lower() for word in TOO_MANY_WORDS):
        return TOO_MANY
    if isinstance(error, SMTPException) and "STARTTLS" in str(error):
        return NO_STARTTLS
    return next((problem for kind, problem in KINDS if isinstance(error, kind)), UNKNOWN)


KINDS: tuple[tuple[type[BaseException], Problem], ...] = (  # the first that fits
    (SignInNeeded, SIGN_IN_AGAIN),
    (TokenUnavailable, NO_TOKEN),
    (NotStored, UNSTORED),
    (msgspec.ValidationError, NO_SETTINGS),
    (SignInFailed, BAD_SIGN_IN),
    (Refused, NOT_DONE),
    (Bye, GOODBYE),
    (OutOfStep, GARBLED),
    (NotOffered, NO_STARTTLS),
    (gaierror, NO_SUCH_HOST),
    (Blocked, PRIVATE),
    (ConnectionRefusedError, REFUSED_PORT),
    (TimeoutError, SILENT),
    (ssl.SSLCertVerificationError, UNTRUSTED),
    (ssl.SSLError, BAD_TLS),
    (SMTPConnectError, SMTP_LOST),
    (SMTPServerDisconnected, SMTP_LOST),
    (SMTPException, NO_AUTH),
    (ConnectionLost, LOST),
    (ConnectionError, LOST),
    (OSError, UNREACHABLE),
)


def _answered(error: SMTPResponseException) -> Problem:
    """Read an answer to anything but RCPT (RFC 5321 section 4.2, RFC 3463)."""
    code, text = error.code, str(error.message)
    if isinstance(error, SMTPAuthenticationError) or code in {530, 535}:
        return SIGN_IN_LATER if 400 <= code < 500 else BAD_SIGN_IN
    if 400 <= code < 500:
        return BUSY if code == 421 or " 4.7." in f" {text}" else LATER
    if code == 552 or " 5.3.4" in f" {text}":
        return TOO_BIG
    if " 5.7." in f" {text}":
        return POLICY
    return SMTP_REFUSED


def problem_of_sender(error: SMTPResponseException) -> Problem:
    """Read an answer to MAIL: other than for size, the account itself is not wanted."""
    problem = _answered(error)
    return SENDER if problem in {POLICY, SMTP_REFUSED} else problem


def problem_of_recipient(error: SMTPResponseException) -> Problem:
    """Read an answer to RCPT: it is about one recipient."""
    code, text = error.code, f" {error.message}"
    if 400 <= code < 500:
        return BUSY if code == 421 else LATER
    if " 5.2.2" in text or code == 552:
        return FULL
    if " 5.7." in text or code == 554:
        return UNWANTED
    return NOBODY


def text_of(error: BaseException) -> str:
    """Return what the other side said, short enough to show."""
    if isinstance(error, SMTPResponseException):
        text = f"{error.code} {error.message}"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())[:500]
