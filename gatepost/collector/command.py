"""gatepost collector run | password | alerts: the centre."""

import os
import sys
import time
from typing import Annotated

import typer

from gatepost.cli.collector_database import (
    CollectorConfig,
    database,
    existing_database,
    explained,
)
from gatepost.cli.options import MessageLanguage

app = typer.Typer(
    help="The centre: takes in records, raises alerts, shows both.", no_args_is_help=True
)

Parent = Annotated[
    int | None, typer.Option(help="Die when this process, which started this one, is gone.")
]
_FOLLOW_S = 0.5


@app.command()
def run(config: CollectorConfig) -> None:
    """Take in what the gates send, send them what they lack, and serve the staff page.

    Makes the database on the first start and brings it up to date on later ones. Does not start before
    somebody can log in: there is no default password, see gatepost collector password. Ends in order
    on SIGTERM or Ctrl-C.
    """
    from collector.processes.supervisor import keep_running, stop_on_signals
    from collector.store.accounts import has_account
    from collector.store.database import migrate
    from collector.store.webhook_queue import begin_from_here
    from config.settings.error import ConfigError
    from config.settings.load import load_collector
    from config.trust import load_private_key

    settings = load_collector(config)
    load_private_key(settings.collector.operations_key)
    stop = stop_on_signals()
    with explained(settings, config), database(settings, config, writes=True) as engine:
        migrate(engine)
        with engine.begin() as connection:
            somebody = has_account(connection)
            if settings.notify.webhook:
                begin_from_here(connection)
    if not somebody:
        how = f"set one with: gatepost collector password --config {config}"
        raise ConfigError(config, [f"nobody has a password for the staff page yet; {how}"])
    begin = (sys.executable, "-m", "gatepost", "collector")
    end = ("--config", str(config), "--parent", str(os.getpid()))
    children = ["web", "intake", "dispatch", *(["notify"] if settings.notify.webhook else [])]
    keep_running({name: (*begin, name, *end) for name in children}, stop)


@app.command()
def password(
    config: CollectorConfig,
    name: Annotated[str, typer.Option(help="Whose: the name to log in with.")] = "admin",
) -> None:
    """Set the password of the staff page's administrator, and log out whoever used the old one.

    Asks twice at a terminal; else reads one line from standard input. Needs no running collector, and
    makes the database if there is none yet.
    """
    from collector.domain.accounts import hash_password, password_problem
    from collector.store.accounts import set_password
    from collector.store.database import migrate
    from config.settings.load import load_collector

    settings = load_collector(config)
    if sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
    if problem := password_problem(given):
        print(f"password: {problem}", file=sys.stderr)
        raise typer.Exit(2)
    with explained(settings, config), database(settings, config, writes=True) as engine:
        migrate(engine)
        with engine.begin() as connection:
            set_password(connection, name, hash_password(given), time.time_ns() // 1000)
    print(f"{name} can log in now")


@app.command()
def restored(config: CollectorConfig) -> None:
    """Say that the database was restored from a backup: every gate then sends again what it lacks.

    Run it once after a restore, before the collector is started again. Gates learn of it within half a minute
    and send their whole journals; what is there already is stored no second time.
    """
    from collector.store.database import renew_generation
    from config.settings.load import load_collector

    settings = load_collector(config)
    with (
        explained(settings, config),
        existing_database(settings, config, writes=True) as engine,
        engine.begin() as connection,
    ):
        renew_generation(connection)
    print("the gates will send again what this database lacks")


@app.command(hidden=True)
def intake(config: CollectorConfig, parent: Parent = None) -> None:
    """Take in what the gates send; started by ``run``."""
    from collector.processes.intake import INTRODUCTION, IntakeProgram
    from collector.processes.supervisor import die_with, stop_on_signals
    from config.settings.load import load_collector
    from config.trust import load_private_key
    from sync.wire.link import Link
    from sync.wire.session import Address

    if parent is not None:
        die_with(parent)
    settings = load_collector(config)
    broker = Address(settings.broker.host, settings.broker.port)
    stop = stop_on_signals()
    with database(settings, config, writes=True) as engine:
        program = IntakeProgram(
            engine,
            load_private_key(settings.collector.operations_key),
            Link(broker, INTRODUCTION),
            settings.collector.fold_minutes * 60_000_000,
        )
        print(
            f"intake: from the broker at {broker.host}:{broker.port}", file=sys.stderr, flush=True
        )
        program.run(stop)


@app.command(hidden=True)
def dispatch(config: CollectorConfig, parent: Parent = None) -> None:
    """Send roster, policy, notices, passages and commands to the gates; started by ``run``."""
    from collector.processes.dispatch import INTRODUCTION, DispatchProgram
    from collector.processes.supervisor import die_with, stop_on_signals
    from config.settings.load import load_collector
    from config.trust import load_private_key
    from sync.wire.link import Link
    from sync.wire.session import Address

    if parent is not None:
        die_with(parent)
    settings = load_collector(config)
    stop = stop_on_signals()
    with (
        database(settings, config, writes=False) as reading,
        database(settings, config, writes=True) as writing,
    ):
        with explained(settings, config):
            program = DispatchProgram(
                reading,
                writing,
                load_private_key(settings.collector.operations_key),
                Link(Address(settings.broker.host, settings.broker.port), INTRODUCTION),
            )
        program.run(stop)


@app.command(hidden=True)
def web(config: CollectorConfig, parent: Parent = None) -> None:
    """Serve the staff page; started by ``run``."""
    from collector.processes.supervisor import die_with, stop_on_signals
    from collector.web.program import serve
    from config.settings.error import ConfigError
    from config.settings.load import load_collector
    from ui.page_server import PageServer

    if parent is not None:
        die_with(parent)
    settings = load_collector(config)
    stop = stop_on_signals()
    try:
        page = PageServer(settings.page.port)
    except OSError as error:
        problem = f"page.port: cannot listen on {settings.page.port}: {error.strerror}"
        raise ConfigError(config, [problem]) from None
    with (
        database(settings, config, writes=False) as reading,
        database(settings, config, writes=True) as writing,
        page,
    ):
        serve(reading, writing, page, settings.page.language, stop)


@app.command(hidden=True)
def notify(config: CollectorConfig, parent: Parent = None) -> None:
    """Tell the webhook of new alerts; started by ``run`` where one is configured."""
    from collector.processes.notify import NotifyProgram
    from collector.processes.supervisor import die_with, stop_on_signals
    from config.settings.load import load_collector

    if parent is not None:
        die_with(parent)
    settings = load_collector(config)
    stop = stop_on_signals()
    with database(settings, config, writes=True) as engine:
        NotifyProgram(engine, settings.notify).run(stop)


@app.command()
def alerts(
    config: CollectorConfig,
    language: MessageLanguage,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with new ones until Ctrl-C.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print the alerts that nobody has taken up, one a line, oldest first."""
    from collector.store.queries import open_alerts
    from config.settings.load import load_collector
    from gatepost.collector.alert_lines import json_line, text_line

    settings = load_collector(config)
    newest = 0
    try:
        with (
            explained(settings, config),
            existing_database(settings, config, writes=False) as engine,
        ):
            while True:
                with engine.begin() as connection:
                    found = open_alerts(connection, newest)
                for alert in found:
                    print(
                        json_line(alert) if json else text_line(alert, language.catalogue),
                        flush=True,
                    )
                    newest = alert.id
                if not follow:
                    return
                time.sleep(_FOLLOW_S)
    except KeyboardInterrupt:
        return
