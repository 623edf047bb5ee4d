"""Pin every dependency with its hashes: ``make lock``.

The files name no host, so that they install through whatever index a machine is set up for.
"""

import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent
COMPILE = (
    "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes"
    " --no-header --no-annotate --no-emit-index-url"
)
LOCKS = {
    "requirements.lock": ("pyproject.toml",),
    "requirements-dev.lock": ("pyproject.toml", "--group", "dev"),
    "requirements-node.lock": ("--group", "node"),
}


def main() -> int:
    """Write every lock file; return the exit code."""
    for name, inputs in LOCKS.items():
        command = [*COMPILE.split(), *inputs, "--output-file", name, *sys.argv[1:]]
        subprocess.run(command, check=True, cwd=ROOT)
        print(f"{name}: {(ROOT / name).read_text().count('==')} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
