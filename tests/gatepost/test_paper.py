"""gatepost paper: the list that a gate without power works from."""

import re
import subprocess
from pathlib import Path

import pytest

from simulation.compound import NAMES
from tests.kiosk.one_gate import OneGate
from tests.programs import gatepost
from ui.words import Language, phrases


def _gatepost(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return gatepost(*arguments)


@pytest.mark.parametrize(("typed", "language"), [("zh", "zh_CN"), ("en", "en")])
def test_every_home_stands_on_it_in_the_order_in_which_people_count(
    typed: str, language: Language, tmp_path: Path
) -> None:
    sample, out = tmp_path / "roster.csv", tmp_path / "paper.html"
    sizes = ("--households", "60", "--people", "140", "--seed", "20")
    assert _gatepost("roster", "sample", *sizes, "--out", sample).returncode == 0
    done = _gatepost("paper", "--roster", sample, "--language", typed, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    html = out.read_text(encoding="utf-8")
    homes = re.findall(r'class="unit">(\d+)-(\d+)<', html)
    assert len(homes) == 60
    first = [(int(stair), int(unit)) for stair, unit in homes[: len(homes) // 2]]
    assert first == sorted(first)
    assert phrases("paper", language)["step_door"] in html
    assert "37.3 °C" in html
    assert "://" not in html, "it needs no other machine"
    assert "邓伟艳" not in html, "names are masked"
    assert "邓**" in html


def test_a_gate_prints_the_roster_that_it_obeys(tmp_path: Path) -> None:
    gate, out = OneGate(tmp_path), tmp_path / "paper.html"
    gate.store.close()
    config = gate.compound.gate_config("east-in")
    done = _gatepost("paper", "--config", config, "--out", out)
    assert done.returncode == 0, done.stderr
    html = out.read_text(encoding="utf-8")
    assert f"{NAMES[0][0]}**" in html
    assert html.count('class="unit"') == 6


def test_a_gate_without_a_roster_says_what_to_do(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    gate.store.close()
    config = gate.compound.gate_config("east-out")
    refused = _gatepost("paper", "--config", config, "--out", tmp_path / "paper.html")
    assert refused.returncode == 2
    assert "gatepost roster apply" in refused.stderr


def test_a_language_that_nobody_speaks_here_is_refused(tmp_path: Path) -> None:
    refused = _gatepost("paper", "--language", "fr", "--out", tmp_path / "paper.html")
    assert refused.returncode == 2
