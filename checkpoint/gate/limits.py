"""What a volunteer may write down: the core refuses what lies outside, and the gate's page does not offer it."""

from collections.abc import Mapping
from typing import Final

from checkpoint.records import Visiting

HAND_HELD_CENTICELSIUS: Final = range(3000, 4500 + 1)
"""What thermometers for people show."""
COUNTS: Final[Mapping[Visiting, range]] = {
    Visiting.VISITOR: range(1, 20 + 1),
    Visiting.DELIVERY: range(1, 200 + 1),
    Visiting.VEHICLE: range(1, 60 + 1),
}
"""People who come, parcels of a delivery, people in a vehicle."""
