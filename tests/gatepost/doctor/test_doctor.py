"""gatepost doctor on a simulated gate: every fault has its own sentence, and what to do about it."""

import json
import math
import os
import re
import socket
import string
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from config.key_files import OPERATIONS_KEY, PASS_KEY
from config.settings import GateSettings, ScannerCameraTable
from config.settings.load import load_gate
from config.trust import load_private_key, load_trust
from drivers.simulated.world import LOCK_FILE, SIGNALS_FILE, Scene, play_scene
from gatepost.doctor import camera, disk, door, surroundings, thermometer
from gatepost.doctor.finding import CheckOutcome, CheckResult
from simulation.compound import Compound, found, pass_text, signed_roster
from sync.downlink.decisions import read_roster
from sync.store.writer import SyncStore
from tests.ending import joined
from tests.kiosk.one_gate import OneGate
from tests.patience import PATIENCE_S
from tests.programs import Program, gatepost
from ui.words import LANGUAGES, phrases

PARTS = """
[door]
kind = "simulated"
world = "east-in/world"
[exit_button]
kind = "simulated"
world = "east-in/world"
[annunciator]
kind = "simulated"
world = "east-in/world"
"""


@pytest.fixture
def compound(tmp_path: Path) -> Compound:
    compound = found(tmp_path, 1, unlock_seconds=1)
    edit(compound, lambda text: text + PARTS)
    return compound


def edit(compound: Compound, change: Callable[[str], str]) -> None:
    config = compound.gate_config("east-in")
    config.write_text(change(config.read_text()))


def settings_of(compound: Compound) -> GateSettings:
    return load_gate(compound.gate_config("east-in"))


def play(compound: Compound, scene: Scene) -> None:
    play_scene(compound.world("east-in"), scene)


