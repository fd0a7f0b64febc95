"""The decode bench in small, and that it would see a reader that misreads."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.code_pictures import HEIGHT, KINDS, NOBODY, WIDTH, scenes
from bench.decode import COVERED, OTHER_TEXT, WAYS, Tally, faults

ROOT = Path(__file__).parents[3]


@pytest.mark.timeout(400)  # drawing takes its time on a busy machine
def test_the_gates_reader_reads_more_than_either_decoder_alone_and_nothing_falsely() -> None:
    command = [
        sys.executable,
        "-m",
        "bench.decode",
        "--n",
        "1",
        "--frames",
        "4",
        "--seed",
        "3",
        "--json",
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=390
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert set(found["kinds"]) == {*KINDS, NOBODY, COVERED, OTHER_TEXT}
    assert found["all"]["scenes"] == len(KINDS)
    assert set(found["all"]["false"].values()) == {0}


@pytest.mark.parametrize("kind", [*KINDS, NOBODY])
def test_a_seed_makes_the_same_pictures_again_and_no_two_frames_are_alike(kind: str) -> None:
    once, again = (list(scenes(kind, 5, 1, 2)) for _ in range(2))
    assert once[0].frames[0].shape == (HEIGHT, WIDTH)
    assert all(np.array_equal(a, b) for a, b in zip(once[0].frames, again[0].frames, strict=True))
    assert np.any(once[0].frames[0] != once[0].frames[1])
    assert np.any(next(scenes(kind, 6, 1, 1)).frames[0] != once[0].frames[0])


def tallies_of_a_good_run() -> dict[str, Tally]:
    tallies = {}
    for kind in KINDS:
        tallies[kind] = Tally(scenes=1)
        tallies[kind].take("live", "pass", ["pass"])
        tallies[kind].take("still", "pass", ["pass"])
    tallies |= {NOBODY: Tally(scenes=1), COVERED: Tally(scenes=1), OTHER_TEXT: Tally(scenes=1)}
    for way in WAYS:
        tallies[OTHER_TEXT].take(way, "pass", ["another"])
    return tallies


def test_a_good_run_has_no_faults() -> None:
    assert faults(tallies_of_a_good_run()) == []


@pytest.mark.parametrize(
    ("kind", "way", "found", "fault"),
    [
        ("dim", "live", ["pass", "noise"], "false reads: {'live': 1}"),
        (NOBODY, "still", ["noise"], "false reads: {'still': 1}"),
        (COVERED, "zxing", ["pass"], "control: a covered code was read"),
        (OTHER_TEXT, "zbar", ["pass"], "control: another pass's text was not seen to be false"),
    ],
)
def test_the_bench_sees(kind: str, way: str, found: list[str], fault: str) -> None:
    tallies = tallies_of_a_good_run()
    tallies[kind].take(way, "pass", found)
    assert fault in faults(tallies)


def test_the_bench_sees_a_reader_that_is_no_better_than_a_decoder_alone() -> None:
    tallies = tallies_of_a_good_run()
    for kind in KINDS:
        tallies[kind].take("zbar over all", "pass", ["pass"])
    assert faults(tallies) == ["live reads no more than zbar over all"]
