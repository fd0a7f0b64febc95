"""The child that reads QR codes with zbar, because zbar aborts its process on some of them (zbar #315).

Started as a script, so that neither numpy nor OpenCV is loaded. Pictures come in on stdin, each as a
header (width, height: two big-endian uint32) and width x height grey bytes; for each, one line of JSON
goes out: [[text, left, top, height in pixels], ...]. The end of stdin is the end of the child, and so is
its parent's death, even in the middle of a picture.
"""

import ctypes
import json
import signal
import struct
import sys

HEADER = struct.Struct(">II")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _read(width: int, height: int, grey: bytes) -> list[tuple[str, int, int, int]]:
    from pyzbar import pyzbar  # noqa: PLC0415 - the parent takes HEADER from here, but not zbar

    found = pyzbar.decode((grey, width, height), symbols=[pyzbar.ZBarSymbol.QRCODE])
    return [
        (code.data.decode("utf-8", "replace"), code.rect.left, code.rect.top, code.rect.height)
        for code in found
    ]


def _serve() -> None:
    while header := sys.stdin.buffer.read(HEADER.size):
        width, height = HEADER.unpack(header)
        codes = _read(width, height, sys.stdin.buffer.read(width * height))
        sys.stdout.write(json.dumps(codes) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _die_with_parent()
    _serve()
