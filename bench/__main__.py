"""Run every bench, or those named: ``python -m bench [NAME ...]``; the results are their lines."""

import subprocess
import sys
from pathlib import Path


LIMIT = 180  # seconds a bench may take before it is ended


def names() -> list[str]:
    """Return the benches: the modules here that can be run and print a result."""
    here = Path(__file__).parent
    return sorted(
        file.stem
        for file in here.glob("*.py")
        if "result(" in file.read_text(encoding="utf-8")
        and file.stem not in {"__main__", "ground"}
    )


def main() -> int:
    """Run them one after the other, so that none disturbs another."""
    failed = []
    for name in sys.argv[1:] or names():
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
