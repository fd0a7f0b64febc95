"""Power cuts: a gate at work is SIGKILLed with its whole machine, again and again, on one disk.

One life: the machine goes on from where it was frozen after loading everything, the disk is mounted, the journal on
it is judged, gate and sync are started, people pass, and after a random time the machine is gone. What was seen from
outside before the cut must be on the disk after it: every row that the collector has committed, and the admission
of everybody for whom the line was driven. The host's collector outlives all cuts.

The machine is thawed instead of booted because a cut would else cost half a minute. Its page cache knows nothing of
the disk, whose driver is loaded after the thaw; its clock and boot id are set anew.
"""

import base64
import random
import sqlite3
import time
import uuid
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from checkpoint.records import JournalReplaced, Passage, Result, decode
from sync.journal_reader import JournalReader, flaws
from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import CONFIG, DATA, HEALTHY, GateOnBench, make_disk
from tests.hardware.machine import initramfs, kernel
from tests.hardware.machine.qemu import AGENT, GUEST

UNLOCK_SECONDS: Final = 0.2
LIFE_S: Final = (0.2, 4.0)
"""How long people pass before the cut, counted from the first thing seen outside."""
PATIENCE_S: Final = 5.0
"""For one resident: while the programs start, nobody is let in yet."""
START_WITHIN_S: Final = 120.0
LIMIT_S: Final = 400


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
    doubled: int = 0
    """Rows of which the collector heard two different versions."""
    unseen_rows: int = 0
    """Rows on the disk that nobody outside had seen: committed, and cut before anybody could be told."""
    seconds: float = 0.0

    @property
    def nothing_is_lost(self) -> bool:
        """Whether everything seen from outside was there, whole and once."""
        return not (self.lost_rows or self.lost_admissions or self.damaged or self.doubled)


