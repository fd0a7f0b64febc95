"""./run bench forge --n 1000000: forged passes against the parser.

Counts what is accepted and what raises; both must be 0, and every genuine pass mixed in (one to ten
forgeries) must be read as what it is, so that a parser which refuses everything does not shine. A forgery
that happens to equal a genuine pass is not counted. Exit 1 if anything of this fails.

The slowest call is measured so that the scheduler is not blamed on the parser: the slowest inputs are
repeated five times each, and the quickest of the five counts.

The work is cut into shards that all cores share; each has its own seed, made of --seed and its number.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappushpop
from multiprocessing import Pool
from time import perf_counter_ns

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.forgeries import KINDS, Workshop
from checkpoint.entry_pass import Claims, Rejection, read_pass
from checkpoint.ids import KeyId

Keys = Mapping[KeyId, Ed25519PublicKey]
Verify = Callable[[str, Keys], Claims | Rejection]
FORGERIES_PER_GENUINE = 10
SUSPECTS = 20
REPEATS = 5
SHARD = 10_000
SHARD_WITHIN_S = 600.0


@dataclass
class Report:
    """What came of the forgeries; times of one call in ns."""

    forgeries: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    raised: Counter[str] = field(default_factory=Counter)
    rejections: dict[str, Counter[str]] = field(
        default_factory=lambda: {k: Counter() for k in KINDS}
    )
    genuine: int = 0
    genuine_misread: int = 0
    forged_ns: list[int] = field(default_factory=list)
    genuine_ns: list[int] = field(default_factory=list)
    slowest_ns: int = 0
    slowest_text: str = ""

    def add(self, other: "Report") -> None:
        """Take another shard's figures in."""
        self.forgeries += other.forgeries
        self.accepted.update(other.accepted)
        self.raised.update(other.raised)
        for kind, counts in other.rejections.items():
            self.rejections[kind].update(counts)
        self.genuine += other.genuine
        self.genuine_misread += other.genuine_misread
        self.forged_ns += other.forged_ns
        self.genuine_ns += other.genuine_ns
        mine, theirs = (self.slowest_ns, self.slowest_text), (other.slowest_ns, other.slowest_text)
        self.slowest_ns, self.slowest_text = max(mine, theirs)

    @property
    def passed(self) -> bool:
        """Whether nothing forged was accepted, nothing raised, and everything genuine was read."""
        seen = self.forgeries > 0 and self.genuine > 0
        return seen and not (self.accepted or self.raised or self.genuine_misread)

    def figures(self) -> dict[str, object]:
        """Everything as plain values, times in us and ms."""
        return {
            "passed": self.passed,
            "forgeries": self.forgeries,
            "accepted": dict(self.accepted),
            "exceptions": dict(self.raised),
            "genuine": self.genuine,
            "genuine_misread": self.genuine_misread,
            "forged_p50_us": _quantile_us(self.forged_ns, 0.5),
            "forged_p99_us": _quantile_us(self.forged_ns, 0.99),
            "genuine_p50_us": _quantile_us(self.genuine_ns, 0.5),
            "genuine_p99_us": _quantile_us(self.genuine_ns, 0.99),
            "slowest_ms": round(self.slowest_ns / 1e6, 3),
            "slowest_text": self.slowest_text[:80],
            "rejections": {kind: dict(counts) for kind, counts in self.rejections.items()},
        }


def attack(verify: Verify, count: int, seed: str) -> Report:
    """So many forgeries and the genuine passes between them, through ``verify``."""
    shop, report = Workshop(seed), Report()
    keys = shop.keys
    suspects: list[tuple[int, str]] = [(0, "")] * SUSPECTS
    for number in range(count):
        kind, text = _forge(shop, number)
        spent_ns = _try_forgery(verify, text, kind, keys, report)
        heappushpop(suspects, (spent_ns, text))
        if number % FORGERIES_PER_GENUINE == 0:
            _try_genuine(verify, shop, keys, report)
    report.slowest_ns, report.slowest_text = max(_repeat(verify, suspects, keys))
    return report


def _forge(shop: Workshop, number: int) -> tuple[str, str]:
    kind = list(KINDS)[number % len(KINDS)]
    while (text := KINDS[kind](shop)) in shop.genuine:
        pass
    return kind, text


def _try_forgery(verify: Verify, text: str, kind: str, keys: Keys, report: Report) -> int:
    report.forgeries += 1
    begun_ns = perf_counter_ns()
    try:
        found = verify(text, keys)
    except Exception as error:  # noqa: BLE001 (to count every exception is what this is for)
        report.raised[f"{kind}: {error!r}"] += 1
        return 0
    spent_ns = perf_counter_ns() - begun_ns
    report.forged_ns.append(spent_ns)
    if isinstance(found, Rejection):
        report.rejections[kind][found.value] += 1
    else:
        report.accepted[kind] += 1
    return spent_ns


def _try_genuine(verify: Verify, shop: Workshop, keys: Keys, report: Report) -> None:
    text, claims = shop.random.choice(list(shop.genuine.items()))
    report.genuine += 1
    begun_ns = perf_counter_ns()
    try:
        found: object = verify(text, keys)
    except Exception as error:  # noqa: BLE001 (as above)
        report.raised[f"genuine: {error!r}"] += 1
        return
    report.genuine_ns.append(perf_counter_ns() - begun_ns)
    report.genuine_misread += found != claims


def _repeat(
    verify: Verify, suspects: list[tuple[int, str]], keys: Keys
) -> Iterator[tuple[int, str]]:
    for first_ns, text in suspects:
        times = [first_ns]
        for _ in range(REPEATS if first_ns else 0):
            begun_ns = perf_counter_ns()
            verify(text, keys)
            times.append(perf_counter_ns() - begun_ns)
        yield min(times), text


def _quantile_us(times_ns: list[int], share: float) -> float | None:
    if not times_ns:
        return None
    return round(sorted(times_ns)[min(int(len(times_ns) * share), len(times_ns) - 1)] / 1e3, 1)


def _attack_on_all_cores(count: int, seed: int) -> Report:
    sizes = [min(SHARD, count - start) for start in range(0, count, SHARD)]
    report = Report()
    with Pool() as pool:  # left, it is ended, whatever it is at
        shards = [
            pool.apply_async(attack, (read_pass, size, f"{seed}/{number}"))
            for number, size in enumerate(sizes)
        ]
        for shard in track(shards, "forging", console=Console(stderr=True)):
            report.add(shard.get(SHARD_WITHIN_S))
    return report


def _print(report: Report) -> None:
    table = Table("forged as", *(rejection.value for rejection in Rejection), "accepted", "raised")
    for kind, counts in report.rejections.items():
        cells = (str(counts[rejection.value] or "") for rejection in Rejection)
        raised = sum(n for what, n in report.raised.items() if what.startswith(f"{kind}: "))
        table.add_row(kind, *cells, str(report.accepted[kind]), str(raised))
    console = Console()
    console.print(table)
    for name, value in report.figures().items():
        if name not in {"rejections", "slowest_text"}:
            console.print(f"{name}: {value}", highlight=False)


def main() -> int:
    """Run the bench; 0 if it passed."""
    parser = argparse.ArgumentParser(prog="./run bench forge", description=__doc__)
    parser.add_argument("--n", type=int, default=100_000, help="how many forgeries")
    parser.add_argument("--seed", type=int, default=1, help="the same seed forges the same passes")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    if chosen.n < 1:
        parser.error("--n: use 1 or more")
    report = _attack_on_all_cores(chosen.n, chosen.seed)
    if chosen.json:
        print(json.dumps(report.figures()))
    else:
        _print(report)
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
