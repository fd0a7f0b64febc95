"""The MLX90632 beside worked values of its maker, and whatever may be wrong with one."""

import errno
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smbus2 import i2c_msg

from checkpoint.thermometry import Sample
from drivers import DeviceFaulty, DeviceGone
from drivers.simulated.mlx90632 import SimulatedMlx90632, words_for
from drivers.simulated.world import Scene, play_scene
from drivers.thermometer import mlx90632
from drivers.thermometer.mlx90632 import (
    CONSTANTS,
    CONTROL_REGISTER,
    MAX_TRIES,
    STATUS_REGISTER,
    VERSION_REGISTER,
    Constants,
    Mlx90632,
    Words,
    open_bus,
    temperatures,
)

QUICK_S = 0.005
DATA_SHEET = Constants(
    # Data sheet 3901090632, "Example of temperature calculation": the words of its EEPROM over their scales.
    P_R=0x005D0103 / 2**8,
    P_G=0x051CFAE5 / 2**20,
    P_T=0.0,
    P_O=0x1900 / 2**8,
    Ea=0x0051CFAE / 2**16,
    Eb=0x005D0103 / 2**8,
    Fa=0x03506351 / 2**46,
    Fb=(0xFE2571F1 - 2**32) / 2**36,
    Ga=(0xFDFFA7A5 - 2**32) / 2**36,
    Gb=0x2600 / 2**10,
    Ka=0x2A00 / 2**10,
    Ha=0x4000 / 2**14,
    Hb=0.0,
)
DATA_SHEET_WORDS = (0xFF9B, 0xFF9D, 0x57E4, 0xFF97, 0xFF99, 0x59D8)
MAKERS_TEST = Constants(
    # The part of test/TestDSP.c in github.com/melexis/mlx90632-library.
    P_R=0x00587F5B / 2**8,
    P_G=0x04A10289 / 2**20,
    P_T=(0xFFF966F8 - 2**32) / 2**44,
    P_O=0x1E0F / 2**8,
    Ea=4859535 / 2**16,
    Eb=5686508 / 2**8,
    Fa=53855361 / 2**46,
    Fb=42874149 / 2**36,
    Ga=-14556410 / 2**36,
    Gb=9.5,
    Ka=10.5,
    Ha=1.0,
    Hb=0.0,
)


def signed(words: tuple[int, ...]) -> Words:
    return Words(*(word - 0x10000 if word & 0x8000 else word for word in words))


class Fixed(SimulatedMlx90632):
    """Measures nothing by itself: what stands in the registers is new at every look."""

    def _measure(self, _scene: Scene) -> None:
        self.registers[STATUS_REGISTER] |= 1


class Wire:
    """Between driver and part: spoils answers, and counts them."""

    def __init__(self, part: SimulatedMlx90632) -> None:
        self.part = part
        self.answers = 0
        self.writes: list[bytes] = []
        self.spoil: dict[int, int] = {}
        """Which answer, counted from 0, has which bits wrong."""
        self.spoil_register: tuple[int, int] | None = None
        self.closed = False

    def i2c_rdwr(self, *messages: i2c_msg) -> None:
        self.part.i2c_rdwr(*messages)
        asked, *answers = (cast("Any", message) for message in messages)
        if not answers:
            self.writes.append(bytes(asked))
        for answer in answers:
            wrong = self.spoil.get(self.answers, 0)
            if self.spoil_register and bytes(asked) == self.spoil_register[0].to_bytes(2, "big"):
                wrong = self.spoil_register[1]
            word = int.from_bytes(bytes(answer), "big") ^ wrong
            answer.buf[0], answer.buf[1] = (bytes([byte]) for byte in word.to_bytes(2, "big"))
            self.answers += 1

    def close(self) -> None:
        self.closed = True


