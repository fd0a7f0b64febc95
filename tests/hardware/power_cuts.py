"""Power cuts: a gate at work is SIGKILLed with its whole machine, again and again, on one disk.

One life: the machine goes on from where it was frozen (frozen.py), the journal on its card is judged, gate and sync
are started, people pass, and after a random time the machine is gone. What was seen from outside before the cut must
be on the card after it: every row that the collector has committed, and an admission for every time that the line
was driven. The host's collector outlives all cuts.
"""

import base64
import random
import sqlite3
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from checkpoint.records import JournalReplaced, Opened, decode, opens
from sync.journal.reader import JournalReader, flaws
from tests.hardware.gate_on_bench import CONFIG, DATA, NOBODY, SCANNER, GateOnBench, make_card
from tests.hardware.stand import Stand

UNLOCK_SECONDS: Final = 0.2
LIFE_S: Final = (0.2, 4.0)
"""How long people pass before the cut, counted from the first thing seen outside."""
PATIENCE_S: Final = 5.0
"""Of one resident."""
AGAIN_S: Final = 1.0
"""While the programs start and nobody is let in yet, the next one comes after this."""
START_WITHIN_S: Final = 120.0


@dataclass(slots=True)
class Tally:
    """What all the cuts came to."""

    cuts: int = 0
    acknowledged: int = 0
    """Rows that the collector had before a cut."""
    pulses: int = 0
    """Times that the line was driven before a cut."""
    lost_rows: int = 0
    lost_admissions: int = 0
    damaged: list[str] = field(default_factory=list)
    """Journals that are not whole, or that had to be begun anew."""
    missing: list[str] = field(default_factory=list)
    """Of each cut after which something was not there: what was seen before it, and what stood on the disk."""
    opened: set[tuple[str, int, str]] = field(default_factory=set)
    """Openings without a pass: epoch, seq, cause. Nobody presses anything here."""
    doubled: int = 0
    """Rows of which the collector heard two different versions."""
    unseen_rows: int = 0
    """Rows on the disk that nobody outside had seen: committed, and cut before anybody could be told."""
    seconds: float = 0.0

    @property
    def nothing_is_lost(self) -> bool:
        """Whether everything seen from outside was there, whole and once."""
        return not (
            self.lost_rows or self.lost_admissions or self.damaged or self.doubled or self.opened
        )


