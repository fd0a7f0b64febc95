"""README is true: its tour is run as it stands there, in a folder of its own, and shows what README says.

Each ```sh block is a script; a ```text block right after it is what the script says, in this order, where …
stands for anything. A block under <!-- goes on --> is left running until README's reader would end it.
"""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulation.arrivals import fixed_scenario
from simulation.processes import free_port
from tests.ending import ended
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README[README.index("## A tour") : README.index("## On a Raspberry Pi")]
BLOCK = re.compile(
    r"^(?P<indent> *)(?P<goes_on><!-- goes on -->\n *)?```sh\n(?P<script>.*?)^(?P=indent)```\n"
    r"(?:\n(?P=indent)```text\n(?P<shown>.*?)^(?P=indent)```\n)?",
    re.MULTILINE | re.DOTALL,
)
LARGEST_PICTURE_BYTES = 150_000


@dataclass(frozen=True)
class Block:
    script: str
    shown: str
    goes_on: bool

    @property
    def program(self) -> tuple[str, ...]:
        """What a terminal is given to: ./run gatepost gate run, whatever its options."""
        return tuple(shlex.split(self.script)[:4])


def blocks(text: str) -> Iterator[Block]:
    for match in BLOCK.finditer(text):
        shown = textwrap.dedent(match["shown"] or "")
        yield Block(textwrap.dedent(match["script"]), shown, match["goes_on"] is not None)


def not_yet_said(shown: str, said: str) -> str:
    """The first line that should have been said and was not; empty when all were, in their order."""
    lines = iter(said.splitlines())
    for line in shown.splitlines():
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        if not any(pattern.fullmatch(each.rstrip()) for each in lines):
            return line
    return ""


class Terminal:
    """One command that goes on, and what it has said so far."""

    def __init__(self, block: Block, folder: Path, number: int) -> None:
        self._said = folder / f"terminal-{number}"
        with self._said.open("wb") as output:
            # As the reader's shell would, but Ctrl-C then reaches the program itself.
            self._process = subprocess.Popen(
                ["sh", "-c", f"exec {block.script}"], cwd=folder, stdout=output, stderr=output
            )
        self._block = block
        self.ended = False

    def until_said(self) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while missing := not_yet_said(self._block.shown, self.said()):
            alive = self._process.poll() is None and time.monotonic() < until_s
            assert alive, f"{self._block.script}never said: {missing}\nbut\n{self.said()}"
            time.sleep(0.05)

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        if self.ended:
            return
        self.ended = True
        assert self._process.poll() is None, f"{self._block.script}ended:\n{self.said()}"
        self._process.send_signal(signal.SIGINT)
        code = ended(self._process)
        assert code in {0, -signal.SIGINT}, f"{self._block.script}{code}:\n{self.said()}"


def run_to_its_end(block: Block, folder: Path) -> None:
    done = subprocess.run(
        ["sh", "-eu", "-c", block.script],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, f"{block.script}{done.stdout}"
    assert not_yet_said(block.shown, done.stdout) == "", f"{block.script}{done.stdout}"


def own_ports() -> Callable[[str], str]:
    """Another port for each of README's, so that whatever runs on this machine is left alone."""
    ports = {port: str(free_port()) for port in ("8600", "8700", "18830")}

    def change(text: str) -> str:
        text = text.replace("[screen]\n", "[screen]\nport = 8600\n")
        text = text.replace("[page]\n", "[page]\nport = 8700\n")
        return re.sub(r"\b(8600|8700|18830)\b", lambda found: ports[found[1]], text)

    return change


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the tour needs of the checkout; ./run gatepost without the set-up."""
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("*.py"))
    run = tmp_path / "run"
    python, here = shlex.quote(sys.executable), shlex.quote(str(ROOT))
    run.write_text(f'#!/bin/sh\nshift\nPYTHONPATH={here} exec {python} -m gatepost "$@"\n')
    run.chmod(0o755)
    return tmp_path


@pytest.mark.timeout(900)  # 40 s and more where nothing else runs
def test_the_tour_does_what_readme_says(checkout: Path) -> None:
    change = own_ports()
    webcam = checkout / "config" / "webcam.toml"
    # Nobody's camera is switched on by a test: this one is not there, and the gate must run all the same.
    webcam.write_text(change(webcam.read_text()).replace("device = 0", "device = 63"))
    tour = list(blocks(change(TOUR)))
    assert sum(block.goes_on for block in tour) == 7
    open_terminals: dict[tuple[str, ...], Terminal] = {}
    with ExitStack() as last_opened_first_closed:
        for number, block in enumerate(tour):
            if not block.goes_on:
                run_to_its_end(block, checkout)
                continue
            if block.program in open_terminals:
                open_terminals[block.program].end()
            terminal = open_terminals[block.program] = Terminal(block, checkout, number)
            last_opened_first_closed.callback(terminal.end)
            terminal.until_said()


def test_the_table_of_the_demo_is_the_fixed_scenarios() -> None:
    said = iter(README.splitlines())
    for arrival in fixed_scenario(Ed25519PrivateKey.generate()):
        verdict = f"{arrival.result.value} {arrival.reason or 'OK'}"
        line = next(line for line in said if line.startswith(arrival.name))
        name, expected, outcome, *_, collector = re.split(r" {2,}", line.strip())[:7]
        assert (name, expected, outcome) == (arrival.name, verdict, verdict)
        assert arrival.alerts == () or line.endswith(" ".join(arrival.alerts))
        assert collector.isdecimal() or collector in arrival.alerts


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_leads_somewhere(file: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / file).read_text(encoding="utf-8"))
    ours = [link for link in links if "://" not in link]
    assert [link for link in ours if not (ROOT / link).exists()] == []


PAGES = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")]


def test_every_picture_is_light_and_shown() -> None:
    docs = ROOT / "docs"
    for picture in (docs / "images").rglob("*.*"):
        assert picture.stat().st_size <= LARGEST_PICTURE_BYTES, picture.name
        path = picture.relative_to(docs)
        shown = any(f"({path})" in page for page in PAGES)
        assert shown or f"(docs/{path})" in README, path


def test_every_room_is_named() -> None:
    rooms = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in README] == []
