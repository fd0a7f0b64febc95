"""Cameras in a process of their own, that fails, hangs or is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers import DeviceGone, ending
from drivers.camera import capture
from drivers.camera import live as live_camera
from drivers.camera.live import CsiCamera, CsiSettings, LiveCamera, UsbCamera
from drivers.camera.process import HEADER
from drivers.camera.usb_capture import UsbSettings
from tests.drivers.waiting import eventually, frame_of, is_alive, trouble_of
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
PACKAGES = Path(__file__).parent / "fake_picamera"
CHILD = """
import os, sys, time
from drivers.camera.process import HEADER
out = os.fdopen(1, "wb", buffering=0)
def picture(shade, size=(2, 3, 3)):
    height, width, channels = size
    out.write(HEADER.pack(channels, height, width) + bytes([shade]) * height * width * channels)
"""
GATE = """
import time
from tests.drivers.camera.test_live import csi_camera, pid_of
camera = csi_camera()
print(pid_of(camera), flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may need longer than 5 s to start a child, and 2 s to see its end."""
    monkeypatch.setattr(capture, "SILENCE_MS", PATIENCE_S * 1000)
    monkeypatch.setattr(ending, "GOODBYE_S", PATIENCE_S)
    monkeypatch.setattr(live_camera, "START_S", PATIENCE_S)


@contextmanager
def camera_of(script: str) -> Iterator[LiveCamera]:
    camera = LiveCamera("camera.device 7", [sys.executable, "-c", CHILD + script])
    try:
        yield camera
    finally:
        camera.close()


def pid_of(camera: LiveCamera) -> int:
    return eventually(lambda: camera.pid)


def test_pictures_arrive_whole_in_their_shape_and_only_the_newest_is_handed_out() -> None:
    script = "for shade in range(50): picture(shade)\npicture(99, (4, 5, 1))\ntime.sleep(60)"
    with camera_of(script) as camera:
        eventually(lambda: (frame := frame_of(camera)) and frame.picture.shape == (4, 5))
        assert camera.newest() is None


def test_a_picture_that_comes_in_pieces_is_put_together() -> None:
    script = """
content = HEADER.pack(3, 2, 3) + bytes(range(18))
for at in range(len(content)):
    out.write(content[at:at + 1])
    time.sleep(0.005)
time.sleep(60)
"""
    with camera_of(script) as camera:
        frame = eventually(lambda: frame_of(camera))
        assert frame.picture.ravel().tolist() == list(range(18))
        assert frame.picture.shape == (2, 3, 3)
        assert frame.picture.flags.writeable


def test_fault_29_a_read_that_never_returns_is_ended_told_and_begun_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_camera, "SILENCE_S", 0.5)
    with camera_of("picture(1)\ntime.sleep(3600)") as camera:
        hung = pid_of(camera)
        eventually(lambda: frame_of(camera))
        trouble = eventually(lambda: trouble_of(camera))
        assert isinstance(trouble, DeviceGone)
        assert "camera.device 7 gives no picture any more" in str(trouble)
        eventually(lambda: not is_alive(hung))
        eventually(lambda: frame_of(camera))
        assert pid_of(camera) != hung


def test_fault_29_half_a_picture_that_is_not_finished_counts_as_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_camera, "START_S", 0.5)
    script = "out.write(HEADER.pack(3, 720, 1280) + bytes(1000))\ntime.sleep(3600)"
    with camera_of(script) as camera:
        assert "no picture" in str(eventually(lambda: trouble_of(camera)))


def test_a_machine_so_busy_that_the_child_starts_late_gets_there_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_camera, "START_S", 0.3)
    with camera_of("time.sleep(1.5)\npicture(1)\ntime.sleep(3600)") as camera:
        assert "no picture" in str(eventually(lambda: trouble_of(camera)))
        eventually(lambda: frame_of(camera))


def test_fault_29_a_stopped_child_is_one_that_does_not_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_camera, "SILENCE_S", 0.5)
    with camera_of("while True:\n    picture(1)\n    time.sleep(0.02)") as camera:
        eventually(lambda: frame_of(camera))
        os.kill(pid_of(camera), signal.SIGSTOP)
        eventually(lambda: trouble_of(camera))
        eventually(lambda: frame_of(camera))


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 11)", "sys.exit(0)", "1 / 0"])
def test_a_child_that_ends_costs_some_pictures_and_nothing_more(end: str) -> None:
    with camera_of(f"picture(1)\n{end}") as camera:
        for _ in range(2):
            eventually(lambda: frame_of(camera))
            assert "is begun anew" in str(eventually(lambda: trouble_of(camera)))


def test_what_the_child_says_is_the_trouble() -> None:
    script = 'text = "看不见".encode()\nout.write(HEADER.pack(0, 0, len(text)) + text)'
    with camera_of(script) as camera:
        assert str(eventually(lambda: trouble_of(camera))) == "看不见"


@pytest.mark.parametrize(
    "noise",
    ["b'Traceback (most recent call last)' * 9", "bytes([3] + [255] * 99)", "bytes([9] * 99)"],
)
def test_what_is_no_picture_is_not_taken_for_one(noise: str) -> None:
    with camera_of(f"out.write({noise})\ntime.sleep(60)") as camera:
        assert "writes no pictures" in str(eventually(lambda: trouble_of(camera)))
        eventually(lambda: trouble_of(camera))


def test_close_ends_the_child_even_one_that_hangs() -> None:
    with camera_of("picture(1)\ntime.sleep(3600)") as camera:
        pid = pid_of(camera)
    assert not is_alive(pid)


def test_a_child_does_not_outlive_a_gate_that_is_killed(tmp_path: Path) -> None:
    gate = subprocess.Popen(
        [sys.executable, "-c", GATE],
        stdout=subprocess.PIPE,
        env=fake_environment(tmp_path, "hangs"),
    )
    try:
        assert gate.stdout is not None
        pid = int(gate.stdout.readline())
        eventually((tmp_path / "log").exists)
        os.kill(pid, signal.SIGTERM)  # which is its parent's business
        assert is_alive(pid)
    finally:
        gate.kill()
        gate.wait(PATIENCE_S)
    assert gate.stdout is not None
    gate.stdout.close()
    eventually(lambda: not is_alive(pid))


def test_a_camera_that_is_absent_at_start_is_not_an_error_of_the_constructor() -> None:
    camera = UsbCamera(UsbSettings(63, 640, 480))
    try:
        trouble = eventually(lambda: trouble_of(camera))
        assert isinstance(trouble, DeviceGone)
        assert "camera.device 63 is not there; plug it in" in str(trouble)
    finally:
        camera.close()


@pytest.mark.parametrize(
    ("device", "says"),
    [
        ("/dev/v4l/by-id/usb-no-such-camera", "is not there; plug it in"),
        ("/dev/null", "is no camera but /dev/null"),
    ],
)
def test_a_camera_by_its_path_is_named_so(device: str, says: str) -> None:
    camera = UsbCamera(UsbSettings(device, 640, 480))
    try:
        trouble = str(eventually(lambda: trouble_of(camera)))
        assert f"camera.device {device}" in trouble
        assert says in trouble
    finally:
        camera.close()


def fake_environment(folder: Path, behaves: str) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": f"{PACKAGES}{os.pathsep}{ROOT}",
        "FAKE_CAMERA": behaves,
        "FAKE_CAMERA_LOG": str(folder / "log"),
    }


def csi_camera(device: int = 0, exposure_ms: float = 0.0, focus_cm: float = 0.0) -> CsiCamera:
    asked = CsiSettings(device, 320, 240, exposure_ms, focus_cm)
    return CsiCamera(asked, Path(sys.executable))


@contextmanager
def fake_csi(
    folder: Path, monkeypatch: pytest.MonkeyPatch, behaves: str, **asked: float
) -> Iterator[CsiCamera]:
    for name, value in fake_environment(folder, behaves).items():
        monkeypatch.setenv(name, value)
    camera = csi_camera(**asked)  # type: ignore[arg-type]
    try:
        yield camera
    finally:
        camera.close()


@pytest.mark.parametrize(
    ("behaves", "asked", "controls"),
    [
        ("well", {}, {"AeEnable": True, "AfMode": 2}),
        (
            "well",
            {"exposure_ms": 8.0, "focus_cm": 40.0},
            {"AeEnable": False, "ExposureTime": 8000, "AfMode": 0, "LensPosition": 2.5},
        ),
        ("fixed lens", {}, {"AeEnable": True}),
    ],
)
def test_a_csi_camera_gives_newest_bgr_pictures_and_is_set_as_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    behaves: str,
    asked: dict[str, float],
    controls: dict[str, float],
) -> None:
    with fake_csi(tmp_path, monkeypatch, behaves, **asked) as camera:
        frame = eventually(lambda: frame_of(camera))
        assert frame.picture.shape == (240, 320, 3)
        assert (frame.picture[:, :, 0] == 200).all()
        assert (frame.picture[:, :, 2] == 0).all()
        eventually(lambda: (later := frame_of(camera)) and later.picture[0, 0, 1] > 5)
    told = json.loads((tmp_path / "log").read_text())
    assert told["main"] == {"size": [320, 240], "format": "RGB888"}
    assert told["queue"] is False
    assert told["controls"] == {"NoiseReductionMode": 1} | controls


@pytest.mark.parametrize(
    ("behaves", "asked", "says"),
    [
        ("absent", {}, "camera.device 0 is not there; look at its ribbon cable"),
        ("busy", {}, "Camera __init__ sequence did not complete."),
        ("fixed lens", {"focus_cm": 40.0}, "camera.focus_cm: the lens of this camera does not"),
        ("breaks", {}, "Camera frontend has timed out!"),
    ],
)
def test_what_is_wrong_with_a_csi_camera_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    behaves: str,
    asked: dict[str, float],
    says: str,
) -> None:
    with fake_csi(tmp_path, monkeypatch, behaves, **asked) as camera:
        assert says in str(eventually(lambda: trouble_of(camera)))


def test_fault_29_a_csi_camera_that_hangs_is_ended_and_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_camera, "SILENCE_S", 0.5)
    with fake_csi(tmp_path, monkeypatch, "hangs") as camera:
        hung = pid_of(camera)
        eventually(lambda: frame_of(camera))
        eventually(lambda: trouble_of(camera))
        eventually(lambda: frame_of(camera))
        assert not is_alive(hung)


def test_a_python_without_picamera2_is_named_with_what_to_install() -> None:
    camera = csi_camera()
    try:
        trouble = str(eventually(lambda: trouble_of(camera)))
        assert "camera.python: libcamera cannot be imported" in trouble
        assert "python3-picamera2" in trouble
    finally:
        camera.close()


def test_a_python_that_is_not_there_is_named() -> None:
    camera = CsiCamera(CsiSettings(0, 320, 240), Path("/nowhere/python3"))
    try:
        assert "camera.python: /nowhere/python3" in str(eventually(lambda: trouble_of(camera)))
    finally:
        camera.close()


def test_neither_picamera2_nor_libcamera_is_imported_by_a_gate_itself() -> None:
    script = "import kiosk.assemble, sys; print({'picamera2', 'libcamera'} & {*sys.modules})"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE_S)
    assert done.stdout.strip() == b"set()"


def test_a_header_is_nine_bytes() -> None:
    assert HEADER.size == 9
    assert HEADER.unpack(HEADER.pack(3, 720, 1280)) == (3, 720, 1280)


def test_a_camera_that_is_closed_while_it_starts_leaves_no_child() -> None:
    begun_s = time.monotonic()
    with camera_of("time.sleep(3600)") as camera:
        pid = pid_of(camera)
    assert not is_alive(pid)
    assert time.monotonic() - begun_s < 60
