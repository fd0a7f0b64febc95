"""./run bench sync: a backlog of 20 gates drained into SQLite, beside inserting the same rows and nothing else.

Drained: real journals, real uplinks (the simulated fleet, one process), a real mosquitto, a real intake
process with its checks, alerts and signed acknowledgements, until every row is acknowledged. Bare: the same
table on the same disk, rows that are parsed already, 500 in a transaction, nobody else at work; once by
executemany() and once by the intake's own statement. The aim is AIM_RATIO of the first. The journals lie
in memory, for each gate would have a disk of its own.

On a machine that is busy with something else, or has few cores, the drain suffers more than the bare insert, which is
one process: so the processor time a record is told as well, of the intake and of the bare insert.

As a control the intake is stopped (SIGSTOP) for a while at the beginning of another drain: the bench must see a pause
of that length, longer than any before, or it does not measure what it says. Afterwards the collector's rows must
equal the journals'.

Live: many gates with one record a second each; from the moment before a record is journalled to its
acknowledgement, which comes after the commit.
"""

import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Connection

from collector.store.commit import RECORD_COLUMNS
from collector.store.database import (
    database_url,
    insert_many_or_ignore,
    migrate,
    opened_database,
)
from simulation.compound import COMPOUND
from simulation.fleet.centre import Centre
from simulation.fleet.fleet import Fleet, folder_in_memory, percentile_ms

AIM_RATIO: Final = 0.70
AIM_MEMORY_MB: Final = 200
AIM_LIVE_MS: Final = 500
BACKLOG_GATES: Final = 20
BARE_BATCH: Final = 500
PARSED_AT_ONCE: Final = 20 * BARE_BATCH
PATIENCE_S: Final = 3600.0


