"""Roster, policy, notices and commands at the centre; what gates have reported of crossings; who did what."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_COLUMNS = (
    "compound", "gate", "epoch", "seq", "of_us", "said_us", "person", "serial", "household", "direction",
    "how", "charged_day", "provisional",
)  # fmt: skip


def upgrade() -> None:
    """Make them; crossings that are already here are entered from their bodies."""
    _make_rosters()
    _make_crossings()
    _make_orders()
    _enter_crossings()


def _make_rosters() -> None:
    op.create_table(
        "compounds",
        sa.Column("compound", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("roster_revision", sa.BigInteger),
        sa.Column("policy_revision", sa.BigInteger),
        sa.Column("policy", sa.Text),
        sa.Column("notices_revision", sa.BigInteger),
        sa.Column("notices", sa.Text),
    )
    op.create_table(
        "roster_revisions",
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("compound", "revision", name="roster_revisions_key"),
    )
    op.create_table(
        "people",
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("compound", "person", name="people_key"),
        sa.Index("people_changed", "compound", "revision"),
    )
    op.create_table(
        "households",
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("compound", "household", name="households_key"),
        sa.Index("households_changed", "compound", "revision"),
    )
    op.create_table(
        "revoked",
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("compound", "person", "serial", name="revoked_key"),
        sa.Index("revoked_changed", "compound", "revision"),
    )


def _make_crossings() -> None:
    op.create_table(
        "crossings",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("of_us", sa.BigInteger, nullable=False),
        sa.Column("said_us", sa.BigInteger, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("household", sa.Text),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("charged_day", sa.Text),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.UniqueConstraint("gate", "epoch", "seq", name="crossings_once"),
        sa.Index("crossings_in_order", "compound", "id"),
        sa.Index("crossings_by_time", "compound", "of_us"),
        sa.Index("crossings_of_household", "compound", "household"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quota_conflicts",
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("of_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("gate", "of_us", name="quota_conflicts_key"),
    )


def _make_orders() -> None:
    op.create_table(
        "commands",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("issued_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sent_us", sa.BigInteger),
        sa.Index("commands_to_send", "sent_us", "expires_us"),
    )
    op.create_table(
        "deeds",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("compound", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger),
        sa.Index("deeds_of_compound", "compound", "id"),
        sqlite_autoincrement=True,
    )


def _enter_crossings() -> None:
    bind = op.get_bind()
    crossings = sa.table("crossings", *(sa.column(name) for name in _COLUMNS))
    found = bind.execute(
        sa.text(
            "SELECT gates.compound, records.gate, records.epoch, records.seq, records.at_us, body "
            "FROM records JOIN gates ON gates.gate = records.gate "
            "WHERE kind = 'crossing' AND body IS NOT NULL ORDER BY records.id"
        )
    )
    for row in found.all():
        body = json.loads(row.body)
        bind.execute(
            sa.insert(crossings).values(
                compound=row.compound,
                gate=row.gate,
                epoch=row.epoch,
                seq=row.seq,
                of_us=body["of_us"],
                said_us=row.at_us,
                person=body["bearer"]["person"],
                serial=body["bearer"]["serial"],
                household=body.get("household"),
                direction=body["direction"],
                how=body["how"],
                charged_day=body.get("charged_day"),
                provisional=body.get("provisional", False),
            )
        )
