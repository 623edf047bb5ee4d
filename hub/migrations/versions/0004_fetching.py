"""When a file that is not here yet is fetched next.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.add_column("attachment", sa.Column("fetch_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "attachment",
        sa.Column("fetch_tries", sa.SmallInteger(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("attachment", "fetch_tries")
    op.drop_column("attachment", "fetch_at")
