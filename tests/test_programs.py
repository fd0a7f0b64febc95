"""Programs that are forked from a warm Python are what the same command is when it starts from nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers.waiting import eventually, is_alive
from tests.ending import ended
from tests.patience import PATIENCE_S
from tests.programs import ROOT, Program, gatepost


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["keys", "--help"], {}),
        (["gate", "run", "--config", "没有.toml"], {}),
        (["gate", "run", "--config", "没有.toml"], {"LC_ALL": "C", "LANG": "C"}),
        (["roster", "import", "nothing.csv", "--preview"], {"LANG": "zh_CN.UTF-8"}),
        (["no-such-command"], {"COLUMNS": "60"}),
    ],
)
def test_a_warm_program_says_and_ends_as_one_that_starts_from_nothing(
    arguments: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    given = os.environ | environment
    cold = subprocess.run(
        [sys.executable, "-m", "gatepost", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False,
        cwd=tmp_path, env=given | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    warm = gatepost(*arguments, cwd=tmp_path, env=given, text=False)
    assert (warm.returncode, warm.stdout, warm.stderr) == (
        cold.returncode,
        cold.stdout,
        cold.stderr,
    )


def test_what_is_typed_comes_through_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    assert gatepost("keys", "init", tmp_path / "keys").returncode == 0
    file.write_text('{"compound": 1, "households": [], "residents": []}')
    signed = gatepost("roster", "sign", "--keys", tmp_path / "keys", file)
    assert signed.returncode == 0
    assert '"body"' in signed.stdout


def test_a_signal_reaches_it_and_its_end_is_told() -> None:
    program = Program("demo", "--exit", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert program.poll() is None
    program.send_signal(signal.SIGKILL)
    assert ended(program) == -signal.SIGKILL


_BEGINS_ONE = """
import sys
from tests.programs import Program
print(Program("gate", "run", "--config", sys.argv[1]).pid, flush=True)
sys.stdin.read()
"""


def test_it_ends_when_the_test_process_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "gate.toml"
    os.mkfifo(fifo)  # whoever reads it waits for as long as nobody writes
    parent = subprocess.Popen(
        [sys.executable, "-c", _BEGINS_ONE, str(fifo)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert parent.stdout is not None
    assert parent.stdin is not None
    program = int(parent.stdout.readline())
    assert Path(f"/proc/{program}").exists()
    parent.kill()
    ended(parent)
    eventually(lambda: not is_alive(program))
    parent.stdin.close()
    parent.stdout.close()
