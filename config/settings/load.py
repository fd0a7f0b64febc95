"""TOML file -> settings, or one ConfigError that lists every mistake with its key and a mend."""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.settings import CollectorSettings, GateSettings, Lock, LockFile
from config.settings.error import ConfigError

Settings = TypeVar("Settings", bound=BaseModel)


def load_gate(path: Path) -> GateSettings:
    """Read gate.toml. Raises ConfigError."""
    return _load(path, GateSettings)


def load_lock(path: Path) -> Lock:
    """The lock of gate.toml, whatever else is wrong with the file. Raises ConfigError.

    A lock must be shut by the file that a running gate has outgrown: a mistake elsewhere may have ended it.
    """
    return _load(path, LockFile).lock


def load_collector(path: Path) -> CollectorSettings:
    """Read collector.toml. Raises ConfigError."""
    return _load(path, CollectorSettings)


def _load(path: Path, model: type[Settings]) -> Settings:
    tables = read_toml(path)
    try:
        settings = model.model_validate(tables)
    except ValidationError as error:
        raise ConfigError(path, problems_of(model, error)) from None
    return _beside(settings, path.absolute().parent)


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigError where it cannot be read or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(path, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError(path, ["is not UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [f"is not TOML: {error}"]) from None


def problems_of(model: type[BaseModel], error: ValidationError) -> list[str]:
    """One line a mistake, each with its key and a mend."""
    return [_problem(model, found) for found in error.errors()]


def _beside(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path taken from the config file's folder."""
    changes: dict[str, Any] = {}
    for name, value in settings:
        if isinstance(value, BaseModel):
            changes[name] = _beside(value, folder)
        elif isinstance(value, Path):
            changes[name] = folder / value
        elif isinstance(value, tuple) and all(isinstance(item, Path) for item in value):
            changes[name] = tuple(folder / item for item in value)
    return settings.model_copy(update=changes)


def _problem(model: type[BaseModel], found: ErrorDetails) -> str:
    names, known = _walk(model, found["loc"])
    key = ".".join(names)
    given = found["input"]
    match found["type"]:
        case "extra_forbidden":
            close = get_close_matches(names[-1], known, n=1)
            mend = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
            return f"{key}: unknown key; {mend}"
        case "missing":
            return f"{key}: is missing; add it"
        case "union_tag_not_found":
            return f"{key}.kind: is missing; use one of {', '.join(known)}"
        case "union_tag_invalid":
            return f"{key}.kind: {given.get('kind')!r} is unknown; use one of {', '.join(known)}"
        case "string_pattern_mismatch":
            return f"{key}: use lower-case letters, digits and hyphens, at most 32, not {given!r}"
        case "value_error":  # of a validator of ours, whose sentence is complete
            return f"{key}: {found['ctx']['error']}"
        case _:
            return f"{key}: {found['msg'][0].lower()}{found['msg'][1:]}, not {given!r}"


def _walk(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[list[str], list[str]]:
    """The key as written in the file, and what would be known in its place: keys, or kinds of a device.

    A union's location holds the chosen kind between table and key; the file does not.
    """
    names: list[str] = []
    here: Any = model
    known: list[str] = []
    for part in location:
        kinds = _kinds(here)
        if part in kinds:
            here = kinds[part]
            continue
        names.append(str(part))
        fields = getattr(here, "model_fields", {})
        known = list(fields)
        here = fields[part].annotation if part in fields else None
    return names, list(_kinds(here)) or known


def _kinds(here: Any) -> dict[str, Any]:
    """The members of a union of devices, by their kind."""
    return {kind: option for option in get_args(here) if (kind := _kind(option))}


def _kind(option: Any) -> str | None:
    field = getattr(option, "model_fields", {}).get("kind")
    return get_args(field.annotation)[0] if field else None