Rows = list[tuple[object, ...]]
Insert = Callable[[Connection, Rows], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One drain and what it is compared with."""

    records: int
    drained_s: float
    pause_s: float
    """The longest time without an acknowledgement."""
    intake_cpu_s: float
    bare: "Bare"
    bare_own: "Bare"
    memory_mb: float
    missing: int


@dataclass(frozen=True, slots=True)
class Bare:
    """Inserting only, without parsing: by the clock, and of the processor."""

    seconds: float
    cpu_s: float


def main(
    records: Annotated[
        int, typer.Option(min=BACKLOG_GATES * 100, help="Backlog of all gates together.")
    ] = 60_000,
    gates: Annotated[int, typer.Option(min=1, help="Of the live part.")] = 200,
    seconds: Annotated[int, typer.Option(min=0, help="Of the live part; 0 leaves it out.")] = 30,
) -> None:
    """Backlog and live traffic; exit code 1 if a row is missing or the control fails."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    a_gate = records // BACKLOG_GATES
    run = _backlog(a_gate)
    stopped_s = 2.0 + 2 * run.pause_s
    slowed = _backlog(a_gate, stopped_s)
    _print_backlog(run, slowed, stopped_s)
    if seconds:
        _print_live(gates, seconds)
    if run.missing or slowed.missing:
        print(f"{run.missing + slowed.missing} rows are missing: these figures mean nothing")
        raise SystemExit(1)
    if slowed.pause_s < 0.8 * stopped_s:
        print("the control failed: these figures mean nothing")
        raise SystemExit(1)


def _print_backlog(run: Run, slowed: Run, stopped_s: float) -> None:
    rate, bare = run.records / run.drained_s, run.records / run.bare.seconds
    own = run.records / run.bare_own.seconds
    print(f"{run.records} records of {BACKLOG_GATES} gates drained: {rate:,.0f} records/s")
    print(f"bare insert or ignore: {bare:,.0f} records/s; drained at {rate / bare:.2f} of it,")
    print(f"  which is {rate / bare / AIM_RATIO:.2f} of the aim of {AIM_RATIO:.2f}")
    print(f"bare, by the intake's own many-rowed statement: {own:,.0f} records/s, {rate / own:.2f}")
    cpu_us, bare_us = (each / run.records * 1e6 for each in (run.intake_cpu_s, run.bare.cpu_s))
    print(f"processor: intake {cpu_us:.1f} us a record, bare {bare_us:.1f}: {bare_us / cpu_us:.2f}")
    share = run.memory_mb / AIM_MEMORY_MB
    print(f"intake process {run.memory_mb:.0f} MB at its peak: {share:.2f} of the aim of 200 MB")
    seen = f"a pause of {slowed.pause_s:.1f} s; the longest one else was {run.pause_s:.1f} s"
    print(f"control: an intake stopped for {stopped_s:.1f} s was seen as {seen}")


def _backlog(a_gate: int, stopped_s: float = 0.0) -> Run:
    with (
        tempfile.TemporaryDirectory(prefix="gatepost-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="gatepost-bench-", dir=folder_in_memory()) as journals,
    ):
        fleet = Fleet(BACKLOG_GATES, Path(journals), COMPOUND)
        _fill(fleet, a_gate)
        bare, bare_own = (_bare(fleet, Path(folder), each) for each in (_plainly, _own))
        centre = Centre(Path(folder))
        fleet.connect(centre.trust, centre.address)
        before_s = centre.intake_cpu_s()
        drained_s, pause_s = _drain(fleet, centre, stopped_s)
        cpu_s = centre.intake_cpu_s() - before_s
        records = a_gate * BACKLOG_GATES
        missing, memory_mb = records - centre.stored(), centre.peak_mb()
        fleet.close()
        centre.stop()
    return Run(records, drained_s, pause_s, cpu_s, bare, bare_own, memory_mb, missing)


def _fill(fleet: Fleet, a_gate: int) -> None:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("journals", total=len(fleet.gates) * a_gate)
        for gate in fleet.gates:
            for _ in range(a_gate):
                gate.write()
            progress.advance(task, a_gate)


def _drain(fleet: Fleet, centre: Centre, stopped_s: float) -> tuple[float, float]:
    """How long it took, and the longest time without an acknowledgement."""
    total = fleet.unsynced
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drained", total=total)
        changes = [(begin_s := time.monotonic(), total)]

        def note(left: int) -> None:
            if left != changes[-1][1]:
                changes.append((time.monotonic(), left))
                progress.update(task, completed=total - left)

        if stopped_s:
            os.kill(centre.intake_pid, signal.SIGSTOP)
            threading.Timer(stopped_s, os.kill, (centre.intake_pid, signal.SIGCONT)).start()
        if not fleet.drain(PATIENCE_S, note):
            raise RuntimeError(f"not drained within {PATIENCE_S} s")
        pauses_s = [after - before for (before, _), (after, _) in pairwise(changes)]
        return time.monotonic() - begin_s, max(pauses_s)


def _bare(fleet: Fleet, folder: Path, insert: Insert) -> Bare:
    seconds = cpu_s = 0.0
    with opened_database(database_url("bare.db", folder), writes=True) as engine:
        migrate(engine)
        for gate in fleet.gates:
            for start in range(0, gate.written, PARSED_AT_ONCE):
                rows = list(gate.parsed(start, PARSED_AT_ONCE))
                begin_s, begin_cpu_s = time.monotonic(), time.process_time()
                for first in range(0, len(rows), BARE_BATCH):
                    with engine.begin() as connection:
                        insert(connection, rows[first : first + BARE_BATCH])
                seconds += time.monotonic() - begin_s
                cpu_s += time.process_time() - begin_cpu_s
    for path in folder.glob("bare.db*"):
        path.unlink()
    return Bare(seconds, cpu_s)


def _plainly(connection: Connection, rows: Rows) -> None:
    places = ", ".join("?" * len(RECORD_COLUMNS))
    columns = ", ".join(RECORD_COLUMNS)
    statement = f"INSERT OR IGNORE INTO records ({columns}) VALUES ({places})"  # noqa: S608
    connection.exec_driver_sql(statement, rows)


def _own(connection: Connection, rows: Rows) -> None:
    insert_many_or_ignore(connection, "records", RECORD_COLUMNS, rows)


def _print_live(count: int, seconds: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="gatepost-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="gatepost-bench-", dir=folder_in_memory()) as journals,
    ):
        centre = Centre(Path(folder))
        fleet = Fleet(count, Path(journals), COMPOUND)
        fleet.connect(centre.trust, centre.address)
        fleet.drain(60, lambda _: None)
        times_s = [*fleet.live(1.0, seconds), *fleet.finish(30)]
        left = fleet.unsynced
        fleet.close()
        centre.stop()
    p50_ms, p99_ms = percentile_ms(times_s, 50), percentile_ms(times_s, 99) or 0
    print(f"live: {count} gates, 1 record a second each: {len(times_s)} acknowledged, {left} not;")
    print(f"  record to acknowledgement p50 {p50_ms} ms, p99 {p99_ms} ms", end="")
    print(f": {p99_ms / AIM_LIVE_MS:.2f} of the aim of {AIM_LIVE_MS} ms")


if __name__ == "__main__":
    typer.run(main)
