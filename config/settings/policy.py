"""What a policy file can say: TOML tables -> checkpoint.policy.Policy. What it leaves out is as the rules have it."""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
)

from checkpoint.hours import Weekly
from checkpoint.hours_text import parse_hours
from checkpoint.ids import Revision
from checkpoint.policy import Curfew, Direction, OutingQuota, Policy
from checkpoint.thermometry import Limits


def _weekly(text: object) -> tuple[Weekly, ...]:
    windows = parse_hours(text) if isinstance(text, str) else ()
    if not windows:
        raise ValueError('write days and hours, such as "Mon-Fri 07:00-09:00", or leave it out')
    weekly = tuple(window for window in windows if isinstance(window, Weekly))
    if weekly != windows:
        raise ValueError("dates are for shifts; write days of the week, such as daily 22:00-05:00")
    return weekly


def _known_zone(name: str) -> str:
    # available_timezones() would open each of some 900 files, at every start of a gate.
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no zone of the IANA database; write such as Asia/Shanghai"
        ) from None
    return name


_Hours = Annotated[tuple[Weekly, ...], PlainValidator(_weekly)]
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _CurfewTable(_Table):
    directions: frozenset[Direction] = Field(min_length=1)
    hours: _Hours = ()


class _OutingsTable(_Table):
    every_days: int = Field(strict=True, ge=1, le=31)
    max_minutes_out: int = Field(strict=True, ge=1, le=10_080)
    allowed_hours: _Hours = ()


class PolicyFile(_Table):
    """One policy, units in the keys."""

    timezone: Annotated[str, BeforeValidator(_known_zone)]
    revision: int | None = Field(default=None, strict=True, ge=0)
    measured: frozenset[Direction] | None = None
    fever_celsius: float | None = Field(default=None, ge=36.0, le=40.0)
    lowest_celsius: float | None = Field(default=None, ge=30.0, le=36.0)
    highest_celsius: float | None = Field(default=None, ge=40.0, le=45.0)
    validity_grace_seconds: int | None = Field(default=None, strict=True, ge=0, le=3600)
    roster_stale_after_hours: int | None = Field(default=None, strict=True, ge=1, le=8760)
    untrusted_clock: Literal["flag", "hold"] | None = None
    stale_roster: Literal["flag", "hold"] | None = None
    admit_without_journal: int | None = Field(default=None, strict=True, ge=0, le=10_000)
    exempt_marks: frozenset[_Word] | None = None
    shift_grace_minutes: int | None = Field(default=None, strict=True, ge=0, le=720)
    passback_minutes: int | None = Field(default=None, strict=True, ge=0, le=1440)
    first_entry_days: int | None = Field(default=None, strict=True, ge=0, le=365)
    watched_plates: tuple[_Word, ...] | None = None
    curfew: _CurfewTable | None = None
    outings: _OutingsTable | None = None


def preset_or_file(text: str | Path) -> str | Path:
    """The name of a preset, or the path of a file: what has a slash in it or ends in .toml."""
    return Path(text) if "/" in str(text) or str(text).endswith(".toml") else text


def policy_of(name: str, file: PolicyFile) -> Policy:
    """The policy that the file asks for."""
    return Policy(
        name=name,
        timezone=file.timezone,
        temperature=Limits(
            **_given(
                fever_centicelsius=_hundredths(file.fever_celsius),
                lowest_centicelsius=_hundredths(file.lowest_celsius),
                highest_centicelsius=_hundredths(file.highest_celsius),
            )
        ),
        **_given(
            revision=None if file.revision is None else Revision(file.revision),
            measured=file.measured,
            validity_grace_s=file.validity_grace_seconds,
            roster_stale_after_s=file.roster_stale_after_hours
            and file.roster_stale_after_hours * 3600,
            untrusted_clock_holds=file.untrusted_clock and file.untrusted_clock == "hold",
            stale_roster_holds=file.stale_roster and file.stale_roster == "hold",
            admit_without_journal=file.admit_without_journal,
            exempt_marks=file.exempt_marks,
            shift_grace_minutes=file.shift_grace_minutes,
            passback_minutes=file.passback_minutes,
            first_entry_days=file.first_entry_days,
            watched_plates=file.watched_plates,
            curfew=file.curfew and Curfew(**dict(file.curfew)),
            outings=file.outings and OutingQuota(**dict(file.outings)),
        ),
    )


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _hundredths(celsius: float | None) -> int | None:
    return None if celsius is None else round(celsius * 100)
