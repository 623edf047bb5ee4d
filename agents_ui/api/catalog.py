"""Every route of the agents' API, and the document that describes them."""

from typing import Any

from agents_ui.api import (
    accounts,
    agents,
    audit,
    cards,
    channels,
    consents,
    conversations,
    drafts,
    files,
    keys,
    me,
    merges,
    messages,
    oauth,
    search,
    session,
    setup,
    state,
    tags,
    tasks,
    teams,
    visitors,
)
from agents_ui.live.frames import SHAPES
from infra.http.openapi import document
from infra.http.routes import collect


ROUTES = collect(
    setup,
    session,
    me,
    state,
    conversations,
    messages,
    consents,
    drafts,
    cards,
    channels,
    merges,
    search,
    files,
    accounts,
    oauth,
    agents,
    teams,
    tags,
    tasks,
    visitors,
    keys,
    audit,
)


def openapi(version: str = "0.1.0") -> dict[str, Any]:
    """Return the OpenAPI document of the hub."""
    return document("Punte", version, ROUTES, events=SHAPES)
