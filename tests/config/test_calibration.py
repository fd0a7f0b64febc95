import stat
from pathlib import Path

import pytest

from config.calibration import (
    CalibrationFile,
    SensorCalibration,
    load_calibrations,
    save_calibrations,
)
from config.settings.error import ConfigError


def calibration(id_: str, *, undone: bool = False) -> SensorCalibration:
    return SensorCalibration(
        id=id_, at_us=1, chip="5a17", offset_centicelsius=60, comparisons=(), undone=undone
    )


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    file = CalibrationFile(sensor="east", calibrations=(calibration("2026-05-03.1"),))
    save_calibrations(path, file)
    assert load_calibrations(path, "east") == file
    assert [each.name for each in tmp_path.iterdir()] == ["calibration.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_that_is_not_there_is_no_calibration(tmp_path: Path) -> None:
    assert load_calibrations(tmp_path / "none.json", "east").in_force() is None


@pytest.mark.parametrize(
    ("undone", "in_force"),
    [((), "c"), (("c",), "b"), (("c", "b"), "a"), (("b",), "c"), (("a", "b", "c"), None)],
)
def test_the_newest_that_was_not_undone_is_in_force(
    undone: tuple[str, ...], in_force: str | None
) -> None:
    calibrations = tuple(calibration(id_, undone=id_ in undone) for id_ in "abc")
    found = CalibrationFile(sensor="east", calibrations=calibrations).in_force()
    assert (found and found.id) == in_force


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is damaged"),
        ('{"sensor": "east", "calibrations": [{}]}', "is damaged"),
        ('{"sensor": "east", "offset": 1}', "is damaged"),
        ('{"sensor": "west"}', "is of sensor 'west'"),
    ],
)
def test_a_file_that_is_not_this_sensors_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=problem):
        load_calibrations(path, "east")


def test_a_folder_that_cannot_be_written_keeps_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        save_calibrations(tmp_path / "gone" / "c.json", CalibrationFile(sensor="east"))
