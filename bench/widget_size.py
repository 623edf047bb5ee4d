"""What the widget costs the pages it stands in: code of its loader and of its app, gzipped.

The figure is the loader's, which every page view of a customer's site fetches. ``app`` is the code
that opening the chat fetches, ``texts`` its words in the largest language, ``later`` the code of
forms, files and polls, each fetched when it is needed.
"""

import asyncio
import json

from agents_ui.build import APPS, build, is_current
from bench.ground import main, result


LOADER = 2500  # bytes, gzip -9
APP = 15_000


async def bench() -> None:
    """Build the widget unless it is built, and read what its build measured."""
    widget = next(app for app in APPS if app.web.name == "widget")
    if not is_current(widget):
        await asyncio.to_thread(build, widget)
    sizes = json.loads((widget.static / "sizes.json").read_text("utf-8"))
    loader = sizes.pop("loader")
    kept = loader <= LOADER and sizes["app"] <= APP
    result(
        "widget-size", loader, "bytes", LOADER, loader / LOADER, app_limit=APP, ok=kept, **sizes
    )


if __name__ == "__main__":
    main(bench)
