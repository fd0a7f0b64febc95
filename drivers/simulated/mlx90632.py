"""An MLX90632 at register level that measures what the world's scene says.

Its EEPROM holds the calibration of the part in Melexis' own tests of its library, as whole numbers. What the
sensor would draw for a temperature is calculated backwards here, from those numbers and the physics, and shares
no line with the driver: object temperature needs no rounds where it is known beforehand.
"""

import errno
import math
import os
import random
import time
from pathlib import Path
from typing import Any, Final, cast

from smbus2 import i2c_msg

from drivers.simulated.world import Scene, read_scene, seen_celsius
from drivers.thermometer.mlx90632 import DEFAULT_ADDRESS

MEASURES_EVERY_S: Final = 0.5
"""As delivered."""
P_R, P_G, P_T, P_O = 0x0058_7F5B, 0x04A1_0289, -0x6_9908, 0x1E0F
EA, EB, FA, FB, GA = 4_859_535, 5_686_508, 53_855_361, 42_874_149, -14_556_410
GB, KA, HA, HB = 9_728, 10_752, 16_384, 0
EEPROM_32: Final = {
    0x240C: P_R,
    0x240E: P_G,
    0x2410: P_T,
    0x2412: P_O,
    0x2424: EA,
    0x2426: EB,
    0x2428: FA,
    0x242A: FB,
    0x242C: GA,
}
EEPROM_16: Final = {
    0x2405: 0x6320,
    0x2406: 0x51A7,
    0x2407: 0x00C4,
    0x240B: 0x8105,
    0x242E: GB,
    0x242F: KA,
    0x2481: HA,
    0x2482: HB,
}
CONTROL, STATUS, FIRST_WORD = 0x3001, 0x3FFF, 0x4003
SUPPLY_WORD: Final = 23_030
_NOISE_KELVIN: Final = 0.04


def words_for(object_celsius: float, ambient_celsius: float) -> tuple[int, int, int]:
    """(sum of the object's two words, RAM_6, RAM_9) that this part draws at these temperatures."""
    curve, slope = P_T / 2**44, 2**20 / P_G
    rise = ambient_celsius - P_O / 2**8
    # The root of curve * x^2 + slope * x = rise that lies near a straight line.
    beyond = 2 * rise / (slope + math.sqrt(slope**2 + 4 * curve * rise))
    share = (P_R / 2**8 + beyond) / 2**19
    thermistor = round(12 * SUPPLY_WORD * share / (1 - GB / 2**10 * share))
    share = thermistor / 12 / (SUPPLY_WORD + GB / 2**10 * thermistor / 12)
    own = (share * 2**19 - EB / 2**8) / (EA / 2**16) + 25
    warmer = (object_celsius + HB / 2**10 + 273.15) ** 4 - (own + 273.15) ** 4
    drift = 1 + GA / 2**36 * (object_celsius - 25) + FB / 2**36 * (own - 25)
    drawn = warmer * (FA / 2**46) * (HA / 2**14) * drift / 2**19
    reference = SUPPLY_WORD + KA / 2**10 * thermistor / 12
    return round(2 * 12 * reference * drawn), thermistor, SUPPLY_WORD


class SimulatedMlx90632:
    """An I2C bus with one MLX90632; ``registers`` may be changed to make another part of it."""

    def __init__(
        self,
        world: Path,
        address: int = DEFAULT_ADDRESS,
        measures_every_s: float = MEASURES_EVERY_S,
    ) -> None:
        self._world, self._address = world, address
        self.measures_every_s = measures_every_s
        self._random = random.Random()  # noqa: S311 - noise
        self.registers = {register: word & 0xFFFF for register, word in EEPROM_16.items()}
        for register, number in EEPROM_32.items():
            self.registers[register] = number & 0xFFFF
            self.registers[register + 1] = number >> 16 & 0xFFFF
        self.registers[CONTROL] = 0x0006
        self.registers[STATUS] = 2 << 2
        self.registers.update(dict.fromkeys(range(FIRST_WORD, FIRST_WORD + 6), 0))
        self._measured_s = -math.inf
        self._stuck: tuple[int, int, int] | None = None

    def i2c_rdwr(self, *messages: i2c_msg) -> None:
        """One transaction. Raises OSError as the kernel does."""
        scene = read_scene(self._world)
        asked, *answers = (cast("Any", message) for message in messages)
        sent = bytes(asked)
        register = int.from_bytes(sent[:2], "big")
        absent = scene.thermometer == "unplugged" or asked.addr != self._address
        if absent or register not in self.registers:
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        self._measure(scene)
        if len(sent) == 4:
            written = int.from_bytes(sent[2:], "big")
            if register == STATUS:  # the chip keeps its place in the cycle to itself
                written = self.registers[STATUS] & ~1 | written & 1
            self.registers[register] = written
        for answer in answers:
            word = self.registers[register]
            if scene.thermometer == "bad_pec":  # it has none, but the same wire
                word ^= 1 << self._random.randrange(16)
            high, low = word.to_bytes(2, "big")
            answer.buf[0], answer.buf[1] = bytes([high]), bytes([low])

    def close(self) -> None:
        """Nothing is held."""

    def _measure(self, scene: Scene) -> None:
        now_s = time.monotonic()
        # The chip itself goes on; here a busy machine must not be measured for faster than it can read.
        is_unread = self.registers[STATUS] & 1
        if is_unread or now_s - self._measured_s < self.measures_every_s:
            return
        self._measured_s = now_s
        channel = 3 - (self.registers[STATUS] >> 2 & 0x1F)
        both, thermistor, supply = self._drawn(scene)
        first = FIRST_WORD + 3 * (channel - 1)
        self.registers[first] = (both // 2) & 0xFFFF
        self.registers[first + 1] = (both - both // 2) & 0xFFFF
        self.registers[FIRST_WORD + 2] = thermistor & 0xFFFF
        self.registers[FIRST_WORD + 5] = supply & 0xFFFF
        self.registers[STATUS] = channel << 2 | 1

    def _drawn(self, scene: Scene) -> tuple[int, int, int]:
        noise = self._random.gauss(0, _NOISE_KELVIN)
        seen, ambient = seen_celsius(scene)
        words = words_for(seen + noise, ambient + self._random.gauss(0, _NOISE_KELVIN))
        if scene.thermometer == "error_flag":  # it has none; its supply is broken
            return words[0], words[1], 0
        if scene.thermometer == "stuck":
            self._stuck = self._stuck or words
            return self._stuck
        self._stuck = None
        return words
