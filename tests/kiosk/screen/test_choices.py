"""What a site chooses on its page: behind a PIN, kept over a restart, never in the way of the gate."""

from pathlib import Path

import httpx
import pytest

from config.settings import ScreenTable
from kiosk.screen.choices import CLOSED_S, FILE, TRIES, Choice, Choices
from kiosk.screen.fragments import Surface
from tests.kiosk.screen.gate_page import TOKEN, gate_site
from tests.patience import PATIENCE_S

_SCREEN = ScreenTable(pin="271828", language="zh_CN", volume=0.5)
_LARGE = Choice("en", large_text=True, voice_led=True, volume=1.0)


def test_the_right_pin_chooses_and_a_restart_remembers(tmp_path: Path) -> None:
    choices = Choices(_SCREEN, tmp_path)
    assert choices.current == Choice("zh_CN", volume=0.5)
    assert choices.choose("271828", _LARGE, 0.0) == ""
    assert (choices.current, choices.revision) == (_LARGE, 1)
    assert Choices(_SCREEN, tmp_path).current == _LARGE


@pytest.mark.parametrize("pin", ["", "0000", "27182", "2718280", "²71828"])
def test_any_other_pin_changes_nothing(pin: str, tmp_path: Path) -> None:
    choices = Choices(_SCREEN, tmp_path)
    assert choices.choose(pin, _LARGE, 0.0) == "wrong_pin"
    assert (choices.revision, list(tmp_path.iterdir())) == (0, [])


def test_without_a_pin_the_settings_stay_shut() -> None:
    assert Choices(ScreenTable()).choose("", _LARGE, 0.0) == "no_pin"


def test_five_wrong_pins_close_the_settings_for_a_minute_even_for_the_right_one() -> None:
    choices = Choices(_SCREEN)
    assert {choices.choose("0000", _LARGE, 0.0) for _ in range(TRIES)} == {"wrong_pin"}
    assert choices.choose("271828", _LARGE, CLOSED_S - 0.1) == "closed"
    assert choices.choose("271828", _LARGE, CLOSED_S) == ""


@pytest.mark.parametrize("text", ["", "{", '{"language": "fr"}', '{"volume": 7}', '{"colour": 1}'])
def test_a_file_that_cannot_be_read_is_as_none(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    assert Choices(_SCREEN, tmp_path).current == Choice("zh_CN", volume=0.5)


def test_a_choice_that_cannot_be_kept_is_not_taken_up(tmp_path: Path) -> None:
    choices = Choices(_SCREEN, tmp_path / "gone")
    assert choices.choose("271828", _LARGE, 0.0) == "not_kept"
    assert choices.current == Choice("zh_CN", volume=0.5)


@pytest.mark.parametrize(
    ("token", "body", "status"),
    [
        ("guessed", {"pin": "271828", "choice": {}}, 403),
        (TOKEN, {"pin": "271828"}, 400),
        (TOKEN, {"pin": "271828", "choice": {"volume": 3}}, 400),
        (TOKEN, {"pin": "1", "choice": {"language": "en"}}, 409),
        (TOKEN, {"pin": "271828", "choice": {"language": "en"}}, 200),
    ],
)
def test_only_the_page_itself_chooses(token: str, body: dict[str, object], status: int) -> None:
    with gate_site("zh_CN", Surface(_SCREEN)) as site:
        headers = {"X-Gatepost-Token": token, "Origin": site.address.rstrip("/")}
        with httpx.Client(base_url=site.address, headers=headers, timeout=PATIENCE_S) as page:
            answer = page.post("settings", json=body)
            assert answer.status_code == status
            spoken = 'lang="en"' in page.get("").text[:200]
        assert spoken == (status == 200)
