"""The camera's view: vivid's HDMI output, looped into its HDMI input, which is the gate's /dev/video0.

One frame is queued for a scene and stays on show. Faults are controls of the capture node, or the driver's
unbinding. Structures and numbers as in include/uapi/linux/videodev2.h and drivers/media/test-drivers/vivid of
Linux 6.1. Every access from here opens the node anew, so that a node that went away and came back is no matter.
"""

import errno
import fcntl
import mmap
import os
import random
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

MODULE_OPTIONS: Final = (
    "n_devs=1",
    "node_types=0x101",
    "num_inputs=1",
    "input_types=0x3",
    "num_outputs=1",
    "output_types=0x1",
    "ccs_cap_mode=0",
    "ccs_out_mode=0",
)
"""One HDMI input, which is the gate's camera, and one HDMI output, which is what it looks at."""
WIDTH, HEIGHT = 640, 480
CONTROLS: Final = {
    "loop_video": 0x00F0F025,
    "osd_text_mode": 0x00F0F001,
    "dv_timings_signal_mode": 0x00F0F03E,
    "percentage_of_dropped_buffers": 0x00F0F040,
    "disconnect": 0x00F0F041,
    "inject_fatal_streaming_error": 0x00F0F046,
}
_DRIVER: Final = Path("/sys/bus/platform/drivers/vivid")
_OUTPUT: Final = 2
_BGR24: Final = int.from_bytes(b"BGR3", "little")
"""What OpenCV takes where MJPEG is not to be had. The loop copies nothing between unlike formats."""
_FIELD_NONE, _MMAP = 1, 1
_LIVING_S: Final = 0.25
LEFT_OUT_PERCENT: Final = 88
"""Of 60 frames a second that leaves 7: an emulated processor would do nothing but decode."""
_LIVING_BYTES: Final = 96
_BUFFERS: Final = 4
_BUFFER_SIZE: Final = 88


def _ioctl_number(number: int, size: int) -> int:
    """_IOWR('V', number, size)."""
    return 3 << 30 | size << 16 | ord("V") << 8 | number


_S_FMT = _ioctl_number(5, 208)
_REQBUFS = _ioctl_number(8, 20)
_QUERYBUF = _ioctl_number(9, _BUFFER_SIZE)
_QBUF = _ioctl_number(15, _BUFFER_SIZE)
_DQBUF = _ioctl_number(17, _BUFFER_SIZE)
_STREAMON = 1 << 30 | 4 << 16 | ord("V") << 8 | 18
_S_CTRL = _ioctl_number(28, 8)
_S_DV_TIMINGS = _ioctl_number(87, 132)
_ENUM_DV_TIMINGS = _ioctl_number(98, 148)


def node(which: str) -> Path:
    """The node whose name in sysfs ends so: vid-cap or vid-out. Raises FileNotFoundError."""
    for name in Path("/sys/class/video4linux").glob("*/name"):
        with suppress(OSError):
            path = Path("/dev") / name.parent.name
            if name.read_text().strip().endswith(which) and path.exists():
                return path
    raise FileNotFoundError(f"there is no {which} node")


def control(name: str, value: int = 1) -> None:
    """Set a control of the capture node."""
    capture = os.open(node("vid-cap"), os.O_RDWR)
    try:
        fcntl.ioctl(capture, _S_CTRL, struct.pack("<Ii", CONTROLS[name], value))
    finally:
        os.close(capture)


