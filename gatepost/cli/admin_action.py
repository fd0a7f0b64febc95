"""What the commands that change something at the centre share: their options, and the one transaction."""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.collector_database import database, existing_database, explained

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.store.orders import AdminAction

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is recorded.")]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who does it.", show_default="your log-in name"),
]
CompoundOption = Annotated[
    int | None,
    typer.Option(
        "--compound",
        metavar="C",
        min=0,
        max=65_535,
        help="The compound's number; may be left out where there is no doubt.",
    ),
]


@contextmanager
def admin_action(
    config: Path, by: str | None, reason: str, *, makes: bool = False
) -> Iterator[tuple["Connection", "AdminAction"]]:
    """One transaction on the collector's database, and who does what follows, when and why.

    ``makes``: a database that is not there yet is made. Whatever is Mistaken becomes a BadParameter.
    """
    from collector.actions.admin_actions import Mistaken
    from collector.store.database import migrate
    from collector.store.orders import AdminAction
    from config.settings.load import load_collector

    settings = load_collector(config)
    opened = database if makes else existing_database
    with explained(settings, config), opened(settings, config, writes=True) as engine:
        migrate(engine)
        at_us = time.time_ns() // 1000
        try:
            with engine.begin() as connection:
                yield (
                    connection,
                    AdminAction(who=by or getpass.getuser(), reason=reason, at_us=at_us),
                )
        except Mistaken as error:
            raise typer.BadParameter(str(error)) from None
