"""Problems and previews as lines of text, in the words of the catalogues."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from checkpoint.people import Household, Resident
from collector.roster_files.difference import Changes
from collector.roster_files.duplicates import Duplicate
from collector.roster_files.mistakes import Problem, shortened
from collector.roster_files.preview import ImportPreview
from ui.words import Language, phrases, word

MOST_LISTED: Final = 25
"""Lines of a list on a screen; the rest is counted."""


def what(problem: Problem, language: Language) -> str:
    """What is wrong."""
    return phrases("Mistake", language)[problem.mistake.name].format(**problem.values)


def mend(problem: Problem, language: Language) -> str:
    """What would be right."""
    return phrases("Mistake.mend", language)[problem.mistake.name].format(**problem.values)


def problem_line(problem: Problem, language: Language) -> str:
    """Line, column, what is wrong and what would be right."""
    place = "cell" if problem.column else "line" if problem.line else "file"
    return _say(
        f"problem_of_{place}",
        language,
        line=problem.line,
        column=shortened(problem.column),
        what=what(problem, language),
        mend=mend(problem, language),
    )


def preview_lines(view: ImportPreview, language: Language) -> Iterator[str]:
    """Counts, what would be added, changed and removed, duplicates and problems; long lists are cut and counted."""
    people = view.people
    yield _say(
        "summary",
        language,
        compound=people.compound,
        households=f"{len(people.households):,}",
        people=f"{len(people.residents):,}",
    )
    for key, counted in (
        ("households_by_colour", view.households),
        ("people_by_colour", view.by_colour),
        ("people_by_kind", view.by_kind),
    ):
        if counted:
            yield _say(key, language, counts=_counts(counted, language))
    if view.difference:
        yield from _change_lines("people_change", view.difference.residents, language)
        yield from _change_lines("households_change", view.difference.households, language)
    findings = view.findings
    if findings.duplicates:
        key = "merged" if findings.merged else "duplicates"
        yield _say(key, language, count=f"{len(findings.duplicates):,}")
        yield from _cut((_duplicate(each, language) for each in findings.duplicates), language)
    if findings.problems:
        yield _say("problems", language, count=f"{len(findings.problems):,}")
        yield from _cut((problem_line(each, language) for each in findings.problems), language)


def ending_line(written: str | None, language: Language) -> str:
    """Where it was written to, or that it was not."""
    if written is None:
        return _say("nothing_written", language)
    return _say("written", language, out=written)


def asked(compound: int, language: Language) -> str:
    """Whether it shall be so."""
    return _say("ask", language, compound=compound)


def sent_line(what: str, size_bytes: int, language: Language) -> str:
    """What every gate will be sent: ``roster``, ``roster-change`` or ``nothing``."""
    return _say(f"sent_{what}", language, bytes=f"{size_bytes:,}")


def _change_lines(key: str, changes: Changes[Any], language: Language) -> Iterator[str]:
    yield _say(
        key,
        language,
        added=f"{len(changes.added):,}",
        changed=f"{len(changes.changed):,}",
        removed=f"{len(changes.removed):,}",
    )
    yield from _cut(
        chain(
            (f"+ {_entry(entry)}" for entry in changes.added),
            (f"~ {_entry(entry)}: {', '.join(fields)}" for entry, fields in changes.changed),
            (f"- {_entry(entry)}" for entry in changes.removed),
        ),
        language,
    )


def _entry(entry: Resident | Household) -> str:
    return f"{entry.id} {shortened(entry.name)}" if isinstance(entry, Resident) else entry.id


def _duplicate(duplicate: Duplicate, language: Language) -> str:
    lines = ", ".join(map(str, duplicate.lines[:MOST_LISTED]))
    shared = " ".join(map(shortened, duplicate.shared))
    return _say("duplicate", language, lines=lines, shared=shared)


def _cut(lines: Iterable[str], language: Language) -> Iterator[str]:
    left = iter(lines)
    yield from (f"  {line}" for line in islice(left, MOST_LISTED))
    more = sum(1 for _ in left)
    if more:
        yield "  " + _say("and_more", language, count=f"{more:,}")


def _counts(counted: Mapping[Any, int], language: Language) -> str:
    codes = type(next(iter(counted)))
    counts = (f"{word(code, language)} {counted[code]:,}" for code in codes if counted[code])
    return _say("between_counts", language).join(counts)


def _say(key: str, language: Language, **values: object) -> str:
    return phrases("RosterFile", language)[key].format(**values)
