"""The page from which the demo's world is played, in a real browser; the world is written into real files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from checkpoint.policy import Direction
from config.key_files import PASS_KEY
from config.trust import load_private_key
from drivers.simulated.world import read_scene
from gatepost.demo.world_page import Play, serve_world
from simulation.callers import Act, Callers
from simulation.compound import GATES, found
from simulation.town import Town
from simulation.world import GateWorld, World
from tests.kiosk.screen.gate_page import PASSAGE
from tests.patience import PATIENCE_S
from ui.words import LANGUAGES, Language


@dataclass
class Playing:
    """The page, and what its switches were told."""

    world: World
    callers: Callers
    folder: Path
    address: str = ""
    network: list[bool] = field(default_factory=list)
    power: list[tuple[str, bool]] = field(default_factory=list)

    def switch_network(self, on: bool) -> None:
        self.world.network = on
        self.network.append(on)

    def switch_power(self, gate: GateWorld, on: bool) -> None:
        gate.powered = on
        self.power.append((gate.name, on))


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Playing]:
    compound, town = found(tmp_path, 1, unlock_seconds=1), Town()
    callers = Callers(town, load_private_key(compound.keys / PASS_KEY), Random(1))
    gates = {
        name: GateWorld(name, Direction(way), tmp_path / f"{name}-world", tmp_path / name)
        for name, way in GATES.items()
    }
    playing = Playing(World(gates, ZoneInfo("Asia/Shanghai")), callers, tmp_path)
    play = Play(
        playing.world, town, callers, compound, "2468", playing.switch_network, playing.switch_power
    )
    with serve_world(play, "en") as served:
        playing.address = served.address
        yield playing


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_breaks_no_rule_of_accessibility_and_overflows_nowhere(
    page: Page, playing: Playing, axe: Callable[[], list[str]], language: Language
) -> None:
    playing.world.tell("east-in", playing.callers.make(Act.FEVER), PASSAGE)
    playing.world.tell("east-out", playing.callers.make(Act.TWO), None)
    page.goto(f"{playing.address}?lang={language}")
    expect(page.locator("td").first).to_be_visible()
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert axe() == []
    for width in (1280, 800, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_whoever_is_sent_waits_at_that_gate_as_warm_as_was_said(
    page: Page, playing: Playing
) -> None:
    page.goto(playing.address)
    page.get_by_role("radio", name="Way out").check()
    page.get_by_role("radio", name="38.2").check()
    with page.expect_response("**/arrive"):
        page.get_by_role("button", name="An expired pass").click()
    caller = playing.world.gates["east-out"].waiting.get(timeout=PATIENCE_S)
    assert (caller.act, caller.celsius) == (Act.EXPIRED, 38.2)
    assert playing.world.gates["east-in"].waiting.empty()


def test_the_last_pass_once_more_is_that_of_whoever_was_admitted_last_there(
    page: Page, playing: Playing
) -> None:
    first, other = playing.callers.make(Act.WELL), playing.callers.make(Act.WELL)
    playing.world.tell("east-in", first, PASSAGE)
    playing.world.tell("east-out", other, PASSAGE)
    page.goto(playing.address)
    with page.expect_response("**/arrive"):
        page.get_by_role("button", name="The last pass once more").click()
    assert playing.world.gates["east-in"].waiting.get(timeout=PATIENCE_S).person == first.person


def test_a_sensor_is_unplugged_and_stays_so_while_people_come(page: Page, playing: Playing) -> None:
    page.goto(playing.address)
    with page.expect_response("**/scene"):
        page.get_by_label("Thermometer").first.select_option("unplugged")
    gate = playing.world.gates["east-in"]
    gate.stand(playing.callers.make(Act.WELL))
    scene = read_scene(playing.folder / "east-in-world")
    assert (scene.thermometer, len(scene.codes)) == ("unplugged", 1)
    gate.stand(None)
    assert read_scene(playing.folder / "east-in-world").codes == ()


def test_network_power_pace_and_volunteer_are_switched_and_say_how_they_are(
    page: Page, playing: Playing
) -> None:
    page.goto(playing.address)
    page.get_by_role("button", name="Network is up").click()
    page.get_by_role("button", name="Network is cut").click()
    expect(page.get_by_role("button", name="Network is up")).to_be_visible()
    assert playing.network == [False, True]
    page.get_by_role("button", name="Way out has power").click()
    expect(page.get_by_role("button", name="Way out has no power")).to_be_visible()
    assert playing.power == [("east-out", False)]
    expect(page.get_by_text("no power", exact=True)).to_be_visible()
    page.get_by_role("button", name="Volunteer acts").click()
    expect(page.get_by_role("button", name="You are the volunteer")).to_be_visible()
    assert not playing.world.volunteer_acts
    with page.expect_response("**/switch*"):
        page.get_by_role("radio", name="rush hour").check()
    assert playing.world.pace == "rush"
