"""Volunteers sign on and off, each with the own duty pass."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from checkpoint.entry_pass import Claims, Kind
from checkpoint.gate.context import Ask, Context, Effect, Face, Keep, Objection, Reply, Show
from checkpoint.gate.decision import facts_of
from checkpoint.gate.events import PassShown, Sign, Tick
from checkpoint.gate.requests import Step, busy, decline
from checkpoint.gate.scanning import ASK_MS
from checkpoint.gate.state import Attempt, GateState, Phase, Ready, Signing
from checkpoint.ids import PersonId
from checkpoint.policy import Direction
from checkpoint.records import Basis, DutyChange
from checkpoint.rules.table import pass_is_good

LONGEST_SHIFT_US: Final = 16 * 3_600_000_000


def ask_to_sign(state: GateState, asked: Sign, context: Context) -> Step:
    """The next pass is a volunteer's own; the answer comes with it."""
    found = busy(state)
    if found is not None:
        return decline(state, asked, found)
    waiting = Signing(asked.on, asked.request, context.monotonic_ms + ASK_MS)
    return replace(state, phase=waiting), (Show(Face.READY, ask=Ask.DUTY_PASS),)


def sign(state: GateState, event: PassShown, context: Context) -> Step:
    """Sign on or off with the own pass. In Signing only."""
    phase = state.phase
    assert isinstance(phase, Signing)  # noqa: S101 (the table's row says so)
    state, over = replace(state, phase=Ready()), Show(Face.READY)
    resident, claims = event.scan.standing.resident, event.scan.shown
    facts = facts_of(Attempt(event.scan, Direction.IN, Basis.LANE), None, context)
    is_duty = resident is not None and resident.kind is Kind.DUTY and pass_is_good(facts)
    if not is_duty or not isinstance(claims, Claims):
        return state, (over, Reply(phase.request, Objection.NOT_A_DUTY_PASS))
    others = tuple(person for person in state.on_duty if person != claims.person)
    state = replace(state, on_duty=(*others, claims.person) if phase.on else others)
    change = DutyChange(
        stamp=context.stamp,
        person=claims.person,
        on=phase.on,
        left_on_duty=len(state.on_duty),
        open_cases=len(state.cases),
    )
    return state, (Keep(change), over, Reply(phase.request))


def sign_no_more(state: GateState, _: Tick, context: Context) -> Step:
    """Nobody showed a pass in time. In Signing only."""
    phase = state.phase
    if not isinstance(phase, Signing) or context.monotonic_ms < phase.until_ms:
        return state, ()
    answer = Reply(phase.request, Objection.NOT_A_DUTY_PASS)
    return replace(state, phase=Ready()), (Show(Face.READY), answer)


def on_duty_after(changes: Iterable[DutyChange], now_us: int) -> tuple[PersonId, ...]:
    """Who is still on duty when a gate starts again, from its journal; a shift ends by LONGEST_SHIFT_US."""
    on_duty: dict[PersonId, int] = {}
    for change in changes:
        on_duty.pop(change.person, None)
        if change.on:
            on_duty[change.person] = change.stamp.at_us
    return tuple(
        person for person, since in on_duty.items() if abs(now_us - since) < LONGEST_SHIFT_US
    )


def abandoned(before: Phase, after: Phase, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The answer to a signing that something else has taken the place of."""
    if not isinstance(before, Signing) or after == before:
        return ()
    answered = any(
        isinstance(effect, Reply) and effect.request == before.request for effect in effects
    )
    return () if answered else (Reply(before.request, Objection.BUSY),)
