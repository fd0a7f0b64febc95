"""Corrected times of records that were written before the gate's clock was right; from here on, not backwards."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them."""
    op.add_column("records", sa.Column("corrected_us", sa.BigInteger))
    op.create_table(
        "boots",
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("boot_id", sa.Text, nullable=False),
        sa.Column("begun_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("gate", "boot_id", name="boots_key"),
    )
    op.create_table(
        "untimed",
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("boot_id", sa.Text, nullable=False),
        sa.Column("uptime_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("gate", "epoch", "seq", name="untimed_key"),
        sa.Index("untimed_of_boot", "gate", "boot_id"),
    )
