"""gatepost: the one command, assembled from the files beside this one."""

import sys
from typing import Annotated

import typer

from config.error import ConfigError
from gatepost import VERSION
from gatepost.collector import app as collector
from gatepost.decode import decode
from gatepost.demo.command import demo
from gatepost.doctor.command import doctor
from gatepost.explain import explain
from gatepost.fleet.command import app as simulate
from gatepost.gate import app as gate
from gatepost.household import app as household
from gatepost.journal import app as journal
from gatepost.keys import app as keys
from gatepost.lock import app as lock
from gatepost.notice import notice
from gatepost.paper import paper
from gatepost.passes import app as passes
from gatepost.policy import app as policy
from gatepost.roster import app as roster
from gatepost.screen import screen
from gatepost.sounds import sounds
from gatepost.thermometer import app as thermometer
from gatepost.volunteer import app as volunteer

app = typer.Typer(
    name="gatepost",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(gate, name="gate")
app.add_typer(collector, name="collector")
app.add_typer(roster, name="roster")
app.add_typer(household, name="household")
app.add_typer(policy, name="policy")
app.add_typer(passes, name="pass")
app.add_typer(keys, name="keys")
app.add_typer(journal, name="journal")
app.add_typer(lock, name="lock")
app.add_typer(thermometer, name="thermometer")
app.add_typer(volunteer, name="volunteer")
app.add_typer(simulate, name="simulate")
app.command()(decode)
app.command()(explain)
app.command()(demo)
app.command()(doctor)
app.command()(paper)
app.command()(screen)
app.command()(notice)
app.command()(sounds)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"gatepost {VERSION}")
        raise typer.Exit


@app.callback()
def gatepost(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    """Checkpoint software for residential compounds.

    A gate reads QR passes and temperatures, opens a lock, journals and syncs; a collector stores what
    the gates saw and raises alerts. Try it all without any hardware: gatepost demo.
    """
    # Until `lock secure` has begun, a gate's door may stand open: it waits for no module that it can do without.
    if context.invoked_subcommand != "lock":
        from gatepost.logs import log_to_stderr

        log_to_stderr()


def main() -> None:
    """Run a command; a config that cannot be used ends with exit code 2 and every mistake listed."""
    try:
        app()
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
