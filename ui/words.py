"""The words for everything that people read or hear, in zh_CN and en, looked up in the catalogues.

The catalogues are ``locale/LANGUAGE/LC_MESSAGES/gatepost.po``. A context is the type of a code or the name
of a page, a msgid is the code or the page's own key. A reason has three texts: a short word, what the
resident is asked to do (``Reason.please``), and the volunteer's next step (``Reason.next_step``). A test
fails when a code has no words in one of the languages.
"""

import enum
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from babel.messages.pofile import read_po

from checkpoint.verdict import Reason

Language = Literal["zh_CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")
_LOCALE: Final = Path(__file__).parent / "locale"


def word(code: enum.Enum, language: Language) -> str:
    """The short word for a Reason, Flag, AlertCode, Device or any other code with a context of its name."""
    return phrases(type(code).__name__, language)[code.name]


def next_step(reason: Reason, language: Language) -> str:
    """The sentence that tells the volunteer what to do now."""
    return phrases("Reason.next_step", language)[reason.name]


def please(reason: Reason, language: Language) -> str:
    """The sentence that tells the resident what to do now."""
    return phrases("Reason.please", language)[reason.name]


@cache
def phrases(context: str, language: Language) -> Mapping[str, str]:
    """All words of one context by their msgid; empty for a context that nobody has written."""
    return MappingProxyType(
        {key: text for (where, key), text in _catalogue(language).items() if where == context}
    )


def degrees(centicelsius: int) -> str:
    """A temperature as people read it: 3662 -> ``36.6 °C``.

    Cut to tenths, not rounded: a 37.29 that passed must not be shown as the 37.3 that would not have.
    """
    return f"{centicelsius // 10 / 10:.1f} °C"


@cache
def _catalogue(language: Language) -> Mapping[tuple[str, str], str]:
    with (_LOCALE / language / "LC_MESSAGES" / "gatepost.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return {
        (message.context or "", str(message.id)): str(message.string)
        for message in catalogue
        if message.id
    }
