"""How many Telegram updates a second are turned into events, on one core.

The updates are those of the golden files, every kind of content once. The anchor is the standard
library's ``json.loads`` over the same bytes, which is the least any reader has to do; the figure
beside it is the longest a single update took, with a rich message nested a thousand levels deep.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from bench.ground import result
from channels.telegram.normalize import normalize
from inbox.contract import AccountId, Raw


GOLDEN = Path(__file__).parent.parent / "tests/adapter/telegram/golden"
ACCOUNT = AccountId(UUID(int=1))
FLOOR = 5000.0  # updates a second
ROUNDS = 5
DEEP = 1000


def updates() -> list[Raw]:
    """Return every golden update."""
    found = [json.loads(path.read_text())["update"] for path in sorted(GOLDEN.glob("*.json"))]
    return [
        Raw(key=str(n), body=json.dumps(one).encode(), headers={"bot": "42"})
        for n, one in enumerate(found)
    ]


def deep() -> Raw:
    """Return a message nested so deep that recursion would end in an error."""
    text = '{"type":"bold","text":' * DEEP + '"x"' + "}" * DEEP
    body = (
        '{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},'
        '"from":{"id":1},"rich_message":{"blocks":[{"type":"paragraph","text":' + text + "}]}}}"
    )
    return Raw(key="deep", body=body.encode())


def rate(do: Callable[[Raw], object], raws: Sequence[Raw]) -> float:
    """Return how often a second something is done, in the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        for raw in raws:
            do(raw)
        best = max(best, len(raws) / (time.process_time() - began))
    return best


def slowest_ms(raws: Sequence[Raw]) -> float:
    """Return the longest that a single update took, in milliseconds."""
    took = []
    for raw in raws:
        began = time.process_time()
        normalize(ACCOUNT, raw)
        took.append(time.process_time() - began)
    return max(took) * 1e3


def main() -> None:
    """Measure both over the same bytes."""
    every = updates() * 100
    normalised = rate(lambda raw: normalize(ACCOUNT, raw), every)
    parsed = rate(lambda raw: json.loads(raw.body), every)
    result(
        "telegram-normalise",
        normalised,
        "updates/s",
        parsed,
        normalised / parsed,
        floor=FLOOR,
        slowest_ms=round(slowest_ms(updates()), 3),
        deep_ms=round(slowest_ms([deep()]), 3),
        kinds=len(every) // 100,
    )


if __name__ == "__main__":
    main()
