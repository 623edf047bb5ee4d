"""Addresses that the command line prints."""

from typing import Literal

from infra.settings import Settings


def link_url(settings: Settings, page: Literal["setup", "link"], token: str) -> str:
    """Return the address of a page that takes a one-time token.

    The token stands behind the ``#``: browsers send it to nobody, so no proxy logs it.
    """
    return f"{settings.base_url}/{page}#token={token}"
