"""Exposure, focus and lamp of a USB camera, on cameras that lack one or the other."""

import errno
import fcntl
import os
import struct
from functools import partial
from pathlib import Path

import pytest

from drivers import DeviceGone
from drivers.camera.v4l2_controls import (
    EXPOSURE_ABSOLUTE,
    EXPOSURE_AUTO,
    FLASH_LED_MODE,
    FOCUS_ABSOLUTE,
    FOCUS_AUTO,
    choose,
    set_control,
)

EVERYTHING = {EXPOSURE_AUTO, EXPOSURE_ABSOLUTE, FOCUS_ABSOLUTE, FOCUS_AUTO, FLASH_LED_MODE}


class FakeCamera:
    """Knows some controls, and of the exposure's modes those that a webcam has: 1 and 3."""

    def __init__(self, known: set[int]) -> None:
        self.known = known
        self.now: dict[int, int] = {}

    def set_to(self, control: int, value: int) -> None:
        if control not in self.known or (control == EXPOSURE_AUTO and value not in {1, 3}):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.now[control] = value


@pytest.mark.parametrize(
    ("exposure_ms", "focus", "torch", "now"),
    [
        (0.0, -1, False, {EXPOSURE_AUTO: 3, FOCUS_AUTO: 1, FLASH_LED_MODE: 0}),
        (
            8.0,
            120,
            True,
            {
                EXPOSURE_AUTO: 1,
                EXPOSURE_ABSOLUTE: 80,
                FOCUS_AUTO: 0,
                FOCUS_ABSOLUTE: 120,
                FLASH_LED_MODE: 2,
            },
        ),
        (0.01, 0, False, {EXPOSURE_AUTO: 1, EXPOSURE_ABSOLUTE: 1, FOCUS_ABSOLUTE: 0}),
    ],
)
def test_every_setting_is_made_also_those_that_are_left_to_the_camera(
    exposure_ms: float, focus: int, torch: bool, now: dict[int, int]
) -> None:
    camera = FakeCamera(EVERYTHING)
    choose(camera.set_to, exposure_ms, focus, torch=torch)
    assert camera.now.items() >= now.items()


def test_a_camera_that_can_nothing_is_left_alone_while_nothing_is_asked() -> None:
    camera = FakeCamera(set())
    choose(camera.set_to, 0.0, -1, torch=False)
    assert camera.now == {}


@pytest.mark.parametrize(
    ("missing", "key"),
    [
        (EXPOSURE_AUTO, "camera.exposure_ms"),
        (EXPOSURE_ABSOLUTE, "camera.exposure_ms"),
        (FOCUS_ABSOLUTE, "camera.focus"),
        (FLASH_LED_MODE, "camera.torch"),
    ],
)
def test_what_is_asked_and_cannot_be_done_is_named_by_its_key(missing: int, key: str) -> None:
    with pytest.raises(DeviceGone, match=rf"{key}: this camera cannot be set so \(Invalid"):
        choose(FakeCamera(EVERYTHING - {missing}).set_to, 8.0, 120, torch=True)


def test_a_lens_without_a_focus_of_its_own_is_moved_all_the_same() -> None:
    camera = FakeCamera(EVERYTHING - {FOCUS_AUTO})
    choose(camera.set_to, 0.0, 40, torch=False)
    assert camera.now[FOCUS_ABSOLUTE] == 40


def test_a_control_goes_out_as_the_kernel_defines_it() -> None:
    sent: list[tuple[int, bytes]] = []
    set_control(lambda number, packed: sent.append((number, packed)), FOCUS_ABSOLUTE, 120)
    # VIDIOC_S_CTRL as linux/videodev2.h expands it, with a struct v4l2_control
    assert sent == [(0xC008561C, struct.pack("=Ii", 0x009A090A, 120))]


def test_what_is_no_camera_says_so_as_an_oserror() -> None:
    with (
        Path(os.devnull).open("rb") as nothing,
        pytest.raises(OSError, match="Inappropriate ioctl"),
    ):
        set_control(partial(fcntl.ioctl, nothing.fileno()), FOCUS_ABSOLUTE, 1)
