"""Mail is stored exactly once while the hub, its mail server and its database are disturbed."""

import tempfile
from pathlib import Path

import pytest

from tests.servers.chaos import battlefield


@pytest.mark.journey
@pytest.mark.slow
@pytest.mark.timeout(280)
async def test_every_mail_is_stored_once_whatever_is_killed():
    with tempfile.TemporaryDirectory(prefix="chaos", ignore_cleanup_errors=True) as base:
        async with battlefield(Path(base), seed=7) as field:
            tally = await field.fight(150, blows=5, patience=150)
    assert tally.sent == 150
    assert tally.is_exact, tally
