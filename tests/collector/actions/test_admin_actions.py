"""What the staff does that concerns the gates: recorded, given a revision, and told as what has changed."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from checkpoint.ids import CompoundId, GateId, HouseholdId, PersonId, Revision
from checkpoint.people import Colour, Household, Resident, Roster
from checkpoint.records import CommandKind
from collector.actions import admin_actions
from collector.actions.admin_actions import Mistaken
from collector.actions.compound_lookup import of_household, of_person, the_only
from collector.domain.people import People
from collector.store.down_schema import AUDIT_LOG, PEOPLE
from collector.store.orders import AdminAction
from collector.store.revisions import Leaf, in_force, is_known, renew
from collector.store.roster import people_of, roster_change, whole_roster
from config.policies import load_policy
from tests.collector.centre import Centre

COMPOUND = CompoundId(1)
HOME, OTHER_HOME = HouseholdId("7-301"), HouseholdId("7-302")
ANN, BEN = PersonId("P1"), PersonId("P2")
NOW_US = 1_790_000_000_000_000


def people(
    *persons: PersonId, compound: CompoundId = COMPOUND, colour: Colour = Colour.GREEN
) -> People:
    homes = [Household(id=HOME, building="7", unit="301", colour=colour)]
    homes += [Household(id=OTHER_HOME, building="7", unit="302")] if BEN in persons else []
    where = {ANN: HOME, BEN: OTHER_HOME}
    return People(
        compound=compound,
        households=tuple(homes),
        residents=tuple(
            Resident(id=each, name="李秀英", household=where[each], phone="13800138000")
            for each in persons
        ),
    )


def do(centre: Centre, action: Callable[..., object], *what: object, at_us: int = NOW_US) -> object:
    with centre.engine.begin() as connection:
        return action(connection, AdminAction(who="Wang", reason="test", at_us=at_us), *what)


def ask(centre: Centre, question: Callable[..., object], *what: object) -> object:
    with centre.engine.begin() as connection:
        return question(connection, *what)


def listed(centre: Centre) -> list[tuple[str, str, str, int | None]]:
    query = select(AUDIT_LOG.c.kind, AUDIT_LOG.c.subject, AUDIT_LOG.c.change, AUDIT_LOG.c.revision)
    with centre.engine.begin() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(AUDIT_LOG.c.id))]


def roster_at(connection: Connection) -> Roster:
    revision = in_force(connection, COMPOUND).roster_revision
    assert revision is not None
    return Roster.of(whole_roster(connection, COMPOUND, revision))


def test_after_a_renewal_no_change_is_told_against_what_was_before(centre: Centre) -> None:
    before = do(centre, admin_actions.import_people, people(ANN))
    assert ask(centre, is_known, COMPOUND, before)
    now = ask(centre, renew, COMPOUND, Leaf.ROSTER, 0)
    assert now == NOW_US + 1
    assert not ask(centre, is_known, COMPOUND, before)
    assert ask(centre, is_known, COMPOUND, now)


def test_every_deed_is_listed_also_one_that_changes_nothing(centre: Centre) -> None:
    first = do(centre, admin_actions.import_people, people(ANN))
    second = do(centre, admin_actions.set_colour, COMPOUND, HOME, Colour.RED)
    assert do(centre, admin_actions.set_colour, COMPOUND, HOME, Colour.RED) is None
    assert listed(centre) == [
        ("roster import", "", "1 households, 1 people", first),
        ("household colour", "7-301", "green -> red", second),
        ("household colour", "7-301", "red -> red", None),
    ]


def test_the_same_file_again_changes_nothing(centre: Centre) -> None:
    do(centre, admin_actions.import_people, people(ANN, BEN))
    assert do(centre, admin_actions.import_people, people(ANN, BEN)) is None


def test_revisions_rise_also_when_the_clock_was_set_back(centre: Centre) -> None:
    first = do(centre, admin_actions.import_people, people(ANN))
    second = do(centre, admin_actions.set_policy, COMPOUND, load_policy("ordinary"), at_us=5)
    third = do(centre, admin_actions.set_colour, COMPOUND, HOME, Colour.RED, at_us=NOW_US - 1)
    assert [first, second, third] == [NOW_US, NOW_US + 1, NOW_US + 2]


@pytest.mark.parametrize(
    ("action", "what", "why"),
    [
        (admin_actions.set_colour, (COMPOUND, HouseholdId("8-1"), Colour.RED), "no household 8-1"),
        (admin_actions.revoke_pass, (COMPOUND, PersonId("X"), 1), "no X in the roster"),
        (admin_actions.revoke_pass, (COMPOUND, ANN, -1), "no serial"),
        (admin_actions.revoke_below, (COMPOUND, ANN, 65_536), "no serial"),
        (admin_actions.set_notices, (COMPOUND, ("a",) * 5), "at most 4"),
        (admin_actions.set_notices, (COMPOUND, ("",)), "1 to 120"),
        (admin_actions.set_notices, (COMPOUND, ("a" * 121,)), "1 to 120"),
        (admin_actions.set_notices, (COMPOUND, ("a\nb",)), "one line"),
    ],
)
def test_a_mistaken_deed_says_why_and_leaves_nothing_behind(
    centre: Centre, action: Callable[..., object], what: tuple[object, ...], why: str
) -> None:
    do(centre, admin_actions.import_people, people(ANN))
    with pytest.raises(Mistaken, match=why):
        do(centre, action, *what)
    assert len(listed(centre)) == 1


@pytest.mark.parametrize(
    ("action", "what"),
    [
        (admin_actions.set_colour, (COMPOUND, HOME, Colour.RED)),
        (admin_actions.revoke_pass, (COMPOUND, ANN, 1)),
        (admin_actions.restore_pass, (COMPOUND, ANN, 1)),
        (admin_actions.revoke_below, (COMPOUND, ANN, 1)),
        (admin_actions.restore_below, (COMPOUND, ANN, 1)),
        (admin_actions.command_gate, (COMPOUND, GateId("gate-a"), CommandKind.OPEN)),
    ],
)
def test_what_touches_somebody_needs_a_reason(
    centre: Centre, action: Callable[..., object], what: tuple[object, ...]
) -> None:
    do(centre, admin_actions.import_people, people(ANN))
    with centre.engine.begin() as connection, pytest.raises(Mistaken, match="reason"):
        action(connection, AdminAction(who="Wang", reason="  ", at_us=NOW_US), *what)


def test_revoked_passes_stay_revoked_for_who_goes_and_comes_back(centre: Centre) -> None:
    do(centre, admin_actions.import_people, people(ANN, BEN))
    do(centre, admin_actions.revoke_below, COMPOUND, BEN, 3)
    do(centre, admin_actions.revoke_pass, COMPOUND, BEN, 7)
    do(centre, admin_actions.import_people, people(ANN))
    do(centre, admin_actions.import_people, people(ANN, BEN))
    with centre.engine.begin() as connection:
        roster = roster_at(connection)
    assert [roster.standing(BEN, serial).revoked for serial in (2, 3, 7)] == [True, False, True]


def test_of_who_is_gone_no_name_and_no_phone_is_kept(centre: Centre) -> None:
    do(centre, admin_actions.import_people, people(ANN, BEN))
    do(centre, admin_actions.import_people, people(ANN))
    with centre.engine.begin() as connection:
        (entry,) = connection.execute(select(PEOPLE.c.entry).where(PEOPLE.c.gone)).scalars()
    assert msgspec.json.decode(entry) == {"id": "P2", "name": ""}


def test_a_single_revocation_is_taken_back_by_serial_and_one_of_all_below_by_from(
    centre: Centre,
) -> None:
    do(centre, admin_actions.import_people, people(ANN))
    do(centre, admin_actions.revoke_pass, COMPOUND, ANN, 4)
    do(centre, admin_actions.revoke_below, COMPOUND, ANN, 3)
    with pytest.raises(Mistaken, match="below 3 are revoked"):
        do(centre, admin_actions.restore_pass, COMPOUND, ANN, 2)
    do(centre, admin_actions.restore_below, COMPOUND, ANN, 1)
    do(centre, admin_actions.restore_pass, COMPOUND, ANN, 4)
    assert do(centre, admin_actions.restore_pass, COMPOUND, ANN, 4) is None
    with centre.engine.begin() as connection:
        roster = roster_at(connection)
    assert [roster.standing(ANN, serial).revoked for serial in (0, 1, 2, 4)] == [
        True,
        False,
        False,
        False,
    ]


def test_the_centre_keeps_names_in_full_and_gates_get_them_masked(centre: Centre) -> None:
    do(centre, admin_actions.import_people, people(ANN))
    with centre.engine.begin() as connection:
        assert people_of(connection, COMPOUND).residents[0].name == "李秀英"
        ann = roster_at(connection).residents[ANN]
    assert (ann.name, ann.phone) == ("李**", "8000")


def test_where_a_household_is_in_two_compounds_one_must_be_named(centre: Centre) -> None:
    do(centre, admin_actions.import_people, people(ANN))
    assert ask(centre, of_household, HOME, None) == 1
    assert ask(centre, the_only, None) == 1
    do(centre, admin_actions.import_people, people(ANN, compound=CompoundId(2)))
    for question, what in ((of_household, (HOME, None)), (of_person, (ANN, None))):
        with pytest.raises(Mistaken, match="compounds 1, 2; say which"):
            ask(centre, question, *what)
    with pytest.raises(Mistaken, match="compounds 1, 2; say which"):
        ask(centre, the_only, None)
    assert ask(centre, of_household, HOME, 2) == 2
    with pytest.raises(Mistaken, match=r"no household 7-310; did you mean 7-301\?"):
        ask(centre, of_household, "7-310", None)


_PERSONS = st.sampled_from([PersonId(f"P{n}") for n in range(4)])
_HOMES = st.sampled_from([HouseholdId(f"7-{n}") for n in range(3)])
_SERIALS = st.integers(0, 3)


@st.composite
def _imports(draw: st.DrawFn) -> tuple[Callable[..., object], tuple[object, ...]]:
    homes = draw(st.lists(_HOMES, min_size=1, unique=True))
    households = tuple(
        Household(id=home, building="7", unit=home, colour=draw(st.sampled_from(Colour)))
        for home in homes
    )
    residents = tuple(
        Resident(id=person, name="张三", household=draw(st.sampled_from(homes)))
        for person in draw(st.lists(_PERSONS, unique=True))
    )
    return admin_actions.import_people, (
        People(compound=COMPOUND, households=households, residents=residents),
    )


_PASS_DEEDS = (
    admin_actions.revoke_pass,
    admin_actions.restore_pass,
    admin_actions.revoke_below,
    admin_actions.restore_below,
)
_DEEDS = st.lists(
    st.one_of(
        _imports(),
        st.tuples(
            st.just(admin_actions.set_colour),
            st.tuples(st.just(COMPOUND), _HOMES, st.sampled_from(Colour)),
        ),
        st.tuples(st.sampled_from(_PASS_DEEDS), st.tuples(st.just(COMPOUND), _PERSONS, _SERIALS)),
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(first=_imports(), later=_DEEDS)
def test_the_change_since_any_revision_leads_to_the_roster_as_it_is(
    first: tuple[Callable[..., object], tuple[object, ...]],
    later: list[tuple[Callable[..., object], tuple[object, ...]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        centre = Centre(Path(folder))
        before: list[Roster] = []
        for action, what in [first, *later]:
            try:
                do(centre, action, *what)
            except Mistaken:
                continue
            with centre.engine.begin() as connection:
                now = roster_at(connection)
                for base in before:
                    change = roster_change(connection, COMPOUND, base.revision, now.revision)
                    assert base.changed(change) == now
                    # A gate that is further than the base comes to the same.
                    assert before[-1].changed(change) == now
            before.append(now)
        assert Revision(0) not in {each.revision for each in before}
        centre.close()
