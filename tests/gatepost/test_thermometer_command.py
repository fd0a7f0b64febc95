"""gatepost thermometer as somebody types it, on simulated registers."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checkpoint.records import Passage
from config.calibration import CalibrationFile, load_calibrations
from drivers.simulated.world import Scene, play_scene
from simulation.compound import found
from tests.kiosk.one_gate import running_gate
from tests.programs import gatepost

SENSOR = "simulated"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    compound = found(tmp_path, 1, unlock_seconds=1)
    play_scene(compound.world("east-in"), Scene(celsius=36.2))
    return compound.gate_config("east-in")


def thermometer(
    config: Path, *arguments: str, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    return gatepost("thermometer", *arguments, "--config", config, given=typed)


def calibrations(config: Path) -> CalibrationFile:
    return load_calibrations(config.with_name("calibration.json"), SENSOR)


def shown(config: Path) -> Any:
    return json.loads(thermometer(config, "show", "--json").stdout)


def test_show_names_the_chip_its_exactness_and_its_calibration(config: Path) -> None:
    assert shown(config) == {
        "sensor": SENSOR,
        "model": "MLX90614",
        "chip": "5a1790c4a61b0000",
        "emissivity": 1.0,
        "part": "generic",
        "accuracy_celsius": 0.5,
        "calibration": None,
        "offset_celsius": 0.0,
        "calibrated_chip": None,
    }


def test_a_medical_part_is_more_exact(config: Path) -> None:
    text = config.read_text()
    config.write_text(text.replace("[thermometer]\n", '[thermometer]\npart = "medical"\n'))
    assert shown(config)["accuracy_celsius"] == 0.2


def test_one_settings_value_chooses_the_other_sensor(config: Path) -> None:
    text = config.read_text()
    config.write_text(text.replace("[thermometer]\n", '[thermometer]\nmodel = "mlx90632"\n'))
    found = shown(config)
    assert (found["model"], found["chip"]) == ("MLX90632", "632051a700c4")
    assert (found["part"], found["accuracy_celsius"]) == ("medical", 0.2)


def test_a_scripted_comparison_keeps_the_offset_with_its_day_and_its_figures(config: Path) -> None:
    ended = thermometer(config, "calibrate", "--reference", "36.8", "--samples", "20")
    assert ended.returncode == 0, ended.stderr
    kept = calibrations(config).in_force()
    assert kept is not None
    assert abs(kept.offset_centicelsius - 60) <= 5
    assert kept.id.endswith(".1")
    assert kept.id in ended.stdout
    [comparison] = kept.comparisons
    assert (comparison.reference_centicelsius, comparison.samples) == (3680, 20)
    assert shown(config)["calibration"] == kept.id
    assert shown(config)["calibrated_chip"] == shown(config)["chip"]


def test_person_by_person_the_median_is_kept_after_a_yes(config: Path) -> None:
    typed = "36.5\nx\n99\n36,6\n38.0\n\ny\n"
    ended = thermometer(config, "calibrate", "--samples", "20", "--language", "en", typed=typed)
    assert ended.returncode == 0, ended.stderr
    kept = calibrations(config).in_force()
    assert kept is not None
    assert [each.reference_centicelsius for each in kept.comparisons] == [3650, 3660, 3800]
    assert abs(kept.offset_centicelsius - 40) <= 5
    assert "differ by more than 0.5" in ended.stdout


@pytest.mark.parametrize("typed", ["\n", "36.5\n\nn\n", "36.5\n"])
def test_without_a_yes_nothing_is_kept(config: Path, typed: str) -> None:
    assert thermometer(config, "calibrate", "--samples", "20", typed=typed).returncode == 1
    assert not config.with_name("calibration.json").exists()


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (Scene(), "Nobody stands before the sensor"),
        (Scene(celsius=36.2, ambient_celsius=5.0), "too cold or too hot"),
        (Scene(celsius=36.2, thermometer="unplugged"), "does not answer"),
        (Scene(celsius=36.2, thermometer="error_flag"), "flags its own value"),
    ],
)
def test_what_is_no_comparison_is_said_and_nothing_is_kept(
    config: Path, scene: Scene, said: str
) -> None:
    play_scene(config.parent / "east-in" / "world", scene)
    arguments = ("--reference", "36.8", "--samples", "20", "--language", "en")
    ended = thermometer(config, "calibrate", *arguments)
    assert ended.returncode == 1
    assert said in ended.stdout + ended.stderr
    assert not config.with_name("calibration.json").exists()


def test_undo_brings_the_one_before_back_and_forgets_nothing(config: Path) -> None:
    for reference in ("36.8", "36.9"):
        thermometer(config, "calibrate", "--reference", reference, "--samples", "20")
    first, second = (each.id for each in calibrations(config).calibrations)
    assert shown(config)["calibration"] == second
    assert first in thermometer(config, "undo").stdout
    assert shown(config)["calibration"] == first
    assert thermometer(config, "undo").returncode == 0
    assert shown(config)["calibration"] is None
    assert thermometer(config, "undo").returncode == 1
    assert [each.id for each in calibrations(config).calibrations] == [first, second]


def test_another_sensors_calibration_is_refused_at_the_start(config: Path) -> None:
    thermometer(config, "calibrate", "--reference", "36.8", "--samples", "20")
    text = config.read_text().replace("[thermometer]\n", '[thermometer]\nsensor = "west"\n')
    config.write_text(text)
    ended = gatepost("gate", "run", "--config", config)
    assert ended.returncode == 2
    assert "is of sensor 'simulated'" in ended.stderr


def test_a_gate_adds_the_offset_and_its_readings_name_the_calibration(tmp_path: Path) -> None:
    config = found(tmp_path, 1, unlock_seconds=1).gate_config("east-in")
    play_scene(tmp_path / "east-in" / "world", Scene(celsius=36.2))
    thermometer(config, "calibrate", "--reference", "36.9", "--samples", "20")
    kept = calibrations(config).in_force()
    assert kept is not None
    (tmp_path / "gate").mkdir()
    config.with_name("calibration.json").rename(tmp_path / "gate" / "calibration.json")
    with running_gate(tmp_path / "gate") as gate:
        gate.play(gate.pass_of(0), celsius=36.2)
        [passage] = gate.wait_for_passages(1)
    assert isinstance(passage, Passage)
    assert {reading.calibration for reading in passage.readings} == {kept.id}
    assert passage.temperature_centicelsius is not None
    assert abs(passage.temperature_centicelsius - 3690) <= 10
