"""gatepost keys init: the keys that a compound's passes and messages are signed with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make the keys that everything is signed with.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Keep the group a group although it has one command."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="D", help="A new or empty folder.")],
) -> None:
    """Make a pass-issuing key, an operations key, a sealing key, and trust.json with their public halves.

    pass.pem signs passes, operations.pem signs rosters and acknowledgements, sealing.pem opens what gates
    have sealed (visitors' names and phones): all three are secret and stay at
    the centre. trust.json is all that a gate needs;
    copy it there.
    """
    from config.key_files import OPERATIONS_KEY, PASS_KEY, SEALING_KEY, TRUST, make_keys

    try:
        if folder.exists() and any(folder.iterdir()):
            print(
                f"{folder}: is not empty; keys are never overwritten, name a new folder",
                file=sys.stderr,
            )
            raise typer.Exit(2)
        make_keys(folder)
    except OSError as error:
        raise typer.BadParameter(f"{folder}: {error.strerror}", param_hint="D") from None
    for name in (PASS_KEY, OPERATIONS_KEY, SEALING_KEY, TRUST):
        print(folder / name)
