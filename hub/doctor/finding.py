"""What a look at a hub found."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How bad it is: a problem makes ``punte doctor`` fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        remedy: What to do about it; empty when all is well.
    """

    level: Level
    subject: str
    text: str
    remedy: str = ""


def ok(subject: str, text: str) -> Finding:
    """Say that all is well."""
    return Finding(Level.OK, subject, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """Say that something works and should be looked after."""
    return Finding(Level.WARNING, subject, text, remedy)


def problem(subject: str, text: str, remedy: str) -> Finding:
    """Say that something does not work."""
    return Finding(Level.PROBLEM, subject, text, remedy)
