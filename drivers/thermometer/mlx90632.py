"""Melexis MLX90632, medical variant, on an I2C bus: 0.2 degrees for objects of 35 to 42 degrees in a room.

Facts from the MLX90632 data sheet (3901090632), "Memory and registers" and "Temperature calculation"; names,
addresses and scales as in Linux' drivers/iio/temperature/mlx90632.c. Registers have 16-bit addresses and words of
16 bits, high byte first. Each part carries its own calibration in EEPROM; constants of 32 bits take two words, the
low one first. It measures by itself, twice a second as delivered, alternately on two channels. Aa to Db, which the
EEPROM also holds, are in neither formula and are not read. EEPROM is never written.

1. At the first sample and after every loss: version, control register and constants are read and judged.
2. Clear the new-data bit, which is all that is ever written, and wait for it to come again, 1.2 s at most.
3. Read the six words of both channels and the status, whose cycle position tells the newer channel.
4. Object temperature needs itself for its own sensitivity: begin at 25 degrees, go round five times.

There is no packet error code. In its place: everything is read twice running and must be the same both times, else
it is read again, three times at most; a word that changed because a new measurement fell between is read again
likewise. Constants, words and temperatures must lie where they can, and the ambient temperature, which the sensor
tells by two sets of constants, must agree with itself. A wire that spoils the same bit twice running escapes the
first and is left to the second.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol, cast

from smbus2 import i2c_msg

from checkpoint.thermometry import Sample
from drivers import DeviceError, DeviceFaulty, DeviceGone, SensorIdentity
from drivers.thermometer.i2c_bus import open_i2c

DEFAULT_ADDRESS: Final = 0x3A
"""0x3B where the part's ADDR pin is high."""
ACCURACY_CELSIUS: Final = 0.2
"""Object 35 to 42 degrees, ambient that of a room (data sheet, "Accuracy", medical)."""
ID_REGISTERS: Final = (0x2405, 0x2406, 0x2407)
VERSION_REGISTER: Final = 0x240B
VERSION_MASK: Final = 0x7FFF
MEDICAL_VERSION: Final = 0x0105
"""Medical (01), signal processing 5 (05)."""
OTHER_VERSIONS: Final = {0x0205: "the standard variant", 0x0505: "the extended-range variant"}
CONTROL_REGISTER: Final = 0x3001
CONTROL_MASK: Final = 0x01F6
"""Bits 8 to 4: what is measured, 0 medical. Bits 2 and 1: how, 3 continuously."""
CONTINUOUS_MEDICAL: Final = 0x0006
STATUS_REGISTER: Final = 0x3FFF
NEW_DATA: Final = 0x0001
FIRST_WORD_REGISTER: Final = 0x4003
"""RAM_4; the six up to RAM_9 follow each other."""
MAX_TRIES: Final = 3
NEW_DATA_WITHIN_S: Final = 1.2
"""Twice the time of a measurement as delivered, and a little more."""
POLL_EVERY_S: Final = 0.01
ROUNDS: Final = 5
MEASURABLE_OBJECT_CELSIUS: Final = (-20.0, 200.0)
MEASURABLE_AMBIENT_CELSIUS: Final = (-20.0, 85.0)
MAX_AMBIENT_DIFFERENCE_CELSIUS: Final = 5.0
_KELVIN: Final = 273.15
_REFERENCE: Final = 12.0


class Constants(NamedTuple):
    """One part's calibration, in the data sheet's names and true sizes."""

    P_R: float
    P_G: float
    P_T: float
    P_O: float
    Ea: float
    Eb: float
    Fa: float
    Fb: float
    Ga: float
    Gb: float
    Ka: float
    Ha: float
    Hb: float


class _Constant(NamedTuple):
    register: int
    bits: int
    scale: int
    """The power of two that the stored number is divided by."""
    lowest: float
    highest: float


# The ranges are ours: some times wider than around the data sheet's example and the maker's test part.
CONSTANTS: Final = {
    "P_R": _Constant(0x240C, 32, 8, 10_000, 50_000),
    "P_G": _Constant(0x240E, 32, 20, 20, 300),
    "P_T": _Constant(0x2410, 32, 44, -1e-6, 1e-6),
    "P_O": _Constant(0x2412, 32, 8, -20, 85),
    "Ea": _Constant(0x2424, 32, 16, 20, 300),
    "Eb": _Constant(0x2426, 32, 8, 10_000, 50_000),
    "Fa": _Constant(0x2428, 32, 46, 1e-7, 5e-6),
    "Fb": _Constant(0x242A, 32, 36, -0.01, 0.01),
    "Ga": _Constant(0x242C, 32, 36, -0.01, 0.01),
    "Gb": _Constant(0x242E, 16, 10, 2, 30),
    "Ka": _Constant(0x242F, 16, 10, 2, 30),
    "Ha": _Constant(0x2481, 16, 14, 0.5, 1.99),
    "Hb": _Constant(0x2482, 16, 10, -10, 10),
}


