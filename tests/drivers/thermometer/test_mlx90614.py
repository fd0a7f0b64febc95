import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.thermometry import Sample, is_stuck
from drivers import DeviceFaulty, DeviceGone
from drivers.simulated.world import (
    Scene,
    SimulatedBus,
    packet_error_code,
    play_scene,
    received_word,
    sensor_reply,
)
from drivers.thermometer.mlx90614 import (
    MAX_TRIES,
    OBJECT_REGISTER,
    Mlx90614,
    centicelsius,
    open_bus,
)

ADDRESS = 0x5A
OBJECT_WORD, AMBIENT_WORD = 0x3C7D, 0x39A1
SAMPLE = Sample(3655, 2191)
"""What the two words mean, at 0.02 K a bit."""


class WireBus:
    """An SMBus whose replies pass over a wire that spoils the ones it is told to."""

    def __init__(self, flip: int = 0, spoiled_replies: int | None = None) -> None:
        self.flip = flip
        self.spoiled_replies = spoiled_replies
        self.reads = 0
        self.closed = False

    def read_word_data(self, address: int, register: int, /) -> int:
        word = OBJECT_WORD if register == OBJECT_REGISTER else AMBIENT_WORD
        reply = int.from_bytes(sensor_reply(address, register, word), "big")
        if self.spoiled_replies is None or self.reads < self.spoiled_replies:
            reply ^= self.flip
        self.reads += 1
        return received_word(address, register, reply.to_bytes(3, "big"))

    def close(self) -> None:
        self.closed = True


class FailingBus:
    """Fails so many times with an errno, then answers; None: without one, as a foreign adapter may."""

    def __init__(self, failures: int, number: int | None) -> None:
        self.failures = failures
        self.number = number
        self.reads = 0

    def read_word_data(self, _address: int, _register: int, /) -> int:
        self.reads += 1
        if self.reads <= self.failures:
            raise OSError("no errno") if self.number is None else OSError(self.number, "no answer")
        return OBJECT_WORD

    def close(self) -> None:
        pass


class WordBus:
    """Answers every read with one word."""

    def __init__(self, word: int) -> None:
        self.word = word

    def read_word_data(self, _address: int, _register: int, /) -> int:
        return self.word

    def close(self) -> None:
        pass


def thermometer_in(world: Path) -> Mlx90614:
    return Mlx90614(lambda: SimulatedBus(world))


def test_the_packet_error_code_is_that_of_the_data_sheet() -> None:
    # MLX90614 data sheet, "SMBus: read word": SA 0x5A, command 0x07, data 0x3AD2, PEC 0x30.
    assert sensor_reply(0x5A, 0x07, 0x3AD2) == bytes([0xD2, 0x3A, 0x30])


def test_the_packet_error_code_is_crc_8() -> None:
    assert packet_error_code(b"123456789") == 0xF4  # the check value of CRC-8/SMBUS


@pytest.mark.parametrize(
    ("word", "centi"), [(0x27AD, -7001), (0x3AF7, 2875), (0x3C94, 3701), (0x7FFF, 38219)]
)
def test_a_raw_word_is_converted_exactly(word: int, centi: int) -> None:
    assert centicelsius(word) == centi


def test_a_sample_is_both_words() -> None:
    assert Mlx90614(WireBus).sample() == SAMPLE


@pytest.mark.parametrize("bit", range(24))
def test_fault_31_every_single_bit_flip_of_a_reply_is_discarded(bit: int) -> None:
    bus = WireBus(flip=1 << bit)
    with pytest.raises(DeviceGone, match=os.strerror(errno.EBADMSG)):
        Mlx90614(lambda: bus).sample()
    assert bus.reads == MAX_TRIES


@pytest.mark.parametrize("bit", range(24))
def test_fault_31_a_reply_spoiled_once_is_read_again(bit: int) -> None:
    bus = WireBus(flip=1 << bit, spoiled_replies=MAX_TRIES - 1)
    assert Mlx90614(lambda: bus).sample() == SAMPLE


@given(word=st.integers(0, 0xFFFF), register=st.sampled_from([6, 7]), bit=st.integers(0, 23))
def test_fault_31_no_word_survives_a_bit_flip(word: int, register: int, bit: int) -> None:
    reply = sensor_reply(ADDRESS, register, word)
    assert received_word(ADDRESS, register, reply) == word
    flipped = (int.from_bytes(reply, "big") ^ 1 << bit).to_bytes(3, "big")
    with pytest.raises(OSError, match=os.strerror(errno.EBADMSG)):
        received_word(ADDRESS, register, flipped)


def test_fault_30_an_unplugged_thermometer_is_gone_and_comes_back_by_itself(tmp_path: Path) -> None:
    thermometer = thermometer_in(tmp_path)
    assert thermometer.sample()
    play_scene(tmp_path, Scene(thermometer="unplugged"))
    for _ in range(3):
        with pytest.raises(DeviceGone, match="0x5a does not answer"):
            thermometer.sample()
    play_scene(tmp_path, Scene(celsius=36.5))
    assert abs(thermometer.sample().object_centicelsius - 3650) < 40


