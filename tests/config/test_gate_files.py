"""gate.toml with its policy and its trust.json: all mistakes at once, and each under its key."""

from pathlib import Path

import pytest

from config.gate_files import load_gate_files
from config.key_files import make_keys
from config.settings import GpioLockTable
from config.settings.error import ConfigError
from config.settings.load import load_lock
from tests.config.test_load_config import GATE, write


def told(config: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_gate_files(config)
    assert str(caught.value).startswith(f"{config}: {len(caught.value.problems)} to mend")
    return caught.value.problems


def test_what_gate_toml_names_is_read_from_its_folder(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    (tmp_path / "own.toml").write_text('timezone = "Europe/Berlin"\n')
    text = GATE.replace("/etc/gatepost/trust.json", "keys/trust.json")
    config = write(tmp_path, text.replace('data = "data"', 'data = "data"\npolicy = "own.toml"'))
    files = load_gate_files(config)
    assert (files.settings.gate.id, files.policy.timezone) == ("east-in", "Europe/Berlin")
    assert len(files.trust.passes) == 1


def test_mistakes_in_three_files_are_told_at_once_with_their_keys(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('timezone = "Mars"\nfever_celsius = 99\n')
    text = GATE.replace("/etc/gatepost/trust.json", "nowhere.json").replace("pin = 17", "pin = 99")
    problems = told(
        write(tmp_path, text.replace('data = "data"', 'data = "data"\npolicy = "own.toml"'))
    )
    assert [problem.split(": ")[0] for problem in problems] == [
        "lock.pin",
        "gate.policy",
        "gate.policy",
        "gate.trust",
    ]
    assert "timezone" in problems[1]
    assert "fever_celsius" in problems[2]
    assert "gatepost keys init" in problems[3]


def test_a_preset_that_does_not_exist_is_told_under_its_key(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    text = GATE.replace("/etc/gatepost/trust.json", "keys/trust.json")
    (problem,) = told(
        write(tmp_path, text.replace('data = "data"', 'data = "data"\npolicy = "ordinry"'))
    )
    assert problem.startswith("gate.policy: no preset 'ordinry'; use ")


@pytest.mark.parametrize("text", ["[gate", "gate = 3", "", "[gate]\npolicy = 3\ntrust = []\n"])
def test_what_is_no_gate_toml_at_all_is_told_and_no_crash(tmp_path: Path, text: str) -> None:
    assert told(write(tmp_path, text))


def test_the_lock_is_found_whatever_else_is_wrong(tmp_path: Path) -> None:
    config = write(tmp_path, GATE.replace("compound = 100", "compund = 1") + "[extra]\nx = 1\n")
    lock = load_lock(config)
    assert isinstance(lock, GpioLockTable)
    assert lock.pin == 17
    with pytest.raises(ConfigError, match=r"lock\.pin"):
        load_lock(write(tmp_path, GATE.replace("pin = 17", "pin = 99")))
