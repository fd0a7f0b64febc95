"""What a check found: a code, figures, and the words for them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.words import Language, phrases

Figure = float | int | str | bool | None


class Outcome(enum.Enum):
    """What is to be done about it."""

    OK = "ok"
    WARN = "warn"
    """It works; look at it when there is time."""
    FAIL = "fail"
    """The gate cannot do its work, or not safely."""
    SKIP = "skip"
    """Not looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one part."""

    code: str
    """The part and what is the matter: camera.dark. The words' key; the mend's is camera.dark.mend."""
    outcome: Outcome
    figures: Mapping[str, Figure] = field(default_factory=dict)
    detail: str = ""
    """The driver's or the system's own words."""

    @property
    def check(self) -> str:
        """The part."""
        return self.code.split(".")[0]

    def says(self, language: Language) -> str:
        """The sentence, with its figures."""
        return phrases("doctor", language)[self.code].format(**self.figures)

    def mend(self, language: Language) -> str:
        """What to do about it; empty: nothing."""
        return phrases("doctor", language).get(f"{self.code}.mend", "")

    def as_json(self, language: Language) -> dict[str, Any]:
        """For machines."""
        return {
            "check": self.check,
            "code": self.code,
            "outcome": self.outcome.value,
            "figures": dict(self.figures),
            "says": self.says(language),
            "mend": self.mend(language),
            "detail": self.detail,
        }


def ok(code: str, **figures: Figure) -> Finding:
    """All is well."""
    return Finding(code, Outcome.OK, figures)


def warn(code: str, detail: object = "", **figures: Figure) -> Finding:
    """To be looked at."""
    return Finding(code, Outcome.WARN, figures, str(detail))


def fail(code: str, detail: object = "", **figures: Figure) -> Finding:
    """To be mended."""
    return Finding(code, Outcome.FAIL, figures, str(detail))


def skip(code: str, **figures: Figure) -> Finding:
    """Not looked at."""
    return Finding(code, Outcome.SKIP, figures)
