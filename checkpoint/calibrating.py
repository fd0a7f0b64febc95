"""A sensor compared with a reference: bursts of samples -> the offset that mends it, or why there is none.

One comparison is one burst before something whose true temperature is known at that moment: a person
just measured with a trusted thermometer, or a black body. The offset is what must be added to the burst's
mean so that, with the site's ambient correction, it says the reference. Several comparisons count by
their median, so that one bad one does no harm.

All temperatures are whole hundredths of a degree Celsius.
"""

import enum
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from checkpoint.thermometry import (
    MAX_SPREAD_CENTICELSIUS,
    PERSON_STEP_CENTICELSIUS,
    Calibration,
    Sample,
    ambient_correction,
    is_void,
)

FEWEST_SAMPLES: Final = 20
"""Two seconds: a face that moves shows its spread by then."""
MAX_OFFSET_CENTICELSIUS: Final = 500
"""Skin reads up to 3 degrees below the body; what lies further off is no matter of calibration."""
MAX_DISAGREEMENT_CENTICELSIUS: Final = 50


class Unfit(enum.Enum):
    """Why a burst is no comparison."""

    FEW_SAMPLES = "few_samples"
    VOID = "void"
    """A value that cannot have been measured."""
    NOBODY = "nobody"
    """What stands before the sensor is not a degree away from the ambient temperature."""
    UNSTEADY = "unsteady"
    AMBIENT_OUT_OF_RANGE = "ambient_out_of_range"
    OFFSET_TOO_LARGE = "offset_too_large"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One burst beside its reference."""

    reference_centicelsius: int
    object_centicelsius: int
    """The median of the raw samples."""
    ambient_centicelsius: int
    spread_centicelsius: int
    """Between the 10th and the 90th percentile."""
    samples: int
    offset_centicelsius: int


def compare(
    samples: Sequence[Sample], reference_centicelsius: int, site: Calibration
) -> Comparison | Unfit:
    """Judge one burst; ``site`` gives the ambient range and corrections, its offset does not count."""
    if len(samples) < FEWEST_SAMPLES:
        return Unfit.FEW_SAMPLES
    if any(is_void(sample) for sample in samples):
        return Unfit.VOID
    objects = sorted(sample.object_centicelsius for sample in samples)
    ambient = round(median(sample.ambient_centicelsius for sample in samples))
    seen = round(median(objects))
    comparison = Comparison(
        reference_centicelsius=reference_centicelsius,
        object_centicelsius=seen,
        ambient_centicelsius=ambient,
        spread_centicelsius=objects[len(objects) * 9 // 10] - objects[len(objects) // 10],
        samples=len(samples),
        offset_centicelsius=reference_centicelsius - seen - ambient_correction(ambient, site),
    )
    return _unfit(comparison, site) or comparison


def offset_of(comparisons: Sequence[Comparison]) -> int:
    """The offset that several comparisons agree on best."""
    return round(median(comparison.offset_centicelsius for comparison in comparisons))


def disagree(comparisons: Sequence[Comparison]) -> bool:
    """Whether they differ by more than a generic sensor's own error."""
    offsets = [comparison.offset_centicelsius for comparison in comparisons]
    return max(offsets) - min(offsets) > MAX_DISAGREEMENT_CENTICELSIUS


def _unfit(comparison: Comparison, site: Calibration) -> Unfit | None:
    ambient = comparison.ambient_centicelsius
    if not site.lowest_ambient_centicelsius <= ambient <= site.highest_ambient_centicelsius:
        return Unfit.AMBIENT_OUT_OF_RANGE
    if abs(comparison.object_centicelsius - ambient) < PERSON_STEP_CENTICELSIUS:
        return Unfit.NOBODY
    if comparison.spread_centicelsius > MAX_SPREAD_CENTICELSIUS:
        return Unfit.UNSTEADY
    if abs(comparison.offset_centicelsius) > MAX_OFFSET_CENTICELSIUS:
        return Unfit.OFFSET_TOO_LARGE
    return None
