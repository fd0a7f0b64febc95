"""What every thermometer does, whichever it is: the same faults of the same world, in the contract's words alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from checkpoint.thermometry import (
    STUCK_AFTER_SAMPLES,
    Calibration,
    Limits,
    Temperature,
    is_stuck,
    read_burst,
)
from drivers import DeviceError, DeviceFaulty, DeviceGone, Thermometer
from drivers.simulated.mlx90632 import SimulatedMlx90632
from drivers.simulated.world import Scene, SimulatedBus, play_scene
from drivers.thermometer.mlx90614 import Mlx90614
from drivers.thermometer.mlx90632 import Mlx90632

QUICK_S = 0.002


def mlx90614(world: Path) -> Thermometer:
    bus = SimulatedBus(world)
    return Mlx90614(lambda: bus)


def mlx90632(world: Path) -> Thermometer:
    bus = SimulatedMlx90632(world, measures_every_s=QUICK_S)
    return Mlx90632(lambda: bus)


@pytest.fixture(params=[mlx90614, mlx90632], ids=["mlx90614", "mlx90632"])
def thermometer(request: pytest.FixtureRequest, tmp_path: Path) -> Thermometer:
    make: Callable[[Path], Thermometer] = request.param
    return make(tmp_path)


@pytest.mark.parametrize("celsius", [15.0, 33.9, 36.5, 37.3, 42.5])
@pytest.mark.parametrize("ambient", [-5.0, 22.0, 45.0])
def test_fault_34_a_thermometer_tells_what_is_before_it_and_how_warm_it_is_itself(
    thermometer: Thermometer, tmp_path: Path, celsius: float, ambient: float
) -> None:
    play_scene(tmp_path, Scene(celsius=celsius, ambient_celsius=ambient))
    sample = thermometer.sample()
    assert abs(sample.object_centicelsius - 100 * celsius) < 40
    assert abs(sample.ambient_centicelsius - 100 * ambient) < 40


def test_with_nobody_there_a_thermometer_sees_the_background(thermometer: Thermometer) -> None:
    assert abs(thermometer.sample().object_centicelsius - 2150) < 40


def test_fault_30_every_thermometer_that_is_unplugged_is_gone_and_comes_back_by_itself(
    thermometer: Thermometer, tmp_path: Path
) -> None:
    assert thermometer.sample()
    play_scene(tmp_path, Scene(thermometer="unplugged"))
    for ask in (thermometer.sample, thermometer.identity, thermometer.sample):
        with pytest.raises(DeviceGone, match=r"does not answer: No such .*thermometer\.address"):
            ask()
    play_scene(tmp_path, Scene(celsius=36.5))
    assert abs(thermometer.sample().object_centicelsius - 3650) < 40


def test_fault_31_answers_that_the_wire_spoils_are_no_sample_and_then_good_ones_are(
    thermometer: Thermometer, tmp_path: Path
) -> None:
    assert thermometer.sample()
    for _ in range(5):
        play_scene(tmp_path, Scene(celsius=36.5, thermometer="bad_pec"))
        # Without a PEC the same bit may be spoiled twice: then it is another chip.
        with pytest.raises(DeviceError):
            thermometer.sample()
    play_scene(tmp_path, Scene(celsius=36.5))
    assert abs(thermometer.sample().object_centicelsius - 3650) < 40


def test_fault_32_values_that_cannot_be_are_faulty_and_never_a_temperature(
    thermometer: Thermometer, tmp_path: Path
) -> None:
    play_scene(tmp_path, Scene(celsius=36.5, thermometer="error_flag"))
    for _ in range(3):
        with pytest.raises(DeviceFaulty, match="replace it if that stays"):
            thermometer.sample()
    play_scene(tmp_path, Scene(celsius=36.5))
    assert abs(thermometer.sample().object_centicelsius - 3650) < 40


@pytest.mark.parametrize(("state", "stuck"), [("stuck", True), ("present", False)])
def test_fault_33_only_a_thermometer_that_is_stuck_repeats_itself(
    thermometer: Thermometer, tmp_path: Path, state: Literal["stuck", "present"], stuck: bool
) -> None:
    play_scene(tmp_path, Scene(celsius=36.5, thermometer=state))
    seen = [thermometer.sample().object_centicelsius for _ in range(STUCK_AFTER_SAMPLES)]
    assert is_stuck(seen) is stuck


@pytest.mark.parametrize(
    ("celsius", "outcome"),
    [(36.5, Temperature.NORMAL), (38.2, Temperature.FEVER), (30.0, Temperature.TOO_LOW)],
)
def test_a_burst_of_any_thermometer_is_judged_alike(
    thermometer: Thermometer, tmp_path: Path, celsius: float, outcome: Temperature
) -> None:
    play_scene(tmp_path, Scene(celsius=celsius))
    samples = [thermometer.sample() for _ in range(6)]
    assert read_burst(samples, None, Calibration(sensor="any"), Limits()).outcome is outcome


def test_a_thermometer_says_which_one_it_is(thermometer: Thermometer) -> None:
    identity = thermometer.identity()
    assert identity.model in {"MLX90614", "MLX90632"}
    assert int(identity.chip, 16) > 0
    assert identity.emissivity == 1.0


def test_a_thermometer_that_was_closed_opens_its_bus_again(thermometer: Thermometer) -> None:
    thermometer.close()
    assert thermometer.sample()
    thermometer.close()
    thermometer.close()
