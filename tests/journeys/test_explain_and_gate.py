"""What gatepost explain says is what a running gate does: same roster, policy, earlier passages and moment."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from checkpoint.entry_pass import issue_pass
from checkpoint.ids import CompoundId, GateId, PersonId, Seq
from checkpoint.people import Roster, RosterDocument
from checkpoint.policy import Direction
from checkpoint.records import Basis, Bearer, Crossing, Evidence, Passage, Result
from checkpoint.rules.history import LedgerEntry
from checkpoint.rules.outings import charged_day
from checkpoint.rules.what_if import CompoundRules, pass_of
from config.key_files import OPERATIONS_KEY
from config.policies import load_policy
from config.trust import load_private_key
from sync.journal.opening import open_journal
from sync.wire.signed import Purpose, sign
from tests.checkpoint.examples import ZONE, stamp
from tests.journeys.compound import ROSTER, Answer, explain, passage
from tests.kiosk.one_gate import OneGate

IN, OUT = Direction
Before = list[tuple[int, str, Direction]]
"""How many minutes ago, who, and which way, at another gate."""
COMERS = [("wang", 36.6), ("abroad", 38.4), ("contact", 36.6), ("guest", 36.6), ("cleaner", 36.6)]
LEAVERS = [
    ("wang", 36.6),
    ("li", 36.6),
    ("nurse", 36.6),
    ("guard", 36.6),
    ("back", 36.6),
    ("guest", 36.6),
]
LATE: Before = [(240, "wang", OUT), (2, "cleaner", IN), (60, "guest", IN), (30, "guest", OUT)]
SPENT: Before = [(2000, "li", OUT), (1950, "li", IN), (100, "nurse", OUT), (70, "guard", OUT)]


class Stage:
    """A running gate, and beside it the files that explain is given."""

    def __init__(self, folder: Path, policy: str, direction: Direction, before: Before) -> None:
        self.policy, self.direction = policy, direction
        now_us = time.time_ns() // 1000
        document = msgspec.convert({**ROSTER, "revision": now_us}, RosterDocument)
        self.compound = CompoundRules(Roster.of(document), load_policy(policy), ZONE)
        self.folder = folder / "explain"
        self.folder.mkdir()
        self.earlier: list[str] = []
        self.gate = OneGate(folder, self._configure)
        key = load_private_key(self.gate.compound.keys / OPERATIONS_KEY)
        self.gate.apply_roster(sign(Purpose.ROSTER, msgspec.json.encode(document), key))
        journal, _ = open_journal(self.gate.settings.gate.data / "journal.db", None)
        for number, (minutes_ago, person, way) in enumerate(before):
            crossing = self._crossing(PersonId(person), way, now_us - minutes_ago * 60_000_000)
            journal.learn([LedgerEntry.of(GateId("west"), Seq(number), crossing)], str(number))
            self._remember(crossing)
        journal.close()

    def comes(self, person: str, celsius: float) -> tuple[Answer, Answer]:
        """Somebody shows their pass. What the gate said, and what explain says to the same."""
        seen = len(self.gate.passages())
        claims = pass_of(PersonId(person), self.compound)
        claims = replace(claims, expires_s=min(claims.expires_s, 2**32 - 1))
        self.gate.play(issue_pass(claims, self.gate.issuer), celsius=celsius)
        said = self.gate.wait_for_passages(seen + 1)[-1]
        self.gate.quiet()
        answers = _answer_of(said), self._explained(person, said)
        if said.result is Result.ADMIT:
            self._remember(self._wait_for_crossing(said.stamp.at_us))
        return answers

    def _configure(self, text: str) -> str:
        ours = f'direction = "{self.direction.value}"\npolicy = "{self.policy}"'
        return text.replace('direction = "in"', ours)

    def _explained(self, person: str, said: Passage) -> Answer:
        at = datetime.fromtimestamp(said.stamp.at_us / 1_000_000, UTC).isoformat()
        where = ["--policy", self.policy, "--direction", self.direction.value, "--at", at]
        centicelsius = said.temperature_centicelsius
        warm = [] if centicelsius is None else ["--celsius", str(centicelsius / 100)]
        (self.folder / "roster.json").write_text(json.dumps(ROSTER))
        return explain(self.folder, "--person", person, *where, *warm, earlier=self.earlier)

    def _wait_for_crossing(self, passage_at_us: int) -> Crossing:
        def ended() -> list[Crossing]:
            records = self.gate.records()
            return [
                r for r in records if isinstance(r, Crossing) and r.passage_at_us == passage_at_us
            ]

        self.gate.wait(lambda: bool(ended()))
        return ended()[-1]

    def _remember(self, crossing: Crossing) -> None:
        at = datetime.fromtimestamp(crossing.passage_at_us / 1_000_000, UTC).isoformat()
        person, way = crossing.bearer.person, crossing.direction.value
        self.earlier.append(passage(person, way, at, passed=crossing.went_through))

    def _crossing(self, person: PersonId, way: Direction, passage_at_us: int) -> Crossing:
        resident = self.compound.roster.residents[person]
        claims = pass_of(person, self.compound)
        local = datetime.fromtimestamp(passage_at_us // 1_000_000, ZONE)
        bearer = Bearer(
            person=person, serial=claims.serial, compound=CompoundId(1), kind=claims.kind
        )
        return Crossing(
            stamp=stamp(at_us=passage_at_us),
            passage_at_us=passage_at_us,
            bearer=bearer,
            household=resident.household,
            direction=way,
            direction_basis=Basis.LANE,
            how=Evidence.DOOR,
            charged_day=charged_day(resident, way, local, self.compound.policy),
        )


def _answer_of(said: Passage) -> Answer:
    reason = "OK" if said.reason is None else said.reason.value
    return Answer(said.result.value, reason, tuple(sorted(said.flags)))


@pytest.mark.parametrize(
    ("policy", "direction", "before", "who"),
    [
        ("ordinary", IN, LATE, COMERS),
        ("one-outing-a-day", IN, LATE, COMERS),
        ("one-outing-a-day", OUT, [], LEAVERS),
        ("every-two-days-3h", OUT, SPENT, LEAVERS),
        ("sealed", OUT, [], LEAVERS),
    ],
)
def test_explain_says_what_the_running_gate_did(
    tmp_path: Path,
    policy: str,
    direction: Direction,
    before: Before,
    who: list[tuple[str, float]],
) -> None:
    stage = Stage(tmp_path, policy, direction, before)
    stage.gate.start()
    try:
        answers = {person: stage.comes(person, celsius) for person, celsius in who}
    finally:
        stage.gate.stop()
        stage.gate.store.close()
    assert {person: gate for person, (gate, _) in answers.items()} == {
        person: explained for person, (_, explained) in answers.items()
    }
    assert len({gate.reason for gate, _ in answers.values()}) > 1
