"""./run bench decode: how many passes in trouble the gate's reader reads, beside zxing-cpp and zbar alone.

The pictures are bench/code_pictures.py's. Alone, a decoder gets the first frame of a scene, or each of its
frames as they come; the gate's reader gets them as its loop would hand them out, PACE_S apart, and on
the first one shows what `gatepost decode` makes of a still picture. Every text that is not the scene's own is
a false read. Times are processor time of the reading thread, so that other work on the machine does not count;
zxing-cpp's is that for the whole grey frame, ours begins with the colour frame. zbar reads in a process of
its own and costs the loop nothing.

Controls: with its three corners covered no code may be read, and judged against another pass's text every
read must count as false. Exit 1 where a control is not seen, at any false read, or where ours reads no more
than a decoder alone.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

from bench.code_pictures import KINDS, NOBODY, Scene, scenes
from drivers.codes.reader import QrReader
from drivers.codes.zbar_child import ZbarChild
from drivers.codes.zxing import read_zxing

PACE_S = 1 / 15
AIM_RATIO = 2.0
WAYS = ("zxing", "zbar", "either", "zxing over all", "zbar over all", "live", "still")
CONTROL_KIND = "paper"
COVERED, OTHER_TEXT = "covered", "other text"


@dataclass
class Tally:
    """What came of one kind of scene."""

    scenes: int = 0
    read: Counter[str] = field(default_factory=Counter)
    """By which way the scene's own text came out."""
    false: Counter[str] = field(default_factory=Counter)
    frames: int = 0
    zxing_ns: int = 0
    live_ns: int = 0

    def add(self, other: "Tally") -> None:
        """Take another kind's figures in."""
        self.scenes += other.scenes
        self.read.update(other.read)
        self.false.update(other.false)
        self.frames += other.frames
        self.zxing_ns += other.zxing_ns
        self.live_ns += other.live_ns

    @property
    def ratio(self) -> float:
        """Our time for a live frame to zxing-cpp's."""
        return self.live_ns / max(1, self.zxing_ns)

    def figures(self) -> dict[str, object]:
        """As plain values."""
        return {
            "scenes": self.scenes,
            "read": {way: self.read[way] for way in WAYS},
            "false": {way: self.false[way] for way in WAYS},
            "zxing_ms": round(self.zxing_ns / max(1, self.frames) / 1e6, 3),
            "ratio": round(self.ratio, 2),
        }

    def take(self, way: str, text: str, found: Iterable[str]) -> None:
        """One scene's texts, by one way."""
        texts = set(found)
        self.read[way] += text in texts
        self.false[way] += len(texts - {text})


