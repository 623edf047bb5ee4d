"""Every channel, one after the other."""

import pytest

from tests.conformance.subjects import SUBJECTS, Subject


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request: pytest.FixtureRequest) -> Subject:
    """The channel under test; ``subjects.those`` says which, where not all can do something."""
    chosen: Subject = request.param
    return chosen