def fixed(world: Path, part: Constants = DATA_SHEET, words: tuple[int, ...] = ()) -> Fixed:
    """A part with these constants in EEPROM and these words in RAM, channel 1 the newer."""
    bus = Fixed(world)
    for name, each in CONSTANTS.items():
        number = round(getattr(part, name) * 2**each.scale)
        for place in range(each.bits // 16):
            bus.registers[each.register + place] = number >> 16 * place & 0xFFFF
    bus.registers.update(enumerate(words or DATA_SHEET_WORDS, 0x4003))
    bus.registers[STATUS_REGISTER] = 1 << 2 | 1
    return bus


def quick(world: Path) -> SimulatedMlx90632:
    return SimulatedMlx90632(world, measures_every_s=QUICK_S)


def sample_of(bus: mlx90632.RegisterBus, emissivity: float = 1.0) -> Sample:
    return Mlx90632(lambda: bus, emissivity=emissivity).sample()


def test_the_data_sheets_example_comes_out_to_its_last_digit() -> None:
    found = temperatures(DATA_SHEET, signed(DATA_SHEET_WORDS), 1, 1.0)
    assert round(found.object, 7) == 27.2035105
    assert round(found.ambient, 4) == 28.3947
    assert abs(found.ambient - found.ambient_again) < 1e-5


@pytest.mark.parametrize(
    ("one", "other", "celsius"),
    [(609, 611, 55.507), (149, 151, 51.123), (-149, -151, 48.171), (-5000, -5000, -16.653)],
)
def test_the_makers_own_tests_of_object_temperature_come_out(
    one: int, other: int, celsius: float
) -> None:
    # Theirs is the mean of both channels, ours the newer: with both the same there is no difference.
    words = Words(one, other, 22454, one, other, 23030)
    for channel in (1, 2):
        assert abs(temperatures(MAKERS_TEST, words, channel, 1.0).object - celsius) <= 0.01


@pytest.mark.parametrize(
    ("new", "old", "celsius"),
    [(22454, 23030, 48.724), (100, 150, -18.734), (32767, 32766, 53.350)],
)
def test_the_makers_own_tests_of_ambient_temperature_come_out(
    new: int, old: int, celsius: float
) -> None:
    found = temperatures(MAKERS_TEST, Words(0, 0, new, 0, 0, old), 1, 1.0)
    assert abs(found.ambient - celsius) <= 0.01


def test_the_data_sheets_example_is_read_from_registers_signs_and_halves_included(
    tmp_path: Path,
) -> None:
    assert sample_of(fixed(tmp_path)) == Sample(2720, 2839)


def test_the_status_says_which_channel_is_the_newer(tmp_path: Path) -> None:
    bus = fixed(tmp_path, words=(0, 0, 0x57E4, 0xFF9B, 0xFF9D, 0x59D8))
    bus.registers[STATUS_REGISTER] = 2 << 2 | 1
    assert sample_of(bus) == Sample(2720, 2839)
    bus.registers[STATUS_REGISTER] = 1 << 2 | 1
    assert sample_of(bus) == Sample(2839, 2839)  # nothing to see: as warm as itself


def test_a_less_shining_surface_is_warmer_than_it_looks() -> None:
    words = Words(610, 610, 22454, 610, 610, 23030)
    black, skin = (temperatures(MAKERS_TEST, words, 1, given).object for given in (1.0, 0.98))
    assert 0.1 < skin - black < 0.2


@given(celsius=st.floats(15, 60), ambient=st.floats(-15, 60))
def test_what_the_twin_draws_for_a_temperature_the_driver_reads_as_it(
    celsius: float, ambient: float
) -> None:
    both, thermistor, supply = words_for(celsius, ambient)
    words = Words(both // 2, both - both // 2, thermistor, 0, 0, supply)
    found = temperatures(MAKERS_TEST, words, 1, 1.0)
    assert abs(found.object - celsius) < 0.03
    assert abs(found.ambient - ambient) < 0.03


@pytest.mark.parametrize("bit", range(16))
def test_fault_31_without_a_pec_an_answer_spoiled_once_is_read_again(
    tmp_path: Path, bit: int
) -> None:
    clean = Wire(fixed(tmp_path))
    assert sample_of(clean) == Sample(2720, 2839)
    # The status while it is waited for tells nothing but that something is new.
    for place in range(clean.answers):
        wire = Wire(fixed(tmp_path))
        wire.spoil = {place: 1 << bit}
        assert sample_of(wire) == Sample(2720, 2839), place


def test_fault_31_answers_that_never_agree_are_gone_and_not_asked_for_good(tmp_path: Path) -> None:
    wire = Wire(fixed(tmp_path))
    wire.spoil = dict.fromkeys(range(0, 1000, 2), 1)
    with pytest.raises(DeviceGone, match="differently"):
        sample_of(wire)
    assert wire.answers == 2 * MAX_TRIES
    assert wire.closed


@pytest.mark.parametrize("name", CONSTANTS)
@pytest.mark.parametrize("word", [0x0000, 0xFFFF, 0x7FFF])
def test_fault_32_constants_that_are_erased_or_torn_are_no_temperature(
    tmp_path: Path, name: str, word: int
) -> None:
    bus = fixed(tmp_path, MAKERS_TEST, (305, 305, 22454, 305, 305, 23030))
    whole = sample_of(bus)
    each = CONSTANTS[name]
    bus.registers[each.register + each.bits // 16 - 1] = word
    try:
        found = sample_of(bus)
    except DeviceFaulty as error:
        assert "cannot be" in str(error)  # noqa: PT017 - or it is what it was
        return
    # Where this word is what a whole part may hold, the temperature is near what it was.
    assert abs(found.object_centicelsius - whole.object_centicelsius) < 150, name


def test_fault_32_an_erased_eeprom_names_the_constant(tmp_path: Path) -> None:
    bus = fixed(tmp_path)
    each = CONSTANTS["P_G"]
    bus.registers[each.register] = bus.registers[each.register + 1] = 0xFFFF
    with pytest.raises(DeviceFaulty, match="constant P_G cannot be"):
        sample_of(bus)


def test_fault_32_an_ambient_temperature_that_contradicts_itself_is_faulty(tmp_path: Path) -> None:
    bus = fixed(tmp_path)
    each = CONSTANTS["Eb"]
    bus.registers[each.register] ^= 0x8000  # 128 of 23809, within its range
    bus.registers[each.register + 1] ^= 0x0002
    with pytest.raises(DeviceFaulty, match="that is also"):
        sample_of(bus)


@pytest.mark.parametrize(
    "words",
    [
        (0xFF9B, 0xFF9D, 0x0000, 0xFF97, 0xFF99, 0x59D8),
        (0xFF9B, 0xFF9D, 0x57E4, 0xFF97, 0xFF99, 0x0000),
        (0xFFFF,) * 6,
        (0x0000,) * 6,
        (0x7FFF, 0x7FFF, 0x57E4, 0x7FFF, 0x7FFF, 0x59D8),
        (0x8000, 0x8000, 0x57E4, 0x8000, 0x8000, 0x59D8),
        (0x0000, 0x0000, 0x0001, 0x0000, 0x0000, 0x7FFF),
    ],
)
def test_fault_32_words_that_no_temperature_draws_are_faulty(
    tmp_path: Path, words: tuple[int, ...]
) -> None:
    with pytest.raises(DeviceFaulty, match="what cannot be"):
        sample_of(fixed(tmp_path, words=words))


@pytest.mark.parametrize("position", [0, 3, 17, 31])
def test_fault_32_a_measurement_in_no_channel_is_faulty(tmp_path: Path, position: int) -> None:
    bus = fixed(tmp_path)
    bus.registers[STATUS_REGISTER] = position << 2 | 1
    with pytest.raises(DeviceFaulty, match="in a place"):
        sample_of(bus)


@pytest.fixture
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlx90632, "NEW_DATA_WITHIN_S", 0.05)


@pytest.mark.usefixtures("_short_wait")
def test_fault_33_a_part_that_measures_nothing_new_is_faulty_and_believed_again_when_it_does(
    tmp_path: Path,
) -> None:
    play_scene(tmp_path, Scene(celsius=36.5))
    bus = quick(tmp_path)
    thermometer = Mlx90632(lambda: bus)
    assert thermometer.sample()
    bus.measures_every_s = 1e9
    for _ in range(2):
        with pytest.raises(DeviceFaulty, match="nothing new for"):
            thermometer.sample()
    bus.measures_every_s = QUICK_S
    assert abs(thermometer.sample().object_centicelsius - 3650) < 40


def test_fault_33_each_sample_is_a_measurement_of_its_own(tmp_path: Path) -> None:
    play_scene(tmp_path, Scene(celsius=36.5))
    bus = quick(tmp_path)
    thermometer = Mlx90632(lambda: bus)
    newer = []
    for _ in range(6):
        thermometer.sample()
        newer.append(bus.registers[STATUS_REGISTER] >> 2)
    assert all(one != other for one, other in pairwise(newer)), "the channels take turns"


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (0x0205, "the standard variant"),
        (0x8205, "the standard variant"),
        (0x0505, "the extended-range variant"),
        (0x0000, "no medical MLX90632"),
        (0xFFFF, "no medical MLX90632"),
    ],
)
def test_another_variant_is_faulty_and_the_mend_names_the_key(
    tmp_path: Path, version: int, says: str
) -> None:
    bus = fixed(tmp_path)
    bus.registers[VERSION_REGISTER] = version
    for ask in (Mlx90632.sample, Mlx90632.identity):
        with pytest.raises(DeviceFaulty, match=rf"{says}.*thermometer\.kind"):
            ask(Mlx90632(lambda: bus))


