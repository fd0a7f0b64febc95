"""The thermometer's own thread, so that a slow bus never stops the camera or the lock.

Between people it samples the background twice a second, which also shows at once when the sensor goes
away or comes back. When the gate asks, it samples ten times a second until the burst is settled or
1.5 s have gone, and answers with one Reading. It always answers.

A read that does not return keeps the thread, and only it: results() then says so in its place.

The background is the 20th percentile of the last five minutes: in a rush somebody stands before the
sensor most of the time, but never four fifths of it. In the first minute that cannot be told apart yet
(seen: one resident who lingered became the background), and the ambient temperature stands in.
"""

import queue
import threading
import time
from collections import deque
from typing import Final

from checkpoint.gate.events import ReadingTaken
from checkpoint.records import Device, DeviceState
from checkpoint.thermometry import (
    STUCK_AFTER_SAMPLES,
    Calibration,
    Limits,
    Reading,
    Sample,
    Temperature,
    is_stuck,
    read_burst,
    without_temperature,
)
from drivers import DeviceError, DeviceFaulty, Thermometer
from drivers.ending import joined
from kiosk.devices.health import DeviceReport, failure

IDLE_EVERY_S: Final = 0.5
HUNG_S: Final = 5.0
"""A slow adapter gives up by itself within 3 s."""
SAMPLE_EVERY_S: Final = 0.1
BURST_S: Final = 1.5
EARLIEST_ANSWER_SAMPLES: Final = 6
BACKGROUND_SAMPLES: Final = 600
FEWEST_BACKGROUND_SAMPLES: Final = 120
_SETTLED: Final = {Temperature.NORMAL, Temperature.FEVER}
_HANGS: Final = DeviceReport(
    Device.THERMOMETER,
    DeviceState.GONE,
    "thermometer: a read has not returned for 5 s; look at its wiring, then start the gate again",
)


class MeasuringThread:
    """Takes readings on a thread of its own."""

    def __init__(self, thermometer: Thermometer, calibration: Calibration, limits: Limits) -> None:
        self._thermometer, self._calibration, self._limits = thermometer, calibration, limits
        self._questions: queue.Queue[int | None] = queue.Queue()
        self._answers: queue.Queue[ReadingTaken | DeviceReport] = queue.Queue()
        self._background: deque[int] = deque(maxlen=BACKGROUND_SAMPLES)
        self._last: deque[int] = deque(maxlen=STUCK_AFTER_SAMPLES)
        self._reported: DeviceReport | None = None
        self._turned_s = time.monotonic()
        self._hung = False
        self._thread = threading.Thread(target=self._work, name="thermometer", daemon=True)
        self._thread.start()

    def ask(self, asked_ms: int) -> None:
        """Take a reading; the answer carries ``asked_ms``."""
        self._questions.put(asked_ms)

    def obey(self, limits: Limits) -> None:
        """From the next sample on these limits count."""
        self._limits = limits

    def results(self) -> list[ReadingTaken | DeviceReport]:
        """What has come since the last call, in order."""
        found: list[ReadingTaken | DeviceReport] = []
        while not self._answers.empty():
            found.append(self._answers.get_nowait())
        hung = time.monotonic() - self._turned_s > HUNG_S
        if hung is not self._hung:
            self._hung = hung
            if hung:
                found.append(_HANGS)
            elif self._reported is not None:
                found.append(self._reported)
        return found

    def close(self) -> None:
        """End the thread and let go of the sensor; a bus that hangs is left to the process's end."""
        self._questions.put(None)
        joined(self._thread)
        self._thermometer.close()

    def _work(self) -> None:
        while True:
            self._turned_s = time.monotonic()
            try:
                asked_ms = self._questions.get(timeout=IDLE_EVERY_S)
            except queue.Empty:
                self._watch_background()
                continue
            if asked_ms is None:
                return
            self._answers.put(ReadingTaken(self._measure(), asked_ms))

    def _watch_background(self) -> None:
        try:
            self._background.append(self._sample().object_centicelsius)
        except DeviceError:
            return  # _sample has reported it

    def _measure(self) -> Reading:
        samples: list[Sample] = []
        until_s = time.monotonic() + BURST_S
        while True:
            due_s = time.monotonic() + SAMPLE_EVERY_S
            try:
                samples.append(self._sample())
            except DeviceFaulty:
                return without_temperature(Temperature.SENSOR_FAULT, self._calibration)
            except DeviceError:
                return without_temperature(Temperature.NO_READING, self._calibration)
            reading = read_burst(samples, self._warmth_around(), self._calibration, self._limits)
            settled = len(samples) >= EARLIEST_ANSWER_SAMPLES and reading.outcome in _SETTLED
            if settled or due_s >= until_s:
                return reading
            time.sleep(max(0.0, due_s - time.monotonic()))

    def _sample(self) -> Sample:
        self._turned_s = time.monotonic()
        try:
            sample = self._thermometer.sample()
            self._last.append(sample.object_centicelsius)
            if is_stuck(self._last):
                raise DeviceFaulty(f"the thermometer has said the same {STUCK_AFTER_SAMPLES} times")
        except DeviceError as error:
            self._report(failure(Device.THERMOMETER, error))
            raise
        self._report(DeviceReport(Device.THERMOMETER, DeviceState.OK))
        return sample

    def _report(self, report: DeviceReport) -> None:
        if self._reported is None or report.state is not self._reported.state:
            self._reported = report
            self._answers.put(report)

    def _warmth_around(self) -> int | None:
        if len(self._background) < FEWEST_BACKGROUND_SAMPLES:
            return None
        ordered = sorted(self._background)
        return ordered[len(ordered) // 5]
