"""gatepost demo [--exit] [--json FILE]."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from gatepost.demo.scripted import Report


def demo(
    exit_after: Annotated[
        bool, typer.Option("--exit", help="Play one fixed scenario quickly, check it, and end.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --exit: write the results there too.")
    ] = None,
) -> None:
    """A whole compound on this machine, without any hardware.

    Starts a broker, the collector, and two gates whose camera, thermometer and lock are simulated but
    decoded, measured and driven by the real code. Needs mosquitto. Everything lies in a temporary folder
    and listens on loopback only; nothing is left behind.

    --exit: exit code 0 only if every arrival came out as expected and no record was lost or duplicated.
    """
    from rich.console import Console

    from simulation.stage import StageError

    if json is not None and not exit_after:
        raise typer.BadParameter(
            "belongs to --exit: gatepost demo --exit --json FILE", param_hint="--json"
        )
    if json is not None and not json.absolute().parent.is_dir():
        raise typer.BadParameter(f"{json}: there is no such folder", param_hint="--json")
    # A demo that is told to end cleans up as for Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(stderr=exit_after)
    try:
        if exit_after:
            _scripted(console, json)
        else:
            from gatepost.demo.lively import play_lively

            play_lively(console)
    except (StageError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _scripted(console: "Console", json: Path | None) -> None:
    import msgspec
    from rich.console import Console

    from gatepost.demo.scripted import play_scripted

    with console.status("starting broker, collector and two gates ...") as status:
        report, as_expected = play_scripted(lambda name: status.update(f"playing: {name}"))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    Console(width=140).print(_table(report))
    print(f"lost {report.lost}, duplicated {report.duplicated}")
    print("everything as expected" if as_expected else "NOT as expected")
    if not as_expected:
        raise typer.Exit(1)


def _table(report: "Report") -> "Table":
    from rich.table import Table

    table = Table(
        "arrival", "expected", "outcome", "°C", "pulses", "journal", "collector", "alerts"
    )
    for each in report.arrivals:
        expected = f"{each.expected['outcome']} {each.expected['reason']}"
        table.add_row(
            each.name,
            expected,
            f"{each.outcome} {each.reason or ''}",
            "" if each.celsius is None else f"{each.celsius:.2f}",
            str(each.lock_pulses),
            str(each.journal_records),
            str(each.collector_records),
            " ".join(each.alerts),
        )
    return table
