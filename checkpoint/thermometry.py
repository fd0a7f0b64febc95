"""Samples of an infrared thermometer -> a Reading that a rule can judge.

A burst is a second or so of samples while somebody stands before the sensor:

1. A sample shows a person when its object temperature has stepped away from the background.
2. The warm plateau is every such sample near their upper quartile: approaching faces climb towards it.
3. The estimate is the mean of the plateau's middle half, plus the calibration offset of this very
   sensor, plus a correction for the ambient temperature.
4. Nobody there, too few samples, too wide a spread or an untrusted ambient are outcomes of their own;
   a fault never becomes "normal".

One reading that is not normal is repeated; two that agree decide, the third breaks a tie. A fever that was
read is not taken back by readings without a temperature: only another temperature can contradict it.
All temperatures are whole hundredths of a degree Celsius, so that 37.30 is compared exactly.
"""

import enum
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean, median

import msgspec

HAND_HELD = "hand-held"
"""The sensor's name in a reading that a volunteer has entered."""
LOWEST_MEASURABLE_CENTICELSIUS = -27315
HIGHEST_MEASURABLE_CENTICELSIUS = 38219
"""No thermometer at a gate measures beyond: a sample that does is void, whichever driver let it through."""

PERSON_STEP_CENTICELSIUS = 100
PLATEAU_WIDTH_CENTICELSIUS = 80
MAX_SPREAD_CENTICELSIUS = 50
MIN_PLATEAU_SAMPLES = 3
STUCK_AFTER_SAMPLES = 50


class Sample(msgspec.Struct, frozen=True):
    """One measurement, in whole hundredths of a degree Celsius, as the sensor's driver made it of its registers."""

    object_centicelsius: int
    ambient_centicelsius: int


class Temperature(enum.Enum):
    """How one reading came out."""

    NORMAL = "normal"
    FEVER = "fever"
    TOO_LOW = "too_low"
    UNSURE = "unsure"
    NO_READING = "no_reading"
    """Nobody before the sensor, or the sensor did not answer."""
    SENSOR_FAULT = "sensor_fault"
    """The sensor answered with an error or is stuck."""
    AMBIENT_OUT_OF_RANGE = "ambient_out_of_range"


_TELLS_NOTHING = {
    Temperature.NO_READING,
    Temperature.SENSOR_FAULT,
    Temperature.AMBIENT_OUT_OF_RANGE,
}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Where normal ends; inclusive, as the rules of temperature have it."""

    fever_centicelsius: int = 3730
    lowest_centicelsius: int = 3400
    highest_centicelsius: int = 4250


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one sensor at one site."""

    sensor: str
    id: str = "none"
    offset_centicelsius: int = 0
    ambient_corrections: tuple[tuple[int, int], ...] = ()
    """(ambient, correction) points by rising ambient; straight lines between, flat outside."""
    lowest_ambient_centicelsius: int = 1000
    highest_ambient_centicelsius: int = 4000


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One measurement, with all that a later doubt needs."""

    outcome: Temperature
    sensor: str
    calibration: str = "none"
    estimate_centicelsius: int | None = None
    object_centicelsius: int | None = None
    """Raw, before calibration and correction."""
    ambient_centicelsius: int | None = None
    spread_centicelsius: int | None = None
    samples: int = 0


def is_void(sample: Sample) -> bool:
    """Whether one of its values cannot have been measured."""
    values = (sample.object_centicelsius, sample.ambient_centicelsius)
    return not all(
        LOWEST_MEASURABLE_CENTICELSIUS <= value <= HIGHEST_MEASURABLE_CENTICELSIUS
        for value in values
    )


def is_stuck(objects_centicelsius: Iterable[int]) -> bool:
    """Whether the sensor repeats itself: a living one's last digit moves within 50 samples."""
    last = list(objects_centicelsius)[-STUCK_AFTER_SAMPLES:]
    return len(last) == STUCK_AFTER_SAMPLES and len(set(last)) == 1


