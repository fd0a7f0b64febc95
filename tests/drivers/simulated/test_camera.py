from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers import DeviceFaulty
from drivers.codes.reader import QrReader
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.view import SimulatedView
from drivers.simulated.world import SCENE_FILE, Scene, play_scene, read_scene
from tests.drivers.waiting import eventually, frame_of, trouble_of

PASS = (
    "GP1:" + "6BFOXN*TS0BI$ZD-PHQ7I9AD66V5B22CH9M9ESIGUBA-KN02" * 3 + "ABCDEFGHIJ012345678901234567"
)


@pytest.fixture
def reader() -> Iterator[QrReader]:
    reader = QrReader()
    yield reader
    reader.close()


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(tmp_path, 640, 480, 30.0)
    yield camera
    camera.close()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "height"), [(320, 240), (640, 480), (1280, 720), (1920, 1080)])
def test_a_rendered_pass_is_read_by_the_real_reader(
    reader: QrReader, width: int, height: int, seed: int
) -> None:
    view = SimulatedView(width, height, seed)
    for at_s in (0.0, 0.7, 1.9):
        frame = view.frame((PASS,), at_s)
        assert frame.shape == (height, width, 3)
        assert reader.read(frame) == (PASS,)


@pytest.mark.parametrize("seed", range(6))
def test_fault_10_two_codes_in_a_frame_come_out_as_two_from_left_to_right(
    reader: QrReader, seed: int
) -> None:
    view = SimulatedView(1280, 720, seed)
    assert reader.read(view.frame((PASS, "a leaflet"), 0.3)) == (PASS, "a leaflet")


def test_a_gate_with_nobody_before_it_shows_no_code(reader: QrReader) -> None:
    assert reader.read_still(SimulatedView(1280, 720, 1).frame((), 0.0)) == ()


@pytest.mark.parametrize("codes", [(), (PASS,)])
def test_no_two_frames_are_the_same(codes: tuple[str, ...]) -> None:
    view = SimulatedView(320, 240, 1)
    frames = [view.frame(codes, at_s=1.0) for _ in range(5)]
    assert all(np.any(frame != frames[0]) for frame in frames[1:])


@pytest.mark.parametrize("text", ["", "x" * 5000])
def test_a_text_that_no_qr_can_hold_is_an_empty_card(reader: QrReader, text: str) -> None:
    assert reader.read(SimulatedView(640, 480, 1).frame((text,), 0.0)) == ()


def test_the_camera_shows_what_the_scene_holds_up(
    tmp_path: Path, camera: SimulatedCamera, reader: QrReader
) -> None:
    play_scene(tmp_path, Scene(codes=(PASS,)))
    seen = eventually(lambda: (frame := camera.newest()) and reader.read(frame.picture))
    assert seen == (PASS,)
    play_scene(tmp_path, Scene(codes=("another",)))
    eventually(lambda: (frame := camera.newest()) and reader.read(frame.picture) == ("another",))


def test_a_camera_unplugged_in_the_scene_is_gone_and_comes_back(
    tmp_path: Path, camera: SimulatedCamera
) -> None:
    eventually(lambda: frame_of(camera))
    play_scene(tmp_path, Scene(camera="unplugged"))
    assert "camera.world" in str(eventually(lambda: trouble_of(camera)))
    play_scene(tmp_path, Scene())
    eventually(lambda: frame_of(camera))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"celsius": "warm"}', '{"celcius": 36.5}', '{"camera": "lost"}']
)
def test_a_scene_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / SCENE_FILE).write_text(content)
    with pytest.raises(DeviceFaulty, match=SCENE_FILE):
        read_scene(tmp_path)


def test_a_camera_outlives_a_scene_that_is_none(tmp_path: Path, camera: SimulatedCamera) -> None:
    (tmp_path / SCENE_FILE).write_text("{")
    eventually(lambda: SCENE_FILE in str(trouble_of(camera)))
    play_scene(tmp_path, Scene())
    eventually(lambda: frame_of(camera))


def test_a_missing_scene_is_quiet_and_a_partial_one_keeps_the_defaults(tmp_path: Path) -> None:
    assert read_scene(tmp_path) == Scene()
    (tmp_path / SCENE_FILE).write_text('{"celsius": 38.1}')
    assert read_scene(tmp_path) == Scene(celsius=38.1)


def test_playing_a_scene_leaves_nothing_but_the_scene(tmp_path: Path) -> None:
    scene = Scene(codes=("a", "b"), celsius=36.4, thermometer="stuck")
    play_scene(tmp_path / "world", scene)
    assert read_scene(tmp_path / "world") == scene
    assert [path.name for path in (tmp_path / "world").iterdir()] == [SCENE_FILE]
