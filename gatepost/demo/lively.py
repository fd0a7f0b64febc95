"""``gatepost demo``: residents come and go at a human pace at two gates, until Ctrl-C."""

import random
import time
from collections.abc import Iterator
from itertools import cycle

from rich.console import Console

from checkpoint.records import Passage, Result
from config.trust import load_private_key
from drivers.simulated import Scene
from gatepost.demo.arrivals import FEVER_CELSIUS, forged
from gatepost.demo.compound import GATES, NAMES, pass_text
from gatepost.demo.stage import Stage, set_stage
from gatepost.keys import PASS_KEY
from ui.words import degrees

VERDICT_WITHIN_S = 12.0
COLOURS = {Result.ADMIT: "green", Result.HOLD: "yellow", Result.REFUSE: "red"}


def play_lively(console: Console) -> None:
    """Play until interrupted. Raises StageError."""
    console.print("starting broker, collector and two gates ...")
    try:
        with set_stage(unlock_seconds=3.0) as stage:
            _announce(console, stage)
            _play(console, stage)
    except KeyboardInterrupt:
        console.print("\nended; nothing is left behind")


def _announce(console: Console, stage: Stage) -> None:
    for gate, port in stage.compound.page_ports.items():
        console.print(f"gate {gate:9} http://127.0.0.1:{port}/?lang=en  (?lang=zh_CN)")
    console.print(f"staff page     http://127.0.0.1:{stage.compound.staff_port}/log-in?lang=en")
    console.print(f"  log in as    admin  {stage.compound.staff_password}", highlight=False)
    config = stage.compound.collector_config
    console.print(f"alerts         ./run gatepost collector alerts --follow --config {config}")
    console.print("Ctrl-C ends it and leaves nothing behind.\n", highlight=False)


def _play(console: Console, stage: Stage) -> None:
    who = _people(stage)
    for gate in cycle(GATES):
        name, scene = next(who)
        head = stage.head(gate)
        stage.play(gate, scene)
        stage.comes_true(lambda g=gate, h=head: bool(stage.passages_after(g, h)), VERDICT_WITHIN_S)  # type: ignore[misc]
        for passage in stage.passages_after(gate, head):
            console.print(_line(gate, name, passage), highlight=False)
        time.sleep(1.0)
        stage.play(gate, Scene())
        time.sleep(random.uniform(1.0, 3.0))  # noqa: S311 (people are not secrets)
        for dead in stage.processes.dead():
            console.print(f"{dead} has ended:\n{stage.processes.last_words(dead)}", markup=False)
            return


def _people(stage: Stage) -> Iterator[tuple[str, Scene]]:
    """Mostly residents in good health; now and then somebody whom the gate must stop."""
    issuer = load_private_key(stage.compound.keys / PASS_KEY)
    chance = random.Random()  # noqa: S311
    rare = cycle(
        (
            ("a menu's QR code", "https://example.org/menu?table=7", 36.5),
            ("a fever", pass_text(issuer, 1), FEVER_CELSIUS),
            ("an expired pass", pass_text(issuer, 2, days_from=-60, days_until=-1), 36.4),
            ("a forged pass", forged(issuer), 36.6),
            ("a revoked pass", pass_text(issuer, 3, serial=1), 36.6),
            ("somebody unknown", pass_text(issuer, 99), 36.7),
        )
    )
    while True:
        if chance.random() < 0.25:
            name, code, celsius = next(rare)
        else:
            number = chance.randrange(len(NAMES))
            name, code, celsius = NAMES[number], pass_text(issuer, number), chance.gauss(36.5, 0.2)
        yield name, Scene(codes=(code,), celsius=min(celsius, FEVER_CELSIUS))


def _line(gate: str, name: str, passage: Passage) -> str:
    colour = COLOURS[passage.result]
    celsius = passage.temperature_centicelsius
    temperature = "" if celsius is None else degrees(celsius)
    verdict = f"[{colour}]{passage.result.value:6}[/{colour}] {passage.reason or ''}"
    return f"{time.strftime('%H:%M:%S')}  {gate:9} {verdict:28} {temperature:8} {name}"
