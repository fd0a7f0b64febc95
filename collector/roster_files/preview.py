"""What an import would do, as facts: for the text that people read and for the JSON that machines read."""

from collections import Counter
from dataclasses import dataclass

from checkpoint.entry_pass import Kind
from checkpoint.people import Colour
from collector.domain.people import People
from collector.roster_files.difference import Difference, difference, with_revocations
from collector.roster_files.people import PeopleFile


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """The counts of a file and what it would change."""

    findings: PeopleFile
    people: People
    """To be written: with the old roster's revocations."""
    households: dict[Colour, int]
    by_kind: dict[Kind, int]
    by_colour: dict[Colour, int]
    """People, by the colour of their household; those without one are not in it."""
    difference: Difference | None
    """None: there was no old roster to compare with."""


def preview(findings: PeopleFile, old: People | None) -> ImportPreview:
    """Count, and compare with the old roster."""
    people = with_revocations(findings.people, old) if old else findings.people
    colours = {household.id: household.colour for household in people.households}
    return ImportPreview(
        findings,
        people,
        Counter(colours.values()),
        Counter(resident.kind for resident in people.residents),
        Counter(colours[r.household] for r in people.residents if r.household in colours),
        difference(old, people) if old else None,
    )
