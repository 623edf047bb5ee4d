"""28 000 updates from the Bot API's schema, half of them broken: no exception, none slow.

The figure is the slowest update in milliseconds of processor time, the better of two readings;
the anchor is what none may reach. ``python -m bench.telegram_fuzz``
"""

import sys
import time
from collections.abc import Iterator

from bench.ground import result
from channels.telegram.normalize import normalize
from inbox.contract import AccountId, Raw
from infra.clock import new_id
from tests.servers.telegram.generate import Generator


COUNT = 28_000
LIMIT = 50.0  # milliseconds
DEPTH = 1000


def bodies(generator: Generator) -> Iterator[bytes]:
    yield from generator.updates(COUNT)
    yield generator.nested(DEPTH)


def main() -> None:
    account = AccountId(new_id())
    generator = Generator(28)
    slowest = total = 0.0
    failed = silent = 0
    for number, body in enumerate(bodies(generator)):
        raw = Raw(key=str(number), body=body, kind="update")
        times = []
        for _ in range(2):
            begun = time.process_time()
            try:
                silent += not normalize(account, raw)
            except Exception as error:  # noqa: BLE001 - this is what is counted
                failed += 1
                print(f"failed on {body!r}: {error!r}")
            times.append(time.process_time() - begun)
        slowest = max(slowest, min(times) * 1000)
        total += min(times)
    result(
        "telegram_fuzz",
        slowest,
        "ms",
        LIMIT,
        slowest / LIMIT,
        updates=COUNT + 1,
        failed=failed,
        silent=silent,
        per_second=round((COUNT + 1) / total),
    )
    if failed or silent or slowest >= LIMIT:
        sys.exit(1)


if __name__ == "__main__":
    main()
