"""./run bench rules: what a verdict costs with a whole compound behind it.

The sample roster of 2,747 households and 6,258 people under one-outing-a-day; a journal with 30 days of 7,000
passages, taken over as from a set-aside file, so that its ledger is filled by the gate's own code. Then people of the
roster arrive, either way, at times of the day after. Each is timed in two parts: the history out of the ledger, and
decide(). Beside it: how long a signed roster of 20,000 takes to be verified, read and indexed.

Controls. Rules that take CONTROL_MS longer must be seen as just that. The ledger must give the same history as reading
every record of the journal does; how long that takes stands beside it.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Annotated, Final

import msgspec
import numpy as np
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.table import Table

from bench.busy_month import (
    EPOCH,
    OPEN_S,
    TODAY,
    ZONE,
    at_us_of,
    journal_rows,
    roster_document,
    stamp_of,
)
from checkpoint.entry_pass import key_id
from checkpoint.ids import HouseholdId, PersonId
from checkpoint.people import Roster
from checkpoint.policy import Direction
from checkpoint.records import Crossing, decode
from checkpoint.rules.facts import Facts
from checkpoint.rules.history import OWN_GATE, History, LedgerEntry, history_of
from checkpoint.rules.table import decide
from checkpoint.rules.what_if import (
    CompoundRules,
    SupposedPassage,
    facts_about,
    pass_of,
    reading_of,
)
from config.policies import load_policy
from kiosk.files.journal_buffer import JournalBuffer
from sync.downlink.decisions import read_roster
from sync.journal.reader import JournalReader
from sync.journal.writer import Journal
from sync.wire.signed import Purpose, sign

HOUSEHOLDS: Final = 2_747
PEOPLE: Final = 6_258
MANY_PEOPLE: Final = 20_000
AIM_RULES_MS: Final = 1.0
AIM_WITH_HISTORY_MS: Final = 5.0
AIM_LOAD_S: Final = 1.0
CONTROL_MS: Final = 0.5
COMPARED: Final = 200
NOW_US: Final = at_us_of(TODAY, OPEN_S)
Times = list[float]
Ask = tuple[PersonId, int, HouseholdId | None]


def main(
    arrivals: Annotated[int, typer.Option(min=1000, help="How many are timed.")] = 20_000,
    days: Annotated[int, typer.Option(min=1, help="Days in the journal.")] = 30,
    a_day: Annotated[int, typer.Option(min=1, help="Passages a day.")] = 7_000,
) -> None:
    """Time rules and history, print p50 and p99 beside the aims. Exit 1 where a control or an aim fails."""
    chance = Random(1)  # noqa: S311 (repeatable, not secret)
    roster = Roster.of(roster_document(1, HOUSEHOLDS, PEOPLE))
    compound = CompoundRules(roster, load_policy("one-outing-a-day"), ZONE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        journal = Journal.on(path)
        journal.adopt(EPOCH, list(journal_rows(compound, days, a_day, chance)))
        journal_buffer = JournalBuffer(lambda: (journal, None), lambda: stamp_of(NOW_US), 200)
        people = list(roster.residents)
        asked = [_arrival(compound, chance.choice(people), chance) for _ in range(arrivals)]
        gc.freeze()
        history, rules = _timed(compound, asked, journal_buffer, decide)
        _, slowed = _timed(compound, asked[: arrivals // 10], journal_buffer, _decide_slowly)
        reading_s = _read_everything(compound, asked[:COMPARED], journal_buffer, path)
        size_mb = path.stat().st_size / 1e6
        journal_buffer.close()
    _print(history, rules, size_mb, reading_s)
    _judge(history, rules, _p(slowed, 50) - _p(rules, 50), _load_s())


def _arrival(compound: CompoundRules, person: PersonId, chance: Random) -> SupposedPassage:
    return SupposedPassage(
        person=person,
        direction=chance.choice(list(Direction)),
        at_s=at_us_of(TODAY, chance.randrange(OPEN_S)) // 1_000_000,
        reading=reading_of(None, compound.policy),
    )


def _ask(compound: CompoundRules, person: PersonId) -> Ask:
    resident = compound.roster.residents[person]
    return person, pass_of(person, compound).serial, resident.household


def _timed(
    compound: CompoundRules,
    asked: list[SupposedPassage],
    journal_buffer: JournalBuffer,
    judge: Callable[[Facts], object],
) -> tuple[Times, Times]:
    """Milliseconds of the history and of the rules, one each an arrival."""
    history: Times = []
    rules: Times = []
    for arrival in asked:
        facts, ask = facts_about(arrival, compound), _ask(compound, arrival.person)
        began_ns = time.perf_counter_ns()
        facts = replace(facts, history=journal_buffer.history(*ask))
        known_ns = time.perf_counter_ns()
        judge(facts)
        rules.append((time.perf_counter_ns() - known_ns) / 1e6)
        history.append((known_ns - began_ns) / 1e6)
    return history, rules


def _decide_slowly(facts: Facts) -> None:
    decide(facts)
    until_ns = time.perf_counter_ns() + round(CONTROL_MS * 1e6)
    while time.perf_counter_ns() < until_ns:
        pass


def _read_everything(
    compound: CompoundRules, asked: list[SupposedPassage], journal_buffer: JournalBuffer, path: Path
) -> float:
    """Seconds that the same takes without a ledger. Ends the bench where the ledger says anything else."""
    began_s = time.perf_counter()
    reader = JournalReader.on(path)
    records = [(row.seq, decode(row.body)) for _, row in reader.everything()]
    reader.close()
    entries = [LedgerEntry.of(OWN_GATE, s, r) for s, r in records if isinstance(r, Crossing)]

    def history(ask: Ask) -> History:
        return history_of(entries, *ask, NOW_US)

    history(_ask(compound, asked[0].person))
    took_s = time.perf_counter() - began_s
    for arrival in asked:
        ask = _ask(compound, arrival.person)
        if journal_buffer.history(*ask) != history(ask):
            print(f"the control failed: the ledger says something else of {arrival.person}")
            raise SystemExit(1)
    return took_s


def _load_s() -> float:
    """Seconds in which a signed roster of MANY_PEOPLE is verified, read and indexed; the slowest of five."""
    document = roster_document(2, MANY_PEOPLE * HOUSEHOLDS // PEOPLE, MANY_PEOPLE)
    key = Ed25519PrivateKey.generate()
    message = sign(Purpose.ROSTER, msgspec.json.encode(document), key)
    keys, took_s = {key_id(key.public_key()): key.public_key()}, []
    for _ in range(5):
        began_s = time.perf_counter()
        read_roster(message, keys)
        took_s.append(time.perf_counter() - began_s)
    return max(took_s)


def _print(history: Times, rules: Times, size_mb: float, reading_s: float) -> None:
    table = Table("part", "p50 ms", "p99 ms", "slowest ms")
    for name, times in (
        ("history", history),
        ("rules", rules),
        ("both", _both(history, rules)),
    ):
        table.add_row(name, f"{_p(times, 50):.3f}", f"{_p(times, 99):.3f}", f"{max(times):.3f}")
    Console(width=100).print(table)
    print(f"{len(rules)} arrivals; the journal has {size_mb:.0f} MB")
    print(
        f"without the ledger one history takes {reading_s:.1f} s,"
        f" {reading_s * 1000 / _p(history, 50):,.0f} times as long; {COMPARED} are the same"
    )


def _judge(history: Times, rules: Times, shift_ms: float, load_s: float) -> None:
    parts = [
        ("p99 rules", _p(rules, 99), AIM_RULES_MS, "ms"),
        ("p99 rules and history", _p(_both(history, rules), 99), AIM_WITH_HISTORY_MS, "ms"),
        (f"roster of {MANY_PEOPLE:,}", load_s, AIM_LOAD_S, "s"),
    ]
    for name, value, aim, unit in parts:
        print(f"{name}: {value:.3f} {unit}, {value / aim:.2f} of the aim of {aim:.0f} {unit}")
    print(f"control: rules {CONTROL_MS} ms slower were seen as {shift_ms:.2f} ms")
    if not 0.8 * CONTROL_MS < shift_ms < 1.5 * CONTROL_MS:
        print("the control failed: these figures mean nothing")
        raise SystemExit(1)
    if any(value > aim for _, value, aim, _ in parts):
        raise SystemExit(1)


def _both(history: Times, rules: Times) -> Times:
    return [one + other for one, other in zip(history, rules, strict=True)]


def _p(values: Times, percent: int) -> float:
    return float(np.percentile(values, percent))


if __name__ == "__main__":
    typer.run(main)
