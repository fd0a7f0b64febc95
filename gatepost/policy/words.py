"""A preview of a policy as JSON and as lines of text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checkpoint.hours_text import format_hours
from checkpoint.policy import Curfew, Direction, OutingQuota, Policy
from checkpoint.records import Result
from checkpoint.rules.policy_impact import Affected
from checkpoint.rules.what_if import CompoundRules
from checkpoint.verdict import Reason
from ui.words import Language, phrases, word

_PAGE = "policy preview"
Value = Reason | Curfew | OutingQuota | None


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """What ``policy`` would mean instead of the compound's."""

    compound: CompoundRules
    policy: Policy
    at: datetime
    limits: dict[str, tuple[object, object]]
    affected: tuple[Affected, ...]

    @property
    def households(self) -> int:
        """How many have somebody who is affected."""
        homes = {each.resident.household for each in self.affected}
        return len(homes - {None})


def as_json_object(preview: PolicyPreview) -> dict[str, object]:
    """All of it, for machines."""
    return {
        "at": preview.at.isoformat(),
        "policy": preview.policy.name,
        "against": preview.compound.policy.name,
        "people": len(preview.compound.roster.residents),
        "affected": len(preview.affected),
        "affected_households": preview.households,
        "for_everybody": {key: list(values) for key, values in preview.limits.items()},
        "who": [
            {
                "id": each.resident.id,
                "name": each.resident.name,
                "household": each.resident.household,
                "changes": {
                    field: [_plain(field, before), _plain(field, after)]
                    for field, before, after in _changes(each)
                },
            }
            for each in preview.affected
        ],
    }


def as_lines(preview: PolicyPreview, language: Language) -> Iterator[str]:
    """First how many, then who."""
    words = phrases(_PAGE, language)
    yield words["heading"].format(
        policy=preview.policy.name,
        against=preview.compound.policy.name,
        at=f"{preview.at:%Y-%m-%d %H:%M}",
    )
    for key, (before, after) in preview.limits.items():
        yield words["everybody"].format(key=key, before=before, after=after)
    yield words["affected"].format(
        affected=len(preview.affected),
        people=len(preview.compound.roster.residents),
        households=preview.households,
    )
    texts = [[_text(change, language) for change in _changes(each)] for each in preview.affected]
    for text, number in Counter(text for each in texts for text in each).most_common():
        yield f"{number:>7}  {text}"
    for each, changes in zip(preview.affected, texts, strict=True):
        home = each.resident.household or ""
        yield f"{each.resident.id}\t{each.resident.name}\t{home}\t{'; '.join(changes)}"


def asked(preview: PolicyPreview, compound: int, language: Language) -> str:
    """Whether it shall be so."""
    return phrases(_PAGE, language)["ask"].format(policy=preview.policy.name, compound=compound)


def in_force_line(preview: PolicyPreview, compound: int, revision: int, language: Language) -> str:
    """That it is so now."""
    words = phrases(_PAGE, language)["in_force"]
    return words.format(policy=preview.policy.name, compound=compound, revision=revision)


def _changes(each: Affected) -> Iterator[tuple[str, Value, Value]]:
    old, new = each.before, each.after
    terms: list[tuple[str, Value, Value]] = [
        ("coming_in", old.coming_in, new.coming_in),
        ("going_out", old.going_out, new.going_out),
        ("curfew", old.curfew, new.curfew),
        ("outings", old.outings, new.outings),
    ]
    yield from (term for term in terms if term[1] != term[2])


def _plain(field: str, value: Value) -> object:
    match value:
        case Reason():
            return value.value
        case Curfew(directions=directions, hours=hours):
            ways = sorted(direction.value for direction in directions)
            return {"directions": ways, "hours": format_hours(hours) or None}
        case OutingQuota(every_days=days, max_minutes_out=minutes, allowed_hours=hours):
            allowed = format_hours(hours) or None
            return {"every_days": days, "max_minutes_out": minutes, "allowed_hours": allowed}
        case None:
            return "OK" if field in {"coming_in", "going_out"} else None


def _text(change: tuple[str, Value, Value], language: Language) -> str:
    field, before, after = change
    words = phrases(_PAGE, language)
    return words["change"].format(
        what=words[field],
        before=_said(field, before, language),
        after=_said(field, after, language),
    )


def _said(field: str, value: Value, language: Language) -> str:
    words = phrases(_PAGE, language)
    match value:
        case Reason():
            return word(value, language)
        case Curfew(directions=directions, hours=hours):
            ways = "/".join(word(way, language) for way in Direction if way in directions)
            return f"{ways} {format_hours(hours) or words['all_hours']}"
        case OutingQuota(every_days=days, max_minutes_out=minutes, allowed_hours=hours):
            quota = words["quota"].format(days=days, minutes=minutes)
            return f"{quota} {format_hours(hours)}".strip()
        case None if field in {"coming_in", "going_out"}:
            return word(Result.ADMIT, language)
        case None:
            return words["none"]
