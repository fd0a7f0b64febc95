"""./run bench powercut --cuts 200: a gate at work loses its power again and again; what was seen before must be there.

The unmodified gate and sync programs run in a virtual machine (docs/testing.md) that is killed at a random
moment while people pass: tests/hardware/power_cuts.py says how. After every cut the disk is mounted and each row
that the collector had, and each admission for which the lock's line was driven, is looked for.

As the counter-proof the same is done with synchronous=NORMAL, which must lose rows; if it does not, the bench shows
nothing. Exit code 1: something was lost, doubled or damaged, or the counter-proof lost nothing.
"""

import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.hardware.machine.kernel import missing_tools
from tests.hardware.power_cuts import PowerCuts, Tally
from tests.hardware.stand import Stand


def main(
    cuts: Annotated[int, typer.Option(min=1, help="Cuts with the journal as it is.")] = 200,
    careless_cuts: Annotated[
        int, typer.Option(min=2, help="Cuts with synchronous=NORMAL, the counter-proof.")
    ] = 5,
    seed: Annotated[int, typer.Option(help="Of the moments and of who comes.")] = 1,
) -> None:
    """Cut the power of a gate at work, and look what is left. Some 8 s a cut on two quiet cores."""
    if missing := missing_tools():
        print("\n".join(missing), file=sys.stderr)
        raise typer.Exit(1)
    print("the machine is made ready", file=sys.stderr, flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="gatepost-powercut-") as name,
        closing(Stand(Path(name))) as stand,
    ):
        machine = PowerCuts(stand, seed=seed)
        full = machine.run(cuts, _tell("FULL, as it is", cuts))
        normal = machine.run(careless_cuts, _tell("NORMAL", careless_cuts), carelessly=True)
    _print({"FULL, as it is": full, "NORMAL": normal})
    if not full.nothing_is_lost:
        print("something that was seen before a cut was not there after it")
    if not normal.lost_rows:
        print("the counter-proof lost nothing: these figures mean nothing")
    raise typer.Exit(not full.nothing_is_lost or not normal.lost_rows)


def _tell(what: str, cuts: int) -> Callable[[Tally], None]:
    told = 0

    def tell(tally: Tally) -> None:
        nonlocal told
        print(
            f"{what}: cut {tally.cuts} of {cuts}, {_seconds_a_cut(tally)} s each;"
            f" seen before: {tally.acknowledged} rows, {tally.pulses} admissions;"
            f" of these lost: {tally.lost_rows} and {tally.lost_admissions}",
            *tally.missing[told:],
            *sorted(tally.opened)[-1:],
            sep="\n",
            file=sys.stderr,
            flush=True,
        )
        told = len(tally.missing)

    return tell


def _seconds_a_cut(tally: Tally) -> str:
    return f"{tally.seconds / max(1, tally.cuts):.1f}"


def _print(tallies: dict[str, Tally]) -> None:
    table = Table("synchronous", *tallies)
    rows: dict[str, Callable[[Tally], object]] = {
        "cuts": lambda tally: tally.cuts,
        "rows the collector had": lambda tally: tally.acknowledged,
        "of these lost": lambda tally: tally.lost_rows,
        "admissions with the line driven": lambda tally: tally.pulses,
        "of these lost ": lambda tally: tally.lost_admissions,
        "rows in two versions": lambda tally: tally.doubled,
        "openings without a pass": lambda tally: len(tally.opened),
        "journals not whole or begun anew": lambda tally: len(tally.damaged),
        "seconds a cut": _seconds_a_cut,
    }
    for name, figure in rows.items():
        table.add_row(name, *(str(figure(tally)) for tally in tallies.values()))
    Console(width=100).print(table)
    for name, tally in tallies.items():
        print(*(f"{name}: {what}" for what in (tally.damaged + tally.missing)[:20]), sep="\n")


if __name__ == "__main__":
    typer.run(main)
