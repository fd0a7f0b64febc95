"""calibration.json: what comparisons with a reference have said of one sensor, newest last.

Nothing is ever removed: a calibration that was undone is marked so, because readings name the one they
were taken under. The newest that is not marked is in force. A gate reads the file at its start.
"""

import os
import tempfile
from pathlib import Path

import msgspec

from checkpoint.calibrating import Comparison
from config.settings.error import ConfigError


class SensorCalibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One calibration of one sensor."""

    id: str
    """The day (UTC) and the number of the calibration on it: 2026-05-03.1."""
    at_us: int
    """UTC microseconds since 1970."""
    chip: str
    """The number that the sensor itself carries, in hex."""
    offset_centicelsius: int
    comparisons: tuple[Comparison, ...]
    undone: bool = False


class CalibrationFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's content."""

    sensor: str
    """thermometer.sensor of the gate's settings."""
    calibrations: tuple[SensorCalibration, ...] = ()

    def in_force(self) -> SensorCalibration | None:
        """The newest that was not undone."""
        return next((each for each in reversed(self.calibrations) if not each.undone), None)


def load_calibrations(path: Path, sensor: str) -> CalibrationFile:
    """Read the file; one that is not there is empty. Raises ConfigError, also for another sensor's."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=CalibrationFile)
    except FileNotFoundError:
        return CalibrationFile(sensor=sensor)
    except OSError as error:
        raise ConfigError(path, [f"cannot be read: {error.strerror}"]) from None
    except msgspec.MsgspecError as error:
        mend = "it is written by gatepost thermometer calibrate, not by hand"
        raise ConfigError(path, [f"is damaged: {error}; {mend}"]) from None
    if file.sensor != sensor:
        mend = "calibrate this one into a file of its own (thermometer.calibration)"
        raise ConfigError(
            path, [f"is of sensor {file.sensor!r}, and thermometer.sensor is {sensor!r}; {mend}"]
        )
    return file


def save_calibrations(path: Path, file: CalibrationFile) -> None:
    """Put the file in the place of the old one, whole or not at all. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n")
            new.flush()
            os.fsync(handle)
        # The gate runs as another user than whoever calibrates.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
