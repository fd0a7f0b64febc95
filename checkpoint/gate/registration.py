"""Somebody without a pass: a visitor, a delivery, a vehicle."""

from dataclasses import replace

from checkpoint.gate.context import Context, Face, Keep, Objection, Reply, Show
from checkpoint.gate.door import UNDO_MS, open_door
from checkpoint.gate.events import Register
from checkpoint.gate.limits import COUNTS, HAND_HELD_CENTICELSIUS
from checkpoint.gate.requests import Step, busy, decline, objection, who
from checkpoint.gate.state import GateState, Opening, Undoable
from checkpoint.policy import Direction
from checkpoint.records import Cause, Result, Visit, Visiting
from checkpoint.thermometry import Temperature, outcome_of
from checkpoint.verdict import Flag, Reason

_DOUBTFUL = {Temperature.TOO_LOW: Reason.TOO_LOW, Temperature.UNSURE: Reason.UNSURE}


def register(state: GateState, asked: Register, context: Context) -> Step:
    """Write down who came, and open the door where that is asked for and nothing speaks against it.

    A delivery never opens it. A fever, or no temperature where the policy measures those who come in, holds.
    """
    opens = asked.admit and asked.visiting is not Visiting.DELIVERY
    found = objection(state, asked, asked.purpose) or _out_of_range(asked)
    found = found or (busy(state) if opens else None)
    if found is not None:
        return decline(state, asked, found)
    temperature = _temperature(asked, context)
    held = _reason_to_hold(temperature, context) if opens else None
    result = (Result.ADMIT if held is None else Result.HOLD) if opens else None
    visit = Visit(
        stamp=context.stamp,
        visiting=asked.visiting,
        by=who(state, asked),
        household=asked.household,
        purpose=asked.purpose.strip(),
        sealed=asked.sealed,
        count=asked.count,
        plate=asked.plate,
        temperature_centicelsius=asked.centicelsius,
        result=result,
        reason=held,
        flags=_flags(asked, temperature, context),
    )
    if result is not Result.ADMIT:
        undoable = Undoable(visit, context.stamp.at_us, context.monotonic_ms + UNDO_MS)
        show = () if held is None else (Show(_face(held), result=result, reason=held),)
        return replace(state, undoable=undoable), (Keep(visit), *show, Reply(asked.request))
    opening = Opening(Cause.VOLUNTEER, context.stamp.at_us)
    shown = (Show(Face.PASS, result=Result.ADMIT), Reply(asked.request))
    return open_door(state, opening, (Keep(visit),), shown, context)


def _out_of_range(asked: Register) -> Objection | None:
    if asked.count not in COUNTS[asked.visiting]:
        return Objection.COUNT_OUT_OF_RANGE
    if asked.centicelsius is not None and asked.centicelsius not in HAND_HELD_CENTICELSIUS:
        return Objection.OUT_OF_RANGE
    return None


def _temperature(asked: Register, context: Context) -> Temperature | None:
    if asked.centicelsius is None:
        return None
    return outcome_of(asked.centicelsius, context.lane.policy.temperature)


def _reason_to_hold(temperature: Temperature | None, context: Context) -> Reason | None:
    if temperature is Temperature.FEVER:
        return Reason.FEVER
    if temperature is None and Direction.IN in context.lane.policy.measured:
        return Reason.NO_READING
    if temperature is not None and temperature in _DOUBTFUL:
        return _DOUBTFUL[temperature]
    return None if context.gate.lock_ready else Reason.LOCK_DOWN


def _flags(asked: Register, temperature: Temperature | None, context: Context) -> tuple[Flag, ...]:
    watched = context.lane.policy.watched_plates
    flags = []
    if temperature is Temperature.FEVER:
        flags.append(Flag.FEVER)
    if asked.plate and asked.plate.upper().startswith(tuple(each.upper() for each in watched)):
        flags.append(Flag.WATCHED_PLATE)
    return tuple(flags)


def _face(reason: Reason) -> Face:
    return Face.STOP_FEVER if reason is Reason.FEVER else Face.STOP
