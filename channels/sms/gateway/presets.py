"""The presets this version ships, read from ``channels/sms/presets``."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from channels.sms.gateway.grammar import Preset, read_preset


NAMES = ("twilio", "vonage", "plivo", "infobip", "smslink", "smsru", "smsc", "kannel")


@cache
def shipped(name: str) -> Preset:
    """Return one of the presets by its name.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f"there is no preset {name}; there is {', '.join(NAMES)}")
    return read_preset(document_of(name))


def document_of(name: str) -> Mapping[str, Any]:
    """Return a preset as it is written: the pattern for one of an administrator's own."""
    text = files("channels.sms").joinpath(f"presets/{name}.json").read_text(encoding="utf-8")
    document: Mapping[str, Any] = json.loads(text)
    return document
