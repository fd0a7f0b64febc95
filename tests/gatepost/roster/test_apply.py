"""`gatepost roster apply` against real gate and sync processes: it says "in force" when it is."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.records import DownlinkRefused, Record, RosterApplied, decode
from config.key_files import OPERATIONS_KEY, make_keys
from config.trust import load_private_key
from gatepost.cli.sole import GATE_LOCK, SYNC_LOCK, is_claimed
from simulation.compound import found, signed_roster
from simulation.processes import free_port
from sync import link_report
from sync.journal.reader import JournalReader
from sync.journal.view import JournalView
from tests.drivers.waiting import eventually
from tests.programs import WarmProcesses, gatepost

GATE = "east-in"


class Site:
    """A gate's files and processes; there is no broker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.compound = folder, found(folder, free_port(), unlock_seconds=1)
        self.data = folder / GATE
        self.config = self.compound.gate_config(GATE)
        self.processes = WarmProcesses(folder)

    def start(self, verb: str) -> None:
        self.processes.start_gatepost(verb, "gate", verb, "--config", str(self.config))
        lock = self.data / (GATE_LOCK if verb == "run" else SYNC_LOCK)
        eventually(lambda: is_claimed(lock))
        # It is claimed first, and roster apply waits for ten seconds only: what has come up says so in a file.
        eventually(self._gate_is_up if verb == "run" else (self.data / link_report.FILE).exists)

    def _gate_is_up(self) -> bool:
        journal = JournalView(self.data / "journal.db")
        journal.grown()
        states = journal.devices()
        journal.close()
        return bool(states)

    def roster(self, keys: Path | None = None) -> Path:
        key = load_private_key((keys or self.compound.keys) / OPERATIONS_KEY)
        file = self.folder / "roster.signed"
        file.write_bytes(signed_roster(key))
        return file

    def apply(self, roster: Path) -> subprocess.CompletedProcess[str]:
        return gatepost("roster", "apply", roster, "--config", self.config)

    def journalled(self) -> list[Record]:
        reader = JournalReader.on(self.data / "journal.db")
        rows = [row for _, row in reader.everything()]
        reader.close()
        return [decode(row.body) for row in rows]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.processes.stop_all()


def test_in_force_means_that_the_running_gate_obeys_and_has_journalled_it(site: Site) -> None:
    site.start("run")
    site.start("sync")
    for _ in range(3):
        said = site.apply(site.roster())
        assert said.returncode == 0, said.stderr
        applied = [each for each in site.journalled() if isinstance(each, RosterApplied)][-1]
        assert said.stdout == f"in force: revision {applied.revision}, 13 residents\n"
    again = site.apply(site.folder / "roster.signed")
    assert (again.returncode, again.stdout) == (0, "this roster is in force already\n")


def test_without_a_gate_a_roster_is_in_force_once_sync_has_stored_it(site: Site) -> None:
    site.start("sync")
    said = site.apply(site.roster())
    assert (said.returncode, said.stdout[:9]) == (0, "in force:")


def test_a_gate_that_does_not_answer_is_not_said_to_obey(site: Site) -> None:
    site.start("run")
    site.start("sync")
    assert site.apply(site.roster()).returncode == 0
    os.kill(site.processes.pid("run"), signal.SIGSTOP)
    try:
        said = site.apply(site.roster())
    finally:
        os.kill(site.processes.pid("run"), signal.SIGCONT)
    assert (said.returncode, said.stdout) == (3, "")
    assert "has not said that it obeys" in said.stderr


def test_without_sync_a_roster_is_handed_over_and_taken_when_sync_comes(site: Site) -> None:
    said = site.apply(site.roster())
    assert (said.returncode, said.stdout) == (3, "")
    assert "when gatepost gate sync runs" in said.stderr
    site.start("sync")
    eventually(lambda: not list((site.data / "spool").iterdir()))
    assert site.apply(site.folder / "roster.signed").stdout == "this roster is in force already\n"


def test_fault_53_a_roster_signed_by_a_stranger_is_refused_and_the_refusal_is_journalled(
    site: Site, tmp_path: Path
) -> None:
    site.start("run")
    site.start("sync")
    make_keys(tmp_path / "stranger")
    said = site.apply(site.roster(tmp_path / "stranger"))
    assert (said.returncode, said.stdout) == (1, "")
    assert "not trusted" in said.stderr
    eventually(lambda: any(isinstance(r, DownlinkRefused) for r in site.journalled()))


@pytest.mark.parametrize(("verb", "lock"), [("run", GATE_LOCK), ("sync", SYNC_LOCK)])
def test_a_second_process_on_the_same_data_is_turned_away_and_a_killed_one_leaves_no_claim(
    site: Site, verb: str, lock: str
) -> None:
    site.start(verb)
    second = gatepost("gate", verb, "--config", site.config)
    assert second.returncode == 2
    assert "gate.data" in second.stderr
    assert lock in second.stderr
    site.processes.kill(verb)
    assert not is_claimed(site.data / lock)
    site.start(verb)
