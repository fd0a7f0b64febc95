"""Options that several commands share."""

import enum
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from checkpoint.policy import Policy
    from config.settings import GateSettings
    from ui import words

GateConfig = Annotated[
    Path,
    typer.Option(
        "--config",
        metavar="F",
        envvar="GATEPOST_CONFIG",
        help="The gate's settings, see config/gate.toml.",
        show_default="/etc/gatepost/gate.toml",
    ),
]
DEFAULT_GATE_CONFIG = Path("/etc/gatepost/gate.toml")
KeysFolder = Annotated[
    Path, typer.Option("--keys", metavar="D", help="Folder made by gatepost keys init.")
]
PolicyName = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="PRESET|FILE",
        help="ordinary, one-outing-a-day, every-two-days-3h, every-two-days-1h, sealed, or a TOML file.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]


def read_policy(text: str) -> "Policy":
    """A preset by its name or a file by its path. Raises ConfigError."""
    from config.policies import load_policy
    from config.settings.policy import preset_or_file

    return load_policy(preset_or_file(text))


class LanguageName(enum.Enum):
    """Languages as they are typed."""

    ZH = "zh"
    EN = "en"

    @property
    def catalogue(self) -> "words.Language":
        """As the catalogues name it."""
        return "zh_CN" if self is LanguageName.ZH else "en"


GateLanguage = Annotated[
    LanguageName | None,
    typer.Option(
        "--language",
        metavar="L",
        help="Language of the messages, zh or en.",
        show_default="screen.language of the settings",
    ),
]


def language_of(asked: LanguageName | None, settings: "GateSettings") -> "words.Language":
    """The language that was asked for, or the gate's own."""
    return settings.screen.language if asked is None else asked.catalogue


def language_of_terminal() -> LanguageName:
    """What LC_ALL, LC_MESSAGES or LANG asks for: Chinese, or else English."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    asked = next((name for name in names if name), "")
    return LanguageName.ZH if asked.startswith("zh") else LanguageName.EN


MessageLanguage = Annotated[
    LanguageName,
    typer.Option(
        "--language",
        default_factory=language_of_terminal,
        metavar="L",
        help="Language of the messages, zh or en; otherwise what LANG asks for.",
        show_default=False,
    ),
]
