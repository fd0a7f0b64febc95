"""Opening the database: SQLite by default, PostgreSQL by its URL.

SQLite: WAL, and synchronous=FULL because in 600 simulated power cuts WAL with NORMAL lost committed rows
in 484, FULL in none. Python's sqlite3 begins transactions late and never IMMEDIATE, so that is done here:
a writer takes the lock first, and what it has read cannot change under it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

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
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from collector.store.schema import META, RECORDS

BUSY_TIMEOUT_MS = 5000
_GENERATION = select(META.c.value).where(META.c.key == "db_generation")
_ROWS_A_STATEMENT = 200
"""SQLite takes 32,766 values a statement, PostgreSQL 65,535."""
_MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownSchema(Exception):
    """A database that no migration of this version leads to or from: a later version's, say."""


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


@contextmanager
def opened_database(url: URL, *, writes: bool) -> Iterator[Engine]:
    """The same for as long as it is used: its connections are closed afterwards."""
    engine = open_database(url, writes=writes)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A transaction in which every query sees the same state, and that writes nothing."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def migrate(engine: Engine) -> None:
    """Bring the tables to this version's state; makes them in a new database. Closes its connections.

    Raises NotOurs.
    """
    # Here, because a collector is four processes, and only the one that starts the others migrates.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnknownSchema(str(error)) from error
    engine.dispose()


def exists(engine: Engine) -> bool:
    """Whether a collector has ever made its tables here; makes no file in looking."""
    path = engine.url.database
    if engine.dialect.name == "sqlite" and not (path and Path(path).is_file()):
        return False
    return inspect(engine).has_table(RECORDS.name)


def db_generation(connection: Connection) -> str:
    """The UUID that was made with this database, or when it was last restored."""
    value: str = connection.execute(_GENERATION).scalar_one()
    return value


def has_other_generation(connection: Connection) -> bool:
    """Whether this database has replaced the one that was last asked this; remembers that it was asked."""
    asked = META.c.key == "dispatched_generation"
    before = connection.execute(select(META.c.value).where(asked)).scalar_one_or_none()
    now = db_generation(connection)
    replace_rows(connection, META, [{"key": "dispatched_generation", "value": now}])
    return before not in {None, now}


def renew_generation(connection: Connection) -> None:
    """Say that this is another database than the gates have heard of: their cursors begin anew."""
    changed = {"value": str(uuid4())}
    connection.execute(update(META).where(META.c.key == "db_generation").values(changed))


def insert_if_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert one row; False: its key is there already."""
    return connection.execute(_insert_or_ignore(table, connection.dialect.name), row).rowcount == 1


def insert_or_ignore(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; those whose key is there already are left as they are."""
    if not rows:
        return
    connection.execute(_insert_or_ignore(table, connection.dialect.name), rows)


def insert_many_or_ignore(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """The same for hundreds of rows, as tuples: one statement holds many of them.

    The database is left to itself for all of a statement, so other threads work meanwhile; executemany()
    would take Python's lock and give it back for every row.
    """
    paramstyle = connection.dialect.paramstyle
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        some = rows[start : start + _ROWS_A_STATEMENT]
        statement = _insert_many(table, tuple(columns), len(some), paramstyle)
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))


@lru_cache(maxsize=2 * _ROWS_A_STATEMENT)
def _insert_many(table: str, columns: tuple[str, ...], count: int, paramstyle: str) -> str:
    row = ", ".join(["?" if paramstyle == "qmark" else "%s"] * len(columns))
    rows = ", ".join([f"({row})"] * count)
    into = f"{table} ({', '.join(columns)})"
    return f"INSERT INTO {into} VALUES {rows} ON CONFLICT DO NOTHING"  # noqa: S608 (our own names)


def replace_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns; those whose key is there already are overwritten."""
    if rows:
        statement = _replace_rows(table, frozenset(rows[0]), connection.dialect.name)
        connection.execute(statement, rows)


@cache
def _replace_rows(table: Table, columns: frozenset[str], dialect: str) -> Insert:
    key = [column.name for column in table.primary_key]
    insert = postgresql_insert(table) if dialect == "postgresql" else sqlite_insert(table)
    new = {name: insert.excluded[name] for name in columns - set(key)}
    return insert.on_conflict_do_update(index_elements=key, set_=new)


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
