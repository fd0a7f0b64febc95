"""Every code that people see has words in both languages."""

import enum
import itertools

import pytest

from checkpoint.alerts import AlertCode, Severity
from checkpoint.policy import Direction
from checkpoint.records import Device, DeviceState, Result
from checkpoint.rules import Flag, Reason
from collector.web.page_words import PAGE_WORDS
from ui import STATIC
from ui.words import LANGUAGES, Language, degrees, next_step, word

_KINDS = (Reason, Result, Flag, AlertCode, Severity, Device, DeviceState, Direction)
_CODES = list(itertools.chain.from_iterable(list(kind) for kind in _KINDS))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", _CODES, ids=str)
def test_every_code_has_a_short_word(code: enum.Enum, language: Language) -> None:
    assert 1 <= len(word(code, language)) <= 24


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_next_step(reason: Reason, language: Language) -> None:
    step = next_step(reason, language)
    assert step.endswith("。" if language == "zh_CN" else ".")


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_codes_of_a_kind_share_a_word(kind: type[enum.Enum], language: Language) -> None:
    words = [word(code, language) for code in kind]
    assert len(set(words)) == len(words)


def test_chinese_and_english_differ_in_every_word() -> None:
    assert all(word(code, "zh_CN") != word(code, "en") for code in _CODES)


def test_the_staff_page_has_the_same_words_in_both_languages() -> None:
    assert PAGE_WORDS["zh_CN"].keys() == PAGE_WORDS["en"].keys()
    assert all(all(words.values()) for words in PAGE_WORDS.values())


@pytest.mark.parametrize(
    ("centicelsius", "text"),
    [(3660, "36.6 °C"), (3729, "37.2 °C"), (3730, "37.3 °C"), (4000, "40.0 °C"), (-50, "-0.5 °C")],
)
def test_a_temperature_is_cut_to_tenths_so_that_the_limit_reads_true(
    centicelsius: int, text: str
) -> None:
    assert degrees(centicelsius) == text


def test_the_tokens_are_where_both_pages_look_for_them() -> None:
    css = (STATIC / "tokens.css").read_text()
    assert "prefers-color-scheme: dark" in css
