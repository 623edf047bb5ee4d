"""Files that are not fetched yet, and how long they play.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.add_column("attachment", sa.Column("duration", sa.Float(), nullable=True))
    op.add_column("attachment", sa.Column("handle", sa.Text(), nullable=True))
    op.add_column(
        "attachment", sa.Column("handle_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "attachment_remote_idx",
        "attachment",
        ["message_id"],
        postgresql_where=sa.text("handle IS NOT NULL AND blob IS NULL AND unavailable IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("attachment_remote_idx", table_name="attachment")
    op.drop_column("attachment", "handle_until")
    op.drop_column("attachment", "handle")
    op.drop_column("attachment", "duration")
