"""Which sensor it is, whether its answers are whole and steady, and whether it was ever compared."""

import time
from collections.abc import Iterator
from statistics import fmean
from typing import Final

from checkpoint.thermometry import Sample
from config.calibration import SensorCalibration, load_calibrations
from config.settings import GateSettings, Mlx90632Table
from config.settings.error import ConfigError
from drivers import DeviceError, DeviceFaulty, SensorIdentity, Thermometer
from gatepost.doctor.finding import CheckResult, Figure, fail, ok, warn
from kiosk.devices.thermometers import accuracy_celsius, make_thermometer

READINGS: Final = 20
EVERY_S: Final = 0.1


def check_thermometer(settings: GateSettings) -> Iterator[CheckResult]:
    """The sensor, then whatever there is to remark."""
    thermometer = make_thermometer(settings)
    try:
        identity = thermometer.identity()
        samples, lost = _samples(thermometer)
    except DeviceFaulty as error:
        yield fail("thermometer.faulty", error)
        return
    except DeviceError as error:
        yield fail("thermometer.gone", error)
        return
    finally:
        thermometer.close()
    figures = _figures(settings, identity, samples)
    yield (
        warn("thermometer.flaky", lost=lost, **figures) if lost else ok("thermometer.ok", **figures)
    )
    yield from _remarks(settings, identity, samples)


def _samples(thermometer: Thermometer) -> tuple[list[Sample], int]:
    """What came, and how many did not. Raises DeviceError where none came."""
    samples: list[Sample] = []
    trouble: DeviceError | None = None
    for _ in range(READINGS):
        try:
            samples.append(thermometer.sample())
        except DeviceError as error:
            trouble = error
        time.sleep(EVERY_S)
    if not samples and trouble is not None:
        raise trouble
    return samples, READINGS - len(samples)


def _figures(
    settings: GateSettings, identity: SensorIdentity, samples: list[Sample]
) -> dict[str, Figure]:
    objects = [sample.object_centicelsius / 100 for sample in samples]
    ambient = fmean(sample.ambient_centicelsius for sample in samples) / 100
    return {
        "model": identity.model,
        "address": f"{identity.address:#04x}",
        "pec": identity.has_pec,
        "chip": identity.chip,
        "emissivity": identity.emissivity,
        "accuracy_celsius": accuracy_celsius(settings),
        "readings": len(samples),
        "mean_celsius": round(fmean(objects), 2),
        "spread_celsius": round(max(objects) - min(objects), 2),
        "ambient_celsius": round(ambient, 1),
    }


def _remarks(
    settings: GateSettings, identity: SensorIdentity, samples: list[Sample]
) -> Iterator[CheckResult]:
    part = settings.thermometer
    ambient = fmean(sample.ambient_centicelsius for sample in samples) / 100
    if not part.lowest_ambient_celsius <= ambient <= part.highest_ambient_celsius:
        yield warn("thermometer.ambient", ambient_celsius=round(ambient, 1))
    if len(samples) == READINGS and len({sample.object_centicelsius for sample in samples}) == 1:
        yield warn("thermometer.stuck", readings=READINGS)
    # The MLX90632 keeps none: what it is calculated with stands in the settings.
    expected = part.emissivity if isinstance(part, Mlx90632Table) else 1.0
    if identity.emissivity != expected:
        yield warn("thermometer.emissivity", emissivity=identity.emissivity)
    calibration = _calibration(settings)
    if calibration is None:
        yield warn("thermometer.uncalibrated", accuracy_celsius=accuracy_celsius(settings))
    elif calibration.chip != identity.chip:
        yield fail("thermometer.other_chip", calibrated=calibration.chip, chip=identity.chip)
    else:
        offset = calibration.offset_centicelsius / 100
        yield ok("thermometer.calibrated", id=calibration.id, offset_celsius=offset)


def _calibration(settings: GateSettings) -> SensorCalibration | None:
    part = settings.thermometer
    try:
        return load_calibrations(part.calibration, part.sensor).in_force()
    except ConfigError:
        return None  # the settings' own check says so
