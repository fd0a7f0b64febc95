"""The parts of the bench that need no virtual machine."""

import base64
import os
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from tests.hardware import scene
from tests.hardware.guest.camera import HEIGHT, WIDTH
from tests.hardware.guest.thermometer import ADDRESS, AMBIENT, OBJECT, Sensor, crc8, word_of
from tests.hardware.machine import kernel
from tests.hardware.machine.qtest import BANK, DRIVEN, OUTPUT_HIGH, Pins, QTest
from tests.patience import PATIENCE_S

HERE = Path(__file__).parent


def test_the_packet_error_code_is_that_of_the_data_sheets_example() -> None:
    """MLX90614 data sheet 3901090614, "Read Word" example: 0x3AD2 read from register 0x07."""
    assert crc8(bytes([0xB4, 0x07, 0xB5, 0xD2, 0x3A])) == 0x30


@pytest.mark.parametrize(("register", "celsius"), [(AMBIENT, 24.0), (OBJECT, 36.6)])
def test_a_sensor_answers_with_its_temperature_and_a_right_code(
    register: int, celsius: float
) -> None:
    sensor = Sensor()
    sensor.ambient_celsius, sensor.object_celsius = 24.0, 36.6
    assert sensor.write(bytes([register]))
    low, high, code = sensor.read(3)
    assert abs((low | high << 8) - word_of(celsius)) <= 2
    assert crc8(bytes([ADDRESS << 1, register, ADDRESS << 1 | 1, low, high])) == code


def test_a_sensor_with_a_bad_line_never_sends_a_right_code() -> None:
    sensor = Sensor()
    sensor.flips_one_bit = True
    sensor.write(bytes([OBJECT]))
    for _ in range(24):
        low, high, code = sensor.read(3)
        assert crc8(bytes([ADDRESS << 1, OBJECT, ADDRESS << 1 | 1, low, high])) != code


def test_a_scene_shows_what_is_held_up() -> None:
    raw = zlib.decompress(base64.b64decode(scene.frame("GP1:ONE", "GP1:TWO")))
    picture = np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 3)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(np.asarray(grey, dtype=np.uint8))
    assert sorted(code.text for code in found) == ["GP1:ONE", "GP1:TWO"]


def test_a_card_that_does_not_fit_is_told() -> None:
    with pytest.raises(ValueError, match="smaller modules"):
        scene.frame("GP1:ONE", module_pixels=40)


class Registers(QTest):
    """Memory instead of QEMU."""

    def __init__(self) -> None:
        self.words: dict[int, int] = {}

    def read(self, address: int) -> int:
        return self.words.get(address, 0)


@pytest.mark.parametrize(
    ("word", "high"),
    [(0, False), (OUTPUT_HIGH, False), (DRIVEN, False), (DRIVEN | OUTPUT_HIGH, True)],
)
def test_a_relay_is_on_only_where_its_line_is_driven_and_high(word: int, high: bool) -> None:
    registers = Registers()
    registers.words[BANK + 4 * 17] = word
    assert Pins(registers).is_driven_high(17) is high


def test_what_is_missing_is_named_with_the_package_that_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kernel, "_PATH", str(tmp_path))
    lacking = kernel.missing_tools()
    assert "qemu-system-x86_64 is missing: apt-get install qemu-system-x86" in lacking


def test_without_its_tools_the_bench_is_skipped_by_name_and_does_not_pass(tmp_path: Path) -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            HERE / "test_gate_camera.py",
        ],
        cwd=HERE.parents[1],
        env=os.environ | {"GATEPOST_TEST_HARDWARE": "1", "GATEPOST_HARDWARE_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert run.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, run.stdout
    assert "qemu-system-x86_64 is missing: apt-get install qemu-system-x86" in run.stdout
    assert "passed" not in run.stdout


def test_not_asked_for_the_bench_says_how_to_ask() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            HERE / "test_gate_camera.py",
        ],
        cwd=HERE.parents[1],
        env={name: value for name, value in os.environ.items() if name != "GATEPOST_TEST_HARDWARE"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert run.returncode == 0
    assert "needs a virtual machine: ./run test-hardware" in run.stdout
