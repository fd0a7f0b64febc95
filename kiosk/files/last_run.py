"""How the last run ended, found out at the start of the next.

A run leaves two files in the gate's data folder and takes both away when it ends in order. running.json
says in which boot it began, and by then whose loop did not come round, if one did not. last-words.txt gets
the stacks of all threads when the program dies of a signal: systemd's watchdog aborts what it does not
hear, so a hang leaves the place where it hung, even where no line of Python can run any more.
"""

import faulthandler
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import msgspec

from checkpoint.records import Device, DeviceChange, DeviceState, Stamp
from config.log_lines import logger

RUN_FILE: Final = "running.json"
WORDS_FILE: Final = "last-words.txt"
_FRAMES: Final = 3
_FRAME: Final = re.compile(r'  File "(?:[^"]*/)?([^"/]+/[^"/]+)", line (\d+) in (\S+)')
_LOG = logger()


class _Run(msgspec.Struct, frozen=True):
    boot_id: str
    late: tuple[str, ...] = ()
    error: str = ""


class LastRun:
    """The run before this one, and the traces of this one in ``folder``. One object a process."""

    def __init__(self, folder: Path, boot_id: str) -> None:
        self._folder = folder
        self._run = _Run(boot_id)

    def ending(self) -> str:
        """In words, how the last run ended and where; empty: in order. Ask before this run is traced."""
        try:
            last = msgspec.json.decode((self._folder / RUN_FILE).read_bytes(), type=_Run)
        except FileNotFoundError:
            return ""
        except (OSError, msgspec.MsgspecError):
            return _WITHOUT_POWER  # it was being written
        words = self._last_words()
        hung = f"hung: {' and '.join(last.late)} did not come round" if last.late else ""
        if last.boot_id != self._run.boot_id:
            return f"{hung}; then {_WITHOUT_POWER}" if hung else _WITHOUT_POWER
        if hung or words.startswith("Fatal Python error: Aborted"):
            return "; ".join(part for part in (hung or "hung", _place(words)) if part)
        if words or last.error:
            return f"crashed: {last.error or words.splitlines()[0]} {_place(words)}".rstrip()
        return "was killed"

    @contextmanager
    def traced(self) -> Iterator[None]:
        """Leave traces of what happens inside; none of what ends in order."""
        self._write()
        with self._last_words_kept():
            try:
                yield
            except Exception as error:
                self._run = msgspec.structs.replace(self._run, error=repr(error))
                self._write()
                raise
        for name in (RUN_FILE, WORDS_FILE):
            try:
                (self._folder / name).unlink(missing_ok=True)
            except (
                OSError
            ) as error:  # the disk became read-only: the next run will think ill of this one
                _LOG.error("a trace of this run stays", file=name, why=error.strerror)

    def note_late(self, late: tuple[str, ...]) -> None:
        """Whose loop does not come round; () once all do."""
        self._run = msgspec.structs.replace(self._run, late=late)
        self._write()

    @contextmanager
    def _last_words_kept(self) -> Iterator[None]:
        try:
            words: TextIO = (self._folder / WORDS_FILE).open("w", encoding="utf-8")
        except OSError as error:
            _LOG.error("a crash will leave no trace", why=error.strerror)
            yield
            return
        with words:
            faulthandler.enable(words)
            try:
                yield
            finally:
                faulthandler.disable()

    def _last_words(self) -> str:
        try:
            return (self._folder / WORDS_FILE).read_text("utf-8", errors="replace")
        except OSError:
            return ""

    def _write(self) -> None:
        new = self._folder / f"{RUN_FILE}.new"
        try:
            new.write_bytes(msgspec.json.encode(self._run))
            new.replace(self._folder / RUN_FILE)
        except OSError as error:
            _LOG.error("this run will leave no trace", why=error.strerror)


_WITHOUT_POWER: Final = "lost its power or was reset"


def records_of(ending: str, stamp: Stamp) -> tuple[DeviceChange, ...]:
    """What is journalled about the last run: that it went wrong, and that the program works again."""
    if not ending:
        return ()
    faulty = DeviceChange(
        stamp=stamp,
        device=Device.PROGRAM,
        state=DeviceState.FAULTY,
        detail=f"the last run {ending}",
    )
    return faulty, DeviceChange(stamp=stamp, device=Device.PROGRAM, state=DeviceState.OK)


def _place(words: str) -> str:
    """Where the thread that died stood, innermost first: ``in read (drivers/camera/recorded.py:93) < ...``.

    A signal that comes while a thread begins finds none that is current: then where the loop stood, in the thread
    that is listed last.
    """
    _, _, current = words.partition("Current thread")
    stacks = [current] if current else reversed(words.split("\n\n"))
    found = (_FRAME.findall(stack.partition("\n\n")[0]) for stack in stacks)
    frames = [f"{name} ({file}:{line})" for file, line, name in next(filter(None, found), ())]
    return f"in {' < '.join(frames[:_FRAMES])}" if frames else ""
