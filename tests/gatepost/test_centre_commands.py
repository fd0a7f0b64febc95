"""What the staff types at the centre, as real processes on a real database and a real broker."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from checkpoint.ids import CompoundId
from checkpoint.records import Commanded, NotDone
from collector.store.commit import take_in_state
from collector.store.database import database_url, opened_database
from collector.store.queries import GateRow, gates
from sync.wire.messages import StateMessage
from tests.broker import Broker
from tests.collector.gate_below import GateBelow
from tests.collector.gate_end import GateEnd
from tests.collector.journals import EPOCH, GATE, batch, journal, stamp
from tests.collector.site import Site
from tests.ending import ended, joined
from tests.patience import PATIENCE_S

CSV = (
    "id,name,phone,compound,building,unit,household,colour\n"
    "P1,Ann Lee,13800138000,1,7,301,7-301,\n"
    "P2,Ben Wu,13700137000,1,7,302,7-302,green\n"
)


@pytest.fixture
def site(tmp_path: Path, broker: Broker) -> Iterator[Site]:
    site = Site(tmp_path, broker)
    yield site
    site.close()


def gatepost(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gatepost", *map(str, arguments)],
        env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "300"},
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.fixture
def at_centre(site: Site) -> Callable[..., subprocess.CompletedProcess[str]]:
    people = site.folder / "people.csv"
    people.write_text(CSV)
    done = gatepost("roster", "import", people, "--into", site.config, "--compound", "1")
    assert done.returncode == 0, done.stderr
    return lambda *arguments: gatepost(*arguments, "--config", site.config)


def test_an_import_says_what_the_gates_will_be_sent_and_its_preview_writes_nothing(
    site: Site,
) -> None:
    people = site.folder / "people.csv"
    people.write_text(CSV)
    into = ("roster", "import", people, "--into", site.config)
    first = gatepost(*into, "--json")
    assert json.loads(first.stdout)["sent"]["what"] == "roster"
    people.write_text(CSV.replace("Ben", "Bob"))
    seen = json.loads(gatepost(*into, "--preview", "--json").stdout)
    assert seen["change"]["people"]["changed"] == [{"id": "P2", "fields": ["name"]}]
    assert (seen["sent"]["what"], seen["written"]) == ("roster-change", None)
    assert seen["sent"]["bytes"] < 1000
    done = gatepost(*into)
    assert "every gate will be sent the change" in done.stdout
    again = gatepost(*into)
    assert "all of this is in force already" in again.stdout


def test_a_file_of_another_compound_or_with_mistakes_is_not_imported(site: Site) -> None:
    people = site.folder / "people.csv"
    people.write_text(CSV)
    other = gatepost("roster", "import", people, "--into", site.config, "--compound", "2")
    assert other.returncode == 2
    assert "is of compound 1" in other.stderr
    people.write_text(CSV.replace("green", "greem"))
    wrong = gatepost("roster", "import", people, "--into", site.config)
    assert wrong.returncode == 2
    assert "line 3, colour" in wrong.stderr


def test_a_file_without_colours_turns_no_red_household_green(
    site: Site, at_centre: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for home in ("7-301", "7-302"):
        done = at_centre("household", "colour", home, "red", "--reason", "clinic", "--json")
        assert json.loads(done.stdout)["colour"] == "red", done.stderr
    done = gatepost("roster", "import", site.folder / "people.csv", "--into", site.config, "--json")
    changed = json.loads(done.stdout)["change"]["households"]["changed"]
    assert changed == [{"id": "7-302", "fields": ["colour"]}]


def test_passes_are_revoked_and_restored(
    at_centre: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    why = ("--reason", "lost")
    done = at_centre("pass", "revoke", "P1", "--below", "2", *why)
    assert done.stdout.startswith("P1, all below 2: void now, revision"), done.stderr
    assert at_centre("pass", "revoke", "P1", "--serial", "1", *why).stdout == (
        "P1, serial 1: void already\n"
    )
    restored = at_centre("pass", "restore", "P1", "--from", "0", *why)
    assert restored.stdout.startswith("P1, all from 0 on: valid now")
    both = at_centre("pass", "revoke", "P1", "--serial", "1", "--below", "1", *why)
    assert both.returncode == 2
    assert "say one of --serial and --below" in both.stderr


def test_a_policy_is_set_after_its_effect_was_shown(
    at_centre: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = at_centre("policy", "set", "sealed", "--compound", "1", "--language", "en")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("P1\tA** L**\t7-301\t") for line in lines)
    assert lines[-1].startswith("sealed is in force at compound 1: revision ")
    again = json.loads(at_centre("policy", "set", "ordinary", "--json").stdout)
    assert (again["against"], again["affected"]) == ("sealed", 2)
    assert again["revision"] > 1_700_000_000_000_000


def at_terminal(answer: str, *arguments: str | Path) -> tuple[int, str]:
    """Exit code, and everything that a terminal showed to somebody who types one answer."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gatepost", *map(str, arguments)],
        env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "300"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = b""
    with suppress(OSError):  # EIO: the other end is closed
        while chunk := os.read(ours, 65_536):
            shown += chunk
    os.close(ours)
    return ended(process), shown.decode()


