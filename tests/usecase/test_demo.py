from datetime import UTC, datetime

import pytest

from hub.adapters import MODULES
from hub.demo.fill import NotEmpty, fill
from hub.isolated import READERS
from infra.settings import Settings


UNTIL = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture
def settings(url: str, tmp_path) -> Settings:
    return Settings(data=tmp_path, database_url=url, workers=1)


async def told(db, settings):
    return await fill(
        db,
        settings,
        size="XS",
        seed=42,
        until=UNTIL,
        password="a long enough password",
        tell=lambda _line: None,
    )


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_small_company_comes_to_life(db, settings):
    truth = await told(db, settings)
    async with db.read() as sql:

        async def count(what: str) -> int:
            return int(await sql.fetchval(f"SELECT count(*) FROM {what}"))

        assert await count("agent WHERE status = 'active'") == len(truth.logins) == 9
        assert await count("card WHERE lifecycle <> 'stranger'") == truth.cards == 40
        assert await count("message WHERE kind = 'inbound'") > 45
        assert await count("delivery WHERE state = 'sent'") > 5
        assert await count("delivery WHERE state = 'bounced'") == 3
        assert await count("conversation WHERE folder = 'spam'") == 5
        assert await count("conversation WHERE status = 'snoozed'") > 0
        assert await count("draft") > 0
        assert await count("journal WHERE state NOT IN ('processed', 'ignored')") == 0
        assert await count("conversation WHERE last_activity_at > $$2026-11-24$$") == 0
        assert await count("conversation WHERE subject LIKE 'Re: %'") == 0
        chats = "conversation WHERE channels && '{telegram,sms,webchat}'"
        assert await count(chats) == 4
        assert await count("message_edit") == 1
        assert await count("reaction") == 1
        assert await count("claim WHERE settled_at IS NULL") == 3
        assert await count("task WHERE kind = 'callback'") == 1
        proven = "identity WHERE kind = 'telegram_user' AND verified_at IS NOT NULL"
        assert await count(proven) == 1
    with pytest.raises(NotEmpty):
        await told(db, settings)


def test_what_a_mailbox_of_the_demo_gets_can_be_read():
    assert set(READERS) == {name for name in MODULES if name.startswith("email.")}
