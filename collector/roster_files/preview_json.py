"""A preview as one JSON object. Nothing is cut but the list of problems; words are English."""

import enum
from collections.abc import Mapping
from typing import Any, Final

from checkpoint.entry_pass import Kind
from checkpoint.people import Colour
from collector.roster_files.difference import Changes
from collector.roster_files.mistakes import Problem
from collector.roster_files.preview import ImportPreview
from collector.roster_files.wording import mend, what

MOST_PROBLEMS: Final = 1_000


def as_json(view: ImportPreview) -> dict[str, Any]:
    """``problem_count`` counts all problems, ``change`` is null without an old roster."""
    findings = view.findings
    change = view.difference
    return {
        "usable": findings.usable,
        "compound": findings.people.compound,
        "households": {
            "total": len(view.people.households),
            "by_colour": _counts(view.households, Colour),
        },
        "people": {
            "total": len(view.people.residents),
            "by_colour": _counts(view.by_colour, Colour),
            "by_kind": _counts(view.by_kind, Kind),
        },
        "change": change
        and {"households": _ids(change.households), "people": _ids(change.residents)},
        "duplicates": [
            {"lines": each.lines, "shared": each.shared} for each in findings.duplicates
        ],
        "merged": findings.merged,
        "problem_count": len(findings.problems),
        "problems": [problem_as_json(each) for each in findings.problems[:MOST_PROBLEMS]],
    }


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """Where it is, its code, and both halves of its sentence in English."""
    return {
        "line": problem.line,
        "column": problem.column,
        "code": problem.mistake.name,
        "what": what(problem, "en"),
        "mend": mend(problem, "en"),
    }


def _counts(counted: Mapping[Any, int], codes: type[enum.Enum]) -> dict[str, int]:
    return {code.value: counted[code] for code in codes if code in counted}


def _ids(changes: Changes[Any]) -> dict[str, Any]:
    return {
        "added": [entry.id for entry in changes.added],
        "changed": [{"id": entry.id, "fields": fields} for entry, fields in changes.changed],
        "removed": [entry.id for entry in changes.removed],
    }
