"""The first tables, and this database's generation."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make them."""
    meta = op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.bulk_insert(meta, [{"key": "db_generation", "value": str(uuid4())}])
    _make_records()
    _make_alerts()
    op.create_table(
        "gates",
        sa.Column("gate", sa.Text, primary_key=True),
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("online", sa.Boolean, nullable=False),
        sa.Column("epoch", sa.Text),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("unsynced", sa.BigInteger, nullable=False),
        sa.Column("devices", sa.JSON, nullable=False),
        sa.Column("roster_revision", sa.BigInteger),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
    )


def _make_records() -> None:
    op.create_table(
        "records",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("salt", sa.Text),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("at_us", sa.BigInteger),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("gate", "epoch", "seq", name="records_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "epochs",
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("upto", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("gate", "epoch", name="epochs_key"),
    )
    op.create_table(
        "accounted",
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("gate", "epoch", "first", "last", name="accounted_key"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text),
        sa.Column("seq", sa.BigInteger),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("gate", "fingerprint", name="quarantine_once"),
        sa.Index("quarantine_place", "gate", "epoch", "seq"),
    )


def _make_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("first_us", sa.BigInteger, nullable=False),
        sa.Column("last_us", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Index("alerts_open", "gate", "state", "last_us"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert_records",
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column(
            "alert", _ID, sa.ForeignKey("alerts.id", name="alert_records_alert"), nullable=False
        ),
        sa.PrimaryKeyConstraint("gate", "epoch", "seq", "alert", name="alert_records_key"),
    )
