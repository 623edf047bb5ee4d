"""Run every bench, or those named: ``python -m bench [NAME ...]``; the results are their lines."""

import subprocess
import sys
from pathlib import Path


LIMIT = 180  # seconds a bench may take before it is ended


GROUND = {"__main__", "ground", "archive", "live_ground", "live_node", "upstream"}
"""What benches stand on; it measures nothing by itself."""


def names() -> list[str]:
    """Return the names of all benches."""
    files = Path(__file__).parent.glob("[a-z]*.py")
    return sorted(file.stem for file in files if file.stem not in GROUND)


def main() -> int:
    """Run them one after the other, so that none disturbs another."""
    failed = []
    for name in [given.replace("-", "_") for given in sys.argv[1:]] or names():
        try:
            done = subprocess.run(
                [sys.executable, "-m", f"bench.{name}"], timeout=LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            print(f"{name}: not done within {LIMIT} s", file=sys.stderr)
            failed.append(name)
            continue
        if done.returncode:
            failed.append(name)
    if failed:
        print("failed:", *failed, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
