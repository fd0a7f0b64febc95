"""QR codes in a picture: zxing-cpp, on hard pictures with some help, and zbar as second opinion.

Live, a frame is looked at in the guide square, every third frame as a whole. A code that comes into view
there is given out only after the whole frame was looked at for others, and while there are several, only
whole frames are looked at. A frame in which nothing was found
but something code-like stands gets one of four rescues (rescue.py), each in its turn over the frames; that keeps a
frame at less than twice zxing-cpp's own time. What stayed unread is shown to zbar, in a process of its own:
at once when zxing saw a symbol that it could not decode, otherwise twice a second. Nobody waits for
zbar: its codes come out of a later read(), unless zxing has read something itself by then or they are
too old to be still in view.

A still picture has no next frame, so everything is tried on it: the picture as it is, then every rescue
on the whole and on its code-like part, with zxing and then with zbar, and at last that part with some usual
blurs taken back (deblur.py).

Where there is no zxing-cpp (32-bit Raspberry Pi OS), zbar reads alone.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import cycle

import cv2
import numpy as np

from drivers import Picture
from drivers.camera.capture import monotonic_ms
from drivers.codes import zbar_child
from drivers.codes.deblur import deblurred
from drivers.codes.rescue import RESCUES, densest, for_zbar, guide_square
from drivers.codes.seen_code import SeenCode, in_reading_order
from drivers.codes.zbar_child import ZbarChild
from drivers.codes.zxing import HAVE_ZXING, read_zxing
from drivers.ending import GOODBYE_S

WHOLE_EVERY = 3
"""Frames. One in so many is looked at beyond the guide square."""
EVERY_MS = 500
"""How often zbar sees a frame in which zxing saw no trace of a code."""
AFTER_CRASH_MS = 2000
"""How long zbar is left alone after a frame that cost the child its life."""
STALE_MS = 1000
MAX_MENDED_PIXELS = 16_000_000
"""Larger pictures are made smaller for everything but the first look."""
MAX_DEBLURRED_PIXELS = 500_000
_STARTS_WITHIN_S = 10.0
_LOG = logging.getLogger(__name__)


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
        self._frames = 0
        self._rescues = cycle(RESCUES)
        self._in_view: frozenset[str] = frozenset()
        self._in_view_ms = 0

    @property
    def zbar_pid(self) -> int | None:
        """The process id of zbar's child, once it was needed."""
        return self._zbar.pid

    def read(self, picture: Picture) -> tuple[str, ...]:
        """The distinct texts in view, top to bottom, left to right; () for none.

        Takes grey or BGR and never waits for zbar, whose codes come out of a later call.
        """
        grey = _grey(picture)
        second_opinion = self._answer()
        if monotonic_ms() - self._in_view_ms >= STALE_MS:
            self._in_view = frozenset()
        whole = self._frames % WHOLE_EVERY == 0 or len(self._in_view) > 1
        self._frames += 1
        looked_at = grey if whole else guide_square(grey)
        codes, trace = read_zxing(looked_at)
        if not codes:
            codes = self._rescued(looked_at, trace=trace)
        elif not whole and not self._in_view.issuperset(code.text for code in codes):
            codes = read_zxing(grey)[0] or codes
        if codes:
            self._in_view = frozenset(code.text for code in codes)
            self._in_view_ms = monotonic_ms()
        return in_reading_order(codes or second_opinion)

    def read_still(self, picture: Picture) -> tuple[str, ...]:
        """As read(), but with all that can be tried on one picture; takes up to some seconds."""
        grey = _grey(picture)
        if codes := read_zxing(grey)[0]:
            return in_reading_order(codes)
        grey = _no_larger(grey, MAX_MENDED_PIXELS)
        part = densest(_no_larger(grey, MAX_MENDED_PIXELS // 8))
        parts = (grey,) if part is None else (grey, part)
        for each in parts:
            for prepared in _prepared(each):
                if codes := read_zxing(prepared)[0]:
                    return in_reading_order(codes)
        for each in (*parts, *map(for_zbar, parts)):
            self._ask(each)
            if answer := self._awaited():
                return in_reading_order(answer)
        # Without a densest part there is no picture of something that was blurred.
        for prepared in () if part is None else deblurred(_no_larger(part, MAX_DEBLURRED_PIXELS)):
            if codes := read_zxing(prepared)[0]:
                return in_reading_order(codes)
        return ()

    def close(self) -> None:
        """End zbar's child and the thread that talks to it."""
        self._zbar.kill()
        if self._asked is not None:
            wait([self._asked], GOODBYE_S)
        self._asker.shutdown(wait=False, cancel_futures=True)
        self._zbar.kill()  # it may have been starting

    def _rescued(self, grey: Picture, *, trace: bool) -> list[SeenCode]:
        """What the rescue whose turn it is brings to light; zbar is asked where it brings nothing."""
        part = densest(grey) if HAVE_ZXING else None
        if part is not None:
            codes, another_trace = read_zxing(next(self._rescues)(part))
            if codes:
                return codes
            trace = trace or another_trace
        elif not trace:
            return []
        now_ms = monotonic_ms()
        deserved = trace or now_ms >= self._next_look_ms
        if deserved and self._asked is None and now_ms >= self._shunned_until_ms:
            self._ask(grey if part is None else for_zbar(part))
        return []

    def _ask(self, grey: Picture) -> None:
        self._asked_ms = monotonic_ms()
        self._next_look_ms = self._asked_ms + EVERY_MS
        # A copy: a camera may use its picture's memory again.
        self._asked = self._asker.submit(self._zbar.read, grey.copy())

    def _awaited(self) -> list[SeenCode] | None:
        """What zbar says, if its child can be started and killed at all."""
        asked, self._asked = self._asked, None
        assert asked is not None  # noqa: S101
        try:
            return asked.result(zbar_child.TIMEOUT_S + _STARTS_WITHIN_S)
        except TimeoutError:
            _LOG.warning("waited for zbar in vain: its child neither answers nor dies")
            return None

    def _answer(self) -> list[SeenCode]:
        if self._asked is None or not self._asked.done():
            return []
        codes, self._asked = self._asked.result(timeout=0), None
        if codes is None:
            self._shunned_until_ms = monotonic_ms() + AFTER_CRASH_MS
            return []
        return codes if monotonic_ms() - self._asked_ms < STALE_MS else []


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


def _prepared(part: Picture) -> Iterator[Picture]:
    """The part as it is, then after every rescue."""
    yield part
    for rescue in RESCUES:
        yield rescue(part)
