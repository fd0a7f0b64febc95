"""The machine's I2C bus, opened for either thermometer."""

from smbus2 import SMBus

from drivers import DeviceGone


def open_i2c(number: int) -> SMBus:
    """``/dev/i2c-NUMBER``. Raises DeviceGone, which names the key and the mend."""
    try:
        return SMBus(number)
    except OSError as error:
        raise DeviceGone(
            f"thermometer.bus: /dev/i2c-{number} cannot be opened: {error.strerror};"
            " is I2C enabled, and may this user use it (group i2c)?"
        ) from None
