"""gatepost paper: what a gate without power works from, to be printed in time."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.any_roster import read_any_roster
from gatepost.cli.options import DEFAULT_GATE_CONFIG, GateConfig, LanguageName

if TYPE_CHECKING:
    from checkpoint.people import Household, Resident, Roster
    from checkpoint.policy import Policy
    from ui.words import Language


@dataclass(frozen=True, slots=True)
class Home:
    """One home as it stands on the list."""

    unit: str
    colour: str
    """Its word; empty: green."""
    people: tuple[str, ...]


def paper(
    out: Annotated[Path, typer.Option(metavar="F", help="The HTML file to write.")] = Path(
        "gatepost-paper.html"
    ),
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="F", help="JSON, CSV or XLSX; otherwise the roster that this gate obeys."
        ),
    ] = None,
    language: Annotated[
        LanguageName,
        typer.Option(metavar="L", help="Language of the paper, zh or en.", show_default="zh"),
    ] = LanguageName.ZH,
    config: GateConfig = DEFAULT_GATE_CONFIG,
) -> None:
    """Write a card of instructions and the list of homes for a power cut. Open it in a browser and print it.

    Names are masked and phones left out, as on the gate's page. Print it anew when the roster has changed.
    """
    from config.policies import load_policy
    from ui.templating import environment
    from ui.words import degrees, phrases

    spoken = language.catalogue
    if roster is None:
        listed, policy = _obeyed(config)
    else:
        listed, policy = read_any_roster(roster), load_policy("ordinary")
    revised = datetime.fromtimestamp(listed.revision / 1_000_000).astimezone()
    html = (
        environment("gatepost")
        .get_template("paper.html")
        .render(
            words=phrases("paper", spoken),
            language=spoken,
            compound=listed.compound,
            revised=f"{revised:%Y-%m-%d %H:%M}" if listed.revision else "",
            fever=degrees(policy.temperature.fever_centicelsius),
            buildings=_buildings(listed, spoken),
        )
    )
    try:
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        print(f"paper: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"{len(listed.households)} homes in {out}; open it in a browser and print it")


def _obeyed(config: Path) -> "tuple[Roster, Policy]":
    from checkpoint.ids import CompoundId
    from config.gate_files import load_gate_files
    from config.settings.error import ConfigError
    from kiosk.files.trusted_state import TrustedState
    from sync.store.reader import SyncReader

    files = load_gate_files(config)
    gate = files.settings.gate
    store = SyncReader(gate.data / "sync.db")
    with closing(
        TrustedState(files.trust, store, CompoundId(gate.compound), files.policy)
    ) as known:
        found = known.roster()
    if found is None:
        problem = (
            f"gate.data: there is no roster in {gate.data}; gatepost roster apply, or --roster F"
        )
        raise ConfigError(config, [problem])
    return found, known.policy


def _buildings(roster: "Roster", language: "Language") -> list[tuple[str, list[Home]]]:
    """Building by building and unit by unit, as people count them."""

    def place(home: "Household") -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        return _counted(home.building), _counted(home.unit)

    residents: dict[str, list[Resident]] = {}
    for resident in roster.residents.values():
        if resident.household is not None:
            residents.setdefault(resident.household, []).append(resident)
    homes = sorted(roster.households.values(), key=place)
    return [
        (building, [_home(home, residents.get(home.id, []), language) for home in of_it])
        for building, of_it in groupby(homes, key=lambda home: home.building)
    ]


def _home(home: "Household", residents: "list[Resident]", language: "Language") -> Home:
    from checkpoint.people import Colour, mask_name
    from ui.words import word

    colour = "" if home.colour is Colour.GREEN else word(home.colour, language)
    return Home(home.unit, colour, tuple(mask_name(each.name) for each in residents))


def _counted(text: str) -> list[tuple[int, str]]:
    """2-903 before 10-101."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[tuple[int, str]]:
    for is_number, characters in groupby(text, key=str.isdecimal):
        part = "".join(characters)
        yield (int(part), "") if is_number else (0, part)
