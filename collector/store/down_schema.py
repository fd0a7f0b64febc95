"""The tables behind what goes down to the gates; migrations/versions/0003_down.py makes them.

Rows of people, households and revoked passes carry the revision at which they last became otherwise, and a
mark where they are no more: so all that is different from an earlier revision is one query on each. Entries
are JSON of the structs in checkpoint.people, names and phones in full; they are cut when they are signed.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from collector.store.schema import ID, METADATA

COMPOUNDS: Final = Table(
    "compounds",
    METADATA,
    Column("compound", Integer, primary_key=True, autoincrement=False),
    Column("roster_revision", BigInteger),
    Column("policy_revision", BigInteger),
    Column("policy", Text),
    Column("notices_revision", BigInteger),
    Column("notices", Text),
)
"""What is in force in each compound; a revision is NULL where there has been none."""

ROSTER_REVISIONS: Final = Table(
    "roster_revisions",
    METADATA,
    Column("compound", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    PrimaryKeyConstraint("compound", "revision", name="roster_revisions_key"),
)
"""Those given out since the roster was last renewed: against each of them a change can be told, against no other."""

PEOPLE: Final = Table(
    "people",
    METADATA,
    Column("compound", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    PrimaryKeyConstraint("compound", "person", name="people_key"),
    Index("people_changed", "compound", "revision"),
)
"""Of those who are gone only the id and the lowest valid serial are kept: their passes must not come back with them."""

HOUSEHOLDS: Final = Table(
    "households",
    METADATA,
    Column("compound", Integer, nullable=False),
    Column("household", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    PrimaryKeyConstraint("compound", "household", name="households_key"),
    Index("households_changed", "compound", "revision"),
)

REVOKED: Final = Table(
    "revoked",
    METADATA,
    Column("compound", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    PrimaryKeyConstraint("compound", "person", "serial", name="revoked_key"),
    Index("revoked_changed", "compound", "revision"),
)
"""Single passes that are void; gone: valid again."""

COMMANDS: Final = Table(
    "commands",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("compound", Integer, nullable=False),
    Column("gate", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("issued_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sent_us", BigInteger),
    Index("commands_to_send", "sent_us", "expires_us"),
)
"""``sent_us`` is written before a command is published: a command is sent once or never."""

CROSSINGS: Final = Table(
    "crossings",
    METADATA,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("compound", Integer, nullable=False),
    Column("gate", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("of_us", BigInteger, nullable=False),
    Column("said_us", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("household", Text),
    Column("direction", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("charged_day", Text),
    Column("provisional", Boolean, nullable=False),
    UniqueConstraint("gate", "epoch", "seq", name="crossings_once"),
    Index("crossings_in_order", "compound", "id"),
    Index("crossings_by_time", "compound", "of_us"),
    Index("crossings_of_household", "compound", "household"),
    sqlite_autoincrement=True,
)
"""The ledger of all gates, a row for each record ``crossing``; ``id`` is how far a gate has come with its passages."""

QUOTA_CONFLICTS: Final = Table(
    "quota_conflicts",
    METADATA,
    Column("gate", Text, nullable=False),
    Column("of_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("gate", "of_us", name="quota_conflicts_key"),
)
"""Crossings of which the staff have been told that they are one outing too many."""

AUDIT_LOG: Final = Table(
    "deeds",
    METADATA,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("compound", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("revision", BigInteger),
    Index("deeds_of_compound", "compound", "id"),
    sqlite_autoincrement=True,
)
"""Who did what, when and why; ``revision`` is NULL where nothing became otherwise, and for commands."""
