"""What the volunteer decides upon: who is held and what can be done, who is on duty, what can be taken back; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from checkpoint.gate.state import Case, Choosing, GateState
from checkpoint.ids import PersonId
from checkpoint.verdict import Reason
from kiosk.screen.surroundings import Counts
from ui.words import Language, degrees, next_step, word

_BY_HAND: Final = ("hand-held", "remeasure", "deny")
_CHOICES: Final = {
    Reason.FEVER: ("hand-held", "deny", "admit"),
    Reason.NO_READING: ("remeasure", "hand-held", "deny"),
    Reason.SENSOR_FAULT: _BY_HAND,
    Reason.AMBIENT_OUT_OF_RANGE: _BY_HAND,
    Reason.UNSURE: ("remeasure", "hand-held", "deny"),
    Reason.TOO_LOW: ("remeasure", "hand-held", "deny"),
}
_USUAL: Final = ("admit", "deny")


@dataclass(frozen=True, slots=True)
class CaseCard:
    """Somebody who is held."""

    case: int
    is_fever: bool
    who: str
    home: str
    reason: str
    next_step: str
    temperatures: tuple[str, ...]
    direction: str
    choices: tuple[str, ...]
    """Two or three, the likeliest first."""


@dataclass(frozen=True, slots=True)
class PanelView:
    """The volunteer's part but for the strip and the list."""

    cases: tuple[CaseCard, ...]
    """The oldest first: those who have waited longest."""
    asks_direction: bool
    on_duty: tuple[str, ...]
    can_undo: bool
    came_in: int
    went_out: int
    inside: int | None
    outside: int | None


def panel_view(
    state: GateState,
    counts: Counts,
    language: Language,
    now_ms: int,
    name_of: Callable[[PersonId], str] = str,
) -> PanelView:
    """All of it."""
    undoable = state.undoable
    return PanelView(
        cases=tuple(_card(case, language) for case in state.cases),
        asks_direction=isinstance(state.phase, Choosing),
        on_duty=tuple(map(name_of, state.on_duty)),
        can_undo=undoable is not None and now_ms < undoable.until_ms,
        came_in=counts.came_in,
        went_out=counts.went_out,
        inside=counts.inside,
        outside=counts.outside,
    )


def _card(case: Case, language: Language) -> CaseCard:
    standing, reason = case.attempt.scan.standing, case.verdict.reason
    household = standing.household
    return CaseCard(
        case=case.passage_at_us,
        is_fever=reason is Reason.FEVER,
        who=standing.resident.name if standing.resident else "",
        home=f"{household.building}-{household.unit}" if household else "",
        reason=word(reason, language),
        next_step=next_step(reason, language),
        temperatures=tuple(
            degrees(reading.estimate_centicelsius)
            for reading in case.readings
            if reading.estimate_centicelsius is not None
        ),
        direction=word(case.attempt.direction, language),
        choices=_CHOICES.get(reason, _USUAL),
    )
