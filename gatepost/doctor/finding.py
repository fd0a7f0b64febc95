"""What a check found: a code, figures, and the words for them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.words import Language, phrases

Figure = float | int | str | bool | None


class CheckOutcome(enum.Enum):
    """What is to be done about it."""

    OK = "ok"
    WARN = "warn"
    """It works; look at it when there is time."""
    FAIL = "fail"
    """The gate cannot do its work, or not safely."""
    SKIP = "skip"
    """Not looked at."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One sentence about one part."""

    code: str
    """The part and what is the matter: camera.dark. The words' key; the mend's is camera.dark.mend."""
    outcome: CheckOutcome
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


def ok(code: str, **figures: Figure) -> CheckResult:
    """All is well."""
    return CheckResult(code, CheckOutcome.OK, figures)


def warn(code: str, detail: object = "", **figures: Figure) -> CheckResult:
    """To be looked at."""
    return CheckResult(code, CheckOutcome.WARN, figures, str(detail))


def fail(code: str, detail: object = "", **figures: Figure) -> CheckResult:
    """To be mended."""
    return CheckResult(code, CheckOutcome.FAIL, figures, str(detail))


def skip(code: str, **figures: Figure) -> CheckResult:
    """Not looked at."""
    return CheckResult(code, CheckOutcome.SKIP, figures)