class PowerCuts:
    """Any number of runs, each on a new card."""

    def __init__(self, stand: Stand, *, seed: int = 1) -> None:
        self._centre, self._frozen = stand.centre, stand.frozen
        self._random = random.Random(seed)
        self._folder = stand.folder / "cuts"
        self._folder.mkdir()
        self._card = self._folder / "card.img"

    def run(
        self, cuts: int, tell: Callable[[Tally], None] = lambda _: None, *, carelessly: bool = False
    ) -> Tally:
        """Live and cut so often on a new disk, then live once more to the end.

        ``carelessly``: the journal is written with synchronous=NORMAL. Raises GuestError where a life
        cannot begin.
        """
        make_card(self._card)
        self._carelessly = carelessly
        self._pulses = 0
        """In the life that was cut last."""
        self._admissions: set[tuple[str, int]] = set()
        """Epoch and seq of all that stood on the disk before that life."""
        self._others = set(self._centre.records())
        self._known = 0
        self._lost: set[tuple[str, int, str]] = set()
        self.tally = Tally()
        quarantined = self._centre.quarantined()
        begin_s = time.monotonic()
        for _ in range(cuts):
            self._live(lambda gate: self._play(gate, self._random.uniform(*LIFE_S)))
            self.tally.cuts += 1
            self.tally.seconds = time.monotonic() - begin_s
            self.tally.doubled = self._centre.quarantined() - quarantined
            tell(self.tally)
        self._live(self._catch_up)
        self.tally.doubled = self._centre.quarantined() - quarantined
        return self.tally

    def _live(self, live: Callable[[GateOnBench], None]) -> None:
        gate = self._frozen.thaw(self._card)
        try:
            if not self.tally.cuts:
                gate.hand_in_roster()
            self._judge(gate)
            # A scanner, because the camera's process takes most of what a life needs to begin.
            gate.configure(unlock_seconds=UNLOCK_SECONDS, camera=SCANNER)
            for name in ("gate", "sync"):
                arguments = ["gate", "run" if name == "gate" else "sync", "--config", CONFIG]
                gate.guest.ask(
                    "start_warm", name=name, arguments=arguments, carelessly=self._carelessly
                )
            live(gate)
        finally:
            gate.cut_power()
            self._pulses = len(gate.relay.pulses)

    def _judge(self, gate: GateOnBench) -> None:
        """Compare the disk, as it is after the cut, with what was seen before it."""
        seen = self._seen()
        copy = self._fetch(gate)
        rows: set[tuple[str, int, str]] = set()
        admissions: set[tuple[str, int]] = set()
        if copy is not None:
            rows, admissions = self._read(copy)
        self.tally.acknowledged += len(seen) - self._known
        self._known = len(seen)
        lost_rows = seen - rows - self._lost
        self._lost |= lost_rows
        self.tally.lost_rows = len(self._lost)
        self.tally.unseen_rows += len(rows - seen)
        # Rows are chained: where the last ones of a life are there, so are all before them.
        there = len(admissions - self._admissions)
        self.tally.pulses += self._pulses
        lost_admissions = max(0, self._pulses - there)
        self.tally.lost_admissions += lost_admissions
        if lost_rows or lost_admissions:
            self.tally.missing.append(
                f"cut {self.tally.cuts}: {self._pulses} pulses, {there} admissions new on the disk;"
                f" at the collector and not on the disk: {sorted(lost_rows)};"
                f" last on the disk: {sorted(rows)[-3:]}"
            )
        self._admissions = admissions

    def _seen(self) -> set[tuple[str, int, str]]:
        """What the collector has of this run's disk."""
        return set(self._centre.records()) - self._others

    def _fetch(self, gate: GateOnBench) -> Path | None:
        """A copy of the journal's files, as the gate's next start will find them."""
        folder = self._folder / "copy"
        folder.mkdir(exist_ok=True)
        for stale in folder.iterdir():
            stale.unlink()
        for name in ("journal.db", "journal.db-wal"):
            packed = gate.guest.ask("fetch", path=f"{DATA}/{name}")
            if packed is not None:
                (folder / name).write_bytes(zlib.decompress(base64.b64decode(packed)))
        copy = folder / "journal.db"
        return copy if copy.exists() else None

    def _read(self, copy: Path) -> tuple[set[tuple[str, int, str]], set[tuple[str, int]]]:
        with closing(sqlite3.connect(copy)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            self.tally.damaged.append(f"integrity_check: {found}")
        reader = JournalReader.on(copy)
        try:
            self.tally.damaged += [
                f"row {flaw.seq} of {flaw.epoch}: {flaw.what}" for flaw in flaws(reader)
            ]
            rows = list(reader.everything())
        finally:
            reader.close()
        admissions: set[tuple[str, int]] = set()
        for epoch, row in rows:
            try:
                record = decode(row.body)
            except msgspec.DecodeError as error:
                self.tally.damaged.append(f"row {row.seq} of {epoch}: {error}")
                continue
            if isinstance(record, JournalReplaced):
                self.tally.damaged.append(f"{epoch} had to be begun: {record.cause}")
            if opens(record):
                admissions.add((epoch, row.seq))
            if isinstance(record, Opened):
                self.tally.opened.add((epoch, row.seq, str(record.cause)))
        return {(epoch, row.seq, row.hash) for epoch, row in rows}, admissions

    def _play(self, gate: GateOnBench, life_s: float) -> None:
        """Residents and forgers in turn."""
        until_s: float | None = None
        give_up_s = time.monotonic() + START_WITHIN_S
        while until_s is None or time.monotonic() < until_s:
            assert time.monotonic() < give_up_s, gate.story()
            pulses = len(gate.relay.pulses)
            gate.scan(self._centre.new_pass())
            if self._driven(gate, pulses, until_s):
                until_s = until_s or time.monotonic() + life_s
            for _ in range(self._random.randrange(4)):
                gate.scan(self._centre.forged_pass(), celsius=NOBODY)
                self._sleep(0.3, until_s)

    def _driven(self, gate: GateOnBench, pulses: int, until_s: float | None) -> bool:
        now_s = time.monotonic()
        end_s = now_s + AGAIN_S if until_s is None else min(now_s + PATIENCE_S, until_s)
        while len(gate.relay.pulses) == pulses and time.monotonic() < end_s:
            time.sleep(0.005)
        return len(gate.relay.pulses) > pulses

    def _sleep(self, seconds: float, until_s: float | None) -> None:
        left_s = seconds if until_s is None else min(seconds, until_s - time.monotonic())
        time.sleep(max(0.0, left_s))

    def _catch_up(self, gate: GateOnBench) -> None:
        """The last life: everything on the disk reaches the collector."""
        gate.wait(
            lambda: set(gate.hashes()) == self._seen() or self._carelessly,
            "everything at the collector",
        )
