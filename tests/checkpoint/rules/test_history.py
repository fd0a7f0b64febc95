"""What earlier passages mean: only real ones count, and it does not matter in which order they become known."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.ids import GateId, HouseholdId, PersonId, Seq
from checkpoint.policy import Direction, OutingQuota
from checkpoint.records import Evidence
from checkpoint.rules.history import History, LastCrossing, LedgerEntry, history_of, latest_word
from checkpoint.rules.outings import excess
from tests.checkpoint.examples import NOW_S, crossing
from tests.checkpoint.rules.crossings import HOUSEHOLDS, LEDGERS, PERSONS, QUOTAS

IN, OUT = Direction
TODAY = date(2030, 3, 17)
EAST, WEST = GateId("east"), GateId("west")
ME, MATE, HOME = PersonId("P1"), PersonId("P2"), HouseholdId("7-301")


def entry(minutes_ago: int, direction: Direction, **changes: Any) -> LedgerEntry:
    """P1's crossing at the east gate, this long ago, but for the changes."""
    passage_at_us = (NOW_S - minutes_ago * 60) * 1_000_000
    made = LedgerEntry.of(EAST, Seq(1), crossing(passage_at_us=passage_at_us, direction=direction))
    return msgspec.structs.replace(made, **changes)


def asked(*entries: LedgerEntry, clock_trusted: bool = True) -> History:
    now_us = NOW_S * 1_000_000 if clock_trusted else None
    return history_of(latest_word(entries), ME, 3, HOME, now_us)


def last(direction: Direction, minutes_ago: int, *, charged: bool = False) -> LastCrossing:
    return LastCrossing(direction, NOW_S - minutes_ago * 60, charged)


CASES = [
    ("nothing is known", [], History()),
    ("went out", [entry(9, OUT)], History(last(OUT, 9))),
    ("went out and came in", [entry(9, OUT), entry(3, IN)], History(last(IN, 3), entry_used=True)),
    (
        "became known in the other order",
        [entry(3, IN), entry(9, OUT)],
        History(last(IN, 3), entry_used=True),
    ),
    (
        "the later one was at another gate",
        [entry(9, OUT), entry(3, IN, gate=WEST)],
        History(last(IN, 3), entry_used=True),
    ),
    (
        "nobody went through",
        [entry(9, OUT), entry(3, IN, how=Evidence.ANNULLED)],
        History(last(OUT, 9)),
    ),
    (
        "the lock shut again, no contact",
        [entry(3, OUT, how=Evidence.RELOCK)],
        History(last(OUT, 3)),
    ),
    (
        "taken back",
        [entry(9, OUT, charged_day=TODAY), entry(9, OUT, charged_day=TODAY, how=Evidence.UNDONE)],
        History(),
    ),
    (
        "taken back, and that became known first",
        [entry(9, OUT, how=Evidence.UNDONE), entry(9, OUT, charged_day=TODAY)],
        History(),
    ),
    (
        "an older pass of the same person",
        [entry(9, IN, serial=2)],
        History(last(IN, 9)),
    ),
    (
        "an outing on the quota",
        [entry(9, OUT, charged_day=TODAY)],
        History(last(OUT, 9, charged=True), last_outing_day=TODAY),
    ),
    (
        "a housemate is out on the quota",
        [entry(9, OUT, person=MATE, charged_day=TODAY)],
        History(housemate_out=True, last_outing_day=TODAY),
    ),
    (
        "a housemate is back",
        [entry(9, OUT, person=MATE, charged_day=TODAY), entry(3, IN, person=MATE, gate=WEST)],
        History(last_outing_day=TODAY),
    ),
    (
        "a housemate is out, but on no quota",
        [
            entry(99, OUT, person=MATE, charged_day=TODAY - timedelta(days=1)),
            entry(80, IN, person=MATE),
            entry(3, OUT, person=MATE),
        ],
        History(last_outing_day=TODAY - timedelta(days=1)),
    ),
    (
        "another household",
        [entry(9, OUT, person=MATE, household=HouseholdId("7-302"), charged_day=TODAY)],
        History(),
    ),
    (
        "another gate's clock is ten years ahead",
        [entry(9, OUT), entry(-5_260_000, IN, gate=WEST, charged_day=None)],
        History(last(OUT, 9)),
    ),
    (
        "another gate's clock is a minute ahead",
        [entry(9, OUT), entry(-1, IN, gate=WEST)],
        History(last(IN, -1), entry_used=True),
    ),
]


@pytest.mark.parametrize(("_", "entries", "history"), CASES, ids=[case[0] for case in CASES])
def test_what_is_known_is_what_it_means(
    _: str, entries: list[LedgerEntry], history: History
) -> None:
    assert asked(*entries) == history


def test_without_a_trusted_clock_nothing_is_too_late_to_be_believed() -> None:
    assert asked(entry(-5_260_000, OUT), clock_trusted=False).last is not None


def test_a_household_is_nobodys_where_there_is_none() -> None:
    charged = entry(9, OUT, person=MATE, household=None, charged_day=TODAY)
    assert history_of([charged], ME, 3, None, NOW_S * 1_000_000) == History()


@given(entries=LEDGERS, order=st.randoms(use_true_random=False))
def test_the_order_in_which_crossings_become_known_changes_nothing(
    entries: list[LedgerEntry], order: Random
) -> None:
    shuffled = [*entries, *entries]
    order.shuffle(shuffled)
    assert {each.order: each for each in latest_word(shuffled)} == {
        each.order: each for each in latest_word(entries)
    }
    for person in PERSONS:
        for household in [*HOUSEHOLDS, None]:
            ask = person, 1, household, None
            assert history_of(latest_word(shuffled), *ask) == history_of(latest_word(entries), *ask)


@given(entries=LEDGERS, quota=QUOTAS, order=st.randoms(use_true_random=False))
def test_the_order_in_which_gates_hear_of_each_other_does_not_change_what_a_household_is_charged(
    entries: list[LedgerEntry], quota: OutingQuota, order: Random
) -> None:
    shuffled = [*entries, *entries]
    order.shuffle(shuffled)
    assert excess(shuffled, quota) == excess(entries, quota)


@given(entries=LEDGERS, quota=QUOTAS)
def test_what_is_not_excess_keeps_the_days_between_and_the_first_outing_never_is(
    entries: list[LedgerEntry], quota: OutingQuota
) -> None:
    outings = [e for e in latest_word(entries) if e.went_through and e.charged and e.household]
    beyond = excess(entries, quota)
    for household in HOUSEHOLDS:
        mine = sorted((e for e in outings if e.household == household), key=lambda e: e.order)
        days = [e.charged_day for e in mine if e not in beyond and e.charged_day is not None]
        assert all(b - a >= timedelta(days=quota.every_days) for a, b in pairwise(days))
        assert not mine or mine[0] not in beyond
