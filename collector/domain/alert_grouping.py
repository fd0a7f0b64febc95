"""Repeats of an alert within a time become one alert with a count; pure.

Judged by the records' own times, so that a gate that was cut off for a day and delivers everything at
once does not have a morning's and an evening's fever folded into one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from collector.domain.ingest import Raised


@dataclass(slots=True)
class Fold:
    """One alert of a gate, open or about to be."""

    code: str
    subject: str
    first_us: int
    last_us: int
    count: int
    id: int | None = None
    """None: not stored yet."""


def fold(open_alerts: Sequence[Fold], raised: Sequence[Raised], fold_us: int) -> list[Fold]:
    """The alert that each raised one belongs to, in the same order; folds are changed in place."""
    known = list(open_alerts)
    return [_fold_one(known, one, fold_us) for one in raised]


def _fold_one(known: list[Fold], raised: Raised, fold_us: int) -> Fold:
    code, subject, at_us = raised.alert.code.value, raised.alert.subject, raised.at_us
    for each in known:
        near = each.first_us - fold_us <= at_us <= each.last_us + fold_us
        if (each.code, each.subject) == (code, subject) and near:
            each.first_us, each.last_us = min(each.first_us, at_us), max(each.last_us, at_us)
            each.count += 1
            return each
    new = Fold(code, subject, at_us, at_us, 1)
    known.append(new)
    return new
