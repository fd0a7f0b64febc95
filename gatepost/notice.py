"""gatepost notice."""

import json
from typing import Annotated

import typer

from gatepost.cli.admin_action import By, CompoundOption, admin_action
from gatepost.cli.collector_database import CollectorConfig
from gatepost.cli.options import AsJson


def notice(
    config: CollectorConfig,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Up to 4 notices of up to 120 characters."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Show none any more.")] = False,
    compound: CompoundOption = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; recorded.")] = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Show notices on the pages of a compound's gates while nobody is being served.

    They replace those before. Quote each one: gatepost notice "Water is off 9 to 11" "Masks, please".
    """
    from collector.actions.admin_actions import set_notices
    from collector.actions.compound_lookup import the_only

    if bool(text) == clear:
        raise typer.BadParameter("say what to show, or --clear", param_hint="TEXT")
    with admin_action(config, by, reason) as (connection, done):
        where = the_only(connection, compound)
        revision = set_notices(connection, done, where, tuple(text or ()))
    if as_json:
        print(json.dumps({"compound": where, "notices": text or [], "revision": revision}))
    elif revision is None:
        print(f"compound {where} shows that already")
    else:
        print(f"compound {where}: {len(text or [])} notices, revision {revision}")
