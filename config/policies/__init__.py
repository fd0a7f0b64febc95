"""Policies: the presets beside this file, and files of one's own -> checkpoint.policy.Policy, validated."""

from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from checkpoint.policy import Policy
from config.settings.error import ConfigError
from config.settings.load import problems_of, read_toml
from config.settings.policy import PolicyFile, policy_of


def preset_names() -> list[str]:
    """The presets that are shipped."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )


def load_policy(which: str | Path) -> Policy:
    """A preset by its name, or a file by its path.

    Raises ConfigError naming the presets that exist, or every mistake in the file with its key and a mend.
    """
    if isinstance(which, Path):
        return _read(which)
    path = Path(str(files(__name__) / f"{which}.toml"))
    if which not in preset_names():
        known = ", ".join(preset_names())
        raise ConfigError(path, [f"no preset {which!r}; use {known}, or a file: ./{which}.toml"])
    return _read(path)


def _read(path: Path) -> Policy:
    try:
        file = PolicyFile.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError(path, problems_of(PolicyFile, error)) from None
    return policy_of(path.stem, file)
