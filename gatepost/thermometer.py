"""gatepost thermometer show | calibrate | undo: one sensor beside a reference."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatepost.cli.options import DEFAULT_GATE_CONFIG, AsJson, GateConfig, GateLanguage, language_of

if TYPE_CHECKING:
    from checkpoint.calibrating import Comparison
    from checkpoint.thermometry import Sample
    from config.calibration import CalibrationFile, SensorCalibration
    from config.settings import GateSettings
    from drivers import Thermometer

app = typer.Typer(help="Look at a gate's thermometer and calibrate it.", no_args_is_help=True)
SAMPLE_EVERY_S = 0.1
Samples = Annotated[int, typer.Option(min=20, max=600, help="Samples a comparison, ten a second.")]


@app.command()
def show(config: GateConfig = DEFAULT_GATE_CONFIG, as_json: AsJson = False) -> None:
    """Say which sensor this is, how exact, and which calibration is in force. Exit code 1: no answer."""
    from config.calibration import load_calibrations
    from config.settings.load import load_gate
    from kiosk.devices.thermometers import accuracy_celsius, variant_of

    settings = load_gate(config)
    part = settings.thermometer
    in_force = load_calibrations(part.calibration, part.sensor).in_force()
    with _thermometer(settings) as thermometer:
        identity = thermometer.identity()
    facts = {
        "sensor": part.sensor,
        "model": identity.model,
        "chip": identity.chip,
        "emissivity": identity.emissivity,
        "part": variant_of(settings),
        "accuracy_celsius": accuracy_celsius(settings),
        "calibration": in_force and in_force.id,
        "offset_celsius": in_force.offset_centicelsius / 100 if in_force else 0.0,
        "calibrated_chip": in_force and in_force.chip,
    }
    if as_json:
        print(json.dumps(facts))
    else:
        print("\n".join(f"{name}: {value}" for name, value in facts.items()))


@app.command()
def calibrate(
    reference: Annotated[
        float | None,
        typer.Option(
            min=20.0,
            max=50.0,
            metavar="CELSIUS",
            help="What the reference says of what is before the sensor now: one comparison, no questions.",
        ),
    ] = None,
    samples: Samples = 50,
    config: GateConfig = DEFAULT_GATE_CONFIG,
    language: GateLanguage = None,
) -> None:
    """Compare the sensor with a reference and keep the offset, with its day, in thermometer.calibration.

    Without --reference it asks, person by person, until an empty answer; the median counts. The running
    gate is not disturbed, and takes the offset up when it is started again. Exit code 1: nothing was kept.
    """
    from checkpoint.calibrating import disagree, offset_of
    from config.settings.load import load_gate
    from ui.words import phrases

    settings = load_gate(config)
    words = phrases("thermometer", language_of(language, settings))
    with _thermometer(settings) as thermometer:
        chip = thermometer.identity().chip
        compare_with = _comparer(settings, thermometer, samples, words)
        references = [reference] if reference is not None else _references(words)
        comparisons = [found for asked in references if (found := compare_with(asked))]
    offset = offset_of(comparisons) if comparisons else 0
    if comparisons and disagree(comparisons):
        print(words["disagree"])
    asked = words["keep"].format(offset=_signed(offset))
    if not comparisons or (reference is None and not typer.confirm(asked)):
        print(words["nothing_kept"])
        raise typer.Exit(1)
    kept = _keep(settings, chip, offset, comparisons)
    print(words["kept"].format(id=kept.id, path=settings.thermometer.calibration))


@app.command()
def undo(config: GateConfig = DEFAULT_GATE_CONFIG, language: GateLanguage = None) -> None:
    """Put the calibration in force out of it; the one before takes its place. Exit code 1: there is none."""
    import msgspec

    from config.calibration import load_calibrations
    from config.settings.load import load_gate
    from ui.words import phrases

    settings = load_gate(config)
    words = phrases("thermometer", language_of(language, settings))
    part = settings.thermometer
    file = load_calibrations(part.calibration, part.sensor)
    in_force = file.in_force()
    if in_force is None:
        print(words["nothing_to_undo"], file=sys.stderr)
        raise typer.Exit(1)
    undone = msgspec.structs.replace(in_force, undone=True)
    rest = tuple(undone if each is in_force else each for each in file.calibrations)
    file = msgspec.structs.replace(file, calibrations=rest)
    _save(settings, file)
    now = file.in_force()
    print(words["undone"].format(id=undone.id, now=now.id if now else words["none"]))


@contextmanager
def _thermometer(settings: "GateSettings") -> "Iterator[Thermometer]":
    """The thermometer for a while; one that does not answer ends the command."""
    from drivers import DeviceError
    from kiosk.devices.thermometers import make_thermometer

    thermometer = make_thermometer(settings)
    try:
        yield thermometer
    except DeviceError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    finally:
        thermometer.close()


def _comparer(
    settings: "GateSettings", thermometer: "Thermometer", samples: int, words: Any
) -> "Callable[[float], Comparison | None]":
    """Takes one burst and says what came of it."""
    from checkpoint.calibrating import Unfit, compare
    from kiosk.devices.thermometers import calibration_of

    site = calibration_of(settings)

    def compare_with(reference: float) -> "Comparison | None":
        print(words["measuring"])
        found = compare(_burst(thermometer, samples), round(reference * 100), site)
        if isinstance(found, Unfit):
            print(words[found.name])
            return None
        print(
            words["compared"].format(
                seen=f"{found.object_centicelsius / 100:.2f} °C",
                ambient=f"{found.ambient_centicelsius / 100:.1f} °C",
                offset=_signed(found.offset_centicelsius),
            )
        )
        return found

    return compare_with


def _burst(thermometer: "Thermometer", samples: int) -> "list[Sample]":
    taken = []
    for _ in range(samples):
        taken.append(thermometer.sample())
        time.sleep(SAMPLE_EVERY_S)
    return taken


def _references(words: "Mapping[str, str]") -> Iterator[float]:
    """What is typed, until an empty line."""
    print(words["intro"])
    while answer := str(typer.prompt(words["ask"], default="", show_default=False)).strip():
        try:
            reference = float(answer.replace(",", "."))
        except ValueError:
            continue
        if 20 <= reference <= 50:
            yield reference


def _keep(
    settings: "GateSettings", chip: str, offset: int, comparisons: "list[Comparison]"
) -> "SensorCalibration":
    import msgspec

    from config.calibration import SensorCalibration, load_calibrations

    part = settings.thermometer
    file = load_calibrations(part.calibration, part.sensor)
    now = datetime.now(UTC)
    day = now.date().isoformat()
    number = 1 + sum(each.id.startswith(f"{day}.") for each in file.calibrations)
    kept = SensorCalibration(
        id=f"{day}.{number}",
        at_us=int(now.timestamp() * 1_000_000),
        chip=chip,
        offset_centicelsius=offset,
        comparisons=tuple(comparisons),
    )
    _save(settings, msgspec.structs.replace(file, calibrations=(*file.calibrations, kept)))
    return kept


def _save(settings: "GateSettings", file: "CalibrationFile") -> None:
    from config.calibration import save_calibrations

    path = settings.thermometer.calibration
    try:
        save_calibrations(path, file)
    except OSError as error:
        print(
            f"thermometer.calibration: {path} cannot be written: {error.strerror};"
            " may this user write there?",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None


def _signed(centicelsius: int) -> str:
    return f"{centicelsius / 100:+.2f} °C"
