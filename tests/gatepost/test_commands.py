"""The commands as somebody types them: real processes, their exit codes, stdout and stderr."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gatepost.command_line import command_line
from tests.programs import gatepost as ran

RESIDENT = ["--person", "R1", "--serial", "3", "--kind", "resident"]
DATES = ["--from", "2026-01-01", "--until", "2026-12-31"]
ROSTER = {
    "compound": 1,
    "households": [{"id": "H1", "building": "3", "unit": "201"}],
    "residents": [{"id": "R1", "name": "王小明", "household": "H1", "phone": "13800138000"}],
}


def gatepost(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    wide = {**os.environ, "COLUMNS": "300"}  # a path that is broken over two lines is not found
    return ran(*arguments, env=wide)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "compound"
    assert gatepost("keys", "init", folder).returncode == 0
    return folder


def test_private_keys_are_readable_by_their_owner_only(keys: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in keys.glob("*.pem")} == {0}


def test_keys_are_never_overwritten(keys: Path) -> None:
    before = (keys / "pass.pem").read_bytes()
    again = gatepost("keys", "init", keys)
    assert again.returncode == 2
    assert "never overwritten" in again.stderr
    assert (keys / "pass.pem").read_bytes() == before


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_an_issued_pass_verifies_and_states_what_it_was_issued_for(
    keys: Path, tmp_path: Path, suffix: str
) -> None:
    picture = tmp_path / f"pass.{suffix}"
    issued = gatepost("pass", "issue", "--keys", keys, *RESIDENT, *DATES, "--out", picture)
    assert issued.returncode == 0, issued.stderr
    assert picture.stat().st_size > 500
    verified = gatepost("pass", "verify", "--keys", keys, "--json", issued.stdout.strip())
    assert verified.returncode == 0
    assert json.loads(verified.stdout) == {
        "verdict": "VALID",
        "person": "R1",
        "serial": 3,
        "compound": 1,
        "kind": "resident",
        "from": "2026-01-01T00:00:00+08:00",
        "until": "2027-01-01T00:00:00+08:00",
    }


def test_an_issued_png_is_read_back_as_valid_by_decode(keys: Path, tmp_path: Path) -> None:
    picture = tmp_path / "a pass.png"
    issued = gatepost("pass", "issue", "--keys", keys, *RESIDENT, *DATES, "--out", picture)
    decoded = gatepost("decode", "--keys", keys, picture)
    assert decoded.returncode == 0
    assert decoded.stdout == f"{picture}\t{issued.stdout.strip()}\tVALID\n"


def test_a_pass_of_other_keys_is_unknown_and_a_changed_one_forged(
    keys: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    gatepost("keys", "init", others)
    out = ["--out", str(tmp_path / "p.svg")]
    text = gatepost("pass", "issue", "--keys", others, *RESIDENT, *DATES, *out).stdout.strip()
    verdict = gatepost("pass", "verify", "--keys", keys, text)
    assert (verdict.returncode, verdict.stdout) == (1, "UNKNOWN_KEY\n")
    last = "0" if text[-3] != "0" else "1"
    changed = gatepost("pass", "verify", "--keys", others, text[:-3] + last + text[-2:])
    assert (changed.returncode, changed.stdout) == (1, "FORGED\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--person", "nine char", "--serial", "1", "--out", "p.svg", *DATES], "person id"),
        (["--person", "R1", "--serial", "70000", "--out", "p.svg", *DATES], "0 to 65535"),
        (["--person", "R1", "--serial", "1", "--out", "p.gif", *DATES], ".svg or .png"),
        (
            [
                "--person",
                "R1",
                "--serial",
                "1",
                "--out",
                "p.svg",
                "--from",
                "soon",
                "--until",
                "2027-01-01",
            ],
            "'soon' is no time",
        ),
        (
            [
                "--person",
                "R1",
                "--serial",
                "1",
                "--out",
                "p.svg",
                "--from",
                "2027-01-01",
                "--until",
                "2026-01-01",
            ],
            "after the beginning",
        ),
    ],
)
def test_a_pass_that_cannot_be_issued_is_refused_with_the_mend(
    keys: Path, arguments: list[str], complaint: str
) -> None:
    refused = gatepost("pass", "issue", "--keys", keys, "--kind", "resident", *arguments)
    assert refused.returncode == 2
    assert complaint in _unwrapped(refused.stderr)
    assert not Path("p.svg").exists()


def test_a_signed_roster_has_masked_names_and_cut_phones_and_names_what_is_wrong_in_a_bad_one(
    keys: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "roster.json"
    plain.write_text(json.dumps(ROSTER))
    signed = gatepost("roster", "sign", "--keys", keys, plain)
    assert signed.returncode == 0
    body = json.loads(json.loads(signed.stdout)["body"])
    assert body["residents"] == [{"id": "R1", "name": "王**", "household": "H1", "phone": "8000"}]
    assert "0013" not in signed.stdout
    plain.write_text(json.dumps({**ROSTER, "households": []}))
    refused = gatepost("roster", "sign", "--keys", keys, plain)
    assert refused.returncode == 2
    assert "resident R1: no household H1" in _unwrapped(refused.stderr)


def test_every_mistake_in_a_config_is_listed_at_once_with_key_and_mend(tmp_path: Path) -> None:
    config = tmp_path / "gate.toml"
    config.write_text('[gate]\nid = "North"\ncompund = 1\n[camera]\nkind = "devic"\n')
    refused = gatepost("gate", "run", "--config", config)
    assert refused.returncode == 2
    for line in (
        "gate.compund: unknown key; did you mean compound?",
        "gate.id: use lower-case letters",
        "camera.kind: 'devic' is unknown; use one of device, csi, scanner, video, pictures, simulated",
        "lock: is missing; add it",
    ):
        assert line in refused.stderr


@pytest.mark.parametrize(
    "command",
    [["gate", "run"], ["gate", "sync"], ["lock", "secure"], ["collector", "run"]],
)
def test_a_config_that_is_not_there_ends_with_2_and_its_name(
    command: list[str], tmp_path: Path
) -> None:
    refused = gatepost(*command, "--config", tmp_path / "nowhere.toml")
    assert refused.returncode == 2
    assert "nowhere.toml" in _unwrapped(refused.stderr)


def _commands(command: Any, path: str = "gatepost") -> Iterator[Any]:
    yield pytest.param(command, id=path)
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{path} {name}")


@pytest.mark.parametrize("command", list(_commands(typer.main.get_command(command_line()))))
def test_every_command_and_option_explains_itself(command: Any) -> None:
    assert len(command.help.split()) > 4
    options = [each for each in command.params if each.param_type_name == "option"]
    assert [each.name for each in options if not each.help] == []


def test_bad_use_ends_with_2() -> None:
    assert gatepost("demo", "--json", "x.json").returncode == 2
    assert gatepost("pass", "fly").returncode == 2


def _unwrapped(text: str) -> str:
    """The message without the box that the terminal draws around it."""
    return " ".join(text.replace("│", " ").split())