def test_on_a_terminal_policy_and_roster_are_asked_for_and_a_no_changes_nothing(
    site: Site, at_centre: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    policy = ("policy", "set", "sealed", "--config", site.config)
    code, shown = at_terminal("n", *policy)
    assert (code, "Put sealed in force at every gate of compound 1?" in shown) == (1, True)
    code, shown = at_terminal("y", *policy)
    assert (code, "sealed is in force at compound 1" in shown) == (0, True)
    people = site.folder / "people.csv"
    people.write_text(CSV.replace("Ben", "Bob"))
    into = ("roster", "import", people, "--into", site.config)
    code, shown = at_terminal("n", *into)
    assert (code, "Make this the roster of compound 1?" in shown) == (1, True)
    assert "roster-change" in gatepost(*into, "--preview", "--json").stdout
    assert at_terminal("y", *into)[0] == 0
    assert "in force already" in gatepost(*into).stdout
    assert at_centre("policy", "set", "sealed", "--json").returncode == 0


def test_notices_replace_each_other_and_are_cleared(
    at_centre: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    first = json.loads(at_centre("notice", "明天停水", "Masks, please", "--json").stdout)
    assert first["notices"] == ["明天停水", "Masks, please"]
    assert at_centre("notice", "明天停水", "Masks, please").stdout == (
        "compound 1 shows that already\n"
    )
    assert "0 notices" in at_centre("notice", "--clear").stdout
    nothing = at_centre("notice")
    assert nothing.returncode == 2
    assert "or --clear" in nothing.stderr


def test_without_a_collector_the_mend_is_named(site: Site) -> None:
    done = gatepost("household", "colour", "7-301", "red", "--reason", "x", "--config", site.config)
    assert done.returncode == 2
    assert "gatepost collector run" in done.stderr
    assert not (site.folder / "collector.db").exists()


class AnsweringGate:
    """A gate that has reported, and that records what becomes of the first command that it is sent."""

    def __init__(self, site: Site, not_done: NotDone | None) -> None:
        self._below = GateBelow(site.broker.port, site.key)
        self._end = GateEnd(site.broker.port, site.key)
        self._not_done = not_done
        state = StateMessage(online=True, epoch=EPOCH)
        self._end.publish(msgspec.json.encode(state), "state", retain=True)
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def close(self) -> None:
        """Leave."""
        joined(self._thread)
        self._end.close()
        self._below.close()

    def _answer(self) -> None:
        self._below.until(lambda: bool(self._below.commands))
        command = self._below.commands[0]
        record = Commanded(
            stamp=stamp(),
            id=command.id,
            command=command.kind,
            by=command.issued_by,
            reason=command.reason,
            not_done=self._not_done,
        )
        self._end.send_until_acked(batch(journal([record])))


def wait_for_gate(site: Site) -> None:
    deadline = time.monotonic() + PATIENCE_S
    known: list[GateRow] = []
    with opened_database(database_url("collector.db", site.folder), writes=False) as engine:
        while not known:
            assert time.monotonic() < deadline, "the gate's state was not taken in"
            time.sleep(0.05)
            with engine.begin() as connection:
                known = gates(connection)


@pytest.mark.parametrize(
    ("kind", "not_done", "code", "says"),
    [
        ("open", None, 0, "gate-a open: done\n"),
        ("remeasure", NotDone.NOBODY_HELD, 1, "gate-a remeasure: refused: "),
    ],
)
def test_a_command_waits_for_what_the_gate_records_of_it(
    site: Site, kind: str, not_done: NotDone | None, code: int, says: str
) -> None:
    site.migrate()
    site.start("intake")
    site.start("dispatch")
    gate = AnsweringGate(site, not_done)
    try:
        wait_for_gate(site)
        done = gatepost("gate", kind, "gate-a", "--reason", "ambulance", "--config", site.config)
        assert (done.stdout + done.stderr).startswith(says)
        assert done.returncode == code
    finally:
        gate.close()


def test_a_gate_that_does_not_answer_is_told_of_with_code_3(site: Site) -> None:
    site.migrate()
    url = database_url("collector.db", site.folder)
    with opened_database(url, writes=True) as engine, engine.begin() as connection:
        take_in_state(connection, CompoundId(1), GATE, StateMessage(online=False), 1)
    lift = ("gate", "lift", "gate-a", "--reason", "over", "--config", site.config)
    done = gatepost(*lift, "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["outcome"] == "no answer"
    unknown = gatepost("gate", "lift", "gate-b", "--reason", "over", "--config", site.config)
    assert unknown.returncode == 2
    assert "no gate gate-b; did you mean gate-a?" in unknown.stderr
