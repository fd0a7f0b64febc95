"""gatepost explain: what a gate would say, and why."""

import json
from datetime import datetime, tzinfo
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checkpoint.policy import Direction
from gatepost.cli.any_roster import RosterFile, read_any_roster
from gatepost.cli.options import PolicyName, read_policy
from gatepost.policy.suppose import names, supposed

if TYPE_CHECKING:
    from checkpoint.policy import Policy
    from checkpoint.rules.what_if import EarlierPassage
    from checkpoint.thermometry import Reading
    from checkpoint.verdict import Verdict


def explain(
    roster: RosterFile,
    policy: PolicyName,
    person: Annotated[str, typer.Option(metavar="ID", help="Whose pass is shown.")],
    direction: Annotated[Direction, typer.Option(help="Which way they go.")],
    at: Annotated[
        str,
        typer.Option(
            metavar="ISO-TIME",
            help="When, such as 2030-01-31T07:30; without a zone by the compound's clock.",
        ),
    ],
    celsius: Annotated[
        float | None,
        typer.Option(metavar="X", help="The final estimate; the policy's limits judge it."),
    ] = None,
    no_reading: Annotated[
        bool, typer.Option("--no-reading", help="The thermometer gave none.")
    ] = False,
    passages: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help='Earlier passages, one a line: {"person", "gate", "direction", "at", "passed"}.',
        ),
    ] = None,
    clock_untrusted: Annotated[
        bool, typer.Option("--clock-untrusted", help="The gate's clock was never set in this boot.")
    ] = False,
    roster_age_hours: Annotated[
        float, typer.Option(metavar="H", min=0, help="How old the gate's roster is.")
    ] = 0,
    suppose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FACT=VALUE",
            help=f"The gate is not in order: another value for {', '.join(names())}, such as"
            " lock_ready=false. May be given again.",
        ),
    ] = None,
) -> None:
    """Say whether somebody may pass, by the rules of a gate, and what to do if not.

    Prints {"outcome": "admit|hold|refuse", "reason", "flags", "next_step": {"zh", "en"} or null}. Exit code 0
    whatever the verdict, 2 for bad input. Whoever is not in the roster is UNKNOWN_PERSON.

    Assumed, where nothing else is supposed: a pass signed for this compound with the current serial and the roster's
    valid_from and valid_until (whole days of the compound; missing: unlimited), a fresh roster, a working journal and
    lock. Where the policy measures and neither --celsius nor --no-reading is given, the temperature is normal.
    """
    from zoneinfo import ZoneInfo

    from checkpoint.ids import PersonId
    from checkpoint.rules.table import decide
    from checkpoint.rules.what_if import CompoundRules, SupposedPassage, facts_about

    limits = read_policy(policy)
    compound = CompoundRules(read_any_roster(roster), limits, ZoneInfo(limits.timezone))
    earlier = _read_passages(passages, compound.zone) if passages else []
    arrival = SupposedPassage(
        person=PersonId(person),
        direction=direction,
        at_s=time_option(at, compound.zone),
        reading=_reading(celsius, limits, no_reading=no_reading),
        clock_trusted=not clock_untrusted,
        roster_age_s=round(roster_age_hours * 3600),
        gate=supposed(suppose or ()),
    )
    verdict = decide(facts_about(arrival, compound, earlier))
    print(json.dumps(_answer(verdict), ensure_ascii=False))


def time_option(text: str, zone: tzinfo) -> int:
    """What --at says, in UTC seconds. Raises BadParameter."""
    try:
        return _seconds(text, zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None


def _answer(verdict: "Verdict") -> dict[str, object]:
    from checkpoint.verdict import Admit
    from ui.words import next_step

    reason = None if isinstance(verdict, Admit) else verdict.reason
    return {
        "outcome": type(verdict).__name__.lower(),
        "reason": "OK" if reason is None else reason.value,
        "flags": sorted(verdict.flags),
        "next_step": None
        if reason is None
        else {"zh": next_step(reason, "zh_CN"), "en": next_step(reason, "en")},
    }


def _reading(celsius: float | None, policy: "Policy", *, no_reading: bool) -> "Reading | None":
    from checkpoint.rules.what_if import reading_of

    if no_reading and celsius is not None:
        raise typer.BadParameter("say either this or --no-reading", param_hint="--celsius")
    if no_reading:
        return None
    if celsius is not None and not (isfinite(celsius) and -50 <= celsius <= 100):
        raise typer.BadParameter("is from -50 to 100, such as 36.6", param_hint="--celsius")
    return reading_of(None if celsius is None else round(celsius * 100), policy)


def _read_passages(path: Path, zone: tzinfo) -> "list[EarlierPassage]":
    """Every line of the file. Raises BadParameter that names each wrong line."""
    found: list[EarlierPassage] = []
    problems: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--passages") from None
    for number, line in enumerate(lines, start=1):
        try:
            found.extend([_passage(line, zone)] if line.strip() else [])
        except ValueError as error:
            problems.append(f"{path}, line {number}: {error}")
    if problems:
        raise typer.BadParameter("\n".join(problems), param_hint="--passages")
    return found


def _passage(line: str, zone: tzinfo) -> "EarlierPassage":
    import msgspec

    from checkpoint.ids import GateId, PersonId
    from checkpoint.rules.what_if import EarlierPassage

    class Line(msgspec.Struct):
        person: PersonId
        gate: GateId
        direction: Direction
        at: str
        passed: bool

    said = msgspec.json.decode(line, type=Line)
    return EarlierPassage(
        said.person, said.gate, said.direction, _seconds(said.at, zone), said.passed
    )


def _seconds(text: str, zone: tzinfo) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; write such as 2030-01-31T07:30") from None
    if not 1970 < moment.year < 9999:
        raise ValueError(f"{text!r} is no time of ours; write such as 2030-01-31T07:30")
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
