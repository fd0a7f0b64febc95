"""To which day an outing is charged: the one on which the door opened, by the compound's wall clock."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from checkpoint.gate.context import Context, Keep
from checkpoint.gate.events import DoorMoved, PassShown, Tick
from checkpoint.gate.state import GateState
from checkpoint.gate.table import step
from checkpoint.policy import Direction, OutingQuota
from checkpoint.records import Crossing, Evidence
from checkpoint.rules.history import NO_HISTORY
from tests.checkpoint.examples import SCAN, context, lane, policy, stamp

DAILY = policy(measured=frozenset(), outings=OutingQuota(every_days=1, max_minutes_out=120))
LEAVING = PassShown(replace(SCAN, history=NO_HISTORY))
SHANGHAI = ZoneInfo("Asia/Shanghai")
UNLOCK_MS = 5000


def at(text: str, monotonic_ms: int, *, door_contact: bool, **changes: bool) -> Context:
    at_us = int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000_000
    return context(
        monotonic_ms,
        lane=lane(
            policy=DAILY,
            direction=Direction.OUT,
            unlock_ms=UNLOCK_MS,
            zone=SHANGHAI,
        ),
        door_contact=door_contact,
        stamp=stamp(at_us=at_us, **changes),
    )


@pytest.mark.parametrize(("door_contact", "how"), [(True, Evidence.DOOR), (False, Evidence.RELOCK)])
def test_who_is_let_go_before_midnight_has_gone_on_that_day(
    door_contact: bool, how: Evidence
) -> None:
    before = at("2030-03-17T23:59:58", 0, door_contact=door_contact)
    after = at("2030-03-18T00:00:03", UNLOCK_MS, door_contact=door_contact)
    state, _ = step(GateState(), LEAVING, before)
    _, effects = step(state, DoorMoved(is_open=True) if door_contact else Tick(), after)
    [crossing] = crossings(effects)
    assert (crossing.how, crossing.charged_day) == (how, date(2030, 3, 17))
    assert crossing.stamp == after.stamp
    assert crossing.passage_at_us == before.stamp.at_us


def test_without_a_trusted_clock_there_is_no_telling_the_day() -> None:
    before = at("2030-03-17T12:00", 0, door_contact=False, clock_synced=False)
    after = at("2030-03-17T12:00:05", UNLOCK_MS, door_contact=False, clock_synced=False)
    state, _ = step(GateState(), LEAVING, before)
    _, effects = step(state, Tick(), after)
    assert [crossing.charged_day for crossing in crossings(effects)] == [None]


def crossings(effects: tuple[object, ...]) -> list[Crossing]:
    records = [effect.record for effect in effects if isinstance(effect, Keep)]
    return [record for record in records if isinstance(record, Crossing)]
