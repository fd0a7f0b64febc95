"""The machine that nearly every test begins with: booted once, with everything loaded and plugged in, and frozen.

A life goes on from there, because booting and loading take an emulated processor a minute. Time, boot id and card are
new to each: the card's driver is loaded after the thaw, and the page cache knows nothing of a card.
"""

import time
import uuid
from pathlib import Path
from typing import Final

from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import GateOnBench, make_card
from tests.hardware.machine import kernel
from tests.hardware.machine.guest import GuestError
from tests.hardware.machine.qemu import AGENT
from tests.hardware.machine.root_disk import make_root_disk

FROZEN_AT_MOST: Final = 3
LIMIT_S: Final = 1200


class Frozen:
    """A root disk, and the state of a machine that goes on with it."""

    def __init__(self, folder: Path, centre: Centre) -> None:
        folder.mkdir()
        self._folder, self._centre = folder, centre
        self._state = folder / "state"
        self._root = make_root_disk(folder / "root.img", kernel.kernel().folder, AGENT)
        no_card = make_card(folder / "none.img")
        for _ in range(FROZEN_AT_MOST):
            self._freeze(no_card)
            if self._goes_on(no_card):
                return
        raise GuestError("no machine that was frozen goes on")

    def thaw(self, card: Path) -> GateOnBench:
        """A machine with this card in it, at the present time, in a boot of its own. Raises GuestError."""
        gate = self._machine(card, self._state)
        try:
            gate.run("date", "-u", "-s", f"@{int(time.time())}")
            gate.guest.ask("write", path="/run/boot_id", text=f"{uuid.uuid4()}\n")
            gate.run("mount", "--bind", "/run/boot_id", "/proc/sys/kernel/random/boot_id")
            gate.mount_card()
        except BaseException:
            gate.cut_power()
            raise
        return gate

    def _freeze(self, card: Path) -> None:
        gate = self._machine(card, None)
        try:
            gate.load_drivers()
            gate.load("dm_mod")
            gate.guest.ask(
                "write", path=str(self._centre.trust), text=self._centre.trust.read_text()
            )
            gate.guest.ask("warm_up")
            gate.relay.close()
            gate.machine.freeze(self._state)
        except BaseException:
            gate.cut_power()
            raise

    def _goes_on(self, card: Path) -> bool:
        """Whether a life can begin: seen once, an emulated kernel panicked at every thaw of one frozen state."""
        try:
            gate = self._machine(card, self._state)
        except GuestError:
            return False
        try:
            gate.run("true")
        except GuestError:
            return False
        finally:
            gate.cut_power()
        return True

    def _machine(self, card: Path, state: Path | None) -> GateOnBench:
        folder = self._folder / "machine"
        return GateOnBench(
            folder, self._centre, card=card, root=self._root, frozen=state, limit_s=LIMIT_S
        )
