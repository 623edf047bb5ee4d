"""Keep what is written from the API's description in step with it: ``make openapi``.

``--check`` changes nothing and fails when ``docs/openapi.json`` or the browser's types are stale.
"""

import sys
from pathlib import Path

from agents_ui import gen_types
from hub.commands.openapi import document


TARGET = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def main(arguments: list[str]) -> int:
    """Write both files, or check them; return the exit code."""
    if "--check" not in arguments:
        TARGET.write_text(document(), encoding="utf-8")
        return gen_types.main([])
    fresh = TARGET.exists() and TARGET.read_text(encoding="utf-8") == document()
    if not fresh:
        print("docs/openapi.json is stale: run make openapi")
    return gen_types.main(["--check"]) or int(not fresh)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