@pytest.fixture
def _any_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine may be busy: then slow is all that a finding says."""
    monkeypatch.setattr(camera, "FEWEST_A_SECOND", 0.0)
    monkeypatch.setattr(camera, "SLOW_MS", math.inf)


def codes(findings: Iterator[CheckResult]) -> dict[str, CheckOutcome]:
    return {finding.code: finding.outcome for finding in findings}


def doctor(compound: Compound, *arguments: str) -> subprocess.CompletedProcess[str]:
    return gatepost("doctor", *arguments, "--config", compound.gate_config("east-in"))


def test_with_everything_simulated_every_part_has_its_finding_and_its_figures(
    compound: Compound,
) -> None:
    key = load_private_key(compound.keys / PASS_KEY)
    play(compound, Scene(codes=(pass_text(key, 0),), celsius=36.6))
    ended = doctor(compound, "--json", "--language", "en")
    assert ended.returncode == 0, ended.stdout
    report = json.loads(ended.stdout)
    assert (report["gate"], report["ok"]) == ("east-in", True)
    checks: dict[str, Any] = {check["code"]: check for check in report["checks"]}
    assert {check["check"] for check in report["checks"]} == {
        "settings",
        "camera",
        "decode",
        "thermometer",
        "lock",
        "door",
        "exit_button",
        "annunciator",
        "watchdog",
        "disk",
        "clock",
        "broker",
        "roster",
    }
    assert checks["settings.simulated"]["figures"]["tables"] == (
        "camera, thermometer, lock, door, exit_button, annunciator, clock"
    )
    # How fast it is depends on this machine.
    seen = (checks.get("camera.ok") or checks["camera.slow"])["figures"]
    assert (seen["width"], seen["height"]) == (960, 540)
    assert 25 <= seen["sharpness"] <= 40
    assert 0 < seen["frames_per_second"] < 16  # the simulated camera gives 15
    assert (checks.get("decode.ok") or checks["decode.slow"])["figures"]["codes"] == 1
    measured = checks["thermometer.ok"]["figures"]
    assert (measured["readings"], measured["pec"], measured["address"]) == (20, True, "0x5a")
    assert measured["model"] == "MLX90614"
    assert abs(measured["mean_celsius"] - 36.6) < 0.1
    assert 0 < measured["spread_celsius"] < 0.5
    assert checks["disk.ok"]["figures"]["free_mb"] > 0
    assert all(check["says"] for check in report["checks"])
    assert all(check["mend"] for check in report["checks"] if check["outcome"] in {"warn", "fail"})


def test_for_people_it_speaks_their_language_and_a_fault_is_exit_code_1(
    compound: Compound,
) -> None:
    play(compound, Scene(thermometer="unplugged"))
    ended = doctor(compound)
    assert ended.returncode == 1
    assert "✗ 体温传感器没有应答。" in ended.stdout
    assert "does not answer: No such device or address" in ended.stdout  # the driver's own words
    assert "请检查四根线" in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("正常")


def test_a_config_that_cannot_be_read_is_exit_code_2(compound: Compound) -> None:
    edit(compound, lambda text: text + "\n[colour]\n")
    assert doctor(compound).returncode == 2


def test_nothing_moves_unless_it_is_told_to_click(compound: Compound) -> None:
    settings = settings_of(compound)
    assert "lock.ok" in codes(door.check_lock(settings, click=False))
    assert "annunciator.ok" in codes(door.check_annunciator(settings, click=False))
    world = compound.world("east-in")
    assert not (world / LOCK_FILE).exists()
    assert not (world / SIGNALS_FILE).exists()
    assert "lock.clicked" in codes(door.check_lock(settings, click=True))
    assert "annunciator.played" in codes(door.check_annunciator(settings, click=True))
    moves = [json.loads(line) for line in (world / LOCK_FILE).read_text().splitlines()]
    assert [move["unlocked"] for move in moves] == [True, False]
    parts = [json.loads(line)["part"] for line in (world / SIGNALS_FILE).read_text().splitlines()]
    assert set(parts) == {"green", "red", "buzzer"}


@pytest.mark.usefixtures("_any_speed")
def test_a_pass_in_view_is_counted(compound: Compound) -> None:
    key = load_private_key(compound.keys / PASS_KEY)
    play(compound, Scene(codes=(pass_text(key, 0), pass_text(key, 1))))
    [_, decode] = camera.check_camera(settings_of(compound))
    assert (decode.code, decode.figures["codes"]) == ("decode.ok", 2)


def test_fault_28_a_camera_that_gives_nothing_is_said(
    compound: Compound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "GIVEN_UP_AFTER_S", 0.5)
    play(compound, Scene(camera="unplugged"))
    [finding] = camera.check_camera(settings_of(compound))
    assert (finding.code, finding.outcome) == ("camera.gone", CheckOutcome.FAIL)
    assert "the scene has no camera" in finding.detail


@pytest.mark.parametrize(
    ("state", "code", "outcome"),
    [
        ("frozen", "camera.frozen", CheckOutcome.FAIL),
        ("black", "camera.dark", CheckOutcome.WARN),
        ("blurred", "camera.blurred", CheckOutcome.WARN),
    ],
)
@pytest.mark.usefixtures("_any_speed")
def test_fault_28_a_camera_that_sees_nothing_is_said(
    compound: Compound,
    state: Literal["frozen", "black", "blurred"],
    code: str,
    outcome: CheckOutcome,
) -> None:
    play(compound, Scene(camera=state))
    assert codes(camera.check_camera(settings_of(compound)))[code] is outcome


def test_a_scanner_is_looked_for_in_the_cameras_place(compound: Compound) -> None:
    master, slave = os.openpty()
    with os.fdopen(master), os.fdopen(slave):
        table = ScannerCameraTable(kind="scanner", port=os.ttyname(slave))
        settings = settings_of(compound).model_copy(update={"camera": table})
        assert codes(camera.check_camera(settings)) == {"scanner.ok": CheckOutcome.OK}
    assert codes(camera.check_camera(settings)) == {"scanner.gone": CheckOutcome.FAIL}


@pytest.mark.usefixtures("_any_speed")
def test_a_camera_that_takes_its_time_is_waited_for(compound: Compound) -> None:
    play(compound, Scene(camera="hung"))
    later = threading.Timer(6.5, play, [compound, Scene()])
    later.start()
    assert "camera.ok" in codes(camera.check_camera(settings_of(compound)))
    joined(later)


def test_a_slow_camera_is_said(compound: Compound) -> None:
    edit(compound, lambda text: text.replace("frames_per_second = 15", "frames_per_second = 3"))
    assert codes(camera.check_camera(settings_of(compound)))["camera.slow"] is CheckOutcome.WARN


@pytest.mark.parametrize(
    ("scene", "code", "outcome"),
    [
        (Scene(thermometer="unplugged"), "thermometer.gone", CheckOutcome.FAIL),
        (Scene(thermometer="bad_pec"), "thermometer.gone", CheckOutcome.FAIL),
        (Scene(thermometer="error_flag"), "thermometer.faulty", CheckOutcome.FAIL),
        (Scene(thermometer="stuck"), "thermometer.stuck", CheckOutcome.WARN),
        (Scene(ambient_celsius=-5.0), "thermometer.ambient", CheckOutcome.WARN),
        (Scene(), "thermometer.uncalibrated", CheckOutcome.WARN),
    ],
)
def test_faults_30_to_34_each_fault_of_a_thermometer_has_its_sentence(
    compound: Compound, scene: Scene, code: str, outcome: CheckOutcome
) -> None:
    play(compound, scene)
    assert codes(thermometer.check_thermometer(settings_of(compound)))[code] is outcome


def test_either_thermometer_is_measured_and_named(compound: Compound) -> None:
    play(compound, Scene(celsius=36.2))
    edit(
        compound,
        lambda text: text.replace(
            '[thermometer]\nkind = "simulated"\n',
            '[thermometer]\nkind = "simulated"\nmodel = "mlx90632"\n',
        ),
    )
    found = {each.code: each for each in thermometer.check_thermometer(settings_of(compound))}
    figures = found["thermometer.ok"].figures
    assert (figures["model"], figures["address"], figures["pec"]) == ("MLX90632", "0x3a", False)
    assert (figures["chip"], figures["accuracy_celsius"]) == ("632051a700c4", 0.2)
    mean = figures["mean_celsius"]
    assert isinstance(mean, float)
    assert abs(mean - 36.2) < 0.1
    assert "thermometer.emissivity" not in found


def test_a_calibration_is_named_and_one_of_another_chip_is_a_fault(compound: Compound) -> None:
    play(compound, Scene(celsius=36.2))
    config = compound.gate_config("east-in")
    done = gatepost("thermometer", "calibrate", "--reference", "36.8", "--config", config)
    assert done.returncode == 0
    settings = settings_of(compound)
    assert "thermometer.calibrated" in codes(thermometer.check_thermometer(settings))
    file = settings.thermometer.calibration
    file.write_text(file.read_text().replace("5a1790c4a61b0000", "5a1790c4a61b0001"))
    found = codes(thermometer.check_thermometer(settings))
    assert found["thermometer.other_chip"] is CheckOutcome.FAIL


@pytest.mark.parametrize(
    ("scene", "code"), [(Scene(), "door.shut"), (Scene(door="forced"), "door.open")]
)
def test_how_the_door_stands_is_told(compound: Compound, scene: Scene, code: str) -> None:
    play(compound, scene)
    settings = settings_of(compound)
    assert code in codes(door.check_door(settings))


def without_pins(compound: Compound) -> GateSettings:
    """Real pins, which this machine has not."""
    return GateSettings.model_validate(
        settings_of(compound).model_dump()
        | {
            "lock": {"kind": "gpio", "pin": 17},
            "door": {"kind": "gpio", "pin": 27},
            "exit_button": {"kind": "gpio", "pin": 22},
            "annunciator": {"kind": "gpio", "green_pin": 23, "red_pin": 24, "buzzer_pin": 25},
            "watchdog": {"kind": "device", "device": compound.folder / "watchdog"},
        }
    )


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
def test_parts_on_pins_that_are_not_there_are_faults(compound: Compound) -> None:
    settings = without_pins(compound)
    found = {
        **codes(door.check_lock(settings, click=False)),
        **codes(door.check_door(settings)),
        **codes(door.check_exit_button(settings)),
        **codes(door.check_annunciator(settings, click=False)),
        **codes(surroundings.check_watchdog(settings)),
    }
    assert found == dict.fromkeys(
        ["lock.gone", "door.gone", "exit_button.gone", "annunciator.gone", "watchdog.gone"],
        CheckOutcome.FAIL,
    )


def test_a_watchdog_is_looked_at_and_not_opened(compound: Compound) -> None:
    fifo = compound.folder / "watchdog"
    fifo.touch()
    assert "watchdog.ok" in codes(surroundings.check_watchdog(without_pins(compound)))


def test_parts_that_the_config_does_not_name_are_no_faults(tmp_path: Path) -> None:
    settings = settings_of(found(tmp_path, 1, unlock_seconds=1))
    found_codes = {
        **codes(door.check_door(settings)),
        **codes(door.check_exit_button(settings)),
        **codes(door.check_annunciator(settings, click=True)),
        **codes(surroundings.check_watchdog(settings)),
    }
    assert found_codes == dict.fromkeys(
        ["door.none", "exit_button.none", "annunciator.none", "watchdog.none"], CheckOutcome.SKIP
    )


def test_fault_19_a_disk_that_cannot_be_written_is_a_fault(compound: Compound) -> None:
    edit(compound, lambda text: text.replace('data = "east-in"', 'data = "file"'))
    (compound.folder / "file").write_text("a file where the folder should be")
    assert codes(disk.check_disk(settings_of(compound))) == {"disk.broken": CheckOutcome.FAIL}


def test_fault_16_a_disk_that_is_nearly_full_is_said(
    compound: Compound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "LITTLE_MB", 10**9)
    assert codes(disk.check_disk(settings_of(compound))) == {"disk.full": CheckOutcome.WARN}
    assert not list(compound.folder.glob("east-in/doctor*"))


def test_a_broker_that_listens_and_one_that_does_not(compound: Compound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        edit(compound, lambda text: text.replace("[broker]\nport = 1", f"[broker]\nport = {port}"))
        assert codes(surroundings.check_broker(settings_of(compound))) == {
            "broker.ok": CheckOutcome.OK
        }
    assert codes(surroundings.check_broker(settings_of(compound))) == {
        "broker.gone": CheckOutcome.WARN
    }


def test_fault_37_a_clock_that_nobody_has_set_is_said(
    compound: Compound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "ANSWER_S", 0.1)
    assert "clock.ok" in codes(surroundings.check_clock(settings_of(compound)))
    edit(compound, lambda text: text.replace("[clock]\n", "[clock]\nsynced = false\n"))
    assert "clock.unset" in codes(surroundings.check_clock(settings_of(compound)))


def test_no_roster_a_new_one_and_an_old_one(
    compound: Compound, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(compound)
    assert codes(surroundings.check_roster(settings)) == {"roster.none": CheckOutcome.WARN}
    message = signed_roster(load_private_key(compound.keys / OPERATIONS_KEY))
    roster = read_roster(message, load_trust(settings.gate.trust).operations)
    store = SyncStore.on(settings.gate.data / "sync.db")
    store.replace_roster(roster.revision, message, len(roster.residents))
    store.close()
    assert codes(surroundings.check_roster(settings)) == {"roster.ok": CheckOutcome.OK}
    later_s = time.time() + 400 * 86_400
    monkeypatch.setattr(time, "time", lambda: later_s)
    assert codes(surroundings.check_roster(settings)) == {"roster.stale": CheckOutcome.WARN}


def test_files_that_cannot_be_used_are_all_listed(compound: Compound) -> None:
    edit(compound, lambda text: text.replace("[gate]\n", '[gate]\npolicy = "none-such"\n'))
    (compound.keys / "trust.json").write_text("{}")
    settings = settings_of(compound)
    first = next(surroundings.check_settings(settings))
    assert (first.code, first.outcome) == ("settings.wrong", CheckOutcome.FAIL)
    assert "trust.json" in first.detail
    assert "none-such" in first.detail
    assert codes(surroundings.check_roster(settings)) == {}


def test_every_sentence_is_said_somewhere_and_every_mend_belongs_to_one() -> None:
    folder = Path(camera.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    words = phrases("doctor", "en")
    sentences = {key for key in words if not key.endswith(".mend")} - {"sum"}
    checks = "|".join({key.split(".")[0] for key in sentences})
    assert set(re.findall(rf'"((?:{checks})\.\w+)"', source)) == sentences
    assert {key.removesuffix(".mend") for key in words if key.endswith(".mend")} <= sentences


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_asks_for_a_figure_by_position(language: Any) -> None:
    for text in phrases("doctor", language).values():
        assert all(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_beside_a_running_gate_what_it_holds_is_told_by_the_gate_itself(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    settings = gate.settings
    process = Program("gate", "run", "--config", gate.compound.gate_config("east-in"))
    try:
        gate.play(gate.pass_of(0))
        gate.wait(lambda: len(gate.passages()) == 1)
        report = json.loads(doctor(gate.compound, "--json", "--click").stdout)
        assert [check["code"] for check in report["checks"]][2:4] == [
            "gate.running",
            "thermometer.ok",
        ]
        assert report["checks"][2]["figures"]["camera"] == "ok"
        assert gate.pulses() == 1  # the resident's: the doctor clicks nothing that a gate holds
        play_scene(gate.world, Scene(camera="unplugged"))
        gate.wait(
            lambda: (
                codes(surroundings.check_running_gate(settings))
                == {"gate.faults": CheckOutcome.FAIL}
            )
        )
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        gate.store.close()
