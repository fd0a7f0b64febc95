"""The machine's GPIO pins, never chosen automatically.

gpiozero would fall back from one pin backend to another; a lock that turns a pin of some other backend
opens nothing and says nothing. Without the lgpio chip there are no pins, and that is said.
"""

from functools import cache

from gpiozero.pins import Factory

from drivers import DeviceGone


def raspberry_pi_pins(key: str) -> Factory:
    """The Raspberry Pi's pins through lgpio, the same for all parts: each chip handle costs a file descriptor.

    Raises DeviceGone, whose message begins with ``key``.
    """
    try:
        return _pins()
    except Exception as error:  # noqa: BLE001 - lgpio.error derives from Exception alone
        raise DeviceGone(
            f"{key}: this machine's GPIO pins cannot be used: {error};"
            " it takes a Raspberry Pi with lgpio, and membership in group gpio"
        ) from None


@cache
def _pins() -> Factory:
    # Loading lgpio starts a thread and makes a file, which simulated pins can do without.
    from drivers.door.raspberry_pi_pins import RaspberryPiPins  # noqa: PLC0415

    return RaspberryPiPins()
