"""What the agents' API is built on; the hub makes it once."""

from pathlib import Path

import msgspec

from inbox.adapters import Adapters
from inbox.answering import OpenLine
from infra.blobs import Blobs
from infra.bus import Bus
from infra.db import Database
from infra.http.site import Site
from infra.vault import Vault


STATIC = Path(__file__).parent / "static"
UPLOAD_LIMIT = 50 * 1024 * 1024  # bytes


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's parts that requests need.

    Attributes:
        open_line: Gives the adapter of an account and what it works with.
        static: Folder with the built browser app.
        version: Of the hub, for the API's description.
        guarded: Whether addresses that strangers write may only lead to the public Internet.
    """

    db: Database
    bus: Bus
    site: Site
    blobs: Blobs
    vault: Vault
    adapters: Adapters
    open_line: OpenLine
    upload_limit: int = UPLOAD_LIMIT
    static: Path = STATIC
    version: str = "0.1.0"
    guarded: bool = True
