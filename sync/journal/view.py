"""The gate's journal as sync sees it while it may be absent, replaced or damaged at any moment.

What cannot be read is not there: no rows, no hash. The file is then opened anew, at most every RETRY_S, and
every time that it was opened its heads count as grown.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from checkpoint.chain import JournalRow
from checkpoint.ids import EpochId, Seq
from config.log_lines import logger
from sync.journal.reader import NOWHERE, Head, InboxPlace, JournalReader
from sync.wire.batch import fit

RETRY_S: Final = 0.5
_NEVER_READ: Final = -1
_LOG = logger()
_Answer = TypeVar("_Answer")


class JournalView:
    """A journal that the gate process writes. Raises nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: JournalReader | None = None
        self._version = _NEVER_READ
        self._due_s = 0.0
        self._said = ""

    def grown(self) -> tuple[Head, ...] | None:
        """The newest row of each epoch if anything was committed since the last call; None otherwise."""
        if self._reader is not None and self._reader.is_replaced():
            self.close()
        if self._reader is None:
            self._open()
        return self._ask(self._grown, None)

    def rows(self, epoch: EpochId, after: Seq, most: int) -> list[JournalRow]:
        """At most ``most`` rows with a higher seq, rising."""
        return self._ask(lambda reader: reader.rows(epoch, after, most), [])

    def batch(self, epoch: EpochId, after: Seq, most: int) -> list[JournalRow]:
        """The first of those rows that fit one message."""
        return self._ask(lambda reader: fit(reader.each_row(epoch, after, most)), [])

    def hash_at(self, epoch: EpochId, seq: Seq) -> str | None:
        """The hash of one row; of seq 0 the chain's beginning; None where there is no such row."""
        return self._ask(lambda reader: reader.hash_at(epoch, seq), None)

    def inbox_upto(self) -> InboxPlace:
        """The last inbox item that the gate is known to have journalled."""
        return self._ask(lambda reader: reader.inbox_upto(), NOWHERE)

    def known_of_others(self) -> str:
        """How far the gate knows the other gates' crossings; "": nothing yet, or there is no telling."""
        return self._ask(lambda reader: reader.known_of_others(), "")

    def devices(self) -> dict[str, str]:
        """The devices' health as the gate last left it; empty before that."""
        try:
            text = self._ask(lambda reader: reader.devices(), "{}")
            return msgspec.json.decode(text, type=dict[str, str])
        except msgspec.DecodeError:
            return {}

    def close(self) -> None:
        """Let go of the file."""
        if self._reader is not None:
            self._reader.close()
        self._reader, self._version = None, _NEVER_READ

    def _open(self) -> None:
        if time.monotonic() < self._due_s or not self._path.exists():
            return
        try:
            self._reader = JournalReader.on(self._path)
        except (sqlite3.Error, OSError) as error:
            self._lose(error)

    def _grown(self, reader: JournalReader) -> tuple[Head, ...] | None:
        version = reader.version()
        if version == self._version:
            return None
        heads = reader.heads()
        self._version = version
        return heads

    def _ask(self, question: Callable[[JournalReader], _Answer], otherwise: _Answer) -> _Answer:
        if self._reader is None:
            return otherwise
        try:
            return question(self._reader)
        except sqlite3.Error as error:
            self._lose(error)
            return otherwise

    def _lose(self, error: Exception) -> None:
        if str(error) != self._said:
            self._said = str(error)
            _LOG.error("the journal cannot be read", why=self._said)
        self.close()
        self._due_s = time.monotonic() + RETRY_S
