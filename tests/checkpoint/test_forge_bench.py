"""The forge bench in small, and that it would see a parser that is broken."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.forge import Keys, Verify, attack
from bench.forgeries import KINDS, Workshop
from checkpoint.entry_pass import Claims, Kind, Rejection, read_pass
from checkpoint.ids import CompoundId, PersonId
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def test_20_000_forgeries_are_refused_and_every_genuine_pass_between_them_is_read() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.forge", "--n", "20000", "--seed", "7", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["forgeries"], found["genuine"]) == (20_000, 2000)
    assert (found["accepted"], found["exceptions"], found["genuine_misread"]) == ({}, {}, 0)
    assert set(found["rejections"]) == set(KINDS)
    assert all(sum(counts.values()) == 1250 for counts in found["rejections"].values())


def accepts_everything(_: str, __: Keys) -> Claims:
    return Claims(PersonId("P"), 1, CompoundId(1), 0, 1, Kind.RESIDENT)


def refuses_everything(_: str, __: Keys) -> Rejection:
    return Rejection.FORGED


def trips_over_lists(text: str, keys: Keys) -> Claims | Rejection:
    found = read_pass(text, keys)
    if found is Rejection.MALFORMED and len(text) > 300:
        raise TypeError
    return found


@pytest.mark.parametrize("verify", [accepts_everything, refuses_everything, trips_over_lists])
def test_the_bench_sees_a_broken_parser(verify: Verify) -> None:
    assert not attack(verify, 320, "broken").passed


def test_the_same_seed_forges_the_same_passes() -> None:
    def forged(seed: str) -> Mapping[str, str]:
        shop = Workshop(seed)
        return {name: kind(shop) for name, kind in KINDS.items()}

    assert forged("a") == forged("a") != forged("b")
