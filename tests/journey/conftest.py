"""A company whose agents' side is served on a real port."""

import pytest

from inbox.adapters import Adapters
from tests.desks import serving
from tests.usecase.inbox.office import Office
from tests.usecase.inbox.provider import Post


@pytest.fixture
async def office(db):
    """A company with a mailbox, set up as by its first owner."""
    return await Office(db).open()


@pytest.fixture
async def desk(db, office, tmp_path):
    async with serving(db, tmp_path, adapters=Adapters({"email.imap": Post})) as served:
        yield served


@pytest.fixture
async def owner(office):
    return await office.agent(role="owner")


@pytest.fixture
async def browser(desk, owner):
    async with desk.browser() as opened:
        await opened.enter(owner)
        yield opened
