"""What the receiving server says of a sender's authenticity: RFC 8601."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec


class Authentication(msgspec.Struct, frozen=True):
    """One Authentication-Results field.

    Attributes:
        server: Its authserv-id in lower case: whose word it is.
        results: Method to result, such as ``dmarc`` to ``pass``.
    """

    server: str
    results: dict[str, str] = msgspec.field(default_factory=dict)


COMMENT = re.compile(r"\([^()]*\)")
RESULT = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)")


def read_authentication(lines: Iterable[str]) -> tuple[Authentication, ...]:
    """Return the fields, topmost first; at most 20."""
    found = []
    for line in lines:
        text = line
        for _ in range(3):  # comments nest
            text = COMMENT.sub(" ", text)
        server, _, rest = text.lower().partition(";")
        words = server.split()
        if not words:
            continue
        results: dict[str, str] = {}
        for clause in rest.split(";"):
            match = RESULT.match(clause)
            # several DKIM signatures: one that passes is enough
            if match and results.get(match[1]) != "pass":
                results[match[1]] = match[2]
        found.append(Authentication(words[0], results))
        if len(found) == 20:
            break
    return tuple(found)


def trust(
    fields: Sequence[Authentication], trusted_servers: Iterable[str]
) -> Literal["", "passed", "failed"]:
    """Return what the topmost field of a trusted server says of the From address.

    Anybody can write such a field; only those of the mailbox's own provider count, and only the
    topmost, because lower ones may have come with the mail.
    """
    servers = {server.lower() for server in trusted_servers}
    for field in fields:
        if field.server not in servers:
            continue
        match field.results.get("dmarc"):
            case "pass":
                return "passed"
            case "fail":
                return "failed"
            case _:
                return ""
    return ""
