"""``gatepost demo --exit``: the fixed scenario played quickly, each arrival held against what must come of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from checkpoint.ids import EpochId, GateId, Seq
from checkpoint.records import DeviceState, Passage, Result
from collector.store.database import database_url, opened_database
from collector.store.queries import alert_codes, counts
from collector.store.schema import RECORDS
from config.key_files import PASS_KEY
from config.trust import load_private_key
from drivers.simulated.world import Scene
from simulation.arrivals import Arrival, fixed_scenario
from simulation.compound import GATES, Manner, people
from simulation.stage import Stage, set_stage
from sync.journal.reader import JournalReader

GATE: Final = "east-in"
FRAMES_PER_SECOND: Final = 15
VERDICT_WITHIN_S: Final = 12.0
CAUGHT_UP_WITHIN_S: Final = 60.0
"""Who was without a broker looks for one ever more rarely, half a minute apart at last."""
ABSENCE_S: Final = 0.4
"""Long enough that nobody's late pulse or row is counted for the next one."""


class ScenarioOutcome(msgspec.Struct, kw_only=True):
    """One arrival's line of the table and of the JSON."""

    name: str
    expected: dict[str, str]
    outcome: str
    reason: str | None
    celsius: float | None
    lock_pulses: int
    journal_records: int
    """Scans of this arrival that were written down; what became of the opened door is not among them."""
    collector_records: int
    alerts: list[str]


class Report(msgspec.Struct, kw_only=True):
    """The whole scenario."""

    arrivals: list[ScenarioOutcome]
    lost: int
    duplicated: int


Seen = tuple[Arrival, list[tuple[EpochId, Seq]], Passage | None, int]


def play_scripted(progress: Callable[[str], None]) -> tuple[Report, bool]:
    """Play everything; the report, and whether all of it is as expected. Raises StageError."""
    with set_stage(Manner(unlock_seconds=0.8), people()) as stage:
        issuer = load_private_key(stage.compound.keys / PASS_KEY)
        seen: list[Seen] = []
        for arrival in fixed_scenario(issuer):
            progress(arrival.name)
            seen.append(_play(stage, arrival))
        progress("collector catches up")
        stage.comes_true(lambda: _missing(stage) == 0, CAUGHT_UP_WITHIN_S)
        outcomes = [_outcome(stage, each) for each in seen]
        report = Report(arrivals=outcomes, lost=_missing(stage), duplicated=_duplicated(stage))
    as_expected = [_is_as_expected(e[0], o) for e, o in zip(seen, outcomes, strict=True)]
    return report, all(as_expected) and report.lost == report.duplicated == 0


def _play(stage: Stage, arrival: Arrival) -> Seen:
    with _circumstances(stage, arrival):
        head, pulses = stage.head(GATE), stage.pulses(GATE)
        scene = Scene(
            codes=(arrival.code,),
            celsius=arrival.celsius,
            thermometer="unplugged" if arrival.thermometer_unplugged else "present",
        )
        stage.play(GATE, scene)
        stage.comes_true(lambda: bool(stage.passages_after(GATE, head)), VERDICT_WITHIN_S)
        if arrival.result is Result.ADMIT:  # it is written down before the lock is opened
            stage.comes_true(lambda: stage.pulses(GATE) > pulses, VERDICT_WITHIN_S)
        time.sleep(arrival.frames / FRAMES_PER_SECOND)
        stage.play(GATE, msgspec.structs.replace(scene, codes=(), celsius=None))
        time.sleep(ABSENCE_S)
        stage.comes_true(lambda: stage.lock_is_shut(GATE), VERDICT_WITHIN_S)
        rows = stage.rows_after(GATE, head)
    scans = [(epoch, seq, record) for epoch, seq, record in rows if isinstance(record, Passage)]
    passages = [record for _, _, record in scans]
    places = [(epoch, seq) for epoch, seq, _ in scans]
    return arrival, places, passages[0] if passages else None, stage.pulses(GATE) - pulses


@contextmanager
def _circumstances(stage: Stage, arrival: Arrival) -> Iterator[None]:
    """What is out of order while this one arrives."""
    head = stage.head(GATE)
    if arrival.broker_away:
        stage.broker.stop()
    if arrival.thermometer_unplugged:
        stage.play(GATE, Scene(thermometer="unplugged"))
        stage.wait_for_thermometer(GATE, head, DeviceState.GONE)
    yield
    if arrival.thermometer_unplugged:
        stage.play(GATE, Scene())
        stage.wait_for_thermometer(GATE, head, DeviceState.OK)
    if arrival.broker_away:
        stage.broker.start()


def _outcome(stage: Stage, seen: Seen) -> ScenarioOutcome:
    arrival, places, passage, pulses = seen
    with _collector(stage) as connection:
        stored = _stored(connection)
        alerts = {
            code
            for epoch, seq in places
            for code in alert_codes(connection, GateId(GATE), epoch, seq)
        }
    celsius = passage.temperature_centicelsius if passage else None
    return ScenarioOutcome(
        name=arrival.name,
        expected={"outcome": arrival.result.value, "reason": arrival.reason or "OK"},
        outcome=passage.result.value if passage else "none",
        reason=(passage.reason or "OK") if passage else None,
        celsius=None if celsius is None else celsius / 100,
        lock_pulses=pulses,
        journal_records=len(places),
        collector_records=sum((GATE, epoch, seq) in stored for epoch, seq in places),
        alerts=sorted(alerts),
    )


def _is_as_expected(arrival: Arrival, outcome: ScenarioOutcome) -> bool:
    return (
        {"outcome": outcome.outcome, "reason": outcome.reason} == outcome.expected
        and outcome.lock_pulses == (outcome.outcome == "admit")
        and outcome.journal_records == outcome.collector_records == 1
        and outcome.alerts == sorted(arrival.alerts)
    )


def _missing(stage: Stage) -> int:
    """Journal rows that the collector does not have with the same hash."""
    with _collector(stage) as connection:
        stored = _stored(connection)
    missing = 0
    for gate in GATES:
        with closing(JournalReader.on(stage.compound.journal(gate))) as reader:
            for epoch, row in reader.everything():
                missing += stored.get((gate, epoch, row.seq)) != row.hash
    return missing


def _duplicated(stage: Stage) -> int:
    with _collector(stage) as connection:
        return sum(count.records - count.distinct_digests for count in counts(connection))


def _stored(connection: Connection) -> dict[tuple[str, str, int], str]:
    columns = RECORDS.c
    found = connection.execute(select(columns.gate, columns.epoch, columns.seq, columns.hash))
    return {(gate, epoch, seq): hash_ for gate, epoch, seq, hash_ in found}


@contextmanager
def _collector(stage: Stage) -> Iterator[Connection]:
    url = database_url(str(stage.compound.database), stage.compound.folder)
    with opened_database(url, writes=False) as engine, engine.connect() as connection:
        yield connection