class Words(NamedTuple):
    """What one measurement leaves in RAM, as signed numbers."""

    ram_4: int
    ram_5: int
    ram_6: int
    ram_7: int
    ram_8: int
    ram_9: int


class Temperatures(NamedTuple):
    """What the words mean, in degrees Celsius."""

    object: float
    ambient: float
    ambient_again: float
    """The same by the object's own constants."""


class RegisterBus(Protocol):
    """As much of an I2C bus as this sensor needs; smbus2.SMBus is one."""

    def i2c_rdwr(self, *messages: i2c_msg) -> None:
        """One transaction. Raises OSError."""

    def close(self) -> None:
        """Let go of the bus."""


def open_bus(number: int) -> RegisterBus:
    """I2C bus ``/dev/i2c-NUMBER``. Raises DeviceError."""
    bus: RegisterBus = open_i2c(number)
    return bus


class Mlx90632:
    """The sensor at ``address`` of the bus that ``open_bus`` opens; see the head of the file.

    ``open_bus`` is called at the first sample and after every loss, and raises DeviceError.
    ``emissivity``: of the surface before it, above 0, at most 1.
    """

    def __init__(
        self,
        open_bus: Callable[[], RegisterBus],
        address: int = DEFAULT_ADDRESS,
        emissivity: float = 1.0,
    ) -> None:
        self._open_bus = open_bus
        self._address = address
        self._emissivity = emissivity
        self._bus: RegisterBus | None = None
        self._constants: Constants | None = None

    def sample(self) -> Sample:
        """The next measurement: in half a second as delivered, in 2 s at most.

        Raises DeviceGone when the bus or the sensor does not answer or its answers differ from each other,
        DeviceFaulty when it is another variant, brings nothing new, or says what cannot be.
        """
        try:
            if self._constants is None:
                self._constants = self._calibration()
            words, channel = self._measurement()
            found = temperatures(self._constants, words, channel, self._emissivity)
            _judge(found)
        except DeviceError:
            # Whatever it was, the next one may be another part.
            self._constants = None
            raise
        return Sample(round(found.object * 100), round(found.ambient * 100))

    def identity(self) -> SensorIdentity:
        """The chip's number, from EEPROM, and the emissivity it is calculated with. Raises DeviceError."""
        self._expect_medical()
        return SensorIdentity(
            model="MLX90632",
            chip="".join(f"{word:04x}" for word in self._twice(ID_REGISTERS)),
            address=self._address,
            emissivity=self._emissivity,
            has_pec=False,
        )

    def close(self) -> None:
        """Let go of the bus."""
        self._constants = None
        if self._bus is not None:
            with suppress(OSError):
                self._bus.close()
            self._bus = None

    def _calibration(self) -> Constants:
        self._expect_medical()
        (control,) = self._twice([CONTROL_REGISTER])
        if control & CONTROL_MASK != CONTINUOUS_MEDICAL:
            raise DeviceFaulty(
                f"thermometer does not measure by itself (control register reads {control:#06x});"
                " another program has set it so: switch its power off and on"
            )
        registers = [
            each.register + word for each in CONSTANTS.values() for word in range(each.bits // 16)
        ]
        found = dict(zip(registers, self._twice(registers), strict=True))
        return _constants(found)

    def _expect_medical(self) -> None:
        (version,) = self._twice([VERSION_REGISTER])
        version &= VERSION_MASK
        if version != MEDICAL_VERSION:
            what = OTHER_VERSIONS.get(version, "no medical MLX90632")
            raise DeviceFaulty(
                f"thermometer at address {self._address:#04x} is {what} (version {version:#06x});"
                " use a medical MLX90632, or another thermometer.kind"
            )

    def _measurement(self) -> tuple[Words, int]:
        """The six words of the next measurement, and which channel is the newer, 1 or 2."""
        (status,) = self._twice([STATUS_REGISTER])
        self._transfer(self._writing(STATUS_REGISTER, status & ~NEW_DATA))
        until_s = time.monotonic() + NEW_DATA_WITHIN_S
        while not self._word(STATUS_REGISTER) & NEW_DATA:
            if time.monotonic() > until_s:
                raise DeviceFaulty(
                    f"thermometer answers, and has measured nothing new for {NEW_DATA_WITHIN_S} s;"
                    " switch its power off and on, replace it if that stays"
                )
            time.sleep(POLL_EVERY_S)
        # Half a second until the next one; its twelve words take some 10 ms.
        *words, status = self._twice(
            [*range(FIRST_WORD_REGISTER, FIRST_WORD_REGISTER + 6), STATUS_REGISTER]
        )
        channel = status >> 2 & 0x1F
        if channel not in {1, 2}:
            raise DeviceFaulty(
                f"thermometer measures in a place that it does not have (status reads {status:#06x});"
                " switch its power off and on, replace it if that stays"
            )
        return Words(*(_signed(word, 16) for word in words)), channel

    def _twice(self, registers: Sequence[int]) -> list[int]:
        """The registers' words, which were the same twice running. Raises DeviceGone."""
        for _ in range(MAX_TRIES):
            first = [self._word(register) for register in registers]
            if first == [self._word(register) for register in registers]:
                return first
        self.close()
        raise DeviceGone(
            f"thermometer at address {self._address:#04x} answers the same question differently;"
            " look at its wiring: short, and away from the lock's"
        )

    def _word(self, register: int) -> int:
        answer = i2c_msg.read(self._address, 2)
        self._transfer(i2c_msg.write(self._address, register.to_bytes(2, "big")), answer)
        # The package's own types have neither.
        return int.from_bytes(bytes(cast("Any", answer)), "big")

    def _writing(self, register: int, word: int) -> i2c_msg:
        return i2c_msg.write(self._address, register.to_bytes(2, "big") + word.to_bytes(2, "big"))

    def _transfer(self, *messages: i2c_msg) -> None:
        if self._bus is None:
            self._bus = self._open_bus()
        for tries in range(1, MAX_TRIES + 1):
            try:
                self._bus.i2c_rdwr(*messages)
            except OSError as error:
                if tries < MAX_TRIES:
                    continue
                self.close()
                raise DeviceGone(
                    f"thermometer at address {self._address:#04x} does not answer:"
                    f" {error.strerror or error}; look at its wiring, thermometer.bus and"
                    " thermometer.address"
                ) from None
            else:
                return


def temperatures(
    constants: Constants, words: Words, channel: int, emissivity: float
) -> Temperatures:
    """The data sheet's calculation. Raises DeviceFaulty where the words have no temperature."""
    c = constants
    newer = (words.ram_4 + words.ram_5 if channel == 1 else words.ram_7 + words.ram_8) / 2
    drawn = words.ram_6 / _REFERENCE
    ambient_reference = words.ram_9 + c.Gb * drawn
    object_reference = words.ram_9 + c.Ka * drawn
    if words.ram_6 <= 0 or words.ram_9 <= 0:
        raise _impossible("its reference voltage is not above 0")
    amb = drawn / ambient_reference * 2**19
    sto = newer / _REFERENCE / object_reference * 2**19
    ambient = c.P_O + (amb - c.P_R) / c.P_G + c.P_T * (amb - c.P_R) ** 2
    dut = (amb - c.Eb) / c.Ea + 25
    seen = 25.0
    for _ in range(ROUNDS):
        sensitivity = c.Fa * c.Ha * (1 + c.Ga * (seen - 25) + c.Fb * (dut - 25))
        if sensitivity <= 0:
            raise _impossible("it sees nothing")
        radiated = sto / (emissivity * sensitivity) + (dut + _KELVIN) ** 4
        if radiated <= 0:
            raise _impossible("an object below absolute zero")
        seen = radiated**0.25 - _KELVIN - c.Hb
    return Temperatures(seen, ambient, dut)


def _constants(words: dict[int, int]) -> Constants:
    found: dict[str, float] = {}
    for name, each in CONSTANTS.items():
        number = words[each.register]
        if each.bits == 32:
            number |= words[each.register + 1] << 16
        value = _signed(number, each.bits) / 2**each.scale
        if not each.lowest <= value <= each.highest:
            raise DeviceFaulty(
                f"thermometer's calibration constant {name} cannot be ({value:.6g}); replace the sensor"
            )
        found[name] = value
    return Constants(**found)


def _judge(found: Temperatures) -> None:
    lowest, highest = MEASURABLE_OBJECT_CELSIUS
    if not lowest <= found.object <= highest:
        raise _impossible(f"an object of {found.object:.1f} °C")
    lowest, highest = MEASURABLE_AMBIENT_CELSIUS
    if not lowest <= found.ambient <= highest:
        raise _impossible(f"an ambient temperature of {found.ambient:.1f} °C")
    if abs(found.ambient - found.ambient_again) > MAX_AMBIENT_DIFFERENCE_CELSIUS:
        raise _impossible(
            f"an ambient temperature of {found.ambient:.1f} °C that is also {found.ambient_again:.1f} °C"
        )


def _impossible(what: str) -> DeviceFaulty:
    return DeviceFaulty(f"thermometer says what cannot be: {what}; replace it if that stays")


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> bits - 1 else number
