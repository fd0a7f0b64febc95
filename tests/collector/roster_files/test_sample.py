"""The made-up compound: as large as told, the same for a seed, and like life."""

from collections import Counter
from hashlib import sha256

import msgspec
import pytest

from checkpoint.entry_pass import Kind
from checkpoint.ids import Revision
from checkpoint.people import Colour, Entries, Roster, RosterDocument
from collector.domain.people import People
from collector.roster_files.sample import sample
from collector.roster_files.table import cannot_be_written, headings, rows_of
from collector.roster_files.written import csv_bytes

FULL = sample(1, 2_747, 6_258)


def digest(people: People) -> str:
    return sha256(csv_bytes(headings(chinese=False), rows_of(people))).hexdigest()


def test_the_same_seed_makes_the_same_bytes_on_every_python() -> None:
    assert digest(FULL) == "c8f5e69a4e5bd87b7a2759a26e5076ac90355068f2b28c0ce193b9043b239319"
    assert digest(sample(2, 2_747, 6_258)) != digest(FULL)


@pytest.mark.parametrize(
    ("households", "people"), [(2_747, 6_258), (1, 0), (1, 1), (1, 50), (30, 3), (100, 2_000)]
)
def test_a_sample_is_as_large_as_told_and_comes_back_from_a_file(
    households: int, people: int
) -> None:
    made_up = sample(1, households, people)
    assert (len(made_up.households), len(made_up.residents)) == (households, people)
    assert cannot_be_written(made_up) == []


def test_a_sample_is_a_roster_that_can_be_signed() -> None:
    fields = {**msgspec.structs.asdict(FULL), "revision": Revision(1)}
    assert len(Roster.of(msgspec.convert(fields, RosterDocument)).residents) == 6_258


def test_a_sample_has_some_of_everything_and_mostly_what_is_usual() -> None:
    colours = Counter(home.colour for home in FULL.households)
    assert set(colours) == set(Colour)
    assert colours[Colour.GREEN] > 0.9 * len(FULL.households)
    kinds = Counter(resident.kind for resident in FULL.residents)
    assert set(kinds) == set(Kind) - {Kind.VEHICLE}
    assert kinds[Kind.RESIDENT] > 0.95 * len(FULL.residents)
    assert all(r.shifts and not r.household for r in FULL.residents if r.kind is Kind.WORKER)
    assert all(r.entries is Entries.ONE for r in FULL.residents if r.kind is Kind.VISITOR)
    marks = {mark for resident in FULL.residents for mark in resident.marks}
    assert marks == {"medical", "volunteer", "lives-alone", "low-income"}


def test_nobody_lives_in_a_vacant_home_and_few_homes_are_crowded() -> None:
    vacant = {home.id for home in FULL.households if home.colour is Colour.WHITE}
    lived_in = Counter(r.household for r in FULL.residents if r.kind is not Kind.VISITOR)
    assert not vacant & set(lived_in)
    del lived_in[None]
    assert len(lived_in) == 2_747 - len(vacant)
    assert max(lived_in.values()) <= 7


def test_nobodys_phone_is_real() -> None:
    assert {resident.phone[:3] for resident in FULL.residents} == {"100", ""}
