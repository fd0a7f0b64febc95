"""What is wrong with a file that a gate or a collector is to be told by; it loads nothing else."""

from pathlib import Path


class ConfigError(Exception):
    """The file cannot be used; ``problems`` has one line a mistake, each naming its key."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(
            "\n".join([f"{path}: {len(problems)} to mend", *(f"  {p}" for p in problems)])
        )