@pytest.mark.parametrize("number", [errno.EREMOTEIO, errno.ENXIO, errno.ETIMEDOUT, None])
def test_fault_30_a_read_is_tried_three_times_and_no_more(number: int | None) -> None:
    passing = FailingBus(2, number)
    assert Mlx90614(lambda: passing).sample()
    lasting = FailingBus(99, number)
    with pytest.raises(DeviceGone):
        Mlx90614(lambda: lasting).sample()
    assert lasting.reads == 3


def test_fault_30_a_bus_that_failed_is_closed_and_opened_anew() -> None:
    buses = [WireBus(flip=1), WireBus()]
    opened = iter(buses)
    thermometer = Mlx90614(lambda: next(opened))
    with pytest.raises(DeviceGone):
        thermometer.sample()
    assert buses[0].closed
    assert thermometer.sample()
    assert not buses[1].closed
    thermometer.close()
    assert buses[1].closed


@pytest.mark.parametrize("word", [0xFFFF, 0x8000, 0x8000 | OBJECT_WORD])
def test_fault_32_a_word_with_the_error_flag_is_faulty_and_never_a_temperature(word: int) -> None:
    with pytest.raises(DeviceFaulty, match=f"{word:#06x}"):
        Mlx90614(lambda: WordBus(word)).sample()


def test_fault_32_the_simulated_error_flag_is_faulty(tmp_path: Path) -> None:
    play_scene(tmp_path, Scene(celsius=36.5, thermometer="error_flag"))
    with pytest.raises(DeviceFaulty):
        thermometer_in(tmp_path).sample()


def test_fault_31_the_simulated_bad_pec_is_no_sample(tmp_path: Path) -> None:
    play_scene(tmp_path, Scene(celsius=36.5, thermometer="bad_pec"))
    with pytest.raises(DeviceGone):
        thermometer_in(tmp_path).sample()


@pytest.mark.parametrize(("state", "stuck"), [("stuck", True), ("present", False)])
def test_fault_33_only_a_stuck_sensor_repeats_itself(
    tmp_path: Path, state: str, stuck: bool
) -> None:
    play_scene(tmp_path, Scene(celsius=36.5, thermometer=state))  # type: ignore[arg-type]
    bus = SimulatedBus(tmp_path)
    words = [bus.read_word_data(ADDRESS, OBJECT_REGISTER) for _ in range(60)]
    assert is_stuck(words) is stuck


@pytest.mark.parametrize("ambient", [-5.0, 9.5, 22.0, 45.0])
def test_fault_34_the_ambient_word_tells_the_ambient(tmp_path: Path, ambient: float) -> None:
    play_scene(tmp_path, Scene(ambient_celsius=ambient, celsius=36.5))
    sample = thermometer_in(tmp_path).sample()
    assert abs(sample.ambient_centicelsius - 100 * ambient) < 40
    assert abs(sample.object_centicelsius - 3650) < 40


def test_with_nobody_there_the_sensor_sees_the_background(tmp_path: Path) -> None:
    sample = thermometer_in(tmp_path).sample()
    assert abs(sample.object_centicelsius - 2150) < 40


@pytest.mark.parametrize(("address", "register"), [(0x5B, 0x07), (0x5A, 0x20), (0x5A, 0x08)])
def test_nobody_else_answers_on_the_simulated_bus(
    tmp_path: Path, address: int, register: int
) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.ENXIO)):
        SimulatedBus(tmp_path).read_word_data(address, register)


def test_a_bus_that_is_absent_is_gone_at_each_sample_and_names_its_key() -> None:
    thermometer = Mlx90614(lambda: open_bus(250))
    for _ in range(2):
        with pytest.raises(DeviceGone, match=r"thermometer\.bus: /dev/i2c-250"):
            thermometer.sample()


def test_a_bus_that_appears_later_is_taken_up() -> None:
    plugged: list[WireBus] = []

    def opened() -> WireBus:
        if not plugged:
            raise DeviceGone("no bus yet")
        return plugged[0]

    thermometer = Mlx90614(opened)
    with pytest.raises(DeviceGone, match="no bus yet"):
        thermometer.sample()
    plugged.append(WireBus())
    assert thermometer.sample() == SAMPLE


def test_the_sensor_says_which_one_it_is_and_what_it_takes_skin_for(tmp_path: Path) -> None:
    identity = thermometer_in(tmp_path).identity()
    assert (identity.chip, identity.emissivity) == ("5a1790c4a61b0000", 1.0)


class EepromBus(WordBus):
    """Remembers what was asked for."""

    def __init__(self, word: int) -> None:
        super().__init__(word)
        self.asked: list[int] = []

    def read_word_data(self, _address: int, register: int, /) -> int:
        self.asked.append(register)
        return self.word


def test_an_emissivity_that_somebody_set_is_told_and_eeprom_words_have_no_error_flag() -> None:
    bus = EepromBus(0xF333)  # 0.95, data sheet "Emissivity"
    assert Mlx90614(lambda: bus).identity().emissivity == 0.95
    assert bus.asked == [0x3C, 0x3D, 0x3E, 0x3F, 0x24]


def test_fault_30_an_unplugged_sensor_says_nothing_of_itself(tmp_path: Path) -> None:
    play_scene(tmp_path, Scene(thermometer="unplugged"))
    with pytest.raises(DeviceGone):
        thermometer_in(tmp_path).identity()
