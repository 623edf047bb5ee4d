"""Website chat's own tables: visitors, their sessions, logs, files and codes.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "webchat_visitor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("proven_email", sa.Text(), nullable=False),
        sa.Column("proven_phone", sa.Text(), nullable=False),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("prechat", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.Column("got", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("mailed", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_for", sa.Uuid(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "level IN ('anonymous', 'claimed', 'verified')",
            name=op.f("webchat_visitor_level_check"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("webchat_visitor_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["webchat_visitor.id"], name=op.f("webchat_visitor_merged_into_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webchat_visitor_pkey")),
    )
    op.create_index(
        "webchat_visitor_away_idx",
        "webchat_visitor",
        ["live_at"],
        unique=False,
        postgresql_where=sa.text("seq > seen AND email <> '' AND merged_into IS NULL"),
    )
    op.create_index(
        "webchat_visitor_email_idx",
        "webchat_visitor",
        ["account_id", "proven_email"],
        unique=False,
        postgresql_where=sa.text("proven_email <> '' AND merged_into IS NULL"),
    )
    op.create_index(
        "webchat_visitor_external_idx",
        "webchat_visitor",
        ["account_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL AND merged_into IS NULL"),
    )
    op.create_index(
        "webchat_visitor_merged_idx",
        "webchat_visitor",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "webchat_visitor_phone_idx",
        "webchat_visitor",
        ["account_id", "proven_phone"],
        unique=False,
        postgresql_where=sa.text("proven_phone <> '' AND merged_into IS NULL"),
    )
    op.create_table(
        "webchat_session",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("replaces", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("webchat_session_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["webchat_visitor.id"], name=op.f("webchat_session_visitor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("webchat_session_pkey")),
    )
    op.create_index(
        op.f("webchat_session_visitor_id_idx"), "webchat_session", ["visitor_id"], unique=False
    )
    op.create_table(
        "webchat_entry",
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("thread", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cid", sa.Text(), nullable=True),
        sa.Column("op_key", sa.Text(), nullable=True),
        sa.Column("frame", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["webchat_visitor.id"], name=op.f("webchat_entry_visitor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("visitor_id", "seq", name=op.f("webchat_entry_pkey")),
    )
    op.create_index(
        "webchat_entry_cid_idx",
        "webchat_entry",
        ["visitor_id", "cid"],
        unique=True,
        postgresql_where=sa.text("cid IS NOT NULL"),
    )
    op.create_index("webchat_entry_id_idx", "webchat_entry", ["visitor_id", "id"], unique=True)
    op.create_index(
        "webchat_entry_op_idx",
        "webchat_entry",
        ["op_key"],
        unique=True,
        postgresql_where=sa.text("op_key IS NOT NULL"),
    )
    op.create_table(
        "webchat_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["webchat_visitor.id"], name=op.f("webchat_file_visitor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webchat_file_pkey")),
    )
    op.create_index(op.f("webchat_file_blob_idx"), "webchat_file", ["blob"], unique=False)
    op.create_index(
        op.f("webchat_file_visitor_id_idx"), "webchat_file", ["visitor_id"], unique=False
    )
    op.create_table(
        "webchat_code",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("left", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["webchat_visitor.id"], name=op.f("webchat_code_visitor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("webchat_code_pkey")),
    )
    op.create_index(
        op.f("webchat_code_expires_at_idx"), "webchat_code", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("webchat_code_visitor_id_idx"), "webchat_code", ["visitor_id"], unique=False
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("webchat_code")
    op.drop_table("webchat_file")
    op.drop_table("webchat_entry")
    op.drop_table("webchat_session")
    op.drop_table("webchat_visitor")
