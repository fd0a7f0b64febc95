"""Any roster that files can hold, and any that they cannot, for laws."""

from datetime import date

import msgspec
from hypothesis import strategies as st

from checkpoint.entry_pass import Kind
from checkpoint.hours import Dated, Weekly, Window
from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.people import Colour, Entries, Household, Resident, ShiftCertificate
from collector.domain.people import People

_LETTERS = st.sampled_from("张三李娜王Ab7é·-'=+@＝\"")
_TEXT = st.text(_LETTERS, min_size=1, max_size=8)
_PLACE = st.text(st.sampled_from("0127ab栋=+-'@\""), min_size=1, max_size=4)
_IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8)
_DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@st.composite
def _windows(draw: st.DrawFn) -> Window:
    start, end = draw(st.integers(0, 1439)), draw(st.integers(0, 1440))
    if draw(st.booleans()):
        days = draw(st.frozensets(st.integers(0, 6), min_size=1))
        return Weekly(days=days, start_minute=start, end_minute=end)
    first, last = sorted([draw(_DAYS), draw(_DAYS)])
    every_days = draw(st.integers(1, 30))
    return Dated(first=first, last=last, every_days=every_days, start_minute=start, end_minute=end)


_HOURS = st.lists(_windows(), max_size=2).map(tuple)
_SHIFTS = st.lists(
    st.builds(
        ShiftCertificate,
        employer=st.text("医院A", max_size=4),
        post=st.text("护士b", max_size=4),
        windows=st.lists(_windows(), min_size=1, max_size=2).map(tuple),
    ),
    max_size=2,
).map(tuple)


@st.composite
def rosters(draw: st.DrawFn) -> People:
    """Rosters that files can hold: nobody twice, texts as import leaves them, in the order of ids."""
    places = draw(st.lists(st.tuples(_PLACE, _PLACE), min_size=1, max_size=4))
    households = tuple(
        Household(
            id=HouseholdId(f"H{number}{building}"),
            building=building,
            unit=unit,
            colour=draw(st.sampled_from(Colour)),
        )
        for number, (building, unit) in enumerate(places)
    )
    people = draw(st.dictionaries(_IDS, _residents([home.id for home in households]), max_size=6))
    named = [msgspec.structs.replace(each, id=PersonId(id_)) for id_, each in people.items()]
    once = {(each.name, each.phone) if each.phone else each.id: each for each in named}
    return People(
        compound=CompoundId(draw(st.integers(0, 0xFFFF))),
        households=tuple(sorted(households, key=lambda home: home.id)),
        residents=tuple(sorted(once.values(), key=lambda resident: resident.id)),
    )


@st.composite
def _residents(draw: st.DrawFn, homes: list[HouseholdId]) -> Resident:
    kind = draw(st.sampled_from(Kind))
    anywhere = st.sampled_from(homes)
    days = sorted([draw(_DAYS), draw(_DAYS)])
    return Resident(
        id=PersonId(""),
        name=draw(_TEXT),
        household=draw(anywhere if kind is Kind.RESIDENT else st.none() | anywhere),
        kind=kind,
        phone=draw(st.from_regex(r"(\+?[0-9]{3,15})?", fullmatch=True)),
        marks=draw(st.frozensets(st.sampled_from(["medical", "lives-alone", "轮椅", "=x"]))),
        hours=draw(_HOURS),
        shifts=draw(_SHIFTS),
        entries=draw(st.sampled_from(Entries)),
        valid_from=draw(st.none() | st.just(days[0])),
        valid_until=draw(st.none() | st.just(days[1])),
    )
