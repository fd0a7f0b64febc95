"""gatepost roster sample."""

from pathlib import Path
from typing import Annotated

import typer

from gatepost.cli.options import LanguageName
from gatepost.cli.roster_json import write_roster
from gatepost.roster.export import write_table


def sample(
    seed: Annotated[int, typer.Option(metavar="N", help="Same number, same people, same bytes.")],
    out: Annotated[Path, typer.Option(metavar="F", help="File to write: .csv, .xlsx or .json.")],
    households: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="H", help="How many, vacant ones included.")
    ] = 2_747,
    people: Annotated[
        int, typer.Option(min=0, max=100_000, metavar="P", help="How many, of all kinds.")
    ] = 6_258,
) -> None:
    """Make up a compound that looks like a real one, to try things with.

    Its sizes are those of one gate of which an account was published. Nobody in it is real.
    """
    from collector.roster_files.sample import sample as made_up

    roster = made_up(seed, households, people)
    if out.suffix.lower() == ".json":
        write_roster(roster, out)
    else:
        write_table(roster, out, LanguageName.EN)
    print(f"{out}: {len(roster.households):,} households, {len(roster.residents):,} people")
