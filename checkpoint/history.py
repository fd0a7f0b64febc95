"""What earlier passages, at any gate of the compound, mean for the scan at hand.

Only real passages count: the door contact saw somebody, or without one the relock was not undone.
"""

from dataclasses import dataclass
from datetime import date

from checkpoint.policy import Direction


@dataclass(frozen=True, slots=True)
class LastCrossing:
    """The latest time that somebody really went through a gate."""

    direction: Direction
    at_s: int
    """UTC seconds."""
    charged: bool = False
    """Going out: it was an outing on the household's quota."""


@dataclass(frozen=True, slots=True)
class History:
    """What bears on one scan; the default is a person of whom no passage is known."""

    last: LastCrossing | None = None
    """Of this person."""
    entry_used: bool = False
    """This very pass (person and serial) has come in before."""
    housemate_out: bool = False
    """Another member of the household is out on the quota."""
    last_outing_day: date | None = None
    """Of the household: the day to which its latest outing was charged."""


NO_HISTORY = History()
"""Nobody knows of any earlier passage."""
