"""The host's end of the guest's agent: one request, one answer, each a line of JSON."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ANSWER_S = 320.0


class GuestError(Exception):
    """The agent could not do what it was asked; its words."""


class Guest:
    """Asks the agent for things; not for use by several threads."""

    def __init__(self, path: Path, said: Callable[[], str]) -> None:
        self._said = said
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r", encoding="utf-8")

    def wait_for_agent(self, until_s: float, *, greeted: bool) -> None:
        """Until it is there; one that was thawed says nothing by itself."""
        self._socket.settimeout(max(1.0, until_s - time.monotonic()))
        if greeted:
            self._answer()
        else:
            self.ask("sensor_reads")
        self._socket.settimeout(ANSWER_S)

    def ask(self, do: str, **what: Any) -> Any:
        """Let the agent do something and return what came of it. Raises GuestError."""
        self._socket.sendall(json.dumps({"do": do, **what}).encode() + b"\n")
        answer = self._answer()
        if "error" in answer:
            raise GuestError(answer["error"])
        return answer.get("result")

    def end(self) -> None:
        """Let the agent end, and with it the guest."""
        self._socket.sendall(b'{"do": "end"}\n')

    def close(self) -> None:
        """Let go of the socket."""
        self._lines.close()
        self._socket.close()

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except TimeoutError:
            line = ""
        if not line:
            raise GuestError(
                f"the guest says nothing any more; its console:\n{self._said()[-3000:]}"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer
