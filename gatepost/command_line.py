"""The one command, assembled from the files beside this one."""

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Final

import typer

from config.version import VERSION

# Where each command is: a typer app is a group of commands, a function a command.
COMMANDS: Final = {
    "gate": "gatepost.gate.command:app",
    "collector": "gatepost.collector.command:app",
    "roster": "gatepost.roster.command:app",
    "household": "gatepost.household:app",
    "policy": "gatepost.policy.command:app",
    "pass": "gatepost.passes.command:app",
    "keys": "gatepost.keys:app",
    "journal": "gatepost.journal:app",
    "lock": "gatepost.lock:app",
    "thermometer": "gatepost.thermometer:app",
    "volunteer": "gatepost.volunteer:app",
    "simulate": "gatepost.simulate.command:app",
    "decode": "gatepost.decode:decode",
    "explain": "gatepost.policy.explain:explain",
    "demo": "gatepost.demo.command:demo",
    "doctor": "gatepost.doctor.command:doctor",
    "paper": "gatepost.paper:paper",
    "screen": "gatepost.screen:screen",
    "notice": "gatepost.notice:notice",
    "sounds": "gatepost.sounds:sounds",
}


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command with these of its commands; names are keys of COMMANDS."""
    app = typer.Typer(
        name="gatepost",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(gatepost)
    for name in names:
        module, _, member = COMMANDS[name].partition(":")
        found = getattr(import_module(module), member)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def asked_for(arguments: list[str]) -> typer.Typer:
    """The command that is asked for alone: it does not wait for what only others need.

    It is named by the first argument; where that names none, help and complaints are about all of them.
    """
    first = arguments[0] if arguments else ""
    return command_line([first] if first in COMMANDS else COMMANDS)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"gatepost {VERSION}")
        raise typer.Exit


def gatepost(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    """Checkpoint software for residential compounds.

    A gate reads QR passes and temperatures, opens a lock, journals and syncs; a collector stores what
    the gates saw and raises alerts. Try it all without any hardware: gatepost demo.
    """
