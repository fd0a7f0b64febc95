"""Outings that two gates granted while they could not hear of each other, told of once by the centre."""

import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from checkpoint.ids import HouseholdId
from checkpoint.policy import OutingQuota
from checkpoint.records import Evidence
from checkpoint.rules.outings import excess
from collector.actions import admin_actions
from collector.store.crossings import entry_of
from collector.store.down_schema import CROSSINGS
from collector.store.orders import AdminAction
from collector.store.queries import closed_alerts
from config.policies import load_policy
from tests.collector.centre import COMPOUND, Centre
from tests.collector.journals import batch, journal
from tests.collector.store.outings import DAY_US, GATE_A, GATE_B, Outing, epoch_of, messages

MORNING, NOON, EVENING = 1, 4, 9


def set_policy(centre: Centre, name: str, at_us: int = 1_000_000) -> None:
    with centre.engine.begin() as connection:
        done = AdminAction(who="Wang", reason="", at_us=at_us)
        admin_actions.set_policy(connection, done, COMPOUND, load_policy(name))


def conflicts(centre: Centre) -> list[tuple[str, str, int]]:
    """Gate, household and count of each alert."""
    return [
        (each.gate, each.subject, each.count)
        for each in centre.alerts()
        if each.code == "QUOTA_CONFLICT"
    ]


def test_the_later_of_two_outings_on_one_day_is_told_of_once_at_its_gate(centre: Centre) -> None:
    set_policy(centre, "one-outing-a-day")
    told = messages([Outing(GATE_A, 0, MORNING), Outing(GATE_B, 0, NOON, person="R1002")])
    for gate, message in [*told, *told]:
        centre.deliver(message, gate)
    assert conflicts(centre) == [("gate-b", "7-301", 1)]


def test_it_is_the_same_one_where_the_earlier_becomes_known_last(centre: Centre) -> None:
    set_policy(centre, "one-outing-a-day")
    told = messages([Outing(GATE_A, 0, MORNING), Outing(GATE_B, 0, NOON, person="R1002")])
    for gate, message in reversed(told):
        centre.deliver(message, gate)
    assert conflicts(centre) == [("gate-b", "7-301", 1)]


def test_provisional_outings_that_were_due_raise_nothing(centre: Centre) -> None:
    set_policy(centre, "every-two-days-3h")
    for gate, message in messages(
        [
            Outing(GATE_A, 0, MORNING),
            Outing(GATE_B, 2, MORNING),
            Outing(GATE_A, 0, NOON, home=HouseholdId("7-302"), person="R2001"),
        ]
    ):
        centre.deliver(message, gate)
    assert conflicts(centre) == []


def test_an_outing_that_never_happened_is_no_conflict(centre: Centre) -> None:
    set_policy(centre, "one-outing-a-day")
    first = Outing(GATE_A, 0, MORNING)
    rows = journal([first.record(Evidence.ANNULLED)], epoch_of(GATE_A))
    centre.deliver(batch(rows, gate=GATE_A, epoch=epoch_of(GATE_A)), GATE_A)
    (message,) = [each for _, each in messages([Outing(GATE_B, 0, NOON)])]
    centre.deliver(message, GATE_B)
    assert conflicts(centre) == []


def test_without_a_quota_nobody_counts(centre: Centre) -> None:
    told = messages([Outing(GATE_A, 0, MORNING), Outing(GATE_B, 0, NOON)])
    centre.deliver(told[0][1], GATE_A)
    set_policy(centre, "ordinary")
    centre.deliver(told[1][1], GATE_B)
    assert conflicts(centre) == []


def test_what_was_granted_under_an_earlier_policy_is_not_held_against_anybody(
    centre: Centre,
) -> None:
    outings = [Outing(GATE_A, day, MORNING) for day in range(4)] + [Outing(GATE_B, 4, EVENING)]
    set_policy(centre, "every-two-days-3h", at_us=outings[-1].passage_at_us - DAY_US // 4)
    for gate, message in messages(outings):
        centre.deliver(message, gate)
    assert conflicts(centre) == []


def test_an_outing_that_turns_out_to_have_been_due_is_taken_back(centre: Centre) -> None:
    set_policy(centre, "every-two-days-3h")
    first, second, third = messages([Outing(GATE_A, day, MORNING) for day in range(3)])
    for gate, message in (second, third):
        centre.deliver(message, gate)
    assert conflicts(centre) == [("gate-a", "7-301", 1)]
    centre.deliver(first[1], GATE_A)
    (alert,) = [each for each in centre.alerts() if each.code == "QUOTA_CONFLICT"]
    assert alert.first_us == Outing(GATE_A, 1, MORNING).passage_at_us
    with centre.engine.begin() as connection:
        (closed,) = closed_alerts(connection, 10)
    assert (closed.first_us, closed.closed_by) == (
        Outing(GATE_A, 2, MORNING).passage_at_us,
        "gatepost",
    )


_OUTINGS = st.lists(
    st.builds(
        Outing,
        st.sampled_from([GATE_A, GATE_B]),
        st.integers(0, 4),
        st.integers(0, 12),
        st.sampled_from([HouseholdId("7-301"), HouseholdId("7-302")]),
    ),
    max_size=8,
    unique_by=lambda outing: (outing.gate, outing.passage_at_us),
)
_POLICIES = st.sampled_from([("one-outing-a-day", 1), ("every-two-days-3h", 2)])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(outings=_OUTINGS, policy=_POLICIES, data=st.data())
def test_however_records_come_exactly_the_excess_is_told_of(
    outings: list[Outing], policy: tuple[str, int], data: st.DataObject
) -> None:
    undone = data.draw(st.lists(st.sampled_from(outings), unique=True)) if outings else []
    hows = [Evidence.DOOR] * len(outings) + [Evidence.UNDONE] * len(undone)
    told = messages([*outings, *undone], hows)
    order = data.draw(st.permutations(told)) + data.draw(st.permutations(told))
    with tempfile.TemporaryDirectory() as folder, closing(Centre(Path(folder))) as centre:
        set_policy(centre, policy[0])
        for gate, message in order:
            centre.deliver(message, gate)
        with centre.engine.begin() as connection:
            entries = [entry_of(row) for row in connection.execute(select(CROSSINGS))]
        quota = OutingQuota(every_days=policy[1], max_minutes_out=120)
        alerts = [
            (each.gate, each.subject, each.first_us)
            for each in centre.alerts()
            if each.code == "QUOTA_CONFLICT"
        ]
        assert sorted(alerts) == sorted(
            (entry.gate, entry.household, entry.passage_at_us) for entry in excess(entries, quota)
        )
