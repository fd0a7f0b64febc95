"""Every code that people see has words in both languages."""

import enum
import itertools
import re
import string

import pytest
from babel.messages.pofile import read_po

from checkpoint.entry_pass import Kind
from checkpoint.gate.context import Face, Objection
from checkpoint.people import Colour
from checkpoint.policy import Direction
from checkpoint.records import (
    Cause,
    CommandKind,
    Device,
    DeviceState,
    DoorState,
    Evidence,
    NotDone,
    Result,
    Visiting,
)
from checkpoint.records.alerts import AlertCode, Severity
from checkpoint.verdict import Flag, Reason
from ui import STATIC
from ui.words import LANGUAGES, Language, degrees, next_step, phrases, please, word

_KINDS = (
    Reason,
    Result,
    Evidence,
    Flag,
    AlertCode,
    Severity,
    Device,
    DeviceState,
    Direction,
    Face,
    Objection,
    Cause,
    Visiting,
    DoorState,
    Colour,
    Kind,
    CommandKind,
)
_CODES = list(itertools.chain.from_iterable(list(kind) for kind in _KINDS))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", _CODES, ids=str)
def test_every_code_has_a_short_word(code: enum.Enum, language: Language) -> None:
    assert 1 <= len(word(code, language)) <= 24


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_tells_the_volunteer_and_the_resident_what_to_do(
    reason: Reason, language: Language
) -> None:
    stop = "。" if language == "zh_CN" else "."
    assert next_step(reason, language).endswith(stop)
    assert please(reason, language).endswith(stop)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", NotDone)
def test_every_command_that_is_not_done_says_why(why: NotDone, language: Language) -> None:
    assert len(word(why, language)) > 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_tells_the_staff_what_to_do(language: Language) -> None:
    steps = phrases("AlertCode.next_step", language)
    assert all(steps[code.name] for code in AlertCode)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_face_asks_the_resident_for_something(language: Language) -> None:
    assert all(phrases("Face.please", language)[face.name] for face in Face)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_codes_of_a_kind_share_a_word(kind: type[enum.Enum], language: Language) -> None:
    words = [word(code, language) for code in kind]
    assert len(set(words)) == len(words)


def test_chinese_and_english_differ_in_every_word() -> None:
    assert all(word(code, "zh_CN") != word(code, "en") for code in _CODES)


def test_both_catalogues_have_the_same_words_with_the_same_places_to_fill() -> None:
    zh, en = (_catalogue(language) for language in LANGUAGES)
    assert zh.keys() == en.keys()
    assert all(zh.values())
    assert all(en.values())
    assert {key: _places(text) for key, text in zh.items()} == {
        key: _places(text) for key, text in en.items()
    }


def test_chinese_sentences_have_chinese_punctuation() -> None:
    assert not [
        text for text in _catalogue("zh_CN").values() if re.search("[\u4e00-\u9fff][,;:!?]", text)
    ]


@pytest.mark.parametrize(
    ("centicelsius", "text"),
    [(3660, "36.6 °C"), (3729, "37.2 °C"), (3730, "37.3 °C"), (4000, "40.0 °C"), (-50, "-0.5 °C")],
)
def test_a_temperature_is_cut_to_tenths_so_that_the_limit_reads_true(
    centicelsius: int, text: str
) -> None:
    assert degrees(centicelsius) == text


def _catalogue(language: Language) -> dict[tuple[str | None, str], str]:
    path = STATIC.parent / "locale" / language / "LC_MESSAGES" / "gatepost.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return {(m.context, str(m.id)): str(m.string) for m in catalogue if m.id}


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
