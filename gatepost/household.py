"""gatepost household colour."""

import json
from typing import Annotated

import typer

from checkpoint.people import Colour
from gatepost.cli.admin_action import By, CompoundOption, Reason, admin_action
from gatepost.cli.collector_database import CollectorConfig
from gatepost.cli.options import AsJson

app = typer.Typer(help="Change what the centre knows of a household.", no_args_is_help=True)


@app.callback()
def household() -> None:
    """Change what the centre knows of a household."""


@app.command()
def colour(
    household: Annotated[str, typer.Argument(metavar="ID", help="The household, such as 7-301.")],
    colour: Annotated[
        Colour, typer.Argument(metavar="COLOUR", help="green, yellow, orange, red or white.")
    ],
    config: CollectorConfig,
    reason: Reason,
    compound: CompoundOption = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give a household its health status; every gate that is connected obeys it within two seconds.

    yellow and orange: may come in, may not go out. red: held at the gate, staff are called. white: vacant. A gate
    that is cut off obeys as soon as it is connected again. Exit code 0 also where it has that colour already.
    """
    from checkpoint.ids import HouseholdId
    from collector.actions.admin_actions import set_colour
    from collector.actions.compound_lookup import of_household

    id_ = HouseholdId(household)
    with admin_action(config, by, reason) as (connection, done):
        where = of_household(connection, id_, compound)
        revision = set_colour(connection, done, where, id_, colour)
    if as_json:
        said = {"compound": where, "household": id_, "colour": colour.value, "revision": revision}
        print(json.dumps(said))
    elif revision is None:
        print(f"{id_} is {colour.value} already")
    else:
        print(f"{id_} is {colour.value} now: revision {revision}")
