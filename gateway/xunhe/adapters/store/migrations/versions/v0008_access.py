"""Access: looks at personal data, disabled accounts, second factors, reset codes, forms sent

The first account, made by the one-time code, becomes the administrator.
Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "look",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("user", "role", "what_zh", "what_en", "subject", "why")
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_look_at", "look", ["at"])
    op.create_index("ix_look_user", "look", ["user"])
    op.create_table(
        "account",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("disabled_by", sa.String()),
        sa.Column("totp_secret", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger()),
        sa.ForeignKeyConstraint(["user"], ["user.name"]),
        sa.PrimaryKeyConstraint("user"),
    )
    op.create_table(
        "reset_code",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user.name"]),
        sa.PrimaryKeyConstraint("user"),
    )
    op.create_table(
        "sent_form",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.String()),
        sa.PrimaryKeyConstraint("user", "key"),
    )
    op.create_index("ix_sent_form_at", "sent_form", ["at"])
    op.execute(
        "UPDATE desk_member SET role = 'administrator' WHERE role = 'office'"
        ' AND "user" = (SELECT name FROM "user" ORDER BY created_at, name LIMIT 1)'
    )