class Bench:
    """The decoders, each as it stands alone, and the gate's reader."""

    def __init__(self) -> None:
        # As many threads as zxing-cpp has, or times would not compare.
        cv2.setNumThreads(1)
        self._zbar = ZbarChild()

    def run(self, shown: Iterable[Scene]) -> Tally:
        """Every scene by every way."""
        tally = Tally()
        for scene in shown:
            tally.scenes += 1
            self._alone(scene, tally)
            self._ours(scene, tally)
        return tally

    def close(self) -> None:
        """End zbar."""
        self._zbar.kill()

    def _alone(self, scene: Scene, tally: Tally) -> None:
        by_zxing: list[set[str]] = []
        for frame in scene.frames:
            begin_ns = time.thread_time_ns()
            codes, _ = read_zxing(frame)
            tally.zxing_ns += time.thread_time_ns() - begin_ns
            by_zxing.append({code.text for code in codes})
        by_zbar = [{code.text for code in self._zbar.read(frame) or ()} for frame in scene.frames]
        tally.frames += len(scene.frames)
        for way, found in (("zxing", by_zxing), ("zbar", by_zbar)):
            tally.take(way, scene.text, found[0])
            tally.take(f"{way} over all", scene.text, set().union(*found))
        tally.take("either", scene.text, by_zxing[0] | by_zbar[0])

    @staticmethod
    def _ours(scene: Scene, tally: Tally) -> None:
        reader = QrReader()
        found: set[str] = set()
        for frame in scene.frames:
            colour = np.asarray(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
            due_s = time.monotonic() + PACE_S
            begin_ns = time.thread_time_ns()
            found.update(reader.read(colour))
            tally.live_ns += time.thread_time_ns() - begin_ns
            time.sleep(max(0.0, due_s - time.monotonic()))
        tally.take("live", scene.text, found)
        tally.take("still", scene.text, reader.read_still(scene.frames[0]))
        reader.close()


def measure(seed: int, count: int, frames: int) -> dict[str, Tally]:
    """A tally a kind, NOBODY's included, and the two controls."""
    bench = Bench()
    kinds = (*KINDS, NOBODY)
    try:
        tallies = {
            kind: bench.run(scenes(kind, seed, count, frames))
            for kind in track(kinds, "holding up", console=Console(stderr=True))
        }
        shown = list(scenes(CONTROL_KIND, seed, 2, frames, covered=True))
        tallies[COVERED] = bench.run(shown)
        shown = [replace(scene, text="x") for scene in scenes(CONTROL_KIND, seed, 2, frames)]
        tallies[OTHER_TEXT] = bench.run(shown)
    finally:
        bench.close()
    return tallies


def faults(tallies: dict[str, Tally]) -> list[str]:
    """What must not be; none for a bench that has passed."""
    everything, found = total(tallies), []
    if false := everything.false + tallies[NOBODY].false:
        found.append(f"false reads: {dict(false)}")
    for ours, alone in (
        ("still", "zxing"),
        ("still", "zbar"),
        ("live", "zxing over all"),
        ("live", "zbar over all"),
    ):
        if everything.read[ours] <= everything.read[alone]:
            found.append(f"{ours} reads no more than {alone}")
    covered, other = tallies[COVERED], tallies[OTHER_TEXT]
    if covered.read.total() or covered.false.total():
        found.append("control: a covered code was read")
    if any(other.read[way] or other.false[way] != other.scenes for way in WAYS):
        found.append("control: another pass's text was not seen to be false")
    return found


def total(tallies: dict[str, Tally]) -> Tally:
    """Of all kinds that show a pass."""
    everything = Tally()
    for kind in KINDS:
        everything.add(tallies[kind])
    return everything


def show(tallies: dict[str, Tally]) -> None:
    """The table, in percent of scenes; false reads of any way in their own column."""
    table = Table(Column("% of scenes read", no_wrap=True), padding=(0, 0))
    for heading in (*WAYS, "false reads", "zxing ms a frame", "ours to zxing's"):
        table.add_column(heading, justify="right")
    for kind, tally in (*tallies.items(), ("all", total(tallies))):
        shares = (f"{100 * tally.read[way] / tally.scenes:.0f}" for way in WAYS)
        milliseconds = f"{tally.zxing_ns / tally.frames / 1e6:.2f}"
        last = kind in {list(KINDS)[-1], NOBODY, OTHER_TEXT}
        false = str(tally.false.total())
        table.add_row(kind, *shares, false, milliseconds, f"{tally.ratio:.2f}", end_section=last)
    Console().print(table)


def main() -> int:
    """Run the bench; 0 if it passed."""
    parser = argparse.ArgumentParser(prog="./run bench decode", description=__doc__)
    parser.add_argument("--n", type=int, default=12, help="scenes of each kind")
    parser.add_argument("--frames", type=int, default=8, help="frames of each scene")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same pictures")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    if min(chosen.n, chosen.frames) < 1:
        parser.error("--n and --frames: use 1 or more")
    tallies = measure(chosen.seed, chosen.n, chosen.frames)
    found = faults(tallies)
    if chosen.json:
        kinds = {kind: tally.figures() for kind, tally in tallies.items()}
        print(json.dumps({"all": total(tallies).figures(), "kinds": kinds, "faults": found}))
    else:
        show(tallies)
        print(f"aim: at most {AIM_RATIO:g} times zxing-cpp's time for a live frame")
        print("\n".join(found) or "passed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
