"""gatepost volunteer: what the buttons beside the gate's page do, for a terminal on the gate itself."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gatepost.cli.options import DEFAULT_GATE_CONFIG, AsJson, GateConfig

app = typer.Typer(
    help="Decide on people who are held, sign on and off, register who has no pass.",
    no_args_is_help=True,
)
Case = Annotated[int, typer.Argument(metavar="CASE", help="As gatepost volunteer state lists it.")]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="It is recorded.")]
By = Annotated[
    str | None, typer.Option(metavar="ID", help="Who asks; otherwise whoever signed on last.")
]
Home = Annotated[str | None, typer.Option(metavar="ID", help="The household that is visited.")]
Celsius = Annotated[
    float | None, typer.Option(metavar="X", help="What the hand-held thermometer shows.")
]
Purpose = Annotated[str, typer.Option(metavar="TEXT", help="Why they come.")]
AndOpen = Annotated[
    bool, typer.Option("--open", help="Open the door as well, if nothing speaks against it.")
]


@app.command()
def state(config: GateConfig = DEFAULT_GATE_CONFIG, as_json: AsJson = False) -> None:
    """Who is held and why, who is on duty, what can be undone."""
    found = _call(config, "/state", None)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print(f"phase\t{found['phase']}")
    print(f"on duty\t{' '.join(found['on_duty']) or 'nobody'}")
    for case in found["cases"]:
        celsius = " ".join("-" if each is None else f"{each:.2f}" for each in case["celsius"])
        who = case["person"] or "?"
        print(f"case\t{case['case']}\t{case['reason']}\t{case['direction']}\t{who}\t{celsius}")


@app.command()
def admit(case: Case, reason: Why, by: By = None, config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Open for somebody who is held. Recorded with name and reason; undone within 30 s."""
    _ask(config, "admit", case=case, reason=reason, by=by)


@app.command()
def deny(case: Case, reason: Why, by: By = None, config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Send somebody away who is held."""
    _ask(config, "deny", case=case, reason=reason, by=by)


@app.command()
def remeasure(case: Case, by: By = None, config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Take the temperature of somebody who is held once more; they stand before the sensor."""
    _ask(config, "remeasure", case=case, by=by)


@app.command("hand-held")
def hand_held(
    case: Case,
    celsius: Annotated[float, typer.Argument(metavar="X", help="30.00 to 45.00.")],
    by: By = None,
    config: GateConfig = DEFAULT_GATE_CONFIG,
) -> None:
    """Enter what a hand-held thermometer shows for somebody who is held."""
    _ask(config, "hand-held", case=case, centicelsius=_centi(celsius), by=by)


@app.command("open")
def open_door(reason: Why, by: By = None, config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Open for somebody of whom the gate knows nothing."""
    _ask(config, "open", reason=reason, by=by)


@app.command()
def shut(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Shut the door before its time is over; nobody needs to be on duty."""
    _ask(config, "shut")


@app.command()
def undo(by: By = None, config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Take back the last admission, denial or registration, within 30 s."""
    _ask(config, "undo", by=by)


@app.command("sign-on")
def sign_on(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Sign on for a shift: then hold your own duty pass before the camera."""
    _ask(config, "sign", on=True)


@app.command("sign-off")
def sign_off(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Sign off: then hold your own duty pass before the camera."""
    _ask(config, "sign", on=False)


@app.command()
def visitor(
    purpose: Purpose,
    name: Annotated[str, typer.Option(metavar="TEXT", help="Sealed to the centre at once.")],
    phone: Annotated[str, typer.Option(metavar="TEXT", help="Sealed to the centre at once.")],
    household: Home = None,
    celsius: Celsius = None,
    count: Annotated[int, typer.Option(metavar="N", help="How many, children included.")] = 1,
    open_: AndOpen = False,
    by: By = None,
    config: GateConfig = DEFAULT_GATE_CONFIG,
) -> None:
    """Register somebody without a pass. A fever, or no temperature, keeps the door shut."""
    _register(
        config,
        "visitor",
        purpose=purpose,
        name=name,
        phone=phone,
        household=household,
        centicelsius=_centi(celsius),
        count=count,
        admit=open_,
        by=by,
    )


@app.command()
def delivery(
    household: Annotated[str, typer.Option(metavar="ID", help="For whom.")],
    purpose: Annotated[str, typer.Option(metavar="TEXT", help="Courier or company.")] = "courier",
    count: Annotated[int, typer.Option(metavar="N", help="How many parcels.")] = 1,
    by: By = None,
    config: GateConfig = DEFAULT_GATE_CONFIG,
) -> None:
    """Note parcels on the shelf. The door never opens for a delivery."""
    _register(config, "delivery", purpose=purpose, household=household, count=count, by=by)


@app.command()
def vehicle(
    plate: Annotated[str, typer.Option(metavar="TEXT", help="The number plate.")],
    purpose: Purpose,
    driver: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Sealed to the centre at once.")
    ] = None,
    household: Home = None,
    celsius: Celsius = None,
    count: Annotated[int, typer.Option(metavar="N", help="How many sit in it.")] = 1,
    open_: AndOpen = False,
    by: By = None,
    config: GateConfig = DEFAULT_GATE_CONFIG,
) -> None:
    """Register a vehicle. A plate that the policy watches is flagged to the centre."""
    _register(
        config,
        "vehicle",
        plate=plate,
        purpose=purpose,
        name=driver,
        household=household,
        centicelsius=_centi(celsius),
        count=count,
        admit=open_,
        by=by,
    )


def _centi(celsius: float | None) -> int | None:
    return None if celsius is None else round(celsius * 100)


def _register(config: Path, visiting: str, *, household: str | None, **fields: Any) -> None:
    given = {key: value for key, value in fields.items() if value is not None}
    _ask(config, "register", visiting=visiting, **given, household=household or "")


def _ask(config: Path, what: str, /, **fields: Any) -> None:
    """Ask and print the answer. Exit code 0: done, 1: the gate objects, 2: bad use."""
    given = {key: value for key, value in fields.items() if value is not None}
    if given.get("household") == "":
        given["household"] = None
    answer = _call(config, "/requests", {"ask": what, **given})
    if answer.get("done"):
        print("done")
        return
    if "objection" not in answer:
        raise typer.BadParameter(str(answer.get("why", answer)))
    from checkpoint.gate.context import Objection
    from ui.words import word

    objection = Objection(answer["objection"])
    print(f"{objection.value}: {word(objection, 'en')}", file=sys.stderr)
    raise typer.Exit(1)


def _call(config: Path, path: str, body: dict[str, Any] | None) -> Any:
    from config.settings.error import ConfigError
    from config.settings.load import load_gate
    from kiosk.screen.client import NoGate, call

    data = load_gate(config).gate.data
    try:
        return call(data, path, body)
    except NoGate as error:
        problem = f"gate.data: no gate runs on {data}: {error}"
        raise ConfigError(config, [f"{problem}; start it with: gatepost gate run"]) from None
