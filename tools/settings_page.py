"""Write the table of settings in ``docs/operate.md``; ``--check`` fails when it is stale."""

import re
import sys
from pathlib import Path

from infra.settings import Settings, names


PAGE = Path(__file__).resolve().parent.parent / "docs" / "operate.md"
PLACE = re.compile(r"(<!-- settings: .*? -->\n).*?(<!-- /settings -->)", re.DOTALL)


def table() -> str:
    """Return the table, a row a setting."""
    rows = ["| name | default | meaning |", "| --- | --- | --- |"]
    for (name, meaning), field in zip(
        names().items(), Settings.model_fields.values(), strict=True
    ):
        rows.append(f"| `{name}` | {_shown(field.default)} | {meaning} |")
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """Return the page ``text`` with the table as it is now."""
    return PLACE.sub(lambda found: found[1] + table() + found[2], text)


def main(arguments: list[str]) -> int:
    """Write the page, or check it; return the exit code."""
    text = PAGE.read_text(encoding="utf-8")
    if "--check" not in arguments:
        PAGE.write_text(page(text), encoding="utf-8")
        return 0
    if page(text) == text:
        return 0
    print("docs/operate.md is stale: run python -m tools.settings_page")
    return 1


def _shown(default: object) -> str:
    match default:
        case None | "" | ():
            return ""
        case bool():
            return f"`{str(default).lower()}`"
        case tuple():
            return f"`{','.join(map(str, default))}`"
        case _:
            return f"`{default}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
