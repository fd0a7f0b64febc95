"""Policy presets: <name>.toml -> checkpoint.policy.Policy, validated."""

from importlib.resources import files
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from checkpoint.policy import Direction, Policy
from checkpoint.thermometry import Limits
from config.load import ConfigError, read_toml


class _PolicyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: str
    measured: frozenset[Direction]
    fever_celsius: float = Field(ge=36.0, le=40.0)
    lowest_celsius: float = Field(ge=30.0, le=36.0)
    highest_celsius: float = Field(ge=40.0, le=45.0)
    validity_grace_seconds: int = Field(ge=0, le=3600)
    roster_stale_after_hours: int = Field(ge=1, le=8760)
    untrusted_clock: Literal["flag", "hold"]
    stale_roster: Literal["flag", "hold"]
    admit_without_journal: int = Field(ge=0, le=10_000)

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is no time zone of the IANA database")
        return name


def preset_names() -> list[str]:
    """The presets that are shipped."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )


def load_policy(name: str) -> Policy:
    """The preset of this name. Raises ConfigError naming the presets that exist, or what is wrong in it."""
    path = Path(str(files(__name__) / f"{name}.toml"))
    if name not in preset_names():
        known = ", ".join(preset_names())
        raise ConfigError(path, [f"gate.policy: no preset {name!r}; there is {known}"])
    try:
        file = _PolicyFile.model_validate(read_toml(path))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ConfigError(path, problems) from None
    return Policy(
        name=name,
        timezone=file.timezone,
        temperature=Limits(
            fever_centicelsius=round(file.fever_celsius * 100),
            lowest_centicelsius=round(file.lowest_celsius * 100),
            highest_centicelsius=round(file.highest_celsius * 100),
        ),
        measured=file.measured,
        validity_grace_s=file.validity_grace_seconds,
        roster_stale_after_s=file.roster_stale_after_hours * 3600,
        untrusted_clock_holds=file.untrusted_clock == "hold",
        stale_roster_holds=file.stale_roster == "hold",
        admit_without_journal=file.admit_without_journal,
    )
