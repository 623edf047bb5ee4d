"""Announcing agents and teams: each call writes one event that carries the new state."""

from uuid import UUID

from infra.db import Transaction


async def agent_changed(tx: Transaction, agent_id: UUID) -> None:
    """Announce an agent to everybody, as colleagues see them."""
    await tx.execute("SELECT publish_agent($1)", agent_id)
    tx.wrote()


async def team_changed(tx: Transaction, team_id: UUID) -> None:
    """Announce a team and its members to everybody."""
    await tx.execute("SELECT publish_team($1)", team_id)
    tx.wrote()
