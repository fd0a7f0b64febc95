"""Whole scans at one gate: a rendered frame in, a journal row and a movement of the lock out."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from checkpoint.gate.context import Face
from checkpoint.people import Colour, RosterDocument
from checkpoint.records import Device, DeviceChange, DeviceState, Result, RosterApplied
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Flag, Reason
from config.key_files import OPERATIONS_KEY, TRUST
from config.trust import load_private_key, load_trust
from simulation.arrivals import forged
from simulation.compound import DAY_S
from sync.wire.signed import Purpose, open_signed, sign
from tests.kiosk.one_gate import OneGate, running_gate

FEVER = 38.2


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneGate]:
    """One gate for all tests of this file, as in life: they come one after the other."""
    with running_gate(tmp_path_factory.mktemp("gate")) as gate:
        yield gate


def test_a_resident_with_a_normal_temperature_is_admitted_journalled_and_let_through_once(
    gate: OneGate,
) -> None:
    before, pulses = len(gate.passages()), gate.pulses()
    gate.play(gate.pass_of(0))
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason, passage.flags) == (Result.ADMIT, None, ())
    assert passage.bearer is not None
    assert passage.bearer.person == "R0000000"
    assert passage.temperature_centicelsius == pytest.approx(3660, abs=15)
    assert gate.wait_until_shown(Face.PASS).who == "王**"
    gate.wait(lambda: gate.pulses() == pulses + 1)
    gate.wait(lambda: not gate.lock_changes()[-1])
    gate.quiet()
    gate.wait_for_face(Face.READY)


def test_a_fever_is_measured_twice_held_and_flagged(gate: OneGate) -> None:
    before, pulses = len(gate.passages()), gate.pulses()
    gate.play(gate.pass_of(1), celsius=FEVER)
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason) == (Result.HOLD, Reason.FEVER)
    assert passage.flags == (Flag.FEVER,)
    assert [reading.outcome for reading in passage.readings] == [Temperature.FEVER] * 2
    gate.wait_until_shown(Face.STOP_FEVER)
    assert gate.pulses() == pulses
    gate.quiet()


@pytest.mark.parametrize(
    ("make", "result", "reason"),
    [
        (lambda _: "https://example.org/", Result.REFUSE, Reason.UNKNOWN_CODE),
        (lambda gate: forged(gate.issuer), Result.REFUSE, Reason.FORGED),
        (lambda _: "GP1:NOT A PASS", Result.REFUSE, Reason.MALFORMED),
        (lambda gate: gate.pass_of(3, serial=1), Result.REFUSE, Reason.REVOKED),
        (lambda gate: gate.pass_of(99), Result.HOLD, Reason.UNKNOWN_PERSON),
        (lambda gate: gate.pass_of(2, days_until=-1), Result.HOLD, Reason.EXPIRED),
    ],
)
def test_whoever_may_not_simply_pass_is_told_why_and_the_lock_stays_shut(
    gate: OneGate, make: Callable[[OneGate], str], result: Result, reason: Reason
) -> None:
    before, pulses = len(gate.passages()), gate.pulses()
    gate.play(make(gate))
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason) == (result, reason)
    view = gate.wait_until_shown(Face.STOP)
    assert view.reason
    assert view.please
    assert gate.pulses() == pulses
    gate.quiet()
    gate.wait_for_face(Face.READY)


def test_fault_09_a_pass_held_up_for_100_frames_is_one_event(gate: OneGate) -> None:
    before, pulses = len(gate.passages()), gate.pulses()
    gate.play(gate.pass_of(4))
    gate.wait_for_passages(before + 1)
    time.sleep(100 / 30)
    assert len(gate.passages()) == before + 1
    assert gate.pulses() == pulses + 1
    gate.quiet()
    gate.wait_for_face(Face.READY)


def test_fault_10_two_codes_in_one_frame_are_asked_for_one_and_nobody_is_judged(
    gate: OneGate,
) -> None:
    before = len(gate.passages())
    gate.play(gate.pass_of(5), gate.pass_of(6))
    gate.wait(lambda: gate.board.resident("en")[1].please == "One code at a time, please")
    time.sleep(0.5)
    assert len(gate.passages()) == before
    gate.play(gate.pass_of(6))
    passage = gate.wait_for_passages(before + 1)[-1]
    assert passage.bearer is not None
    assert passage.bearer.person == "R0000006"
    gate.quiet()
    gate.wait_for_face(Face.READY)


def test_fault_30_a_thermometer_that_is_unplugged_holds_and_comes_back_by_itself(
    gate: OneGate,
) -> None:
    before, pulses = len(gate.passages()), gate.pulses()

    def states() -> list[DeviceState]:
        changes = [r for r in gate.records() if isinstance(r, DeviceChange)]
        return [c.state for c in changes if c.device is Device.THERMOMETER]

    seen = len(states())
    gate.play(celsius=None, thermometer="unplugged")
    gate.wait(lambda: states()[seen:] == [DeviceState.GONE])
    gate.play(gate.pass_of(7), thermometer="unplugged")
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason) == (Result.HOLD, Reason.NO_READING)
    assert gate.pulses() == pulses
    gate.quiet()
    gate.wait(lambda: states()[seen:] == [DeviceState.GONE, DeviceState.OK])


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        ({"thermometer": "bad_pec"}, Reason.NO_READING),
        ({"thermometer": "error_flag"}, Reason.SENSOR_FAULT),
        ({"ambient_celsius": -5.0}, Reason.AMBIENT_OUT_OF_RANGE),
        ({"celsius": 31.0}, Reason.TOO_LOW),
    ],
)
def test_faults_31_32_34_35_what_is_no_trustworthy_temperature_holds_and_opens_nothing(
    gate: OneGate, scene: dict[str, object], reason: Reason
) -> None:
    before, pulses = len(gate.passages()), gate.pulses()
    gate.play(gate.pass_of(10), **scene)  # type: ignore[arg-type]
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason) == (Result.HOLD, reason)
    assert gate.pulses() == pulses
    gate.quiet()
    gate.wait_for_face(Face.READY)


def test_fault_33_a_thermometer_that_is_stuck_is_a_fault_holds_and_is_believed_again_when_it_moves(
    gate: OneGate,
) -> None:
    def states() -> list[DeviceState]:
        changes = [r for r in gate.records() if isinstance(r, DeviceChange)]
        return [c.state for c in changes if c.device is Device.THERMOMETER]

    before, pulses, seen = len(gate.passages()), gate.pulses(), len(states())
    gate.play(thermometer="stuck")
    gate.wait(lambda: states()[seen:] == [DeviceState.FAULTY])  # 50 readings, two a second
    gate.play(gate.pass_of(11), thermometer="stuck")
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason) == (Result.HOLD, Reason.SENSOR_FAULT)
    assert gate.pulses() == pulses
    gate.quiet()
    gate.wait(lambda: states()[seen:] == [DeviceState.FAULTY, DeviceState.OK])


def test_a_camera_that_is_unplugged_is_a_fault_on_the_page_and_comes_back_by_itself(
    gate: OneGate,
) -> None:
    gate.play(celsius=None, camera="unplugged")
    gate.wait_for_face(Face.FAULT)
    gate.quiet()
    gate.wait_for_face(Face.READY)
    cameras = [
        r.state for r in gate.records() if isinstance(r, DeviceChange) and r.device is Device.CAMERA
    ]
    assert cameras[-2:] == [DeviceState.GONE, DeviceState.OK]


def test_a_scanner_that_types_into_the_page_is_as_good_as_the_camera_and_works_without_it(
    gate: OneGate,
) -> None:
    before, code = len(gate.passages()), gate.pass_of(8)
    gate.play(camera="unplugged")
    gate.wait_for_face(Face.FAULT)
    gate.request_queue.scanned(code)
    gate.request_queue.scanned(code)  # whoever pulls the trigger twice
    passage = gate.wait_for_passages(before + 1)[-1]
    assert passage.bearer is not None
    assert (passage.bearer.person, passage.result) == ("R0000008", Result.ADMIT)
    gate.quiet()
    gate.wait_for_face(Face.READY)
    assert len(gate.passages()) == before + 1


@pytest.mark.parametrize(
    ("camera", "state", "detail"),
    [
        ("black", DeviceState.FAULTY, "black"),
        ("frozen", DeviceState.FAULTY, "repeats the same picture"),
        ("hung", DeviceState.GONE, "no picture"),
    ],
)
def test_faults_28_29_a_camera_that_shows_nothing_is_journalled_shown_and_taken_back(
    gate: OneGate, camera: str, state: DeviceState, detail: str
) -> None:
    def changes() -> list[DeviceChange]:
        found = [r for r in gate.records() if isinstance(r, DeviceChange)]
        return [change for change in found if change.device is Device.CAMERA]

    seen, before = len(changes()), len(gate.passages())
    gate.play(celsius=None, camera=camera)
    gate.wait_for_face(Face.FAULT)
    gate.wait(lambda: [change.state for change in changes()[seen:]] == [state])
    assert detail in changes()[-1].detail
    gate.play(gate.pass_of(9))
    gate.wait_for_passages(before + 1)
    assert [change.state for change in changes()[seen:]] == [state, DeviceState.OK]
    gate.quiet()
    gate.wait_for_face(Face.READY)


def test_a_new_roster_is_obeyed_while_the_gate_runs_and_journalled_once(gate: OneGate) -> None:
    before = len(gate.passages())
    _change_roster(gate)
    gate.wait(lambda: sum(isinstance(r, RosterApplied) for r in gate.records()) == 2)
    gate.play(gate.pass_of(8))
    passage = gate.wait_for_passages(before + 1)[-1]
    assert (passage.result, passage.reason) == (Result.HOLD, Reason.VACANT_HOUSEHOLD)
    gate.quiet()


def _change_roster(gate: OneGate) -> None:
    """Every household is vacant from now on."""
    keys = load_trust(gate.compound.keys / TRUST).operations
    message = _stored_roster(gate.settings.gate.data)
    document = msgspec.json.decode(open_signed(Purpose.ROSTER, message, keys), type=RosterDocument)
    households = tuple(
        msgspec.structs.replace(household, colour=Colour.WHITE) for household in document.households
    )
    changed = msgspec.structs.replace(
        document, households=households, revision=document.revision + DAY_S
    )
    key = load_private_key(gate.compound.keys / OPERATIONS_KEY)
    gate.apply_roster(sign(Purpose.ROSTER, msgspec.json.encode(changed), key))


def _stored_roster(data: Path) -> bytes:
    from sync.store.reader import SyncReader

    reader = SyncReader(data / "sync.db")
    message = reader.roster_message()
    reader.close()
    assert message is not None
    return message