class PowerCuts:
    """Cuts on one disk. ``carelessly``: the journal is written with synchronous=NORMAL."""

    def __init__(self, folder: Path, *, carelessly: bool = False, seed: int = 1) -> None:
        self._folder = folder
        self._carelessly = carelessly
        self._random = random.Random(seed)
        (folder / "centre").mkdir(parents=True)
        self._centre = Centre(folder / "centre")
        self._disk = make_disk(folder / "disk.img")
        self._frozen = folder / "frozen"
        self._plan = self._pack()
        self._driven_for: list[str] = []
        self._known = 0
        self.tally = Tally()

    def run(self, cuts: int, tell: Callable[[Tally], None] = lambda _: None) -> Tally:
        """Live and cut so often, then live once more to the end. Raises GuestError where a life cannot begin."""
        begin_s = time.monotonic()
        try:
            for _ in range(cuts):
                self._live(lambda gate: self._play(gate, self._random.uniform(*LIFE_S)))
                self.tally.cuts += 1
                self.tally.seconds = time.monotonic() - begin_s
                tell(self.tally)
            self._live(self._catch_up)
        finally:
            self._centre.close()
            self._frozen.unlink(missing_ok=True)
        return self.tally

    def _pack(self) -> Path:
        """Boot once, load and plug in everything, and freeze."""
        init = GUEST / "init_in_ram.sh"
        image = self._folder / "everything.cpio"
        initramfs.pack_everything(image, kernel.kernel().folder, init, AGENT)
        gate = self._machine(image, frozen=None)
        gate.load_drivers()
        gate.configure(unlock_seconds=UNLOCK_SECONDS)
        gate.guest.ask("write", path=str(self._centre.trust), text=self._centre.trust.read_text())
        gate.guest.ask("warm_up")
        gate.relay.close()
        gate.machine.freeze(self._frozen)
        return image

    def _machine(self, image: Path, frozen: Path | None) -> GateOnBench:
        folder = self._folder / "machine"
        return GateOnBench(
            folder, self._centre, disk=self._disk, in_ram=image, frozen=frozen, limit_s=LIMIT_S
        )

    def _live(self, live: Callable[[GateOnBench], None]) -> None:
        gate = self._machine(self._plan, self._frozen)
        try:
            self._wake(gate)
            self._judge(gate)
            for name in ("gate", "sync"):
                arguments = ["gate", "run" if name == "gate" else "sync", "--config", CONFIG]
                gate.guest.ask(
                    "start_warm", name=name, arguments=arguments, carelessly=self._carelessly
                )
            live(gate)
        finally:
            gate.cut_power()

    def _wake(self, gate: GateOnBench) -> None:
        """What a boot would have brought: the time, a boot id, the disk."""
        gate.run("date", "-u", "-s", f"@{int(time.time())}")
        gate.guest.ask("write", path="/run/boot_id", text=f"{uuid.uuid4()}\n")
        gate.run("mount", "--bind", "/run/boot_id", "/proc/sys/kernel/random/boot_id")
        gate.load("virtio_blk")
        gate.run("mkdir", "-p", "/mnt/sd")
        gate.run("mount", "-t", "ext4", "/dev/vda", "/mnt/sd")
        gate.run("mkdir", "-p", f"{DATA}/spool")
        if not self.tally.cuts:
            gate.hand_in_roster()

    def _judge(self, gate: GateOnBench) -> None:
        """Compare the disk, as it is after the cut, with what was seen before it."""
        seen = set(self._centre.records())
        copy = self._fetch(gate)
        rows: set[tuple[str, int, str]] = set()
        admitted: set[str] = set()
        if copy is not None:
            rows, admitted = self._read(copy)
        self.tally.acknowledged += len(seen) - self._known
        self._known = len(seen)
        self.tally.lost_rows += len(seen - rows)
        self.tally.unseen_rows += len(rows - seen)
        self.tally.lost_admissions += len(set(self._driven_for) - admitted)
        self.tally.pulses += len(self._driven_for)
        self._driven_for.clear()
        self.tally.doubled = self._centre.quarantined()

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

    def _read(self, copy: Path) -> tuple[set[tuple[str, int, str]], set[str]]:
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
        admitted = set()
        for epoch, row in rows:
            try:
                record = decode(row.body)
            except msgspec.DecodeError as error:
                self.tally.damaged.append(f"row {row.seq} of {epoch}: {error}")
                continue
            if isinstance(record, JournalReplaced):
                self.tally.damaged.append(f"{epoch} had to be begun: {record.cause}")
            if isinstance(record, Passage) and record.result is Result.ADMIT:
                admitted.add(record.code)
        return {(epoch, row.seq, row.hash) for epoch, row in rows}, admitted

    def _play(self, gate: GateOnBench, life_s: float) -> None:
        """Residents and forgers in turn; a pulse of the line belongs to the resident who stands there."""
        until_s: float | None = None
        give_up_s = time.monotonic() + START_WITHIN_S
        while until_s is None or time.monotonic() < until_s:
            assert time.monotonic() < give_up_s, gate.story()
            text = self._centre.new_pass()
            pulses = len(gate.relay.pulses)
            gate.show(text, celsius=HEALTHY)
            if self._driven(gate, pulses, until_s):
                self._driven_for.append(sha256(text.encode()).hexdigest()[:16])
                until_s = until_s or time.monotonic() + life_s
            for _ in range(self._random.randrange(4)):
                gate.show(self._centre.forged_pass())
                self._sleep(0.3, until_s)

    def _driven(self, gate: GateOnBench, pulses: int, until_s: float | None) -> bool:
        end_s = time.monotonic() + PATIENCE_S
        end_s = end_s if until_s is None else min(end_s, until_s)
        while len(gate.relay.pulses) == pulses and time.monotonic() < end_s:
            time.sleep(0.005)
        return len(gate.relay.pulses) > pulses

    def _sleep(self, seconds: float, until_s: float | None) -> None:
        left_s = seconds if until_s is None else min(seconds, until_s - time.monotonic())
        time.sleep(max(0.0, left_s))

    def _catch_up(self, gate: GateOnBench) -> None:
        """The last life: everything on the disk reaches the collector."""
        gate.show()
        gate.wait(
            lambda: set(gate.hashes()) == set(self._centre.records()) or self._carelessly,
            "everything at the collector",
        )
