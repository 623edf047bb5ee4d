"""Several forms may come in one payload, each once.

Revision: 0006, after 0005
"""

from alembic import op


revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.drop_index(op.f("form_submission_journal_id_idx"), table_name="form_submission")
    op.create_index(
        "form_submission_once_idx", "form_submission", ["journal_id", "form"], unique=True
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("form_submission_once_idx", table_name="form_submission")
    op.create_index(
        op.f("form_submission_journal_id_idx"), "form_submission", ["journal_id"], unique=True
    )
