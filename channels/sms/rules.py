"""What every SMS account says of the inbox's rules: answers to STOP and HELP, quiet hours.

The inbox reads them by these names (``inbox.optout``, ``inbox.quiet``).
"""

import re
from collections.abc import Mapping
from typing import Any


TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _text(title: str, limit: int) -> dict[str, Any]:
    return {"type": "string", "title": title, "maxLength": limit, "default": ""}


RULES: Mapping[str, Any] = {
    "optout_reply": _text("Answer to STOP", 480),
    "help_reply": _text("Answer to HELP", 480),
    "quiet_from": _text("Quiet from", 5),
    "quiet_to": _text("Quiet until", 5),
}
"""JSON Schema of the settings."""


def rules_problem(quiet_from: str, quiet_to: str) -> str | None:
    """Return what is wrong with quiet hours, naming the field and the remedy."""
    if bool(quiet_from) != bool(quiet_to):
        return "quiet_from: quiet hours have a beginning and an end"
    for name, value in (("quiet_from", quiet_from), ("quiet_to", quiet_to)):
        if value and not TIME.fullmatch(value):
            return f"{name}: a time of the day, such as 21:00"
    return None
