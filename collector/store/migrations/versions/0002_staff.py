"""The staff page's log-in, alerts as cases, what was told to whom, and a log that can be searched."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add them; searched columns of passages that are already here are filled from their bodies."""
    _search()
    for column in ("acknowledged_by", "closed_by", "note"):
        op.add_column("alerts", sa.Column(column, sa.Text))
    for column in ("acknowledged_us", "closed_us"):
        op.add_column("alerts", sa.Column(column, sa.BigInteger))
    op.add_column("gates", sa.Column("skew_us", sa.BigInteger))
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("changed_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_name", sa.Text, primary_key=True),
        sa.Column(
            "name", sa.Text, sa.ForeignKey("accounts.name", name="sessions_account"), nullable=False
        ),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("begun_us", sa.BigInteger, nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "logins",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Index("logins_of_name", "name", "id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notices",
        sa.Column("alert", _ID, sa.ForeignKey("alerts.id", name="notices_alert"), primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_us", sa.BigInteger),
        sa.Column("sent_us", sa.BigInteger),
        sa.Column("problem", sa.Text),
        sa.Index("notices_due", "due_us"),
    )


def _search() -> None:
    for column in ("result", "person"):
        op.add_column("records", sa.Column(column, sa.Text))
    if op.get_bind().dialect.name == "sqlite":
        result, person = "body ->> '$.result'", "body ->> '$.bearer.person'"
    else:
        result, person = "body::json ->> 'result'", "body::json -> 'bearer' ->> 'person'"
    op.execute(f"UPDATE records SET result = {result}, person = {person} WHERE kind = 'passage'")  # noqa: S608
    op.create_index("records_of_gate", "records", ["gate", "id"])
    op.create_index("records_of_person", "records", ["person", "id"])
    op.create_index("records_with_result", "records", ["result", "id"])
