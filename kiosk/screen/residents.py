"""Finding a resident from the page; the roster is made ready for searching once for each revision."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from checkpoint.ids import HouseholdId, PersonId
from checkpoint.people import Roster
from checkpoint.search import Directory, Found

AT_MOST = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the list, and where they live."""

    found: Found
    household: HouseholdId | None


class Residents:
    """Searches the roster that is obeyed now. Safe between threads."""

    def __init__(self, roster: Callable[[], Roster | None]) -> None:
        self._roster = roster
        self._lock = threading.Lock()
        self._ready: tuple[Roster, Directory] | None = None

    def name_of(self, person: PersonId) -> str:
        """Their masked name, or the id of somebody who is not in the roster."""
        roster = self._roster()
        resident = None if roster is None else roster.residents.get(person)
        return person if resident is None else resident.name

    def find(self, text: str) -> tuple[tuple[Hit, ...], int]:
        """The first few who fit, and how many fit in all."""
        roster = self._roster()
        if roster is None:
            return (), 0
        with self._lock:
            if self._ready is None or self._ready[0] is not roster:
                self._ready = roster, Directory.of(roster)
            directory = self._ready[1]
        findings = directory.find(text[:64], AT_MOST)
        hits = tuple(
            Hit(found, roster.residents[found.person].household) for found in findings.first
        )
        return hits, findings.total
