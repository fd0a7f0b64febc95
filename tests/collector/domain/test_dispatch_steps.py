"""What dispatch decides, step by step: what is told to gates, what is renewed, and who is answered when."""

from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.ids import CompoundId, GateId, Revision
from collector.domain.dispatch.events import (
    AnswerGate,
    BrokerFound,
    BrokerLost,
    CopySeen,
    Effect,
    Event,
    GateAsked,
    GenerationChecked,
    Looked,
    NeverIssued,
    PageSent,
    PublishChange,
    PublishWhole,
    Renew,
    RequestsLooked,
    SendPage,
)
from collector.domain.dispatch.retained import DAY_US
from collector.domain.dispatch.state import Dispatch, Gate
from collector.domain.dispatch.steps import (
    LONGEST_PATIENCE_MS,
    MAX_GATES,
    MAX_PAGES,
    PASSAGES_EVERY_MS,
    RENEW_EVERY_MS,
    SETTLE_MS,
    step,
)
from collector.domain.in_force import InForce, Leaf
from sync.wire.downlink_messages import Want

HERE: Final = CompoundId(1)
NOW_US: Final = 1_893_456_000_000_000
GATE: Final = (HERE, GateId("east-in"))


class Centre:
    """A dispatch that is stepped, and what it was told to do by the last event."""

    def __init__(self) -> None:
        self.state, self.now_ms = Dispatch(), 0
        self.in_force = InForce(compound=HERE, roster_revision=revision(1))
        self.newest_crossing = 0

    def feed(self, event: Event) -> tuple[Effect, ...]:
        self.state, effects = step(self.state, event, self.now_ms)
        return effects

    def look(self, *, knows_copy: bool = True) -> tuple[Effect, ...]:
        """All but pages."""
        looked = Looked(self.in_force, knows_copy, self.newest_crossing, NOW_US)
        return tuple(each for each in self.feed(looked) if not isinstance(each, SendPage))

    def answers(self) -> list[Gate]:
        """Whom it answers now."""
        effects = self.feed(RequestsLooked({HERE: self.in_force}, NOW_US))
        return [each.gate for each in effects if isinstance(each, AnswerGate)]

    def ask(self, gate: str = "east-in", roster: Revision | None = None) -> None:
        self.feed(GateAsked((HERE, GateId(gate)), Want(roster=roster)))


