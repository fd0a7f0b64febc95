"""A code scanner on a serial port, which reads by itself and sends each code as a line.

A thread reads the port and keeps the newest line; older ones are dropped, never queued. A code is in view in
one look and out of it in the next, as if a pass had been held up for one frame. A port that is absent or fails
is opened again RETRY_S later, for ever. That nothing is scanned is no fault: a scanner that hangs looks
like one that nobody uses.

Lines end with CR or LF or both, as the scanner is set; what comes without an end is taken once nothing has
followed for GAP_S. Longer ones than any QR code are noise and dropped.
"""

import threading
from collections.abc import Iterator

import serial

from drivers import DeviceGone
from drivers.camera.capture import RETRY_S, monotonic_ms
from drivers.ending import joined

GAP_S = 0.1
LOOK_EVERY_MS = 100
LONGEST = 4096
"""Bytes; a QR code holds 2953 (ISO/IEC 18004, table 7)."""


class SerialScanner:
    """A scanner at ``port``, such as /dev/serial/by-id/..., at ``baud`` signs a second, 8N1."""

    def __init__(self, port: str, baud: int) -> None:
        self._port, self._baud = port, baud
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._newest: str | None = None
        self._trouble: str | None = None
        self._looked_ms = 0
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)
        self._thread.start()

    def look(self) -> tuple[str, ...] | None:
        """The code scanned since the last look; () ten times a second while there is none.

        Never blocks. Raises DeviceGone while the port cannot be read.
        """
        with self._guard:
            newest, self._newest = self._newest, None
            trouble = self._trouble
        if newest is not None:
            return (newest,)
        if trouble is not None:
            raise DeviceGone(trouble)
        now_ms = monotonic_ms()
        if now_ms - self._looked_ms < LOOK_EVERY_MS:
            return None
        self._looked_ms = now_ms
        return ()

    def close(self) -> None:
        """End the thread and let go of the port."""
        self._closing.set()
        joined(self._thread)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                # Exclusive: a second program would get every other piece of a code.
                with serial.Serial(self._port, self._baud, timeout=GAP_S, exclusive=True) as port:
                    port.reset_input_buffer()
                    self._tell(None)
                    for line in self._lines(port):
                        with self._guard:
                            self._newest = line
            # An unplugged port fails in all of these ways (pyserial 3.5, serialposix.py).
            except (OSError, ValueError, TypeError) as error:
                self._tell(
                    f"camera.port {self._port} does not answer: {error}; is the scanner plugged in,"
                    " may this user use it (group dialout)?"
                )
                self._closing.wait(RETRY_S)

    def _tell(self, trouble: str | None) -> None:
        with self._guard:
            self._trouble = trouble

    def _lines(self, port: serial.Serial) -> Iterator[str]:
        """What was scanned, without line ends and empty lines, until the scanner is closed."""
        piece = b""
        while not self._closing.is_set():
            came = port.read(max(1, port.in_waiting))
            *whole, piece = (piece + came).replace(b"\r", b"\n").split(b"\n")
            if not came:  # for GAP_S
                whole, piece = [*whole, piece], b""
            piece = piece if len(piece) <= LONGEST else b""
            for line in whole:
                if 0 < len(line) <= LONGEST:
                    yield line.decode("utf-8", "replace")
