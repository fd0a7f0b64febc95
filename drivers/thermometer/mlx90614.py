"""Melexis MLX90614 infrared thermometer on an SMBus.

Facts from the MLX90614 data sheet (3901090614), "Commands" and "SMBus": RAM 0x06 holds the ambient and
0x07 the object temperature, as words of 0.02 K a bit, low byte first, followed by a packet error code
(PEC) that the kernel checks for us. The word's highest bit is the error flag. EEPROM is read at 0x20 + cell:
cell 0x04 holds the emissivity as 65535 times its value, cells 0x1C to 0x1F the chip's number. It is never
written: a cell must be erased first, and a power cut in between would leave it so. Words are known in this
file (and to its twin) alone.

One word is read like this: leave a gap, read, and on any OSError try again, three times at most. Then the
sensor is gone: the bus is closed and opened again at the next sample, so that it comes back by itself.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from checkpoint.thermometry import Sample
from drivers import DeviceFaulty, DeviceGone, SensorIdentity
from drivers.thermometer.i2c_bus import open_i2c

DEFAULT_ADDRESS = 0x5A
AMBIENT_REGISTER = 0x06
OBJECT_REGISTER = 0x07
EMISSIVITY_REGISTER = 0x24
ID_REGISTERS = (0x3C, 0x3D, 0x3E, 0x3F)
ERROR_FLAG = 0x8000
"""Bit 15 of a word: the sensor itself says that the value is void (data sheet 8.4.2)."""
ACCURACY_CELSIUS = {"generic": 0.5, "medical": 0.2}
"""At room temperature, near that of the body (data sheet, "Temperature accuracy")."""
MAX_TRIES = 3
# Back-to-back reads fail with EREMOTEIO (121) on some boards.
GAP_S = 0.002


class WordBus(Protocol):
    """As much of an SMBus as this sensor needs; smbus2.SMBus is one."""

    def read_word_data(self, address: int, register: int, /) -> int:
        """One word whose PEC was right. Raises OSError."""

    def close(self) -> None:
        """Let go of the bus."""


def open_bus(number: int) -> WordBus:
    """I2C bus ``/dev/i2c-NUMBER`` with packet error checking. Raises DeviceError."""
    bus = open_i2c(number)
    try:
        bus.pec = 1
    except OSError:
        bus.close()
        raise DeviceFaulty(
            f"thermometer.bus: the adapter of /dev/i2c-{number} cannot check packet errors (PEC);"
            " use another bus"
        ) from None
    opened: WordBus = bus
    return opened


class Mlx90614:
    """The sensor at ``address`` of the bus that ``open_bus`` opens.

    ``open_bus`` is called at the first sample and after every loss, and raises DeviceError.
    """

    def __init__(self, open_bus: Callable[[], WordBus], address: int = DEFAULT_ADDRESS) -> None:
        self._open_bus = open_bus
        self._address = address
        self._bus: WordBus | None = None

    def sample(self) -> Sample:
        """Read both registers once, in 5 ms when all is well, in 15 ms at most.

        Raises DeviceGone when the bus or the sensor does not answer or its answers are damaged,
        DeviceFaulty when the sensor flags its own value.
        """
        ambient = self._temperature(AMBIENT_REGISTER)
        return Sample(self._temperature(OBJECT_REGISTER), ambient)

    def identity(self) -> SensorIdentity:
        """The chip's number and the emissivity it is set to, from EEPROM. Raises DeviceGone."""
        chip = "".join(f"{self._word(register):04x}" for register in ID_REGISTERS)
        return SensorIdentity(
            model="MLX90614",
            chip=chip,
            address=self._address,
            emissivity=round(self._word(EMISSIVITY_REGISTER) / 0xFFFF, 4),
            has_pec=True,
        )

    def close(self) -> None:
        """Let go of the bus."""
        if self._bus is not None:
            with suppress(OSError):
                self._bus.close()
            self._bus = None

    def _word(self, register: int) -> int:
        if self._bus is None:
            self._bus = self._open_bus()
        tries = 0
        while True:
            time.sleep(GAP_S)
            try:
                return self._bus.read_word_data(self._address, register)
            except OSError as error:
                tries += 1
                if tries < MAX_TRIES:
                    continue
                self.close()
                raise DeviceGone(
                    f"thermometer at address {self._address:#04x} does not answer:"
                    f" {error.strerror or error}; look at its wiring, thermometer.bus and"
                    " thermometer.address"
                ) from None

    def _temperature(self, register: int) -> int:
        word = self._word(register)
        # 0xFFFF, which an idle line reads as, carries the flag too.
        if word & ERROR_FLAG:
            raise DeviceFaulty(
                f"thermometer flags its own value (register {register:#04x} reads {word:#06x});"
                " replace it if that stays"
            )
        return centicelsius(word)


def centicelsius(word: int) -> int:
    """A word of 0.02 K a bit in hundredths of a degree Celsius; exact."""
    return word * 2 - 27315
