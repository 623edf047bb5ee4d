"""What a provider's answer means for a whole account or thread."""

from datetime import timedelta
from uuid import UUID

import msgspec

from inbox.changes import account_changed
from inbox.contract import Fault, HealthState, SendError, ThreadRef
from infra.clock import now
from infra.db import Transaction


PAUSED = timedelta(minutes=15)  # then one message tries again

HEALTH = {
    Fault.AUTH: (HealthState.BAD_CREDENTIALS, "sign_in_again"),
    Fault.FUNDS: (HealthState.NO_FUNDS, "top_up"),
}
"""State and remedy shown while an account is paused."""

PAUSE = """
UPDATE channel_account
   SET paused_until = $2, health = health || $3::jsonb, health_at = $4, rev = rev + 1
 WHERE id = $1 AND (paused_until IS NULL OR paused_until <= $4)
RETURNING id
"""

MOVE = """
UPDATE thread AS t SET key = $2
 WHERE t.id = $1 AND NOT EXISTS (
       SELECT FROM thread AS o WHERE o.account_id = t.account_id AND o.key = $2)
"""


async def pause_account(tx: Transaction, account_id: UUID, error: SendError) -> None:
    """Stop sending through an account that is broken; its queue waits and one alert is raised."""
    state, remedy = HEALTH[error.fault]
    health = {"state": state, "code": error.code, "remedy": remedy, "text": error.text[:500]}
    at = now()
    paused = await tx.fetchval(
        PAUSE, account_id, at + PAUSED, msgspec.json.encode(health).decode(), at
    )
    if paused is not None:
        await account_changed(tx, account_id)


async def move_thread(tx: Transaction, thread_id: UUID, to: ThreadRef) -> None:
    """Follow a provider that renamed a thread, unless the new name is taken."""
    await tx.execute(MOVE, thread_id, to.key)
