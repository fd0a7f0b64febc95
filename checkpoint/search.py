"""Finding a resident who has no pass at hand: by surname, by home, or by the last four digits of the phone.

What the volunteer types is cut into words, and every word must fit:

    a name   张   张小三   lee            a beginning of a part of it; * of a masked name is equal to anything
    a phone  8000                        its last four digits
    a home   7   301   7-301   7栋301室    in order, at least the building or the last number of the unit

The roster of a gate is masked already; what is found is masked in any case.
"""

import re
from dataclasses import dataclass
from typing import Final, Self
from unicodedata import normalize

from checkpoint.entry_pass import Kind
from checkpoint.ids import PersonId
from checkpoint.people import Resident, Roster, last_four, mask_name

_WORD: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_WITHIN_A_NAME: Final = re.compile(r"(?<=[^\W\d_])['’·.-](?=[^\W\d_])")
_AFTER_A_NUMBER: Final = re.compile("(?<=[0-9a-z])(?:号楼|单元|[号栋幢座楼室房])")
"""Tells no two homes apart; elsewhere 楼 and 房 are surnames."""


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the list that the volunteer chooses from."""

    person: PersonId
    name: str
    """Masked."""
    kind: Kind
    building: str
    unit: str
    """Both empty for somebody without a household."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The first of those who fit, by building, unit and id; and how many fit in all."""

    first: tuple[Found, ...]
    total: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """One resident, ready to be compared."""

    found: Found
    name: tuple[str, ...]
    home: tuple[str, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class Directory:
    """A roster made ready for searching: made once a roster, which takes longer than many searches."""

    entries: tuple[_Entry, ...]
    """By building, unit and id; who has no household comes first."""

    @classmethod
    def of(cls, roster: Roster) -> Self:
        """Make everybody ready."""
        entries = [_entry(roster, resident) for resident in roster.residents.values()]
        entries.sort(key=lambda entry: _place(entry.found))
        return cls(tuple(entries))

    def find(self, text: str, at_most: int) -> Matches:
        """Who fits what was typed; nobody fits a text without a letter or digit."""
        words = _words(text)
        fitting = [entry.found for entry in self.entries if _fits(words, entry)] if words else []
        return Matches(tuple(fitting[:at_most]), len(fitting))


def _entry(roster: Roster, resident: Resident) -> _Entry:
    home = roster.households[resident.household] if resident.household else None
    building, unit = (home.building, home.unit) if home else ("", "")
    found = Found(resident.id, mask_name(resident.name), resident.kind, building, unit)
    name = tuple(_plain(resident.name).split())
    return _Entry(found, name, tuple(_words(f"{building} {unit}")), last_four(resident.phone))


def _place(found: Found) -> tuple[list[tuple[int, str]], list[tuple[int, str]], str]:
    """An order in which building 9 comes before building 10."""
    return _natural(found.building), _natural(found.unit), found.person


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(word), "") if word.isdecimal() else (-1, word) for word in _words(text)]


def _words(text: str) -> list[str]:
    return _WORD.findall(_AFTER_A_NUMBER.sub(" ", _plain(text)))


def _plain(text: str) -> str:
    return _WITHIN_A_NAME.sub("", normalize("NFKC", text).casefold())


def _fits(words: list[str], entry: _Entry) -> bool:
    rest = [word for word in words if not any(_begins(part, word) for part in entry.name)]
    if rest and not _is_home(rest, entry.home):
        rest = [word for word in rest if word != entry.phone]
    return not rest or _is_home(rest, entry.home) or _is_home(words, entry.home)


def _begins(part: str, word: str) -> bool:
    """Whether a part of a name, masked or not, may begin with this word."""
    return (
        part[0] == word[0]
        and len(word) <= len(part)
        and all(mine in ("*", typed) for mine, typed in zip(part, word, strict=False))
    )


def _is_home(words: list[str], home: tuple[str, ...]) -> bool:
    later = iter(home)
    in_order = all(word in later for word in words)
    return in_order and (words[0] == home[0] or words[-1] == home[-1])
