"""The screen's unit and the policy of its browser: what systemd itself says, and that they fit the gate's page."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ScreenTable
from tests.systemd.test_units import COMMAND, MOST_EXPOSURE, UNITS, analyze, service, with_systemd

NAME = "gatepost-screen.service"


@with_systemd
def test_systemd_finds_nothing_wrong_in_it(tmp_path: Path) -> None:
    text = (UNITS / NAME).read_text(encoding="utf-8")
    copy = tmp_path / NAME
    copy.write_text(text.replace(COMMAND, "/bin/true").replace("/usr/bin/cage", "/bin/true"))
    verified = analyze("verify", "--man=no", copy)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@with_systemd
def test_it_is_exposed_to_2_0_at_the_most() -> None:
    shown = analyze("security", "--offline=true", UNITS / NAME).stdout
    exposure = float(shown.rsplit("exposure level for", 1)[1].split(": ")[1].split()[0])
    assert exposure <= MOST_EXPOSURE


def test_nothing_leaves_the_machine_and_no_other_terminal_can_be_had() -> None:
    directives = service(NAME)
    assert (directives["IPAddressDeny"], directives["IPAddressAllow"]) == ("any", "localhost")
    cage, *words = shlex.split(directives["ExecStart"])
    assert Path(cage).name == "cage"
    assert "-s" not in words[: words.index("--")], "cage -s lets people switch to a terminal"
    assert (directives["Restart"], directives["NoNewPrivileges"]) == ("always", "yes")


def test_the_command_inside_is_a_real_one(tmp_path: Path) -> None:
    words = shlex.split(service(NAME)["ExecStart"])
    program, *words = words[words.index("--") + 1 :]
    assert program == COMMAND
    broken = tmp_path / "gate.toml"
    broken.write_text("no = table")
    command = [*words[: words.index("--config")], "--config", str(broken)]
    ended = subprocess.run(
        [sys.executable, "-m", "gatepost", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{broken}: ")


@pytest.mark.parametrize("forbidden", ["*", "chrome://*", "devtools://*", "file://*"])
def test_the_browser_may_open_the_gates_page_alone(forbidden: str) -> None:
    policy = json.loads((UNITS / "gatepost-screen.json").read_text(encoding="utf-8"))
    assert forbidden in policy["URLBlocklist"]
    assert policy["URLAllowlist"] == [f"http://127.0.0.1:{ScreenTable().port}"]
    assert policy["DeveloperToolsAvailability"] == 2
