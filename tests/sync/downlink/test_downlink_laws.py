"""What holds for the downlink in whatever order its messages come: drawn runs of the pure step()."""

from itertools import pairwise
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.ids import EpochId, Revision
from sync.downlink.events import (
    AskCentre,
    ChangeRoster,
    Effect,
    Event,
    Heard,
    LeavePassages,
    NotStored,
    Reconnected,
    RefuseMessage,
    ReplaceOrder,
    ReplaceRoster,
    Ticked,
)
from sync.downlink.state import Downlink, Recipient, StoredRevisions
from sync.downlink.steps import (
    REFUSALS_AT_MOST,
    REFUSED_AGAIN_AFTER_MS,
    WANT_EVERY_MS,
    step,
)
from sync.wire.downlink_messages import CrossingsUpdate, NoticesOrder
from sync.wire.signed import Purpose
from tests.sync.downlink.test_listener import passed, red
from tests.sync.downlink.test_orders import GATE, HERE, KEYS, WHOLE, signed

EPOCH: Final = EpochId("e1")
BEGUN: Final = Downlink(Recipient(GATE, HERE, KEYS), StoredRevisions())


def whole(revision: int) -> Heard:
    roster = msgspec.structs.replace(WHOLE, revision=Revision(revision))
    return Heard("roster", signed(Purpose.ROSTER, roster), retained=False)


def notices(revision: int) -> Heard:
    order = NoticesOrder(compound=HERE, revision=Revision(revision), notices=("x",))
    return Heard("notices", signed(Purpose.NOTICES, order), retained=False)


def page(after: int, at_us: int, *, is_full: bool = False) -> Heard:
    """The crossings after that one, by a centre that counts them from 1."""
    entries = (passed("west-in", after + 1), passed(GATE, after + 1))
    update = CrossingsUpdate(
        compound=HERE,
        after=f"db:{after}" if after else "",
        upto=f"db:{after + 1}",
        entries=entries,
        at_us=at_us,
    )
    message = signed(Purpose.PASSAGES, update)
    return Heard("passages", message, retained=False, inbox_is_full=is_full)


_EVENTS: Final = st.one_of(
    st.sampled_from([1000, 2000, 3000]).map(whole),
    st.sampled_from([1000, 2000, 3000]).map(notices),
    st.tuples(st.sampled_from([1000, 2000, 3000]), st.sampled_from([2000, 3000, 4000])).map(
        lambda pair: Heard("roster-change", red(*pair), retained=False)
    ),
    st.builds(page, st.integers(0, 4), st.integers(1, 9), is_full=st.booleans()),
    st.binary(max_size=8).map(lambda message: Heard("command", message, retained=False)),
    st.just(Reconnected()),
    st.just(NotStored()),
    st.just(Ticked(EPOCH, "")),
)
_RUN: Final = st.lists(st.tuples(_EVENTS, st.integers(0, 3_000)), max_size=40)


def run(events: list[tuple[Event, int]]) -> list[tuple[int, Downlink, Event, Effect]]:
    """Each effect with when it was asked for, the state before and what had happened."""
    state, now_ms, found = BEGUN, 0, []
    for event, later_ms in events:
        now_ms += later_ms
        before = state
        state, effects = step(state, event, now_ms)
        found += [(now_ms, before, event, effect) for effect in effects]
    return found


@given(_RUN)
def test_what_is_in_force_only_becomes_newer(events: list[tuple[Event, int]]) -> None:
    for kinds in ((ReplaceRoster, ChangeRoster), (ReplaceOrder,)):
        revisions = [effect.revision for *_, effect in run(events) if isinstance(effect, kinds)]
        assert revisions == sorted(set(revisions))


@given(_RUN)
def test_a_change_is_only_laid_on_the_very_roster_it_was_made_for(
    events: list[tuple[Event, int]],
) -> None:
    for _, before, event, effect in run(events):
        if isinstance(effect, ChangeRoster):
            assert before.roster is not None
            assert isinstance(event, Heard)
            body = msgspec.json.decode(msgspec.json.decode(event.message)["body"])
            assert body["base"] == before.roster.revision


@given(_RUN)
def test_the_centre_is_not_asked_more_often_than_it_may_be_but_at_a_connect(
    events: list[tuple[Event, int]],
) -> None:
    asked = [at_ms for at_ms, *_, effect in run(events) if isinstance(effect, AskCentre)]
    connects = sum(isinstance(event, Reconnected) for event, _ in events)
    hurried = sum(later - at < WANT_EVERY_MS for at, later in pairwise(asked))
    assert hurried <= connects


@given(_RUN)
def test_every_crossing_of_another_gate_is_left_in_order_and_none_of_our_own(
    events: list[tuple[Event, int]],
) -> None:
    reached = 0
    for _, before, _, effect in run(events):
        if isinstance(effect, LeavePassages):
            assert all(entry.gate != GATE for entry in effect.item.entries)
            reached = int(before.cursor.removeprefix("db:") or 0)
            [entry] = effect.item.entries
            # The first page may come again at any time; it is entered once, by its name.
            assert entry.passage_at_us in {1, reached + 1}


def forged(number: int) -> Heard:
    """By a key of its own, so that it is refused for a reason of its own."""
    envelope = {"kid": f"{number:08x}", "body": "{}", "signature": ""}
    return Heard("command", msgspec.json.encode(envelope), retained=False)


@given(
    st.lists(
        st.tuples(st.integers(0, 99).map(forged), st.integers(0, 5_000)), min_size=30, max_size=90
    )
)
def test_refusals_do_not_fill_the_journal(events: list[tuple[Event, int]]) -> None:
    journalled = [
        at_ms
        for at_ms, *_, effect in run(events)
        if isinstance(effect, RefuseMessage) and effect.is_journalled
    ]
    assert journalled
    for at_ms in journalled:
        within = [each for each in journalled if 0 <= at_ms - each < REFUSED_AGAIN_AFTER_MS]
        assert len(within) <= REFUSALS_AT_MOST


@given(_RUN, _EVENTS)
def test_what_could_not_be_stored_is_asked_for_as_soon_as_that_may_be(
    events: list[tuple[Event, int]], last: Event
) -> None:
    state, now_ms = BEGUN, 0
    for event, later_ms in events:
        now_ms += later_ms
        state, _ = step(state, event, now_ms)
    _, effects = step(state, last, now_ms)
    if not effects:
        return
    # The shell keeps the state of before, and says so.
    state, _ = step(state, NotStored(), now_ms)
    _, effects = step(state, Ticked(EPOCH, ""), now_ms + WANT_EVERY_MS)
    assert any(isinstance(effect, AskCentre) for effect in effects)
