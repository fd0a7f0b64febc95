"""What a process says, line by line, for as long as it goes on saying something."""

import queue
import subprocess
import threading

from tests.ending import ended, joined
from tests.patience import PATIENCE_S


class Said:
    """The lines of a process's stdout; a thread takes them, so that it never waits for its reader."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._so_far: list[str] = []
        self._listener = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def line_with(self, *words: str, within_s: float = PATIENCE_S) -> str:
        """The next line that holds all the words. Raises AssertionError when it ends, or says nothing for that long."""
        while True:
            try:
                line = self._lines.get(timeout=within_s)
            except queue.Empty:
                line, why = None, f"said nothing for {within_s:.0f} s"
            else:
                why = "ended"
            assert line is not None, f"{why}, and never {words} but\n{''.join(self._so_far)}"
            self._so_far.append(line)
            if all(word in line for word in words):
                return line

    def until_ended(self) -> int:
        """The exit code of a process that was told to end."""
        code = ended(self._process)
        joined(self._listener)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code
