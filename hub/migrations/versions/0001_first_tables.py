"""The first tables.

Revision: 0001, after None
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.tables import Xid8


revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("blob_pkey")),
    )
    op.create_table(
        "branch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("phone_region", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["branch.id"], name=op.f("branch_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("branch_pkey")),
        sa.UniqueConstraint("code", name=op.f("branch_code_key")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("change_pkey")),
    )
    op.create_index(op.f("change_at_idx"), "change", ["at"], unique=False)
    op.create_index(
        op.f("change_batch_id_idx"),
        "change",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(
        op.f("change_table_name_row_id_id_idx"),
        "change",
        ["table_name", "row_id", "id"],
        unique=False,
    )
    op.create_table(
        "event",
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "audience",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("audience_before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("xid", "id", name=op.f("event_pkey")),
    )
    op.create_table(
        "feed_epoch",
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("epoch", name=op.f("feed_epoch_pkey")),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("compare", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=True),
        sa.Column(
            "reversed", sa.Text(), sa.Computed("reverse(value)", persisted=True), nullable=False
        ),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'phone' OR value ~ '^\\+[1-9][0-9]{6,14}$' OR status = 'unverified'",
            name=op.f("identity_e164_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('email', 'phone', 'telegram_user', 'telegram_chat', 'web_visitor', 'sip_uri', 'external_id')",
            name=op.f("identity_kind_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("identity_pkey")),
        sa.UniqueConstraint(
            "kind", "scope", "compare", name=op.f("identity_kind_scope_compare_key")
        ),
    )
    op.create_index(
        "identity_grams_idx", "identity", ["grams"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "identity_prefix_idx",
        "identity",
        ["compare"],
        unique=False,
        postgresql_ops={"compare": "text_pattern_ops"},
    )
    op.create_index(
        "identity_reversed_idx",
        "identity",
        ["reversed"],
        unique=False,
        postgresql_ops={"reversed": "text_pattern_ops"},
        postgresql_where=sa.text("kind = 'phone'"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("job_pkey")),
    )
    op.create_index(
        op.f("job_done_at_idx"),
        "job",
        ["done_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NOT NULL"),
    )
    op.create_index(
        op.f("job_due_at_id_idx"),
        "job",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        op.f("job_lane_id_idx"),
        "job",
        ["lane", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND lane IS NOT NULL"),
    )
    op.create_table(
        "lexeme",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("ndoc", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("lexeme_pkey")),
    )
    op.create_index(
        "lexeme_word_idx",
        "lexeme",
        ["word"],
        unique=False,
        postgresql_ops={"word": "text_pattern_ops"},
    )
    op.create_table(
        "message_search",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("message_search_pkey")),
    )
    op.create_index(
        "message_search_words_idx",
        "message_search",
        ["words"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_builtin", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("role_pkey")),
        sa.UniqueConstraint("key", name=op.f("role_key_key")),
    )
    op.create_table(
        "schedule",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("schedule_pkey")),
    )
    op.create_table(
        "search_queue",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("search_queue_pkey")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("sign_in_attempt_pkey")),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tag_pkey")),
        sa.UniqueConstraint("name_key", name=op.f("tag_name_key_key")),
    )
    op.create_table(
        "agent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("login_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.Text(), nullable=True),
        sa.Column("totp_pending", sa.Text(), nullable=True),
        sa.Column("totp_used_step", sa.Integer(), nullable=True),
        sa.Column("recovery_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("preferences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("locale IN ('en', 'ro', 'ru')", name=op.f("agent_locale_check")),
        sa.CheckConstraint(
            "status IN ('active', 'invited', 'left')", name=op.f("agent_status_check")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("agent_branch_id_fkey")),
        sa.ForeignKeyConstraint(["manager_id"], ["agent.id"], name=op.f("agent_manager_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("agent_pkey")),
        sa.UniqueConstraint("login_key", name=op.f("agent_login_key_key")),
    )
    op.create_table(
        "role_grant",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "scope IN ('own', 'team', 'branch', 'all')", name=op.f("role_grant_scope_check")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("role_grant_role_id_fkey")),
        sa.PrimaryKeyConstraint("role_id", "entity", "action", name=op.f("role_grant_pkey")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("team_branch_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("team_pkey")),
        sa.UniqueConstraint("branch_id", "name", name=op.f("team_branch_id_name_key")),
    )
    op.create_table(
        "agent_role",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("agent_role_agent_id_fkey")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("agent_role_role_id_fkey")),
        sa.PrimaryKeyConstraint("agent_id", "role_id", name=op.f("agent_role_pkey")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("api_key_agent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_key_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("api_key_token_hash_key")),
    )
    op.create_table(
        "card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("custom", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("search_grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("first_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(custom) = 'object'", name=op.f("card_custom_check")),
        sa.CheckConstraint("kind IN ('person', 'company')", name=op.f("card_kind_check")),
        sa.CheckConstraint("merged_into <> id", name=op.f("card_merged_into_check")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("card_branch_id_fkey")),
        sa.ForeignKeyConstraint(["merged_into"], ["card.id"], name=op.f("card_merged_into_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("card_owner_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("card_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("card_pkey")),
        sa.UniqueConstraint("number", name=op.f("card_number_key")),
    )
    op.create_index(
        "card_branch_idx",
        "card",
        ["branch_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.create_index(
        "card_grams_idx", "card", ["search_grams"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "card_merged_idx",
        "card",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index("card_name_key_idx", "card", ["name_key"], unique=False)
    op.create_index(
        "card_owner_idx",
        "card",
        ["owner_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.create_index(
        "card_sort_idx",
        "card",
        ["sort_key", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.create_index(
        "card_team_idx",
        "card",
        ["team_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.create_table(
        "channel_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("reopen_days", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("health", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("health_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_epoch", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("channel_account_branch_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("channel_account_team_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("channel_account_pkey")),
    )
    op.create_index(
        "channel_account_address_idx",
        "channel_account",
        ["kind", "address"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("one_time_link_agent_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("one_time_link_pkey")),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("session_agent_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("session_pkey")),
        sa.UniqueConstraint("id", name=op.f("session_id_key")),
    )
    op.create_index(op.f("session_agent_id_idx"), "session", ["agent_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("team_member_agent_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("team_member_team_id_fkey")),
        sa.PrimaryKeyConstraint("team_id", "agent_id", name=op.f("team_member_pkey")),
    )
    op.create_index(op.f("team_member_agent_id_idx"), "team_member", ["agent_id"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("origin_card_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("activity_card_id_fkey")),
        sa.ForeignKeyConstraint(
            ["origin_card_id"], ["card.id"], name=op.f("activity_origin_card_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("activity_pkey")),
    )
    op.create_index(
        "activity_card_idx",
        "activity",
        ["card_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("activity_origin_idx", "activity", ["origin_card_id"], unique=False)
    op.create_index("activity_ref_idx", "activity", ["ref"], unique=False)
    op.create_table(
        "card_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("origin_card_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "linked_by IN ('agent', 'auto', 'import', 'form', 'api', 'demo')",
            name=op.f("card_identity_linked_by_check"),
        ),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("card_identity_card_id_fkey")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("card_identity_identity_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["origin_card_id"], ["card.id"], name=op.f("card_identity_origin_card_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("card_identity_pkey")),
        sa.UniqueConstraint(
            "origin_card_id",
            "identity_id",
            name=op.f("card_identity_origin_card_id_identity_id_key"),
        ),
    )
    op.create_index(
        "card_identity_card_idx",
        "card_identity",
        ["card_id"],
        unique=False,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index("card_identity_identity_idx", "card_identity", ["identity_id"], unique=False)
    op.create_index(
        "card_identity_one_holder_idx",
        "card_identity",
        ["identity_id"],
        unique=True,
        postgresql_where=sa.text("NOT shared AND until IS NULL"),
    )
    op.create_table(
        "card_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("winner_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        sa.Column("winner_before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("winner_after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undo_report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["loser_id"], ["card.id"], name=op.f("card_merge_loser_id_fkey")),
        sa.ForeignKeyConstraint(
            ["winner_id"], ["card.id"], name=op.f("card_merge_winner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("card_merge_pkey")),
    )
    op.create_index(
        "card_merge_loser_idx",
        "card_merge",
        ["loser_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("card_merge_winner_idx", "card_merge", ["winner_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("origin_card_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("follower_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("tag_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("last_public_seq", sa.Integer(), nullable=False),
        sa.Column("inbound_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("first_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("preview_kind", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("continues_id", sa.Uuid(), nullable=True),
        sa.Column("related_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("conversation_closed_check")
        ),
        sa.CheckConstraint(
            "(status = 'snoozed') = (snoozed_until IS NOT NULL)",
            name=op.f("conversation_snoozed_check"),
        ),
        sa.CheckConstraint(
            "folder IN ('inbox', 'spam', 'trash')", name=op.f("conversation_folder_check")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'waiting', 'snoozed', 'closed')",
            name=op.f("conversation_status_check"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 3", name=op.f("conversation_priority_check")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("conversation_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["agent.id"], name=op.f("conversation_assignee_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("conversation_branch_id_fkey")
        ),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("conversation_card_id_fkey")),
        sa.ForeignKeyConstraint(
            ["continues_id"], ["conversation.id"], name=op.f("conversation_continues_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["conversation.id"], name=op.f("conversation_merged_into_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["origin_card_id"], ["card.id"], name=op.f("conversation_origin_card_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["related_id"], ["conversation.id"], name=op.f("conversation_related_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("conversation_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("conversation_pkey")),
        sa.UniqueConstraint("number", name=op.f("conversation_number_key")),
    )
    op.create_index(
        "conversation_account_idx",
        "conversation",
        [
            "account_id",
            "status",
            sa.literal_column("last_activity_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.create_index(
        "conversation_assignee_idx",
        "conversation",
        [
            "assignee_id",
            "status",
            sa.literal_column("last_activity_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.create_index(
        "conversation_card_idx",
        "conversation",
        ["card_id", sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "conversation_failed_idx",
        "conversation",
        [sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("failed_count > 0"),
    )
    op.create_index(
        "conversation_folder_idx",
        "conversation",
        ["folder", sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("folder <> 'inbox'"),
    )
    op.create_index(
        "conversation_followers_idx",
        "conversation",
        ["follower_ids"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("conversation_origin_idx", "conversation", ["origin_card_id"], unique=False)
    op.create_index(
        "conversation_status_idx",
        "conversation",
        ["status", sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.create_index(
        "conversation_tags_idx", "conversation", ["tag_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "conversation_team_idx",
        "conversation",
        [
            "team_id",
            "status",
            sa.literal_column("last_activity_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.create_index(
        "conversation_unassigned_idx",
        "conversation",
        [sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text(
            "folder = 'inbox' AND status IN ('open', 'waiting') AND assignee_id IS NULL"
        ),
    )
    op.create_index(
        "conversation_wake_idx",
        "conversation",
        ["snoozed_until"],
        unique=False,
        postgresql_where=sa.text("status = 'snoozed'"),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("blob", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'processed', 'ignored', 'duplicate', 'quarantined')",
            name=op.f("journal_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("journal_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("journal_pkey")),
        sa.UniqueConstraint("account_id", "key", name=op.f("journal_account_id_key_key")),
    )
    op.create_index(
        "journal_aside_idx",
        "journal",
        ["account_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('quarantined', 'ignored')"),
    )
    op.create_index(
        "journal_due_idx",
        "journal",
        ["next_try_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_index(
        "journal_message_idx",
        "journal",
        ["message_id"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("assignment_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("assignment_conversation_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("assignment_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("assignment_pkey")),
    )
    op.create_index("assignment_agent_idx", "assignment", ["agent_id", "from_at"], unique=False)
    op.create_index(
        "assignment_current_idx",
        "assignment",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("to_at IS NULL"),
    )
    op.create_table(
        "conversation_event",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("conversation_event_conversation_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("conversation_event_pkey")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("base_seq", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('reply', 'note')", name=op.f("draft_kind_check")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("draft_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("draft_conversation_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("draft_pkey")),
        sa.UniqueConstraint(
            "conversation_id",
            "agent_id",
            "kind",
            name=op.f("draft_conversation_id_agent_id_kind_key"),
        ),
    )
    op.create_index(
        "draft_agent_idx",
        "draft",
        ["agent_id", sa.literal_column("updated_at DESC")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "participant",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since_seq", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("participant_conversation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("participant_identity_id_fkey")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "identity_id", name=op.f("participant_pkey")),
    )
    op.create_index(
        op.f("participant_identity_id_idx"), "participant", ["identity_id"], unique=False
    )
    op.create_table(
        "read_state",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("inbound_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("read_state_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("read_state_conversation_id_fkey")
        ),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", name=op.f("read_state_pkey")),
    )
    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("peer_identity_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("thread_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("thread_conversation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["peer_identity_id"], ["identity.id"], name=op.f("thread_peer_identity_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("thread_pkey")),
        sa.UniqueConstraint("account_id", "key", name=op.f("thread_account_id_key_key")),
    )
    op.create_index(
        op.f("thread_conversation_id_idx"), "thread", ["conversation_id"], unique=False
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_text", sa.Text(), nullable=False),
        sa.Column("folds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("recipients", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mention_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("in_reply_to", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=True),
        sa.Column("client_token", sa.Uuid(), nullable=True),
        sa.Column("journal_id", sa.BigInteger(), nullable=True),
        sa.Column("meta", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'note') = (thread_id IS NULL)",
            name=op.f("message_note_has_no_destination_check"),
        ),
        sa.CheckConstraint(
            "kind <> 'inbound' OR identity_id IS NOT NULL",
            name=op.f("message_inbound_has_sender_check"),
        ),
        sa.CheckConstraint(
            "kind <> 'note' OR visibility = 'internal'",
            name=op.f("message_note_is_internal_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('inbound', 'outbound', 'note', 'call')", name=op.f("message_kind_check")
        ),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal')", name=op.f("message_visibility_check")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("message_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("message_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("message_conversation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("message_identity_id_fkey")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("message_thread_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("message_pkey")),
        sa.UniqueConstraint(
            "conversation_id", "seq", name=op.f("message_conversation_id_seq_key")
        ),
    )
    op.create_index(
        "message_dedup_idx",
        "message",
        ["account_id", "dedup_key"],
        unique=True,
        postgresql_where=sa.text("dedup_key IS NOT NULL"),
    )
    op.create_index(
        "message_external_idx",
        "message",
        ["thread_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index("message_n_idx", "message", ["n"], unique=True)
    op.create_index(
        "message_token_idx",
        "message",
        ["client_token"],
        unique=True,
        postgresql_where=sa.text("client_token IS NOT NULL"),
    )
    op.create_table(
        "message_ref",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ref_hash", sa.LargeBinary(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("message_ref_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("message_ref_thread_id_fkey")
        ),
        sa.PrimaryKeyConstraint("account_id", "ref_hash", name=op.f("message_ref_pkey")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=True),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("is_inline", sa.Boolean(), nullable=False),
        sa.Column("unavailable", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("attachment_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pkey")),
        sa.UniqueConstraint(
            "message_id", "position", name=op.f("attachment_message_id_position_key")
        ),
    )
    op.create_index(op.f("attachment_blob_idx"), "attachment", ["blob"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "rank",
            sa.SmallInteger(),
            sa.Computed(
                "CASE state WHEN 'queued' THEN 0 WHEN 'sending' THEN 1 WHEN 'unknown' THEN 2 WHEN 'sent' THEN 3 WHEN 'delivered' THEN 4 WHEN 'read' THEN 5 ELSE 9 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("op_key", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("first_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('to', 'cc', 'bcc')", name=op.f("delivery_role_check")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'unknown', 'sent', 'delivered', 'read', 'failed', 'bounced', 'cancelled')",
            name=op.f("delivery_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("delivery_identity_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("delivery_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_pkey")),
        sa.UniqueConstraint(
            "message_id",
            "identity_id",
            "part",
            name=op.f("delivery_message_id_identity_id_part_key"),
        ),
    )
    op.create_index(
        "delivery_due_idx",
        "delivery",
        ["not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("delivery_identity_idx", "delivery", ["identity_id"], unique=False)
    op.create_index(
        "delivery_lane_idx",
        "delivery",
        ["identity_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index(
        "delivery_lease_idx",
        "delivery",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "delivery_provider_idx",
        "delivery",
        ["provider_id"],
        unique=False,
        postgresql_where=sa.text("provider_id IS NOT NULL"),
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("op_key", sa.Text(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("identity_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("delivery_attempt_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", "op_key", "n", name=op.f("delivery_attempt_pkey")),
    )

    op.execute("INSERT INTO feed_epoch (epoch) VALUES (md5(random()::text || now()::text))")


def downgrade() -> None:
    """Undo."""
    op.drop_table("delivery_attempt")
    op.drop_index(
        "delivery_provider_idx",
        table_name="delivery",
        postgresql_where=sa.text("provider_id IS NOT NULL"),
    )
    op.drop_index(
        "delivery_lease_idx", table_name="delivery", postgresql_where=sa.text("state = 'sending'")
    )
    op.drop_index(
        "delivery_lane_idx",
        table_name="delivery",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index("delivery_identity_idx", table_name="delivery")
    op.drop_index(
        "delivery_due_idx", table_name="delivery", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_table("delivery")
    op.drop_index(op.f("attachment_blob_idx"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_table("message_ref")
    op.drop_index(
        "message_token_idx",
        table_name="message",
        postgresql_where=sa.text("client_token IS NOT NULL"),
    )
    op.drop_index("message_n_idx", table_name="message")
    op.drop_index(
        "message_external_idx",
        table_name="message",
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.drop_index(
        "message_dedup_idx",
        table_name="message",
        postgresql_where=sa.text("dedup_key IS NOT NULL"),
    )
    op.drop_table("message")
    op.drop_index(op.f("thread_conversation_id_idx"), table_name="thread")
    op.drop_table("thread")
    op.drop_table("read_state")
    op.drop_index(op.f("participant_identity_id_idx"), table_name="participant")
    op.drop_table("participant")
    op.drop_index(
        "draft_agent_idx", table_name="draft", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_table("draft")
    op.drop_table("conversation_event")
    op.drop_index(
        "assignment_current_idx",
        table_name="assignment",
        postgresql_where=sa.text("to_at IS NULL"),
    )
    op.drop_index("assignment_agent_idx", table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(
        "journal_message_idx",
        table_name="journal",
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.drop_index(
        "journal_due_idx", table_name="journal", postgresql_where=sa.text("state = 'received'")
    )
    op.drop_index(
        "journal_aside_idx",
        table_name="journal",
        postgresql_where=sa.text("state IN ('quarantined', 'ignored')"),
    )
    op.drop_table("journal")
    op.drop_index(
        "conversation_wake_idx",
        table_name="conversation",
        postgresql_where=sa.text("status = 'snoozed'"),
    )
    op.drop_index(
        "conversation_unassigned_idx",
        table_name="conversation",
        postgresql_where=sa.text(
            "folder = 'inbox' AND status IN ('open', 'waiting') AND assignee_id IS NULL"
        ),
    )
    op.drop_index(
        "conversation_team_idx",
        table_name="conversation",
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.drop_index("conversation_tags_idx", table_name="conversation", postgresql_using="gin")
    op.drop_index(
        "conversation_status_idx",
        table_name="conversation",
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.drop_index("conversation_origin_idx", table_name="conversation")
    op.drop_index("conversation_followers_idx", table_name="conversation", postgresql_using="gin")
    op.drop_index(
        "conversation_folder_idx",
        table_name="conversation",
        postgresql_where=sa.text("folder <> 'inbox'"),
    )
    op.drop_index(
        "conversation_failed_idx",
        table_name="conversation",
        postgresql_where=sa.text("failed_count > 0"),
    )
    op.drop_index("conversation_card_idx", table_name="conversation")
    op.drop_index(
        "conversation_assignee_idx",
        table_name="conversation",
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.drop_index(
        "conversation_account_idx",
        table_name="conversation",
        postgresql_where=sa.text("folder = 'inbox'"),
    )
    op.drop_table("conversation")
    op.drop_index("card_merge_winner_idx", table_name="card_merge")
    op.drop_index(
        "card_merge_loser_idx",
        table_name="card_merge",
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_table("card_merge")
    op.drop_index(
        "card_identity_one_holder_idx",
        table_name="card_identity",
        postgresql_where=sa.text("NOT shared AND until IS NULL"),
    )
    op.drop_index("card_identity_identity_idx", table_name="card_identity")
    op.drop_index(
        "card_identity_card_idx",
        table_name="card_identity",
        postgresql_where=sa.text("until IS NULL"),
    )
    op.drop_table("card_identity")
    op.drop_index("activity_ref_idx", table_name="activity")
    op.drop_index("activity_origin_idx", table_name="activity")
    op.drop_index("activity_card_idx", table_name="activity")
    op.drop_table("activity")
    op.drop_index(op.f("team_member_agent_id_idx"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("session_agent_id_idx"), table_name="session")
    op.drop_table("session")
    op.drop_table("one_time_link")
    op.drop_index(
        "channel_account_address_idx",
        table_name="channel_account",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_table("channel_account")
    op.drop_index(
        "card_team_idx",
        table_name="card",
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.drop_index(
        "card_sort_idx",
        table_name="card",
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.drop_index(
        "card_owner_idx",
        table_name="card",
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.drop_index("card_name_key_idx", table_name="card")
    op.drop_index(
        "card_merged_idx", table_name="card", postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    op.drop_index("card_grams_idx", table_name="card", postgresql_using="gin")
    op.drop_index(
        "card_branch_idx",
        table_name="card",
        postgresql_where=sa.text("deleted_at IS NULL AND merged_into IS NULL"),
    )
    op.drop_table("card")
    op.drop_table("api_key")
    op.drop_table("agent_role")
    op.drop_table("team")
    op.drop_table("role_grant")
    op.drop_table("agent")
    op.drop_table("tag")
    op.drop_table("sign_in_attempt")
    op.drop_table("search_queue")
    op.drop_table("schedule")
    op.drop_table("role")
    op.drop_index("message_search_words_idx", table_name="message_search", postgresql_using="gin")
    op.drop_table("message_search")
    op.drop_index(
        "lexeme_word_idx", table_name="lexeme", postgresql_ops={"word": "text_pattern_ops"}
    )
    op.drop_table("lexeme")
    op.drop_index(
        op.f("job_lane_id_idx"),
        table_name="job",
        postgresql_where=sa.text("done_at IS NULL AND lane IS NOT NULL"),
    )
    op.drop_index(
        op.f("job_due_at_id_idx"), table_name="job", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_index(
        op.f("job_done_at_idx"), table_name="job", postgresql_where=sa.text("done_at IS NOT NULL")
    )
    op.drop_table("job")
    op.drop_index(
        "identity_reversed_idx",
        table_name="identity",
        postgresql_ops={"reversed": "text_pattern_ops"},
        postgresql_where=sa.text("kind = 'phone'"),
    )
    op.drop_index(
        "identity_prefix_idx",
        table_name="identity",
        postgresql_ops={"compare": "text_pattern_ops"},
    )
    op.drop_index("identity_grams_idx", table_name="identity", postgresql_using="gin")
    op.drop_table("identity")
    op.drop_table("feed_epoch")
    op.drop_table("event")
    op.drop_index(op.f("change_table_name_row_id_id_idx"), table_name="change")
    op.drop_index(
        op.f("change_batch_id_idx"),
        table_name="change",
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.drop_index(op.f("change_at_idx"), table_name="change")
    op.drop_table("change")
    op.drop_table("branch")
    op.drop_table("blob")
