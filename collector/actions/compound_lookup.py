"""Which compound is meant where somebody names only a household, a person or a gate."""

from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Column, Connection, select

from checkpoint.ids import CompoundId
from collector.actions.admin_actions import Mistaken
from collector.store.down_schema import COMPOUNDS, HOUSEHOLDS, PEOPLE
from collector.store.schema import GATES

_WORDS: Final = {
    HOUSEHOLDS.c.household: "household",
    PEOPLE.c.person: "person",
    GATES.c.gate: "gate",
}


def of_household(connection: Connection, household: str, given: int | None) -> CompoundId:
    """Raises Mistaken where there is no such household, or several and none was ``given``."""
    return _only(connection, HOUSEHOLDS.c.household, household, given)


def of_person(connection: Connection, person: str, given: int | None) -> CompoundId:
    """Raises Mistaken likewise."""
    return _only(connection, PEOPLE.c.person, person, given)


def of_gate(connection: Connection, gate: str) -> CompoundId:
    """Raises Mistaken where no such gate has ever reported."""
    return _only(connection, GATES.c.gate, gate, None)


def the_only(connection: Connection, given: int | None) -> CompoundId:
    """The compound that was given, or the only one that there is. Raises Mistaken."""
    if given is not None:
        return CompoundId(given)
    known = set(connection.execute(select(COMPOUNDS.c.compound)).scalars())
    known |= set(connection.execute(select(GATES.c.compound)).scalars())
    return _one_of(sorted(known), "no compound is known yet; name one with --compound")


def _only(connection: Connection, key: Column[Any], id_: str, given: int | None) -> CompoundId:
    table = key.table
    query = select(table.c.compound).where(key == id_)
    known = select(key).distinct()
    if "gone" in table.c:
        query, known = query.where(~table.c.gone), known.where(~table.c.gone)
    if given is not None:
        query = query.where(table.c.compound == given)
        known = known.where(table.c.compound == given)
    here = f"no {_WORDS[key]} {id_}" + ("" if given is None else f" in compound {given}")
    found = sorted(connection.execute(query).scalars())
    if not found:
        near = get_close_matches(id_, connection.execute(known).scalars().all(), cutoff=0.5)
        here += f"; did you mean {', '.join(near)}?" if near else ""
    return _one_of(found, here)


def _one_of(found: list[int], none: str) -> CompoundId:
    if not found:
        raise Mistaken(none)
    if len(found) > 1:
        names = ", ".join(map(str, found))
        raise Mistaken(f"it is in compounds {names}; say which one with --compound")
    return CompoundId(found[0])
