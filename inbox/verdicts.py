"""What becomes of an event: it had an effect, it means nothing here, or it came too early."""

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """The end of an event.

    Attributes:
        reason: Why it was ignored, as a stable code; "" when it had an effect.
        waits: What it is about is not here yet: it is tried again for a while.
    """

    reason: str = ""
    waits: bool = False


PROCESSED = Verdict()
STRANGER = Verdict("stranger", waits=True)
"""It speaks of a message or thread that is not here: not yet, or never was."""


def ignored(reason: str) -> Verdict:
    """Return that an event means nothing here."""
    return Verdict(reason)
