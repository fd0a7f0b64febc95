"""QR codes in a picture: zxing-cpp first, zbar as second opinion when it finds nothing.

Live, a frame costs zxing's time only (2 ms for 720p with a code). A frame in which it finds nothing is
shown to zbar, in a process of its own, when it deserves that: when zxing saw a symbol that it could not
decode, otherwise twice a second. Nobody waits for zbar: its codes come out of a later read(), unless
zxing has read something itself by then or they are too old to be still in view.

A still picture has no next frame, so more is tried on it in turn: zxing, zxing on the picture mended in
three ways, zbar.

Where there is no zxing-cpp (32-bit Raspberry Pi OS), zbar reads alone.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np

from drivers import Picture
from drivers.capture import monotonic_ms
from drivers.zbar_child import SeenCode, ZbarChild

try:
    import zxingcpp
except ImportError:
    HAVE_ZXING = False
else:
    HAVE_ZXING = True

EVERY_MS = 500
"""How often zbar sees a frame in which zxing saw no trace of a code."""
AFTER_CRASH_MS = 2000
"""How long zbar is left alone after a frame that cost the child its life."""
STALE_MS = 1000
MAX_MENDED_PIXELS = 16_000_000
"""Larger pictures are made smaller for everything but the first look."""


class QrReader:
    """Reads QR codes; both read() and read_still() belong to one thread and never raise."""

    def __init__(self) -> None:
        self._zbar = ZbarChild()
        # One thread, because the child dies with the thread that started it.
        self._asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="zbar")
        self._asked: Future[list[SeenCode] | None] | None = None
        self._asked_ms = 0
        self._next_look_ms = 0
        self._shunned_until_ms = 0

    @property
    def zbar_pid(self) -> int | None:
        """The process id of zbar's child, once it was needed."""
        return self._zbar.pid

    def read(self, picture: Picture) -> tuple[str, ...]:
        """The distinct texts in view, top to bottom, left to right; () for none.

        Takes grey or BGR and never waits for zbar, whose codes come out of a later call.
        """
        grey = _grey(picture)
        codes, trace = _zxing(grey)
        second_opinion = self._answer()
        if codes:
            return _texts(codes)
        now_ms = monotonic_ms()
        deserved = trace or now_ms >= self._next_look_ms
        if deserved and self._asked is None and now_ms >= self._shunned_until_ms:
            self._ask(grey)
        return _texts(second_opinion)

    def read_still(self, picture: Picture) -> tuple[str, ...]:
        """As read(), but with all that can be tried on one picture; takes up to some seconds."""
        grey = _grey(picture)
        if codes := _zxing(grey)[0]:
            return _texts(codes)
        grey = _no_larger(grey, MAX_MENDED_PIXELS)
        for mended in _mended(grey):
            if codes := _zxing(mended)[0]:
                return _texts(codes)
        self._ask(grey)
        assert self._asked is not None  # noqa: S101
        codes = self._asked.result() or []
        self._asked = None
        return _texts(codes)

    def close(self) -> None:
        """End zbar's child and the thread that talks to it."""
        self._zbar.kill()
        self._asker.shutdown(cancel_futures=True)
        self._zbar.kill()  # it may have been starting

    def _ask(self, grey: Picture) -> None:
        self._asked_ms = monotonic_ms()
        self._next_look_ms = self._asked_ms + EVERY_MS
        # A copy: a camera may use its picture's memory again.
        self._asked = self._asker.submit(self._zbar.read, grey.copy())

    def _answer(self) -> list[SeenCode]:
        if self._asked is None or not self._asked.done():
            return []
        codes, self._asked = self._asked.result(), None
        if codes is None:
            self._shunned_until_ms = monotonic_ms() + AFTER_CRASH_MS
            return []
        return codes if monotonic_ms() - self._asked_ms < STALE_MS else []


def _zxing(grey: Picture) -> tuple[list[SeenCode], bool]:
    """The codes that zxing read, and whether it saw a trace of one that it could not."""
    if not HAVE_ZXING:
        return [], True
    # Micro QR, which zxing counts as QR too, is too weakly checked: noise in a dark picture reads as one.
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2),
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=True,
    )
    codes = [_seen(code) for code in found if code.valid]
    return codes, len(codes) < len(found)


def _seen(code: "zxingcpp.Barcode") -> SeenCode:
    try:
        text = code.text
    except UnicodeDecodeError:
        text = code.bytes.decode("utf-8", "replace")
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    top, bottom = min(c.y for c in corners), max(c.y for c in corners)
    return SeenCode(text, min(c.x for c in corners), top, bottom - top)


def _texts(codes: Iterable[SeenCode]) -> tuple[str, ...]:
    """Distinct texts in reading order; codes that begin within half a height are one row."""
    rows: list[list[SeenCode]] = []
    for code in sorted(codes, key=lambda code: code.top):
        if rows and code.top - rows[-1][0].top < rows[-1][0].height / 2:
            rows[-1].append(code)
        else:
            rows.append([code])
    in_order = (code.text for row in rows for code in sorted(row, key=lambda code: code.left))
    return tuple(dict.fromkeys(in_order))


def _grey(picture: Picture) -> Picture:
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _no_larger(grey: Picture, pixels: int) -> Picture:
    if grey.size <= pixels:
        return grey
    scale = (pixels / grey.size) ** 0.5
    smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, dtype=np.uint8)


def _mended(grey: Picture) -> Iterator[Picture]:
    """The picture against uneven light, against small or blurred modules, against low contrast."""
    window = max(31, min(grey.shape) // 16 | 1)
    level = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, window, 5
    )
    yield np.asarray(level, dtype=np.uint8)
    smaller = _no_larger(grey, MAX_MENDED_PIXELS // 4)
    double = cv2.resize(smaller, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    yield np.asarray(double, dtype=np.uint8)
    local_contrast = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8))
    yield np.asarray(local_contrast.apply(grey), dtype=np.uint8)
