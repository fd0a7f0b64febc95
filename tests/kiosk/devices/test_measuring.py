"""The thermometer's thread beside a sensor that takes its time."""

import threading
from collections.abc import Iterator

import pytest

from checkpoint.gate.events import ReadingTaken
from checkpoint.records import DeviceState
from checkpoint.thermometry import Calibration, Limits, Sample, Temperature
from drivers import DeviceGone, SensorIdentity
from kiosk.devices import measuring
from kiosk.devices.health import DeviceReport
from kiosk.devices.measuring import MeasuringThread
from tests.drivers.waiting import eventually
from tests.ending import came

WARM = Sample(3645, 2199)


class SlowThermometer:
    """Its reads return while it is let."""

    def __init__(self) -> None:
        self.returns = threading.Event()
        self.returns.set()
        self.results = True
        self._last_bit = 0

    def identity(self) -> SensorIdentity:
        return SensorIdentity(model="slow", chip="0", address=0x5A, emissivity=1.0, has_pec=True)

    def sample(self) -> Sample:
        came(self.returns, "leave to return")
        if not self.results:
            raise DeviceGone("no sensor")
        self._last_bit ^= 1
        return Sample(WARM.object_centicelsius ^ self._last_bit, WARM.ambient_centicelsius)

    def close(self) -> None:
        self.returns.set()


@pytest.fixture
def thermometer() -> SlowThermometer:
    return SlowThermometer()


@pytest.fixture
def parts(
    thermometer: SlowThermometer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MeasuringThread]:
    monkeypatch.setattr(measuring, "HUNG_S", 1.5)
    measures = MeasuringThread(thermometer, Calibration(sensor="slow"), Limits())
    assert eventually(lambda: states(measures)) == [DeviceState.OK]
    yield measures
    thermometer.returns.set()
    measures.close()


def states(measures: MeasuringThread) -> list[DeviceState]:
    return [each.state for each in measures.results() if isinstance(each, DeviceReport)]


def test_a_warm_forehead_is_a_reading_with_the_question_it_answers(parts: MeasuringThread) -> None:
    parts.ask(17)
    [answer] = eventually(parts.results)
    assert isinstance(answer, ReadingTaken)
    assert (answer.asked_ms, answer.reading.outcome) == (17, Temperature.NORMAL)


def test_fault_30_a_read_that_does_not_return_is_told_once_and_so_is_its_return(
    thermometer: SlowThermometer, parts: MeasuringThread
) -> None:
    thermometer.returns.clear()
    assert eventually(lambda: states(parts)) == [DeviceState.GONE]
    assert states(parts) == []
    thermometer.returns.set()
    assert eventually(lambda: states(parts)) == [DeviceState.OK]
    parts.ask(18)
    [answer] = eventually(parts.results)
    assert isinstance(answer, ReadingTaken)


def test_fault_30_a_sensor_that_is_gone_when_its_read_returns_stays_gone(
    thermometer: SlowThermometer, parts: MeasuringThread
) -> None:
    thermometer.returns.clear()
    thermometer.results = False
    assert eventually(lambda: states(parts)) == [DeviceState.GONE]
    thermometer.returns.set()
    assert set(eventually(lambda: states(parts))) == {DeviceState.GONE}
