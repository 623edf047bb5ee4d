import pytest

from tests.usecase.inbox.office import Office


@pytest.fixture
async def office(db):
    """A company with a mailbox and a chat account."""
    return await Office(db).open()
