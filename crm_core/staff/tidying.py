"""Forgetting what opens nothing any more."""

from datetime import timedelta

from crm_core.staff.sessions import forget_expired
from crm_core.staff.throttling import forget_old_tries
from infra.clock import now
from infra.db import Transaction


LINKS = timedelta(days=30)  # a used or expired link stays explainable for a while

OLD_LINKS = "DELETE FROM one_time_link WHERE expires_at < $1"


async def forget_access(tx: Transaction) -> None:
    """Delete expired sessions, old failed sign-ins and old links."""
    await forget_expired(tx)
    await forget_old_tries(tx)
    await tx.execute(OLD_LINKS, now() - LINKS)