def read_burst(
    samples: Sequence[Sample],
    background_centicelsius: int | None,
    calibration: Calibration,
    limits: Limits,
) -> Reading:
    """Judge one burst. ``background_centicelsius`` None: ambient stands in for it."""
    if not samples:
        return without_temperature(Temperature.NO_READING, calibration)
    if any(is_void(sample) for sample in samples):
        return without_temperature(Temperature.SENSOR_FAULT, calibration, samples=len(samples))
    ambient = round(median(sample.ambient_centicelsius for sample in samples))
    background = ambient if background_centicelsius is None else background_centicelsius
    objects = [sample.object_centicelsius for sample in samples]
    warm = [value for value in objects if abs(value - background) >= PERSON_STEP_CENTICELSIUS]
    if not warm:
        return without_temperature(Temperature.NO_READING, calibration, ambient, len(samples))
    plateau = _plateau(warm)
    raw = round(_middle_mean(plateau))
    estimate = raw + calibration.offset_centicelsius + ambient_correction(ambient, calibration)
    spread = plateau[-1] - plateau[0]
    steady = len(plateau) >= MIN_PLATEAU_SAMPLES and spread <= MAX_SPREAD_CENTICELSIUS
    return Reading(
        outcome=_outcome(estimate, ambient, steady, calibration, limits),
        sensor=calibration.sensor,
        calibration=calibration.id,
        estimate_centicelsius=estimate,
        object_centicelsius=raw,
        ambient_centicelsius=ambient,
        spread_centicelsius=spread,
        samples=len(samples),
    )


def outcome_of(estimate_centicelsius: int, limits: Limits) -> Temperature:
    """How a temperature that can be trusted as such comes out."""
    if estimate_centicelsius > limits.highest_centicelsius:
        return Temperature.UNSURE
    if estimate_centicelsius < limits.lowest_centicelsius:
        return Temperature.TOO_LOW
    if estimate_centicelsius >= limits.fever_centicelsius:
        return Temperature.FEVER
    return Temperature.NORMAL


def without_temperature(
    outcome: Temperature, calibration: Calibration, ambient: int | None = None, samples: int = 0
) -> Reading:
    """A reading that has no temperature to tell."""
    return Reading(
        outcome=outcome,
        sensor=calibration.sensor,
        calibration=calibration.id,
        ambient_centicelsius=ambient,
        samples=samples,
    )


def ambient_correction(ambient_centicelsius: int, calibration: Calibration) -> int:
    """The correction in hundredths of a degree at this ambient temperature."""
    points = calibration.ambient_corrections
    if not points:
        return 0
    if ambient_centicelsius <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if ambient_centicelsius <= right:
            return round(low + (high - low) * (ambient_centicelsius - left) / (right - left))
    return points[-1][1]


def decisive_reading(readings: Sequence[Reading]) -> Reading | None:
    """The reading that decides, or None when another is needed; at most three are ever taken.

    A FEVER that nothing contradicts decides even against two that have no temperature to tell. Three that
    all differ settle nothing: the outcome is UNSURE with the last one's figures, or the last one itself
    where none of them has a temperature.
    """
    last = readings[-1]
    if last.outcome is Temperature.NORMAL and len(readings) == 1:
        return last
    agreed = any(earlier.outcome is last.outcome for earlier in readings[:-1])
    if not agreed and len(readings) < 3:
        return None
    fever = uncontradicted_fever(readings)
    if fever is not None:
        return fever
    if agreed or all(reading.estimate_centicelsius is None for reading in readings):
        return last
    return msgspec.structs.replace(last, outcome=Temperature.UNSURE)


def uncontradicted_fever(readings: Sequence[Reading]) -> Reading | None:
    """The last FEVER, where every other reading is one too or has no temperature to tell; else None."""
    told = [reading for reading in readings if reading.outcome not in _TELLS_NOTHING]
    fever = all(reading.outcome is Temperature.FEVER for reading in told)
    return told[-1] if told and fever else None


def _plateau(warm: list[int]) -> list[int]:
    rising = sorted(warm)
    # One of the samples, not a point between two: between two there may be nobody near it.
    top = rising[len(rising) * 3 // 4]
    return [value for value in rising if abs(value - top) <= PLATEAU_WIDTH_CENTICELSIUS]


def _middle_mean(plateau: list[int]) -> float:
    quarter = len(plateau) // 4
    return fmean(plateau[quarter : len(plateau) - quarter])


def _outcome(
    estimate: int, ambient: int, steady: bool, calibration: Calibration, limits: Limits
) -> Temperature:
    lowest, highest = (
        calibration.lowest_ambient_centicelsius,
        calibration.highest_ambient_centicelsius,
    )
    if not lowest <= ambient <= highest:
        return Temperature.AMBIENT_OUT_OF_RANGE
    return outcome_of(estimate, limits) if steady else Temperature.UNSURE
