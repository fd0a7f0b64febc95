import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest

from drivers import Camera, DeviceGone, Picture
from drivers.camera.capture import RETRY_S, CapturedCamera
from drivers.camera.recorded import PictureCamera, VideoCamera
from tests.drivers.waiting import eventually, frame_of, trouble_of
from tests.ending import came
from tests.patience import PATIENCE_S

AnyCamera = TypeVar("AnyCamera", bound=Camera)


@contextmanager
def running(camera: AnyCamera) -> Iterator[AnyCamera]:
    try:
        yield camera
    finally:
        camera.close()


def picture_of(shade: int) -> Picture:
    return np.full((120, 160, 3), shade, np.uint8)


class FlakyCamera(CapturedCamera):
    """Opens only while it is plugged in; gives one picture and waits until it is unplugged."""

    def __init__(self) -> None:
        self.plugged = threading.Event()
        self.opened_s: list[float] = []
        super().__init__("camera under test")

    def _pictures(self) -> Generator[Picture, None, None]:
        self.opened_s.append(time.monotonic())
        if not self.plugged.is_set():
            raise DeviceGone("nothing is plugged in")
        yield picture_of(1)
        while self.plugged.is_set() and not self._closing.is_set():
            time.sleep(0.01)
        raise DeviceGone("somebody pulled the plug")


class HangingCamera(CapturedCamera):
    """Its driver's read never returns."""

    def _pictures(self) -> Generator[Picture, None, None]:
        yield picture_of(1)
        self._closing.wait(PATIENCE_S)


class HastyCamera(CapturedCamera):
    """Gives five pictures faster than anybody looks."""

    def __init__(self) -> None:
        self.has_given_all = threading.Event()
        super().__init__("hasty")

    def _pictures(self) -> Generator[Picture, None, None]:
        for shade in range(5):
            yield picture_of(shade)
        self.has_given_all.set()
        self._closing.wait(PATIENCE_S)


class Unhurried(CapturedCamera):
    """Holds each picture up until somebody has taken it: a busy machine misses none."""

    def _offer(self, picture: Picture) -> None:
        while self._frame is not None and not self._closing.wait(0.001):
            pass
        super()._offer(picture)


class UnhurriedVideo(Unhurried, VideoCamera):
    pass


class UnhurriedPictures(Unhurried, PictureCamera):
    pass


def test_only_the_newest_frame_is_handed_out_and_only_once() -> None:
    with running(HastyCamera()) as camera:
        came(camera.has_given_all, "the five pictures")
        frame = camera.newest()
        assert frame is not None
        assert frame.picture[0, 0, 0] == 4
        assert camera.newest() is None


def test_a_camera_is_taken_back_after_each_unplugging() -> None:
    with running(FlakyCamera()) as camera:
        for _ in range(2):
            eventually(lambda: trouble_of(camera))
            camera.plugged.set()
            eventually(lambda: frame_of(camera))
            camera.plugged.clear()
        assert "pulled the plug" in str(eventually(lambda: trouble_of(camera)))


def test_a_camera_that_is_gone_is_not_opened_again_and_again_without_a_pause() -> None:
    with running(FlakyCamera()) as camera:
        eventually(lambda: len(camera.opened_s) > 1)
        assert camera.opened_s[1] - camera.opened_s[0] >= RETRY_S


def test_fault_29_a_read_that_never_returns_neither_blocks_nor_stays_unnoticed() -> None:
    with running(HangingCamera("camera.device 7")) as camera:
        eventually(camera.newest)
        trouble = eventually(lambda: trouble_of(camera))
        assert "camera.device 7" in str(trouble)
        assert "5 s" in str(trouble)


def test_close_ends_the_thread() -> None:
    # By name and not by number: a thread of an earlier test may end meanwhile.
    before = set(threading.enumerate())
    camera = FlakyCamera()
    camera.close()
    assert set(threading.enumerate()) <= before


def write_video(path: Path, shades: list[int]) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (160, 120))
    for shade in shades:
        writer.write(picture_of(shade))
    writer.release()


def shades_until_the_end(camera: Camera) -> tuple[list[int], str]:
    shades: list[int] = []

    def ended() -> str | None:
        try:
            frame = camera.newest()
        except DeviceGone as end:
            return str(end)
        if frame is not None:
            shades.append(int(np.median(frame.picture)))
        return None

    return shades, eventually(ended)


def test_a_video_file_is_played_once_in_order_and_then_has_ended(tmp_path: Path) -> None:
    written = [20, 60, 100, 140, 180, 220]
    write_video(tmp_path / "gate.avi", written)
    with running(UnhurriedVideo(tmp_path / "gate.avi")) as camera:
        shades, end = shades_until_the_end(camera)
    assert shades == pytest.approx(written, abs=3)
    assert "has ended" in end


def test_a_video_file_that_comes_later_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "late.avi"
    with running(VideoCamera(path)) as camera:
        assert "camera.path" in str(eventually(lambda: trouble_of(camera)))
        write_video(tmp_path / "made.avi", [100] * 40)
        (tmp_path / "made.avi").rename(path)
        eventually(lambda: frame_of(camera))


def test_a_file_that_is_no_video_is_trouble_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "words.avi"
    path.write_text("no video at all")
    with running(VideoCamera(path)) as camera:
        assert "cannot be opened as a video" in str(eventually(lambda: trouble_of(camera)))


def test_a_folder_of_pictures_is_held_up_by_name_and_each_is_offered_again(tmp_path: Path) -> None:
    for name, shade in (("b.png", 120), ("a.png", 40), ("c.PNG", 200)):
        cv2.imwrite(str(tmp_path / name), picture_of(shade))
    (tmp_path / "notes.txt").write_text("not a picture")
    with running(UnhurriedPictures([tmp_path], 0.35)) as camera:
        shades, end = shades_until_the_end(camera)
    assert list(dict.fromkeys(shades)) == [40, 120, 200]
    assert len(shades) > 3
    assert "pictures" in end
    assert "ended" in end


@pytest.mark.parametrize("name", ["missing.png", "words.png", ""])
def test_pictures_that_cannot_be_read_are_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "words.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    with running(PictureCamera([tmp_path / (name or "empty")], 1.0)) as camera:
        trouble = str(eventually(lambda: trouble_of(camera)))
    assert "camera.paths" in trouble
    assert (name or "empty") in trouble