@pytest.mark.parametrize("control", [0x0000, 0x0002, 0x0004, 0x0116])
def test_a_part_that_another_program_has_put_to_sleep_says_how_to_wake_it(
    tmp_path: Path, control: int
) -> None:
    bus = fixed(tmp_path)
    bus.registers[CONTROL_REGISTER] = control
    with pytest.raises(DeviceFaulty, match="switch its power off and on"):
        sample_of(bus)


def test_a_part_that_was_changed_while_away_is_read_with_its_own_constants(tmp_path: Path) -> None:
    buses: Iterator[Fixed] = iter(
        [fixed(tmp_path), fixed(tmp_path, MAKERS_TEST, (610, 610, 22454, 610, 610, 23030))]
    )
    thermometer = Mlx90632(lambda: next(buses))
    assert thermometer.sample() == Sample(2720, 2839)
    play_scene(tmp_path, Scene(thermometer="unplugged"))
    with pytest.raises(DeviceGone):
        thermometer.sample()
    play_scene(tmp_path, Scene())
    assert thermometer.sample() == Sample(5551, 4872)


def test_nothing_is_ever_written_but_the_new_data_bit(tmp_path: Path) -> None:
    wire = Wire(quick(tmp_path))
    thermometer = Mlx90632(lambda: wire)
    thermometer.identity()
    thermometer.sample()
    assert [write[:2] for write in wire.writes] == [STATUS_REGISTER.to_bytes(2, "big")]
    assert not wire.writes[0][3] & 1


def test_the_part_says_which_one_it_is(tmp_path: Path) -> None:
    identity = Mlx90632(lambda: quick(tmp_path), emissivity=0.98).identity()
    assert (identity.model, identity.chip) == ("MLX90632", "632051a700c4")
    assert (identity.emissivity, identity.has_pec) == (0.98, False)


@pytest.mark.parametrize(("address", "register"), [(0x3B, 0x240B), (0x3A, 0x2404)])
def test_nobody_else_answers_on_its_simulated_bus(
    tmp_path: Path, address: int, register: int
) -> None:
    ask = i2c_msg.write(address, register.to_bytes(2, "big"))
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the errno below
        quick(tmp_path).i2c_rdwr(ask, i2c_msg.read(address, 2))
    assert caught.value.errno == errno.ENXIO


def test_a_bus_that_is_absent_is_gone_at_each_sample_and_names_its_key() -> None:
    thermometer = Mlx90632(lambda: open_bus(250))
    for _ in range(2):
        with pytest.raises(DeviceGone, match=r"thermometer\.bus: /dev/i2c-250"):
            thermometer.sample()
