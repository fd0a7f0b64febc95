"""The collector's settings and database, as several commands open them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import CollectorSettings

CollectorConfig = Annotated[
    Path,
    typer.Option(
        "--config",
        metavar="F",
        envvar="GATEPOST_COLLECTOR_CONFIG",
        help="The collector's settings, see config/collector.toml.",
    ),
]


@contextmanager
def database(settings: "CollectorSettings", config: Path, *, writes: bool) -> "Iterator[Engine]":
    """The database that the settings name, a relative path taken from their folder; closed at the end.

    Raises ConfigError where it cannot be opened. Most of what can be wrong shows only when it is asked something.
    """
    from collector.store.database import database_url, open_database

    with explained(settings, config):
        url = database_url(settings.collector.database, config.absolute().parent)
        engine = open_database(url, writes=writes)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def existing_database(
    settings: "CollectorSettings", config: Path, *, writes: bool
) -> "Iterator[Engine]":
    """The same without making one. Raises ConfigError where no collector has run yet."""
    from collector.store.database import exists
    from config.settings.error import ConfigError

    with database(settings, config, writes=writes) as engine:
        if not exists(engine):
            where = f"collector.database: nothing at {settings.collector.database!r} yet"
            raise ConfigError(config, [f"{where}; start it with: gatepost collector run"])
        yield engine


@contextmanager
def explained(settings: "CollectorSettings", config: Path) -> Iterator[None]:
    """Turns what the database cannot do into a ConfigError that names its key."""
    from sqlalchemy.exc import SQLAlchemyError

    from collector.store.database import UnknownSchema
    from config.settings.error import ConfigError

    try:
        yield
    except (SQLAlchemyError, UnknownSchema, ModuleNotFoundError) as error:
        problem = f"collector.database: {settings.collector.database!r} cannot be used: {error}"
        raise ConfigError(config, [problem.splitlines()[0]]) from None
