"""gatepost doctor: a gate's parts one after the other, in words for the volunteer or as JSON."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gatepost.cli.options import DEFAULT_GATE_CONFIG, AsJson, GateConfig, GateLanguage, language_of

if TYPE_CHECKING:
    from config.settings import GateSettings
    from gatepost.doctor.finding import CheckResult
    from ui import words

Check = Callable[["GateSettings"], Iterator["CheckResult"]]
_MARKS: Final = {"ok": "✓", "warn": "!", "fail": "✗", "skip": "–"}


def doctor(
    config: GateConfig = DEFAULT_GATE_CONFIG,
    as_json: AsJson = False,
    click: Annotated[
        bool,
        typer.Option(
            "--click", help="Also open the lock for 0.3 s, and let lamps and buzzer speak."
        ),
    ] = False,
    language: GateLanguage = None,
) -> None:
    """Look at and measure every part of a gate, and say what to do about what is wrong.

    Stop the gate first: camera and pins belong to one program at a time, and what a running gate holds is
    not looked at. Takes some ten seconds and opens nothing unless told to click. Exit code 0: nothing
    to mend; 1: something is.
    """
    from config.settings.load import load_gate
    from gatepost.doctor.finding import CheckOutcome

    settings = load_gate(config)
    spoken = language_of(language, settings)
    findings = []
    for finding in _examine(settings, click=click):
        findings.append(finding)
        if not as_json:
            _print(finding, spoken)
    broken = any(finding.outcome is CheckOutcome.FAIL for finding in findings)
    if as_json:
        checks = [finding.as_json(spoken) for finding in findings]
        report = {"gate": settings.gate.id, "ok": not broken, "checks": checks}
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _print_sum(findings, spoken)
    raise typer.Exit(1 if broken else 0)


def _examine(settings: "GateSettings", *, click: bool) -> "Iterator[CheckResult]":
    from gatepost.cli.sole import GATE_LOCK, is_claimed
    from gatepost.doctor import camera, disk, door, surroundings, thermometer

    held: list[Check] = [
        camera.check_camera,
        lambda settings: door.check_lock(settings, click=click),
        door.check_door,
        door.check_exit_button,
        lambda settings: door.check_annunciator(settings, click=click),
    ]
    runs = is_claimed(settings.gate.data / GATE_LOCK)
    checks: list[Check] = [
        surroundings.check_settings,
        *([surroundings.check_running_gate] if runs else held),
        thermometer.check_thermometer,
        surroundings.check_watchdog,
        disk.check_disk,
        surroundings.check_clock,
        surroundings.check_broker,
        surroundings.check_roster,
    ]
    for check in checks:
        yield from check(settings)


def _print(finding: "CheckResult", language: "words.Language") -> None:
    print(_MARKS[finding.outcome.value], finding.says(language))
    for line in (*finding.detail.splitlines(), finding.mend(language)):
        if line:
            print(f"    {line}")


def _print_sum(findings: "list[CheckResult]", language: "words.Language") -> None:
    from ui.words import phrases

    count = {
        outcome: sum(finding.outcome.value == outcome for finding in findings) for outcome in _MARKS
    }
    print(phrases("doctor", language)["sum"].format(**count))
