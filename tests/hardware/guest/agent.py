"""Inside the machine: does what the test asks for, and plays the sensor and the camera's scene.

One line of JSON in, one line out, over a virtio port. It knows nothing of the gate program, which it only starts.
"""

import base64
import ctypes
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import RawIOBase
from pathlib import Path
from typing import Any

from tests.hardware.guest.camera import View, control
from tests.hardware.guest.thermometer import Adapter, Sensor

PORT_NAME = "gatepost.agent"
SOON_S = 300
PR_SET_CHILD_SUBREAPER = 36
"""linux/prctl.h: orphaned grandchildren become children of this process."""


class Warm:
    """A command that warm.py has begun and left to this process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = os.pidfd_open(pid)

    def send_signal(self, number: int) -> None:
        """As Popen's: nothing where it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ended, number)

    def wait(self, within_s: float) -> int:
        """As Popen's."""
        if not select.select([self._ended], [], [], within_s)[0]:
            raise subprocess.TimeoutExpired(str(self._pid), within_s)
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)


class Agent:
    """The devices and children of this guest."""

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes] | Warm] = {}
        self._warm: subprocess.Popen[bytes] | None = None
        self._sensor = Sensor()
        self._adapter = Adapter(self._sensor)
        self._view = View()
        self.verbs: dict[str, Callable[..., Any]] = {
            "run": self.run,
            "start": self.start,
            "warm_up": self.warm_up,
            "start_warm": self.start_warm,
            "run_warm": self.run_warm,
            "fetch": self.fetch,
            "signal": self.signal,
            "exit_code": self.exit_code,
            "read": self.read,
            "write": self.write,
            "rows": self.rows,
            "sensor": self.sensor,
            "plug_in_thermometer": self._adapter.plug_in,
            "pull_out_thermometer": self._adapter.pull_out,
            "sensor_reads": lambda: self._sensor.reads,
            "show": self.show,
            "freeze_view": self._view.freeze,
            "camera_control": control,
            "plug_in_camera": self._view.plug_in,
            "pull_out_camera": self._view.unplug,
        }

    def run(self, command: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
        """A program to its end."""
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SOON_S,
            check=False,
            env=_with(environment),
        )
        return {"code": done.returncode, "out": done.stdout, "err": done.stderr}

    def start(
        self, name: str, command: list[str], environment: dict[str, str] | None = None
    ) -> int:
        """A program that goes on; what it says goes to /run/NAME.log."""
        with Path(f"/run/{name}.log").open("ab") as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_with(environment)
            )
        self._children[name] = child
        return child.pid

    def warm_up(self) -> None:
        """Load our own programs once, so that start_warm() and run_warm() are quick."""
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._warm = subprocess.Popen(
            [sys.executable, "-m", "tests.hardware.guest.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._warm.stdout is not None
        if self._warm.stdout.readline() != b"warm\n":
            raise RuntimeError("the programs cannot be loaded; see the console")

    def start_warm(self, name: str, arguments: list[str], *, carelessly: bool = False) -> None:
        """One of our own commands; what it says goes to /run/NAME.log."""
        log = f"/run/{name}.log"
        self._children[name] = self._begin(arguments, (log, log), carelessly=carelessly)

    def run_warm(self, arguments: list[str]) -> dict[str, Any]:
        """One of our own commands to its end."""
        out, err = Path("/run/command.out"), Path("/run/command.err")
        for each in (out, err):
            each.unlink(missing_ok=True)
        code = self._begin(arguments, (str(out), str(err)), carelessly=False).wait(SOON_S)
        return {"code": code, "out": out.read_text(), "err": err.read_text()}

    def _begin(self, arguments: list[str], files: tuple[str, str], *, carelessly: bool) -> Warm:
        assert self._warm is not None
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        wanted = {"arguments": arguments, "files": files, "carelessly": carelessly}
        self._warm.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._warm.stdin.flush()
        return Warm(int(self._warm.stdout.readline()))

    def fetch(self, path: str) -> str | None:
        """A file's bytes, zlib and base64; None: there is none."""
        file = Path(path)
        return (
            base64.b64encode(zlib.compress(file.read_bytes(), 1)).decode()
            if file.exists()
            else None
        )

    def signal(self, name: str, number: int) -> None:
        """Send one of the children a signal."""
        self._children[name].send_signal(number)

    def exit_code(self, name: str, within_s: float) -> int | None:
        """How a child has ended; None: it runs on."""
        try:
            return self._children[name].wait(within_s)
        except subprocess.TimeoutExpired:
            return None

    def read(self, path: str) -> str:
        """A text file."""
        return Path(path).read_text(errors="replace")

    def write(self, path: str, text: str) -> None:
        """A text file, or an attribute of sysfs."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)

    def rows(self, path: str, after: int) -> list[tuple[int, str, int, str, str]]:
        """What a journal holds beyond one place in the file: place, epoch, seq, hash, body."""
        if not Path(path).exists():
            return []
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(
                "SELECT id, epoch, seq, hash, body FROM rows WHERE id > ? ORDER BY id", (after,)
            ).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()

    def sensor(self, **state: Any) -> None:
        """Change what the sensor is, or what is wrong with it."""
        for name, value in state.items():
            if not hasattr(self._sensor, name):
                raise AttributeError(f"a sensor has no {name}")
            setattr(self._sensor, name, value)

    def show(self, picture: str) -> None:
        """A frame before the camera: BGR, zlib, base64."""
        self._view.show(zlib.decompress(base64.b64decode(picture)))


def _with(environment: dict[str, str] | None) -> dict[str, str] | None:
    return None if environment is None else {**os.environ, **environment}


def _port() -> Path:
    for name in Path("/sys/class/virtio-ports").glob("*/name"):
        if name.read_text().strip() == PORT_NAME:
            return Path("/dev") / name.parent.name
    raise FileNotFoundError("the machine has no port for the agent")


def main() -> None:
    """Serve until told to end, or until the other side is gone."""
    agent = Agent()
    with _port().open("r+b", buffering=0) as port:
        port.write(b'{"result": "here"}\n')
        for line in _lines(port):
            request = json.loads(line)
            do = request.pop("do")
            if do == "end":
                return
            try:
                answer = {"result": agent.verbs[do](**request)}
            except Exception:  # noqa: BLE001 (the test shall see it, whatever it is)
                answer = {"error": traceback.format_exc()}
            _write_all(port, json.dumps(answer).encode() + b"\n")


def _lines(port: RawIOBase) -> Iterator[bytes]:
    parts: list[bytes] = []
    while True:
        got = port.read(65536)
        if not got:  # nobody holds the other end, as after a thaw
            time.sleep(0.02)
            continue
        *ended, rest = got.split(b"\n")
        for end in ended:
            yield b"".join([*parts, end])
            parts = []
        parts.append(rest)


def _write_all(port: RawIOBase, message: bytes) -> None:
    left = memoryview(message)
    while left:
        left = left[port.write(left) or 0 :]


if __name__ == "__main__":
    main()
