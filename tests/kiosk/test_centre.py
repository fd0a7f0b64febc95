"""What the centre tells one running gate: policy, notices, commands; through sync.db, as the sync process leaves it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from checkpoint.gate.commands import Command
from checkpoint.gate.context import Face
from checkpoint.ids import CommandId, GateId, Revision
from checkpoint.people import Colour, RosterChange
from checkpoint.policy import Policy
from checkpoint.records import (
    Cause,
    Commanded,
    CommandKind,
    NotDone,
    Opened,
    Passage,
    PolicyApplied,
    Record,
    Result,
    RosterApplied,
)
from checkpoint.verdict import Reason
from config.key_files import OPERATIONS_KEY, TRUST
from config.trust import load_private_key, load_trust
from simulation.compound import COMPOUND, person
from sync.downlink.decisions import read_roster
from sync.store.inbox import PolicyItem
from sync.wire.downlink_messages import PolicyOrder
from sync.wire.signed import Purpose, sign
from tests.kiosk.one_gate import GATE, OneGate, running_gate


class Centre:
    """What reaches a gate from the centre."""

    def __init__(self, gate: OneGate) -> None:
        self.gate = gate
        self._key = load_private_key(gate.compound.keys / OPERATIONS_KEY)
        stored = gate.store.roster_messages()
        assert stored is not None
        self._message = stored[0]

    def order_policy(self, policy: Policy) -> None:
        message = self._signed(Purpose.POLICY, PolicyOrder(compound=COMPOUND, policy=policy))
        item = PolicyItem(policy.revision, policy.name)
        self.gate.store.replace_order(Purpose.POLICY, policy.revision, message, item)

    def colour(self, number: int, colour: Colour) -> Revision:
        """Change the colour of a resident's household; returns the roster's new revision."""
        roster = read_roster(self._message, load_trust(self.gate.compound.keys / TRUST).operations)
        resident = roster.residents[person(number)]
        assert resident.household is not None
        household = msgspec.structs.replace(roster.households[resident.household], colour=colour)
        revision = Revision(time.time_ns() // 1000)
        change = RosterChange(
            compound=COMPOUND, base=roster.revision, revision=revision, households=(household,)
        )
        message = self._signed(Purpose.ROSTER_CHANGE, change)
        self.gate.store.change_roster(revision, message, len(roster.residents))
        return revision

    def command(self, kind: CommandKind, *, issued_s: float | None = None) -> Commanded:
        """Give a command, and return what became of it."""
        issued_us = round((time.time() if issued_s is None else issued_s) * 1_000_000)
        command = Command(
            gate=GateId(GATE),
            id=CommandId(str(uuid4())),
            kind=kind,
            issued_us=issued_us,
            expires_us=issued_us + 30_000_000,
            issued_by="chen",
            reason="ambulance",
        )
        assert self.gate.store.take_command(command)
        assert not self.gate.store.take_command(command), "nothing is done twice"
        answer: Commanded = self.of_kind(Commanded, lambda record: record.id == command.id)
        return answer

    def of_kind(self, kind: type[Any], fits: Callable[[Any], bool]) -> Any:
        """Wait for a record."""

        def found() -> list[Record]:
            return [r for r in self.gate.records() if isinstance(r, kind) and fits(r)]

        self.gate.wait(lambda: bool(found()))
        return found()[-1]

    def _signed(self, purpose: Purpose, body: msgspec.Struct) -> bytes:
        return sign(purpose, msgspec.json.encode(body), self._key)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running_gate(tmp_path) as gate:
        gate.wait_until_it_serves()
        yield Centre(gate)


def arrive(centre: Centre, number: int) -> Passage:
    before = len(centre.gate.passages())
    centre.gate.play(centre.gate.pass_of(number))
    passage = centre.gate.wait_for_passages(before + 1)[-1]
    centre.gate.quiet()
    return passage


def test_a_policy_of_the_centre_counts_at_once_and_after_a_restart(centre: Centre) -> None:
    fever = msgspec.structs.replace(
        Policy(name="measure-nobody"), revision=Revision(5), measured=frozenset()
    )
    centre.order_policy(fever)
    applied = centre.of_kind(PolicyApplied, lambda record: record.revision == 5)
    assert applied.name == "measure-nobody"
    passage = arrive(centre, 0)
    assert (passage.readings, passage.stamp.policy_revision) == ((), 5)
    centre.gate.stop()
    centre.gate.start()
    centre.gate.wait_until_it_serves()
    assert arrive(centre, 1).stamp.policy_revision == 5


def test_a_households_colour_is_obeyed_without_a_restart(centre: Centre) -> None:
    revision = centre.colour(0, Colour.WHITE)
    centre.of_kind(RosterApplied, lambda record: record.revision == revision)
    passage = arrive(centre, 0)
    assert (passage.result, passage.reason) == (Result.HOLD, Reason.VACANT_HOUSEHOLD)
    assert passage.stamp.roster_revision == revision


def test_the_centre_opens_the_door_once_and_the_record_names_who(centre: Centre) -> None:
    pulses = centre.gate.pulses()
    answer = centre.command(CommandKind.OPEN)
    assert (answer.by, answer.not_done) == ("chen", None)
    opened = centre.of_kind(Opened, lambda record: record.cause is Cause.REMOTE)
    assert (opened.by, opened.reason) == ("chen", "ambulance")
    centre.gate.wait(lambda: centre.gate.pulses() == pulses + 1)
    time.sleep(1.2)
    assert centre.gate.pulses() == pulses + 1


def test_a_command_to_open_that_comes_late_opens_nothing(centre: Centre) -> None:
    answer = centre.command(CommandKind.OPEN, issued_s=time.time() - 31)
    assert answer.not_done is NotDone.EXPIRED
    assert centre.gate.pulses() == 0


def test_a_gate_that_is_locked_out_holds_everybody_also_after_a_restart(centre: Centre) -> None:
    centre.command(CommandKind.LOCK_OUT)
    assert arrive(centre, 0).reason is Reason.LOCKED_OUT
    centre.gate.wait(lambda: "closed this gate" in centre.gate.board.strip("en").banner)
    centre.gate.stop()
    centre.gate.start()
    centre.gate.wait_until_it_serves()
    assert arrive(centre, 1).reason is Reason.LOCKED_OUT
    centre.command(CommandKind.LIFT)
    assert arrive(centre, 2).result is Result.ADMIT


def test_measuring_again_needs_somebody_who_is_held(centre: Centre) -> None:
    assert centre.command(CommandKind.REMEASURE).not_done is NotDone.NOBODY_HELD
    centre.gate.play(centre.gate.pass_of(0), celsius=33.0)
    centre.gate.wait_for_passages(1)
    centre.gate.quiet()
    centre.gate.wait_for_face(Face.READY)
    centre.gate.play(celsius=36.6)
    assert centre.command(CommandKind.REMEASURE).not_done is None
    assert centre.gate.wait_for_passages(2)[-1].result is Result.ADMIT
