"""The tables, in portable SQLAlchemy Core; migrations/versions/ makes them, a test compares the two.

Times are UTC microseconds. ``records`` keeps what a gate wrote, never changed; body and salt may become
NULL later (erasure), the chain stays verifiable by its digests.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData()
# SQLite numbers rows by itself only in a column that is called INTEGER.
ID: Final = BigInteger().with_variant(Integer, "sqlite")

META: Final = Table(
    "meta",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""db_generation: a UUID that is another one when the database was replaced.
dispatched_generation: the one under which something was last sent to the gates. notices_begin: the newest alert that is
never told, because it was there before anybody was to be told."""

RECORDS: Final = Table(
    "records",
    METADATA,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("gate", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("prev", Text, nullable=False),
    Column("salt", Text),
    Column("digest", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("body", Text),
    Column("kind", Text),
    Column("at_us", BigInteger),
    Column("received_us", BigInteger, nullable=False),
    Column("result", Text),
    Column("person", Text),
    Column("corrected_us", BigInteger),
    UniqueConstraint("gate", "epoch", "seq", name="records_once"),
    Index("records_of_gate", "gate", "id"),
    Index("records_of_person", "person", "id"),
    Index("records_with_result", "result", "id"),
    sqlite_autoincrement=True,
)
"""``kind``, ``at_us`` and ``body`` are NULL where the body does not parse: it is in the quarantine.

``result`` and ``person`` are a passage's, taken from its body so that the log can be searched; NULL in all else.
``corrected_us`` is when it was written, as a later record of the same boot tells; NULL where ``at_us`` was right or
nothing tells.
"""

BOOTS: Final = Table(
    "boots",
    METADATA,
    Column("gate", Text, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("begun_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("gate", "boot_id", name="boots_key"),
)
"""When a gate's machine was started, from its first record with a right clock."""

UNTIMED: Final = Table(
    "untimed",
    METADATA,
    Column("gate", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("uptime_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("gate", "epoch", "seq", name="untimed_key"),
    Index("untimed_of_boot", "gate", "boot_id"),
)
"""Records that wait for a time, since their boot is not in BOOTS yet."""

EPOCHS: Final = Table(
    "epochs",
    METADATA,
    Column("gate", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("gate", "epoch", name="epochs_key"),
)
"""How far everything of a journal is here; only ever read and written within a batch's transaction."""

ACCOUNTED: Final = Table(
    "accounted",
    METADATA,
    Column("gate", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("gate", "epoch", "first", "last", name="accounted_key"),
)
"""Ranges, both ends included, that are not stored and not waited for."""

QUARANTINE: Final = Table(
    "quarantine",
    METADATA,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("gate", Text, nullable=False),
    Column("epoch", Text),
    Column("seq", BigInteger),
    Column("why", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    UniqueConstraint("gate", "fingerprint", name="quarantine_once"),
    Index("quarantine_place", "gate", "epoch", "seq"),
)
"""What was set aside: a row's JSON, or a whole message, cut to 64 KiB; the fingerprint is of all of it."""

ALERTS: Final = Table(
    "alerts",
    METADATA,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("gate", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("first_us", BigInteger, nullable=False),
    Column("last_us", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_us", BigInteger),
    Column("closed_by", Text),
    Column("closed_us", BigInteger),
    Column("note", Text),
    Index("alerts_open", "gate", "state", "last_us"),
    sqlite_autoincrement=True,
)

ALERT_RECORDS: Final = Table(
    "alert_records",
    METADATA,
    Column("gate", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("alert", ID, ForeignKey("alerts.id", name="alert_records_alert"), nullable=False),
    PrimaryKeyConstraint("gate", "epoch", "seq", "alert", name="alert_records_key"),
)
"""Which row raised which alert."""

GATES: Final = Table(
    "gates",
    METADATA,
    Column("gate", Text, primary_key=True),
    Column("compound", Integer, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("epoch", Text),
    Column("version", Text, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("unsynced", BigInteger, nullable=False),
    Column("devices", JSON, nullable=False),
    Column("roster_revision", BigInteger),
    Column("seen_us", BigInteger, nullable=False),
    Column("skew_us", BigInteger),
)
"""The latest ``up/state`` of every gate."""

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
)
"""Who may log in to the staff page."""

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("token_name", Text, primary_key=True),
    Column("name", Text, ForeignKey("accounts.name", name="sessions_account"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("begun_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)
"""Who is logged in. The cookie's value itself is nowhere stored."""

LOGINS: Final = Table(
    "logins",
    METADATA,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("success", Boolean, nullable=False),
    Index("logins_of_name", "name", "id"),
    sqlite_autoincrement=True,
)
"""Every attempt to log in, for the throttle and for whoever looks into it later."""

WEBHOOK_QUEUE: Final = Table(
    "notices",
    METADATA,
    Column("alert", ID, ForeignKey("alerts.id", name="notices_alert"), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("due_us", BigInteger),
    Column("sent_us", BigInteger),
    Column("problem", Text),
    Index("notices_due", "due_us"),
)
"""What became of telling somebody of an alert. ``due_us`` is NULL when nothing is to be done any more."""
