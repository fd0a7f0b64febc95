"""An alert's course from open to closed."""

import itertools

import pytest

from collector.domain.alert_state import (
    AlertAction,
    AlertActionRefused,
    AlertCase,
    CaseState,
    Step,
    act,
)

_OPEN = AlertCase()
_TAKEN = AlertCase(state=CaseState.ACKNOWLEDGED, acknowledged_by="Li", acknowledged_us=1)
_CLOSED = AlertCase(
    state=CaseState.CLOSED,
    acknowledged_by="Li",
    acknowledged_us=1,
    closed_by="Li",
    closed_us=2,
    note="measured 36.8",
)


def test_whoever_acknowledges_has_their_name_on_it() -> None:
    case = act(_OPEN, Step(AlertAction.ACKNOWLEDGE, "Wang", 5))
    assert case == AlertCase(
        state=CaseState.ACKNOWLEDGED, acknowledged_by="Wang", acknowledged_us=5
    )


def test_closing_keeps_who_took_it_up_and_says_what_was_found() -> None:
    case = act(_TAKEN, Step(AlertAction.CLOSE, "Wang", 9, "  measured again: 36.8 \n"))
    assert isinstance(case, AlertCase)
    assert (case.acknowledged_by, case.closed_by, case.closed_us) == ("Li", "Wang", 9)
    assert case.note == "measured again: 36.8"


def test_whoever_closes_an_open_case_has_also_taken_it_up() -> None:
    case = act(_OPEN, Step(AlertAction.CLOSE, "Wang", 9, "drill"))
    assert isinstance(case, AlertCase)
    assert (case.acknowledged_by, case.acknowledged_us) == ("Wang", 9)


@pytest.mark.parametrize(
    ("case", "step", "why"),
    [
        (_TAKEN, Step(AlertAction.ACKNOWLEDGE, "Wang", 5), AlertActionRefused.TAKEN),
        (_TAKEN, Step(AlertAction.CLOSE, "Li", 5), AlertActionRefused.NOTE_MISSING),
        (_OPEN, Step(AlertAction.CLOSE, "Li", 5, " \n "), AlertActionRefused.NOTE_MISSING),
        (_CLOSED, Step(AlertAction.ACKNOWLEDGE, "Li", 5), AlertActionRefused.CLOSED),
        (_CLOSED, Step(AlertAction.CLOSE, "Li", 5, "again"), AlertActionRefused.CLOSED),
    ],
)
def test_what_may_not_be_is_refused(case: AlertCase, step: Step, why: AlertActionRefused) -> None:
    assert act(case, step) is why


def test_no_case_ever_goes_back() -> None:
    order = list(CaseState)
    for case, action, note in itertools.product((_OPEN, _TAKEN, _CLOSED), AlertAction, ("", "x")):
        after = act(case, Step(action, "Wang", 7, note))
        if isinstance(after, AlertCase):
            assert order.index(after.state) > order.index(case.state)