def revision(number: int) -> Revision:
    """Within the last day, rising with the number."""
    return Revision(NOW_US - DAY_US // 2 + number)


@pytest.fixture
def centre() -> Centre:
    centre = Centre()
    centre.feed(BrokerFound())
    return centre


def test_before_the_broker_has_said_what_it_holds_nothing_is_settled(centre: Centre) -> None:
    assert not centre.state.is_settled(centre.now_ms + SETTLE_MS - 1)
    assert centre.state.is_settled(centre.now_ms + SETTLE_MS)
    centre.feed(BrokerLost())
    assert not centre.state.is_settled(centre.now_ms + SETTLE_MS)


def test_a_copy_that_is_not_there_is_published_once_and_a_later_roster_is_told_as_a_change(
    centre: Centre,
) -> None:
    first = centre.in_force
    assert centre.look() == (PublishWhole(first, Leaf.ROSTER),)
    assert centre.look() == ()
    centre.in_force = InForce(compound=HERE, roster_revision=revision(2))
    assert centre.look() == (PublishChange(centre.in_force, revision(1)),)
    assert centre.look() == ()


def test_a_new_policy_replaces_the_copy(centre: Centre) -> None:
    centre.in_force = InForce(compound=HERE, policy_revision=revision(1))
    centre.look()
    centre.in_force = InForce(compound=HERE, policy_revision=revision(2))
    assert centre.look() == (PublishWhole(centre.in_force, Leaf.POLICY),)


def test_a_copy_newer_than_the_database_is_renewed_once_in_a_while_and_nothing_is_told_against_it(
    centre: Centre,
) -> None:
    newer = CopySeen(HERE, Leaf.ROSTER, revision(9))
    centre.feed(newer)
    assert centre.look() == (Renew(HERE, Leaf.ROSTER, revision(9)),)
    centre.feed(newer)
    assert centre.look() == (), "another collector outbids us: not again at once"
    centre.now_ms += RENEW_EVERY_MS
    assert centre.look() == (Renew(HERE, Leaf.ROSTER, revision(9)),)


def test_another_database_renews_all_that_it_has_once(centre: Centre) -> None:
    both = InForce(compound=HERE, roster_revision=revision(1), policy_revision=revision(1))
    assert centre.feed(GenerationChecked(True, (both,))) == (
        Renew(HERE, Leaf.ROSTER, 0),
        Renew(HERE, Leaf.POLICY, 0),
    )
    assert centre.state.generation_is_checked
    assert Centre().feed(GenerationChecked(False, (both,))) == ()


def test_pages_go_out_as_long_as_there_are_more_but_not_too_many_at_once(centre: Centre) -> None:
    looked = Looked(centre.in_force, True, 7, NOW_US)
    page: Effect | None = centre.feed(looked)[-1]
    sent = 0
    while isinstance(page, SendPage):
        assert page.after == 7 + sent
        assert page.even_if_empty is (sent == 0)
        sent += 1
        more = centre.feed(PageSent(centre.in_force, 7 + sent, True, page.pages_left))
        page = more[0] if more else None
    assert sent == MAX_PAGES


def test_an_empty_page_goes_out_when_it_is_time(centre: Centre) -> None:
    looked = Looked(centre.in_force, True, 7, NOW_US)
    first = centre.feed(looked)[-1]
    assert isinstance(first, SendPage)
    assert first.even_if_empty
    centre.feed(PageSent(centre.in_force, 7, False, first.pages_left))
    for later_ms, due in ((PASSAGES_EVERY_MS - 1, False), (1, True)):
        centre.now_ms += later_ms
        page = centre.feed(looked)[-1]
        assert isinstance(page, SendPage)
        assert page.even_if_empty is due


def test_a_want_is_answered_once(centre: Centre) -> None:
    centre.ask()
    assert centre.answers() == [GATE]
    assert centre.answers() == []


def test_who_asks_the_same_again_waits_longer_and_longer_and_who_asks_for_something_else_does_not(
    centre: Centre,
) -> None:
    times_ms = []
    while centre.now_ms < 5 * LONGEST_PATIENCE_MS:
        centre.ask()
        if centre.answers():
            times_ms.append(centre.now_ms)
        centre.now_ms += 1_000
    waits_ms = [later - at for at, later in pairwise(times_ms)]
    assert waits_ms == sorted(waits_ms)
    assert waits_ms[0] < waits_ms[-1] == LONGEST_PATIENCE_MS
    centre.ask(roster=revision(0))
    assert centre.answers() == [GATE]


def test_what_could_not_be_answered_is_due_again(centre: Centre) -> None:
    centre.ask()
    before = centre.state
    assert centre.answers() == [GATE]
    centre.state = before  # the database was gone before the answer was composed
    assert centre.answers() == [GATE]


def test_whoever_invents_gates_fills_no_memory_and_drives_out_nobody_who_is_heard_again(
    centre: Centre,
) -> None:
    for number in range(MAX_GATES):
        centre.ask(f"invented-{number}")
    centre.ask()
    for number in range(MAX_GATES - 1):
        centre.ask(f"more-{number}")
    centre.ask(roster=revision(0))
    centre.ask("one-more")
    due = centre.answers()
    assert len(due) == MAX_GATES
    assert GATE in due


def test_a_gate_from_a_lost_time_calls_for_a_renewal_and_one_of_the_far_future_for_none(
    centre: Centre,
) -> None:
    centre.ask("east-in", roster=revision(5))
    centre.ask("west-in", roster=Revision(NOW_US + 2 * DAY_US))
    effects = centre.feed(RequestsLooked({HERE: centre.in_force}, NOW_US))
    said = [each for each in effects if not isinstance(each, AnswerGate)]
    assert said == [
        Renew(HERE, Leaf.ROSTER, revision(5)),
        NeverIssued((HERE, GateId("west-in")), Leaf.ROSTER, Revision(NOW_US + 2 * DAY_US)),
    ]


_LEAVES: Final = st.sampled_from(list(Leaf))
_REVISIONS: Final = st.integers(1, 6).map(revision)
_IN_FORCE: Final = st.builds(
    InForce,
    compound=st.just(HERE),
    roster_revision=st.none() | _REVISIONS,
    policy_revision=st.none() | _REVISIONS,
    notices_revision=st.none() | _REVISIONS,
)
_EVENTS: Final = st.one_of(
    st.just(BrokerFound()),
    st.just(BrokerLost()),
    st.builds(CopySeen, st.just(HERE), _LEAVES, _REVISIONS),
    st.builds(Looked, _IN_FORCE, st.booleans(), st.integers(0, 9), st.just(NOW_US)),
    st.builds(
        GateAsked,
        st.sampled_from([GATE, (HERE, GateId("west-in"))]),
        st.builds(Want, roster=st.none() | _REVISIONS),
    ),
    st.builds(RequestsLooked, _IN_FORCE.map(lambda each: {HERE: each}), st.just(NOW_US)),
)
_RUN: Final = st.lists(st.tuples(_EVENTS, st.integers(0, 20_000)), max_size=40)


@given(_RUN)
def test_a_change_is_told_only_against_a_roster_that_the_gates_can_have(
    events: list[tuple[Event, int]],
) -> None:
    state, now_ms = Dispatch(), 0
    for event, later_ms in events:
        now_ms += later_ms
        before = state
        state, effects = step(state, event, now_ms)
        wholes = [
            each.in_force.roster_revision for each in effects if isinstance(each, PublishWhole)
        ]
        told = before.of(HERE)
        for each in effects:
            if isinstance(each, PublishChange):
                assert each.base in {told.roster, told.copies.get(Leaf.ROSTER), *wholes}
                assert each.base < (each.in_force.roster_revision or 0)


@given(_RUN)
def test_no_leaf_is_renewed_twice_within_a_minute(events: list[tuple[Event, int]]) -> None:
    state, now_ms = Dispatch(), 0
    renewed_ms: dict[Leaf, int] = {}
    for event, later_ms in events:
        now_ms += later_ms
        state, effects = step(state, event, now_ms)
        for each in effects:
            if isinstance(each, Renew):
                assert now_ms - renewed_ms.get(each.leaf, -RENEW_EVERY_MS) >= RENEW_EVERY_MS
                renewed_ms[each.leaf] = now_ms


@given(_RUN)
def test_every_gate_that_asks_for_something_new_is_answered_whatever_the_others_do(
    events: list[tuple[Event, int]],
) -> None:
    state, now_ms = Dispatch(), 0
    for event, later_ms in events:
        now_ms += later_ms
        state, _ = step(state, event, now_ms)
    state, _ = step(state, GateAsked(GATE, Want(passages="db:77")), now_ms)
    here = InForce(compound=HERE)
    state, effects = step(state, RequestsLooked({HERE: here}, NOW_US), now_ms)
    assert AnswerGate(GATE, Want(passages="db:77"), here) in effects


@given(_RUN)
def test_a_step_leaves_the_state_of_before_as_it_was_so_that_it_can_be_taken_again(
    events: list[tuple[Event, int]],
) -> None:
    """The shell keeps it where an effect fails: the same event then calls for the same."""
    state, now_ms = Dispatch(), 0
    for event, later_ms in events:
        now_ms += later_ms
        kept = replace(state)
        state, effects = step(state, event, now_ms)
        assert step(kept, event, now_ms) == (state, effects)
