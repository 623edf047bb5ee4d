"""Everything that was sent is stored, once, whatever is killed and restarted meanwhile.

Run it as ``python -m bench.chaos_email [MAILS] [BLOWS] [SEED]``. The hub is killed with -9,
connections to the mail server are cut, Dovecot and PostgreSQL restart, and Dovecot numbers its
mails anew, all at random. Prints the counts, and fails when they are not exact.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.servers.chaos import battlefield


MAILS = 1500
BLOWS = 40
PATIENCE = 180.0  # seconds after the last disturbance


async def main(mails: int = MAILS, blows: int = BLOWS, seed: int = 1) -> bool:
    """Fight once, print the tally, and tell whether it is exact."""
    with tempfile.TemporaryDirectory(prefix="chaos", ignore_cleanup_errors=True) as base:
        async with battlefield(Path(base), seed=seed) as field:
            tally = await field.fight(mails, blows=blows, patience=PATIENCE)
    print(msgspec.json.encode({"bench": "chaos-email", **msgspec.to_builtins(tally)}).decode())
    return tally.is_exact


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*map(int, sys.argv[1:]))))
