"""A clock that has come right is journalled, so that the centre learns when all since the boot was.

The next scan would tell it as well; but nobody may come before the gate is switched off.
"""

from collections.abc import Callable

from checkpoint.records import ClockSet, Record, Stamp


class ClockNews:
    """Whether the clock was wrong when it was last looked at."""

    def __init__(self, keep: Callable[[Record], bool], stamp: Callable[[], Stamp]) -> None:
        self._keep, self._stamp = keep, stamp
        self._was_wrong = False

    def look(self) -> None:
        """Journal it, once, where the clock is right and was not; a clock that was right all along is no news."""
        stamp = self._stamp()
        if not stamp.clock_synced:
            self._was_wrong = True
        elif self._was_wrong:
            self._was_wrong = not self._keep(ClockSet(stamp=stamp))
