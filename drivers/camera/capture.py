"""A camera's own thread: whatever yields pictures becomes a Camera that never blocks its caller.

The thread opens the source and puts each picture into a place for one, over the one before, so that a
slow caller misses frames instead of falling behind. A source that raises DeviceError is opened again
RETRY_S later, for ever: absent at start, unplugged and plugged in again are the same path. A source that
ends has nothing more to give. A read that hangs is seen by its silence, for newest() never waits for it.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import closing

from drivers import DeviceError, DeviceGone, DeviceSilent, Frame, Picture
from drivers.ending import joined

RETRY_S = 1.0
SILENCE_MS = 5000


def monotonic_ms() -> int:
    """The monotonic clock in whole milliseconds."""
    return time.monotonic_ns() // 1_000_000


class CapturedCamera(ABC):
    """A camera whose pictures come from a thread of its own.

    ``name`` says in every message which device it is, by its config key. A subclass calls this
    constructor last, because the thread starts at once.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._frame: Frame | None = None
        self._trouble: DeviceError | None = None
        self._heard_ms = monotonic_ms()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @abstractmethod
    def _pictures(self) -> Generator[Picture, None, None]:
        """Open the source and yield its pictures at its own pace. Raises DeviceError."""

    def newest(self) -> Frame | None:
        """The newest frame not yet handed out, or None. Never blocks.

        Raises DeviceError while the source cannot be opened, has ended, or was silent for 5 s.
        """
        with self._guard:
            frame, self._frame = self._frame, None
            trouble, heard_ms = self._trouble, self._heard_ms
        if frame is not None:
            return frame
        if trouble is not None:
            raise type(trouble)(str(trouble))
        if monotonic_ms() - heard_ms > SILENCE_MS:
            raise DeviceSilent(
                f"{self._name} has given no picture for 5 s; unplug it and plug it in again"
            )
        return None

    def close(self) -> None:
        """End the thread; one that hangs in its device is left behind."""
        self._closing.set()
        joined(self._thread)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._offer_all()
            except DeviceError as trouble:
                self._trouble = trouble
            else:
                self._trouble = DeviceGone(f"{self._name} has ended; name another in the config")
                return
            # cv2's read() of an unplugged camera fails at once, 85,000 times a second: always wait.
            self._closing.wait(RETRY_S)

    def _offer_all(self) -> None:
        with closing(self._pictures()) as pictures:
            for picture in pictures:
                if self._closing.is_set():
                    return
                self._offer(picture)

    def _offer(self, picture: Picture) -> None:
        now_ms = monotonic_ms()
        with self._guard:
            self._frame = Frame(picture, now_ms)
            self._trouble = None
            self._heard_ms = now_ms
