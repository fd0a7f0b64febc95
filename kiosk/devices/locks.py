"""The lock that the config names, apart from everything else: ``gatepost lock secure`` must be quick."""

from typing import assert_never

from config.settings import GpioLockTable, SimulatedLockTable
from drivers import Lock
from drivers.door.relay_lock import RelayLock


def make_lock(settings: GpioLockTable | SimulatedLockTable) -> Lock:
    """Claim the lock, shut. Raises DeviceError while it is not there."""
    match settings:
        case GpioLockTable(pin=pin, active_high=active_high):
            return RelayLock(pin, active_high=active_high)
        case SimulatedLockTable(world=world):
            # The simulated world draws pictures: half a second of imports that a real lock need not wait for.
            from drivers.simulated.world import simulated_lock  # noqa: PLC0415

            return simulated_lock(world)
        case _ as other:
            assert_never(other)
