"""``gatepost demo``: a compound that lives at two gates, and a page from which its world is played, until Ctrl-C."""

import time
from queue import Empty
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console

from checkpoint.policy import Direction
from checkpoint.records import Passage, Result
from config.key_files import PASS_KEY
from config.policies import load_policy
from config.trust import load_private_key
from gatepost.demo.world_page import Play, serve_world
from simulation.callers import Caller, Callers
from simulation.compound import GATES, Manner, duty_pass
from simulation.life import Life
from simulation.players import Player, Theatre
from simulation.stage import Stage, set_stage
from simulation.town import Town
from simulation.volunteer import Volunteer
from simulation.world import GateWorld, World
from ui.page_server import PageServer
from ui.words import Language, degrees

LANGUAGE: Final[Language] = "en"
MANNER: Final = Manner(
    unlock_seconds=3.0,
    result_seconds=4.0,
    pin="2468",
    notices=("周六 9:00–11:00 停水，请提前储水。", "Masks please. Visitors: ask the volunteer."),
)
COLOURS: Final = {Result.ADMIT: "green", Result.HOLD: "yellow", Result.REFUSE: "red"}
_LOOK_EVERY_S: Final = 0.5


def play_lively(console: Console) -> None:
    """Play until interrupted. Raises StageError."""
    console.print("starting broker, collector and two gates ...")
    town = Town()
    try:
        with set_stage(MANNER, town.people) as stage:
            world = _world(stage)
            with _begin(console, stage, town, world) as page:
                _announce(console, stage, town, page.address)
                _run_errands(console, stage, world)
    except KeyboardInterrupt:
        console.print("\nended; nothing is left behind")


def _world(stage: Stage) -> World:
    compound = stage.compound
    gates = {
        name: GateWorld(
            name, Direction(direction), compound.world(name), compound.journal(name).parent
        )
        for name, direction in GATES.items()
    }
    return World(gates, ZoneInfo(load_policy("ordinary").timezone))


def _begin(console: Console, stage: Stage, town: Town, world: World) -> PageServer:
    """Let everybody begin; the page from which they are played."""
    chance = Random()  # noqa: S311 (people are not secrets)
    issuer = load_private_key(stage.compound.keys / PASS_KEY)
    callers = Callers(town, issuer, chance)
    life = Life(town.families(), chance)

    def said(gate: GateWorld, caller: Caller, passage: Passage | None) -> None:
        console.print(_line(gate.name, caller, passage), highlight=False)

    theatre = Theatre(stage, world, life, callers, chance, said)
    for gate in world.gates.values():
        Player(theatre, gate).start()
    Volunteer(world, life, duty_pass(issuer, town.volunteer.id), LANGUAGE, chance).start()
    play = Play(
        world,
        town,
        callers,
        stage.compound,
        MANNER.pin,
        switch_network=lambda on: world.on_main_thread(lambda: _switch_network(stage, world, on)),
        switch_power=lambda gate, on: world.on_main_thread(lambda: _switch_power(stage, gate, on)),
    )
    return serve_world(play, LANGUAGE)


def _switch_network(stage: Stage, world: World, on: bool) -> None:
    if on is world.network:
        return
    if on:
        stage.broker.start()
    else:
        stage.broker.stop()
    world.network = on


def _switch_power(stage: Stage, gate: GateWorld, on: bool) -> None:
    """Off is a power cut: the program is killed."""
    if on is gate.powered:
        return
    if on:
        stage.start_gate(gate.name)
    else:
        stage.processes.kill(gate.name)
    gate.powered = on


def _announce(console: Console, stage: Stage, town: Town, address: str) -> None:
    compound = stage.compound
    console.print(f"play the world  {address}  (?lang=zh_CN)")
    for gate, port in compound.page_ports.items():
        console.print(f"gate {gate:10} http://127.0.0.1:{port}/?lang=en  (?lang=zh_CN)")
    console.print(f"  its settings  PIN {MANNER.pin}", highlight=False)
    console.print(f"staff page      http://127.0.0.1:{compound.staff_port}/log-in?lang=en")
    console.print(
        f"  log in as     admin  {compound.staff_password}", highlight=False, soft_wrap=True
    )
    config = compound.collector_config
    console.print(
        f"alerts          ./run gatepost collector alerts --follow --config {config}",
        soft_wrap=True,
    )
    staff = f"--config {config} --reason test"
    console.print("what the staff can do from a terminal, such as:")
    console.print(
        f"  ./run gatepost gate open {next(iter(GATES))} {staff}", highlight=False, soft_wrap=True
    )
    home = next(iter(town.households))
    console.print(
        f"  ./run gatepost household colour {home} red {staff}", highlight=False, soft_wrap=True
    )
    console.print(
        f'  ./run gatepost notice "Masks, please" {staff}', highlight=False, soft_wrap=True
    )
    console.print("Ctrl-C ends it and leaves nothing behind.\n", highlight=False, soft_wrap=True)


def _run_errands(console: Console, stage: Stage, world: World) -> None:
    """Until somebody has ended who was not told to."""
    while not (dead := stage.processes.dead()):
        try:
            errand, done = world.errands.get(timeout=_LOOK_EVERY_S)
        except Empty:
            continue
        errand()
        done.set_result(None)
    for name in dead:
        console.print(f"{name} has ended:\n{stage.processes.last_words(name)}", markup=False)


def _line(gate: str, caller: Caller, passage: Passage | None) -> str:
    now = time.strftime("%H:%M:%S")
    if passage is None:
        return f"{now}  {gate:9} {'no verdict':28} {'':8} {caller.act.value} {caller.who}"
    colour = COLOURS[passage.result]
    celsius = passage.temperature_centicelsius
    temperature = "" if celsius is None else degrees(celsius)
    verdict = f"[{colour}]{passage.result.value:6}[/{colour}] {passage.reason or ''}"
    return f"{now}  {gate:9} {verdict:28} {temperature:8} {caller.act.value} {caller.who}"