class View:
    """What the camera looks at. A few pixels of it change all the time, as in every real picture."""

    def __init__(self) -> None:
        self._screen: _Screen | None = None
        self._picture = bytearray()
        self._guard = threading.Lock()
        self.is_frozen = False
        threading.Thread(target=self._live, name="view", daemon=True).start()

    def connect(self) -> None:
        """Join the two ends; also after the driver was bound again."""
        capture = os.open(node("vid-cap"), os.O_RDWR)
        _choose_timings(capture)
        os.close(capture)
        with self._guard:
            if self._screen is not None:
                self._screen.close()
            self._screen = _Screen(node("vid-out"))
        control("loop_video", 1)
        control("osd_text_mode", 2)
        control("percentage_of_dropped_buffers", LEFT_OUT_PERCENT)

    def show(self, bgr: bytes) -> None:
        """Replace the frame on show: WIDTH x HEIGHT, three bytes a pixel."""
        if self._screen is None:
            self.connect()
        with self._guard:
            self._picture = bytearray(bgr)
        try:
            self._show_again()
        except OSError:  # EIO: an error of the stream ends both ends of the loop
            self.connect()
            self._show_again()

    def freeze(self, *, frozen: bool) -> None:
        """Let the camera repeat one picture to the last bit."""
        self.is_frozen = frozen

    def unplug(self) -> None:
        """The camera's node goes away, in whatever it did."""
        with self._guard:
            if self._screen is not None:
                self._screen.close()
                self._screen = None
        (_DRIVER / "unbind").write_text("vivid.0")

    def plug_in(self) -> None:
        """The node comes back."""
        (_DRIVER / "bind").write_text("vivid.0")
        until_s = time.monotonic() + 10
        while self._screen is None:
            try:
                self.connect()
            except FileNotFoundError:
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.05)

    def _live(self) -> None:
        while True:
            time.sleep(_LIVING_S)
            if not self.is_frozen:
                with suppress(OSError):
                    self._show_again()

    def _show_again(self) -> None:
        with self._guard:
            if self._screen is None or not self._picture:
                return
            # No brighter by it: also a black picture lives.
            for place in range(_LIVING_BYTES):
                self._picture[place] ^= random.getrandbits(2)
            self._screen.show(self._picture)


class _Screen:
    """The output node, streaming; the last buffer queued stays on show."""

    def __init__(self, path: Path) -> None:
        self._node = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        _choose_timings(self._node)
        form = bytearray(208)
        struct.pack_into("<I4xIIII", form, 0, _OUTPUT, WIDTH, HEIGHT, _BGR24, _FIELD_NONE)
        fcntl.ioctl(self._node, _S_FMT, form)
        fcntl.ioctl(
            self._node, _REQBUFS, bytearray(struct.pack("<III8x", _BUFFERS, _OUTPUT, _MMAP))
        )
        self._maps = [self._map(index) for index in range(_BUFFERS)]
        self._free = list(range(_BUFFERS))
        self._streams = False

    def show(self, bgr: bytearray) -> None:
        # The driver shows nothing before two are queued, and never gives the last one back.
        for _ in range(1 if self._streams else 2):
            index = self._take()
            self._maps[index][: len(bgr)] = bgr
            fcntl.ioctl(self._node, _QBUF, _buffer(index, len(bgr)))
        if not self._streams:
            fcntl.ioctl(self._node, _STREAMON, struct.pack("<i", _OUTPUT))
            self._streams = True

    def close(self) -> None:
        for mapped in self._maps:
            mapped.close()
        os.close(self._node)

    def _take(self) -> int:
        until_s = time.monotonic() + 5
        while True:
            done = _buffer(0, 0)
            try:
                fcntl.ioctl(self._node, _DQBUF, done)
                self._free.append(struct.unpack_from("<I", done)[0])
            except BlockingIOError:
                if self._free:
                    return self._free.pop(0)
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.005)
            except OSError as error:
                if error.errno != errno.EINVAL:  # it does not stream yet
                    raise
                return self._free.pop(0)

    def _map(self, index: int) -> mmap.mmap:
        buffer = _buffer(index, 0)
        fcntl.ioctl(self._node, _QUERYBUF, buffer)
        offset, length = struct.unpack_from("<I4xI", buffer, 64)
        return mmap.mmap(self._node, length, offset=offset)


def _buffer(index: int, used: int) -> bytearray:
    """A struct v4l2_buffer."""
    buffer = bytearray(_BUFFER_SIZE)
    struct.pack_into("<IIIII", buffer, 0, index, _OUTPUT, used, 0, _FIELD_NONE)
    struct.pack_into("<I", buffer, 60, _MMAP)
    return buffer


def _choose_timings(opened: int) -> None:
    """The first timings of WIDTH x HEIGHT."""
    index = 0
    while True:
        entry = bytearray(148)
        struct.pack_into("<I", entry, 0, index)
        fcntl.ioctl(opened, _ENUM_DV_TIMINGS, entry)  # EINVAL where the list ends
        if struct.unpack_from("<II", entry, 20) == (WIDTH, HEIGHT):
            fcntl.ioctl(opened, _S_DV_TIMINGS, entry[16:])
            return
        index += 1
