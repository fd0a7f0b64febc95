"""gatepost simulate fleet: load for a collector, from many gates in one process."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.key_files import TRUST
from gatepost.cli.options import AsJson

if TYPE_CHECKING:
    from config.trust import Trust
    from sync.wire.session import Address

app = typer.Typer(help="Gates that exist in software only.", no_args_is_help=True)
SETTLE_S = 30.0


@app.callback()
def simulate() -> None:
    """Keep the group a group although it has one command."""


@app.command()
def fleet(
    gates: Annotated[int, typer.Option(min=1, max=2000, help="How many.")] = 20,
    rate: Annotated[
        float, typer.Option(min=0.001, max=100, help="Records a second at each gate.")
    ] = 1.0,
    seconds: Annotated[float, typer.Option(min=0, help="How long they are written.")] = 30.0,
    compound: Annotated[
        int, typer.Option(min=0, max=65535, metavar="C", help="The number of all of them.")
    ] = 1,
    host: Annotated[
        str, typer.Option(help="Of a broker that has a collector already.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Its port; without it both are started for this run."),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="D", help="With --port: folder with that collector's trust.json."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let many gates write records and sync them, and say how long the way to the collector was.

    Every gate has a real journal and a real uplink with its own connection (clients sim-0000, sim-0001 ...);
    only people and devices are made up. One record in a hundred is a fever. Times are from just before a record
    is journalled to the collector's signed acknowledgement, which comes after its commit.

    Exit code 1: some record was not acknowledged within 30 s after the last one was written.
    """
    import json

    from checkpoint.ids import CompoundId
    from simulation.fleet.fleet import Fleet, folder_in_memory, percentile_ms

    if (port is None) != (keys is None):
        raise typer.BadParameter("--port and --keys belong together", param_hint="--port")
    with (
        tempfile.TemporaryDirectory(prefix="gatepost-fleet-", dir=folder_in_memory()) as name,
        _centre(host, port, keys) as (trust, address),
    ):
        many = Fleet(gates, Path(name), CompoundId(compound))
        many.connect(trust, address)
        times_s = [*many.live(rate, seconds), *many.finish(SETTLE_S)]
        unsynced = many.unsynced
        many.close()
    report = {
        "gates": gates,
        "acknowledged": len(times_s),
        "not_acknowledged": unsynced,
        "p50_ms": percentile_ms(times_s, 50),
        "p99_ms": percentile_ms(times_s, 99),
    }
    print(json.dumps(report) if as_json else "\n".join(f"{k}\t{v}" for k, v in report.items()))
    if unsynced:
        raise typer.Exit(1)


@contextmanager
def _centre(host: str, port: int | None, keys: Path | None) -> "Iterator[tuple[Trust, Address]]":
    from config.trust import load_trust
    from simulation.fleet.centre import Centre
    from sync.wire.session import Address

    if port is not None and keys is not None:
        yield load_trust(keys / TRUST), Address(host, port)
        return
    with tempfile.TemporaryDirectory(prefix="gatepost-fleet-") as name:
        try:
            centre = Centre(Path(name))
        except OSError as error:
            print(f"simulate: {error}", file=sys.stderr)
            raise typer.Exit(1) from None
        try:
            yield centre.trust, centre.address
        finally:
            centre.stop()
