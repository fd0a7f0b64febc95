"""gate.toml with the two files that it names, the policy and trust.json: the mistakes of all three at once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from checkpoint.policy import Policy
from config.policies import load_policy
from config.settings import GateSettings
from config.settings.error import ConfigError
from config.settings.load import load_gate, read_toml
from config.settings.policy import preset_or_file
from config.trust import Trust, load_trust

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class GateFiles:
    """All that a gate is told before it starts."""

    settings: GateSettings
    policy: Policy
    trust: Trust


def load_gate_files(path: Path) -> GateFiles:
    """Read gate.toml and what it names. Raises ConfigError with every mistake, each with its key in gate.toml."""
    problems: list[str] = []

    def tried(load: Callable[[], _Part], key: str) -> _Part | None:
        try:
            return load()
        except ConfigError as error:
            problems.extend(f"{key}{problem}" for problem in error.problems)
            return None

    settings = tried(lambda: load_gate(path), "")
    table = _gate_table(path)
    which, where = table.get("policy", "ordinary"), table.get("trust")
    policy = trust = None
    if isinstance(which, str):
        named = preset_or_file(which)
        place = f"gate.policy: {named}: " if isinstance(named, Path) else "gate.policy: "
        policy = tried(lambda: load_policy(_beside(path, named)), place)
    if isinstance(where, str):
        trust = tried(lambda: load_trust(path.absolute().parent / where), f"gate.trust: {where}: ")
    if settings is None or policy is None or trust is None:
        raise ConfigError(path, problems)
    return GateFiles(settings, policy, trust)


def _gate_table(path: Path) -> dict[str, Any]:
    try:
        table = read_toml(path).get("gate")
    except ConfigError:  # which load_gate has told
        return {}
    return table if isinstance(table, dict) else {}


def _beside(path: Path, named: str | Path) -> str | Path:
    return path.absolute().parent / named if isinstance(named, Path) else named
