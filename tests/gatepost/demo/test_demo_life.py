"""The lively demo's people: who goes out comes home before going out again, whatever the chance."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from checkpoint.ids import PersonId
from checkpoint.people import Colour
from checkpoint.policy import Direction
from config.key_files import OPERATIONS_KEY, PASS_KEY, TRUST
from config.trust import load_private_key, load_trust
from simulation.callers import Act, Callers
from simulation.compound import found, signed
from simulation.life import Life, pause_s
from simulation.town import Town
from sync.downlink.decisions import read_roster

_FAMILIES = [tuple(PersonId(f"P{home}{each}") for each in range(3)) for home in range(10)]
_STEPS = some.lists(some.tuples(some.sampled_from(Direction), some.booleans()), max_size=80)


@given(_STEPS, some.integers())
def test_nobody_goes_the_same_way_twice_and_whoever_was_held_stays_where_they_were(
    steps: list[tuple[Direction, bool]], seed: int
) -> None:
    life, last, now_s = Life(_FAMILIES, Random(seed)), dict[PersonId, Direction](), 0.0
    for direction, admitted in steps:
        now_s += 30
        walker = life.next(direction, now_s)
        if walker is None:
            continue
        assert last.get(walker.person) is not direction
        if admitted:
            life.crossed(walker.person, direction, now_s)
            last[walker.person] = direction
        else:
            life.held(walker.person, now_s)


def test_households_go_together_now_and_then_and_nobody_is_left_out() -> None:
    life, home, seen = Life(_FAMILIES, Random(1)), {p: f for f in _FAMILIES for p in f}, []
    for minute in range(400):
        for direction in Direction:
            if walker := life.next(direction, minute * 60):
                seen.append(walker)
                life.crossed(walker.person, direction, minute * 60)
    assert {walker.person for walker in seen} == set(home)
    assert any(walker.is_behind for walker in seen)


@pytest.mark.parametrize("direction", Direction)
def test_more_come_in_the_rush_hours_than_at_night(direction: Direction) -> None:
    def mean(hour: int) -> float:
        chance = Random(3)
        return sum(pause_s(direction, hour, 1, chance) for _ in range(200)) / 200

    rush = {Direction.OUT: 7, Direction.IN: 17}[direction]
    assert mean(rush) < mean(3) / 2


def test_the_towns_roster_is_one_that_a_gate_takes_and_has_somebody_for_every_act(
    tmp_path: Path,
) -> None:
    compound, town = found(tmp_path, 1, unlock_seconds=1), Town()
    message = signed(town.people, load_private_key(compound.keys / OPERATIONS_KEY))
    roster = read_roster(message, load_trust(compound.keys / TRUST).operations)
    assert roster.residents[town.volunteer.id].name == "邓**"
    assert roster.residents[town.loser.id].lowest_serial > 1
    callers = Callers(town, load_private_key(compound.keys / PASS_KEY), Random(1))
    for act in Act:
        caller = callers.make(act)
        assert all(caller.codes)
        assert (caller.celsius is None) == (act is Act.TOO_FAR)
    assert len(callers.make(Act.TWO).codes) == 2
    assert callers.make(Act.WELL, town.neighbours[5].id, 39.5).celsius == 39.5
    assert callers.make(Act.ISOLATING).person is None
    homes = {town.home_of(town.someone_of(colour)) for colour in (Colour.ORANGE, Colour.RED)}
    assert len(homes) == 2
