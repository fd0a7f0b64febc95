"""The gate's page beside a gate program that is killed and started again."""

import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from checkpoint.records import Cause, Opened
from tests.kiosk.one_gate import OneGate
from tests.patience import PATIENCE_S
from tests.programs import Program


def _start(gate: OneGate) -> subprocess.Popen[bytes]:
    config = str(gate.compound.gate_config("east-in"))
    with (gate.compound.folder / "gate.log").open("ab") as log:
        process = Program("gate", "run", "--config", config, stderr=log)
    gate.wait(lambda: len(gate.records()) > 0)
    return process


def test_a_page_outlives_its_gate_says_so_and_serves_the_next_one(
    page: Page, tmp_path: Path
) -> None:
    gate = OneGate(
        tmp_path, lambda text: text.replace("unlock_seconds = 0.3", "unlock_seconds = 30")
    )
    process = _start(gate)
    try:
        page.goto(f"http://127.0.0.1:{gate.settings.screen.port}/?lang=en")
        ready = page.get_by_role("heading", name="Show your pass")
        expect(ready).to_be_visible()
        first = page.locator("body").get_attribute("data-start")
        assert first is not None
        gate.play(gate.pass_of(0))
        expect(page.get_by_role("heading", name="Please pass")).to_be_visible()
        process.kill()
        process.wait(PATIENCE_S)
        not_live = page.get_by_role("alert").filter(has_text="Not live")
        expect(not_live).to_be_visible()
        gate.quiet()
        process = _start(gate)
        # It is live again before it has loaded itself anew.
        expect(page.locator("body")).not_to_have_attribute("data-start", first)
        expect(not_live).to_be_hidden()
        expect(ready).to_be_visible()
        expect(page.get_by_text("Sync is not running").first).to_be_visible()
        opened = gate.pulses()
        _press_emergency(page)
        gate.wait(lambda: gate.pulses() > opened)
        page.mouse.up()
    finally:
        process.kill()
        process.wait(PATIENCE_S)
        gate.store.close()


def test_fault_27_the_emergency_opens_with_camera_thermometer_and_sync_dead_and_is_recorded(
    page: Page, tmp_path: Path
) -> None:
    gate = OneGate(tmp_path)
    gate.play(celsius=None, camera="unplugged", thermometer="unplugged")
    process = _start(gate)
    try:
        page.goto(f"http://127.0.0.1:{gate.settings.screen.port}/?lang=en")
        expect(page.get_by_role("heading", name="Gate fault")).to_be_visible()
        expect(page.get_by_text("Sync is not running").first).to_be_visible()
        assert gate.pulses() == 0
        _press_emergency(page)
        gate.wait(lambda: gate.pulses() == 1)
        page.mouse.up()
        gate.wait(lambda: _emergencies(gate) == [Cause.EMERGENCY])
    finally:
        process.kill()
        process.wait(PATIENCE_S)
        gate.store.close()


def _press_emergency(page: Page) -> None:
    """As somebody does who sees that the button did not take it: the page may have moved under the pointer."""
    button = page.get_by_role("button", name="Emergency")
    for _ in range(5):
        button.hover()
        page.mouse.down()
        if "held" in (button.get_attribute("class") or ""):
            return
        page.mouse.up()
    raise AssertionError("the button was pressed five times and never held")


def _emergencies(gate: OneGate) -> list[Cause]:
    return [record.cause for record in gate.records() if isinstance(record, Opened)]
