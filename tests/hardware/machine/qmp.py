"""QEMU's own control socket, as far as freezing a machine needs it."""

import json
import socket
import time
from pathlib import Path
from typing import Any


class Monitor:
    """A QMP connection."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._lines.readline()
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: Any) -> dict[str, Any]:
        """One command. Raises RuntimeError with QEMU's words."""
        self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self._lines.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                returned: dict[str, Any] = answer["return"]
                return returned

    def freeze(self, file: Path, within_s: float) -> None:
        """Write the whole state of the machine, without its disks, to a file; it stands still from then on."""
        self.execute("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self.execute("migrate", uri=f"exec:cat > '{file}'")
        until_s = time.monotonic() + within_s
        while (state := self.execute("query-migrate"))["status"] != "completed":
            if state["status"] == "failed" or time.monotonic() > until_s:
                raise RuntimeError(f"the machine cannot be frozen: {state}")
            time.sleep(0.1)

    def close(self) -> None:
        """Let go of the socket."""
        self._lines.close()
        self._socket.close()
