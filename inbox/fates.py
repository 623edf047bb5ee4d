"""What a provider's answer makes of a copy: the rules of retrying, without I/O."""

import random
from datetime import datetime, timedelta

from inbox.contract import Fault, Receipt, SendError
from inbox.delivery import Fate
from inbox.outbox import Begun


BACKOFF = (60, 300, 900, 3_600, 10_800, 21_600)  # seconds before each further try
GIVE_UP = timedelta(hours=48)  # after the first failure
CLOSED_BUCKET = 30.0  # seconds a bucket stays closed when the provider does not say

FOR_GOOD = {Fault.CONTENT, Fault.RECIPIENT, Fault.REFUSED, Fault.WINDOW, Fault.BUG}
"""Trying again cannot help: a person changes the message, the address or the time."""

ACCOUNT = {Fault.AUTH, Fault.FUNDS}
"""The account is broken: its queue waits and loses no tries."""

SENT = {"accepted": "sent", "sent": "sent", "delivered": "delivered", "read": "read"}
"""What a receipt's word makes of a copy; any other is a failure."""


def fate_of_receipt(
    receipt: Receipt, address: str, begun: Begun, at: datetime, *, resend_safe: bool
) -> Fate:
    """Return what a receipt says of the copy for ``address``."""
    refused = receipt.refused.get(address)
    if refused is not None:
        return fate_of_error(refused, begun, at, resend_safe=resend_safe)
    name = receipt.external_ids[0] if receipt.external_ids else None
    return Fate(state=SENT.get(receipt.state, "failed"), provider_id=name)


def fate_of_error(error: SendError, begun: Begun, at: datetime, *, resend_safe: bool) -> Fate:
    """Return what a failed call makes of a copy.

    Args:
        resend_safe: The provider recognises a message it has, so not knowing is no reason to stop.
    """
    match error.fault:
        case fault if fault in FOR_GOOD:
            return Fate(state="failed", error=error)
        case fault if fault in ACCOUNT:
            return Fate(state="queued", error=error, retry_at=at, burnt=False)
        case Fault.THROTTLED:
            return Fate(state="queued", error=error, retry_at=reopens_at(error, at), burnt=False)
        case Fault.UNKNOWN if not resend_safe:
            return Fate(state="unknown", error=error)
        case Fault.MOVED if begun.tries == 0:
            return Fate(state="queued", error=error, retry_at=at)
        case _:
            return _again(error, begun, at)


def reopens_at(error: SendError, at: datetime) -> datetime:
    """Return when a closed rate bucket opens again."""
    return at + timedelta(seconds=error.retry_after or CLOSED_BUCKET)


def _again(error: SendError, begun: Begun, at: datetime) -> Fate:
    if begun.first_failed_at is not None and at - begun.first_failed_at > GIVE_UP:
        return Fate(state="failed", error=error)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
    delay = max(BACKOFF[min(begun.tries, len(BACKOFF) - 1)] * spread, error.retry_after or 0)
    return Fate(state="queued", error=error, retry_at=at + timedelta(seconds=delay))
