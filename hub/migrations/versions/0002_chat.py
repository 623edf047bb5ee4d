"""What chats need: edits, reactions, forms, tasks, rate buckets, web hooks.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "page_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("referrer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("page_view_identity_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("page_view_pkey")),
    )
    op.create_index(
        op.f("page_view_identity_id_idx"),
        "page_view",
        ["identity_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "deep_link",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("deep_link_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("deep_link_card_id_fkey")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["agent.id"], name=op.f("deep_link_created_by_fkey")
        ),
        sa.ForeignKeyConstraint(["used_by"], ["identity.id"], name=op.f("deep_link_used_by_fkey")),
        sa.PrimaryKeyConstraint("hash", name=op.f("deep_link_pkey")),
    )
    op.create_index(op.f("deep_link_card_id_idx"), "deep_link", ["card_id"], unique=False)
    op.create_table(
        "rate_bucket",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("rate_bucket_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("account_id", "scope", name=op.f("rate_bucket_pkey")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("result_code", sa.Text(), nullable=True),
        sa.Column("result_note", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("origin_card_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (done_at IS NULL)", name=op.f("task_done_check")),
        sa.CheckConstraint(
            "status IN ('open', 'done', 'cancelled')", name=op.f("task_status_check")
        ),
        sa.ForeignKeyConstraint(["assignee_id"], ["agent.id"], name=op.f("task_assignee_id_fkey")),
        sa.ForeignKeyConstraint(["author_id"], ["agent.id"], name=op.f("task_author_id_fkey")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("task_branch_id_fkey")),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("task_card_id_fkey")),
        sa.ForeignKeyConstraint(["done_by"], ["agent.id"], name=op.f("task_done_by_fkey")),
        sa.ForeignKeyConstraint(
            ["origin_card_id"], ["card.id"], name=op.f("task_origin_card_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("task_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("task_pkey")),
    )
    op.create_index(
        "task_assignee_idx",
        "task",
        ["assignee_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(op.f("task_card_id_idx"), "task", ["card_id"], unique=False)
    op.create_index(op.f("task_conversation_id_idx"), "task", ["conversation_id"], unique=False)
    op.create_index(
        "task_due_idx",
        "task",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(op.f("task_origin_card_id_idx"), "task", ["origin_card_id"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("claim_conversation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("claim_identity_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_pkey")),
    )
    op.create_index(op.f("claim_conversation_id_idx"), "claim", ["conversation_id"], unique=False)
    op.create_index("claim_once_idx", "claim", ["identity_id", "kind", "value"], unique=True)
    op.create_table(
        "conversation_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'move')", name=op.f("conversation_move_kind_check")
        ),
        sa.ForeignKeyConstraint(["by"], ["agent.id"], name=op.f("conversation_move_by_fkey")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["conversation.id"], name=op.f("conversation_move_from_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["conversation.id"], name=op.f("conversation_move_to_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("conversation_move_pkey")),
    )
    op.create_index(
        op.f("conversation_move_from_id_idx"), "conversation_move", ["from_id"], unique=False
    )
    op.create_index(
        op.f("conversation_move_to_id_idx"), "conversation_move", ["to_id"], unique=False
    )
    op.create_table(
        "form_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("form_submission_conversation_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("form_submission_identity_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("form_submission_thread_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("form_submission_pkey")),
    )
    op.create_index(
        op.f("form_submission_conversation_id_idx"),
        "form_submission",
        ["conversation_id"],
        unique=False,
    )
    op.create_index(
        op.f("form_submission_journal_id_idx"), "form_submission", ["journal_id"], unique=True
    )
    op.create_table(
        "message_edit",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("spans", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('client', 'agent')", name=op.f("message_edit_actor_kind_check")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("message_edit_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", "n", name=op.f("message_edit_pkey")),
    )
    op.create_table(
        "reaction",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("emojis", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("reaction_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("reaction_identity_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("reaction_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", "who", name=op.f("reaction_pkey")),
    )
    op.add_column("channel_account", sa.Column("hook_key", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("channel_account_hook_key_key"), "channel_account", ["hook_key"]
    )
    op.add_column(
        "message",
        sa.Column(
            "spans",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.add_column(
        "message",
        sa.Column(
            "parts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.add_column("message", sa.Column("reply_to_external", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("album", sa.Text(), nullable=True))
    op.create_index(
        "message_album_idx",
        "message",
        ["thread_id", "album"],
        unique=True,
        postgresql_where=sa.text("album IS NOT NULL"),
    )
    op.add_column(
        "thread",
        sa.Column("is_group", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("thread", "is_group")
    op.drop_index(
        "message_album_idx", table_name="message", postgresql_where=sa.text("album IS NOT NULL")
    )
    op.drop_column("message", "album")
    op.drop_column("message", "reply_to_external")
    op.drop_column("message", "parts")
    op.drop_column("message", "spans")
    op.drop_constraint(op.f("channel_account_hook_key_key"), "channel_account", type_="unique")
    op.drop_column("channel_account", "hook_key")
    op.drop_table("reaction")
    op.drop_table("message_edit")
    op.drop_index(op.f("form_submission_journal_id_idx"), table_name="form_submission")
    op.drop_index(op.f("form_submission_conversation_id_idx"), table_name="form_submission")
    op.drop_table("form_submission")
    op.drop_index(op.f("conversation_move_to_id_idx"), table_name="conversation_move")
    op.drop_index(op.f("conversation_move_from_id_idx"), table_name="conversation_move")
    op.drop_table("conversation_move")
    op.drop_index("claim_once_idx", table_name="claim")
    op.drop_index(op.f("claim_conversation_id_idx"), table_name="claim")
    op.drop_table("claim")
    op.drop_index(op.f("task_origin_card_id_idx"), table_name="task")
    op.drop_index("task_due_idx", table_name="task", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(op.f("task_conversation_id_idx"), table_name="task")
    op.drop_index(op.f("task_card_id_idx"), table_name="task")
    op.drop_index(
        "task_assignee_idx", table_name="task", postgresql_where=sa.text("status = 'open'")
    )
    op.drop_table("task")
    op.drop_table("rate_bucket")
    op.drop_index(op.f("deep_link_card_id_idx"), table_name="deep_link")
    op.drop_table("deep_link")
    op.drop_index(op.f("page_view_identity_id_idx"), table_name="page_view")
    op.drop_table("page_view")
