"""The place for one machine at a time: two cores carry no more."""

from contextlib import suppress
from functools import cached_property
from pathlib import Path

from tests.hardware.centre import Centre
from tests.hardware.frozen import Frozen
from tests.hardware.gate_on_bench import GateOnBench, make_card
from tests.hardware.machine.guest import GuestError


class Stand:
    """Gives each test the machine that it needs, and ends what the one before left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "centre").mkdir()
        self.centre = Centre(folder / "centre")
        self._gate: GateOnBench | None = None
        self._lives = 0

    @cached_property
    def frozen(self) -> Frozen:
        """The machine that the others go on from."""
        return Frozen(self.folder / "frozen", self.centre)

    def gate_at_work(self) -> GateOnBench:
        """The gate of the test before if it is still whole, else a new one."""
        if self._gate is not None:
            try:
                self._gate.wait_until_ready()
            except (AssertionError, GuestError, OSError):
                self._gate.cut_power()
            else:
                return self._gate
        self._lives += 1
        card = make_card(self.folder / f"card-{self._lives}.img")
        self._gate = gate = self.frozen.thaw(card)
        gate.hand_in_roster()
        gate.start_gate()
        gate.start_sync()
        gate.wait_until_ready()
        return gate

    def clear(self) -> None:
        """End the gate at work in order, so that another machine can be there."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.shut_down()

    def close(self) -> None:
        """End everything."""
        try:
            self.clear()
        finally:
            if self._gate is not None:
                with suppress(OSError):
                    self._gate.cut_power()
            self.centre.close()
