"""The gate's end of zbar_process.py: one picture out, its codes back, whatever becomes of the child.

A child that crashes, hangs or cannot start costs its picture, never more: it is killed after TIMEOUT_S
and started anew for the next picture.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

from drivers import Picture
from drivers.codes.seen_code import SeenCode
from drivers.codes.zbar_process import HEADER
from drivers.ending import buried

TIMEOUT_S = 3.0
_SCRIPT = Path(__file__).with_name("zbar_process.py")


class ZbarChild:
    """zbar in a process of its own. Belongs to one thread, but for kill()."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while there is a child."""
        return None if self._process is None else self._process.pid

    def read(self, grey: Picture) -> list[SeenCode] | None:
        """The codes in a grey picture; None when the child died or took longer than 3 s."""
        process = self._living()
        timer = threading.Timer(TIMEOUT_S, process.kill)
        timer.start()
        try:
            height, width = grey.shape
            assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
            process.stdin.write(HEADER.pack(width, height) + grey.tobytes())
            process.stdin.flush()
            return [SeenCode(*code) for code in json.loads(process.stdout.readline())]
        except (OSError, ValueError):
            self.kill()
            return None
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the child; the next picture starts another."""
        process, self._process = self._process, None
        if process is not None:
            buried(process)

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.kill()
        if self._process is None:
            # By its path, because -m would load this package and numpy with it; -P for the same
            # reason keeps its folder out of the module search.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process
