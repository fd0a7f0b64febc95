"""./run bench shown: from a pass held up before the camera to the final state on the page.

A real gate process with a simulated camera and thermometer, whose reading takes half a second, and its real page in
Debian's Chromium. The clock starts when the pass is put before the camera and stops when the page shows the
verdict. Control: somebody with a fever is measured at least twice, and must be seen to wait longer.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from playwright.sync_api import Page, sync_playwright

from config.key_files import OPERATIONS_KEY, PASS_KEY, TRUST
from config.trust import load_private_key, load_trust
from drivers.simulated.world import Scene, play_scene
from simulation.compound import Compound, found, pass_text, signed_roster
from simulation.processes import Processes, listens
from sync.downlink.decisions import read_roster
from sync.store.writer import SyncStore

AIM_P95_MS: Final = 1000.0
GATE: Final = "east-in"
NORMAL_CELSIUS, FEVER_CELSIUS = 36.6, 38.2
RESIDENTS: Final = (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11)
_WITHIN_MS: Final = 15_000


def main(n: Annotated[int, typer.Option("--n", min=10, help="Passes shown.")] = 60) -> None:
    """Measure, and print the figures beside their aim. Exit 1 where the control or the aim fails."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        compound, processes = _start(Path(name))
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"http://127.0.0.1:{compound.page_ports[GATE]}/?lang=en")
            shown = [_show(page, compound, k, NORMAL_CELSIUS, "pass") for k in range(n)]
            # A fever is measured twice or three times before it counts.
            twice = [_show(page, compound, n + k, FEVER_CELSIUS, "stop-fever") for k in range(10)]
        finally:
            browser.close()
            processes.stop_all()
    p95, slower = float(np.percentile(shown, 95)), np.median(twice) - np.median(shown)
    print(
        f"pass shown to final state, {n} times: p50 {np.median(shown):.0f} ms, p95 {p95:.0f} ms:"
        f" {p95 / AIM_P95_MS:.2f} of the aim"
    )
    print(f"control: whoever is measured again was seen {slower:.0f} ms later")
    if slower < 300 or p95 > AIM_P95_MS:
        raise SystemExit(1)


def _start(folder: Path) -> tuple[Compound, Processes]:
    compound, processes = found(folder, 1, unlock_seconds=0.3), Processes(folder)
    config = compound.gate_config(GATE)
    # The same people come again and again.
    policy = 'timezone = "Asia/Shanghai"\npassback_minutes = 0\n'
    (folder / "bench.toml").write_text(policy)
    config.write_text(config.read_text().replace("[gate]\n", '[gate]\npolicy = "./bench.toml"\n'))
    trust = load_trust(compound.keys / TRUST)
    message = signed_roster(load_private_key(compound.keys / OPERATIONS_KEY))
    roster = read_roster(message, trust.operations)
    store = SyncStore.on(folder / GATE / "sync.db")
    store.replace_roster(roster.revision, message, len(roster.residents))
    store.close()
    processes.start_gatepost(GATE, "gate", "run", "--config", str(config))
    until_s = time.monotonic() + 30
    while not listens(compound.page_ports[GATE]):
        if time.monotonic() > until_s:
            raise SystemExit(processes.last_words(GATE))
        time.sleep(0.1)
    return compound, processes


def _show(page: Page, compound: Compound, number: int, celsius: float, face: str) -> float:
    """Milliseconds until the page shows this face."""
    page.wait_for_selector("[data-face=ready]", timeout=_WITHIN_MS)
    time.sleep(0.3 + 0.013 * (number % 11))  # not in step with the camera's frames
    issuer = load_private_key(compound.keys / PASS_KEY)
    text = pass_text(issuer, RESIDENTS[number % len(RESIDENTS)], serial=2 + number)
    begin_ns = time.perf_counter_ns()
    play_scene(compound.world(GATE), Scene(codes=(text,), celsius=celsius))
    page.wait_for_selector(f"[data-face={face}]", timeout=_WITHIN_MS)
    took_ms = (time.perf_counter_ns() - begin_ns) / 1e6
    play_scene(compound.world(GATE), Scene())
    return took_ms


if __name__ == "__main__":
    typer.run(main)
