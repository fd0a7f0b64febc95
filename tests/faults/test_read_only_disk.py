"""A gate whose disk is read-only from the start, as a worn SD card leaves it: it serves from what it can still read."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.drivers.waiting import eventually
from tests.kiosk.one_gate import GATE, OneGate
from tests.patience import PATIENCE_S

_ALONE = ("unshare", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--mount")
"""In a mount namespace of its own a process may mount, and takes its mounts with it when it ends. Who is root already
needs no map of users, which a kernel refuses whoever is in a chroot."""
_FREEZE = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"'


def _can_freeze(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    command = [*_ALONE, "sh", "-c", f'{_FREEZE} && ! touch "$0/x"', str(folder)]
    return (
        subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False).returncode
        == 0
    )


@contextmanager
def _gate_on_a_frozen_disk(gate: OneGate) -> Iterator[httpx.Client]:
    config = gate.compound.gate_config(GATE)
    run = f'{_FREEZE} && exec "$1" -m gatepost gate run --config "$2"'
    data = str(gate.settings.gate.data)
    process = subprocess.Popen([*_ALONE, "sh", "-c", run, data, sys.executable, str(config)])
    page = httpx.Client(base_url=f"http://127.0.0.1:{gate.settings.screen.port}", timeout=5)
    try:
        yield page
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        page.close()


def _text(page: httpx.Client) -> str:
    try:
        return page.get("/?lang=en").text
    except httpx.TransportError:  # not yet
        return ""


def test_fault_19_a_gate_on_a_read_only_disk_admits_flags_in_memory_and_says_so(
    tmp_path: Path,
) -> None:
    gate = OneGate(tmp_path, lambda text: text.replace(f'data = "{GATE}"', 'data = "data"'))
    gate.store.close()  # in order, so that no WAL is left
    if not _can_freeze(gate.settings.gate.data):
        pytest.skip("this user may not mount, not even in a namespace of its own")
    before = sorted(each.name for each in gate.settings.gate.data.iterdir())
    with _gate_on_a_frozen_disk(gate) as page:
        eventually(lambda: "Journal does not answer" in " ".join(_text(page).split()))
        gate.play(gate.pass_of(0))
        eventually(lambda: gate.pulses() == 1)
        eventually(lambda: "王**" in _text(page))
    assert gate.lock_changes()[-1] is False
    assert sorted(each.name for each in gate.settings.gate.data.iterdir()) == before
