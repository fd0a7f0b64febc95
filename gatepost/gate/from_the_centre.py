"""gatepost gate open | lock-out | lift | remeasure | restart: the centre tells one gate to do something, once."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.admin_action import By, Reason, admin_action
from gatepost.cli.collector_database import CollectorConfig, database, explained
from gatepost.cli.options import AsJson, LanguageName, MessageLanguage

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from checkpoint.gate.commands import Command
    from ui.words import Language

ANSWER_WITHIN_S = 15.0
_LOOK_S = 0.2
Gate = Annotated[str, typer.Argument(metavar="GATE", help="The gate's id, such as east-in.")]


def open_(
    gate: Gate,
    config: CollectorConfig,
    reason: Reason,
    language: MessageLanguage,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """OPENS A DOOR FROM AFAR, for somebody whom nobody measures and no rule judges. Recorded with name and reason.

    The command is worth nothing 30 seconds after you gave it, however long it is on its way. A gate whose clock is
    not known to be right cannot tell how old it is, and does not open. Exit code 0: the gate opens; 1: it refuses;
    3: no answer within 15 seconds, and after 30 it cannot open by this any more.
    """
    _command(gate, config, (reason, by), language, "open", as_json=as_json)


def lock_out(
    gate: Gate,
    config: CollectorConfig,
    reason: Reason,
    language: MessageLanguage,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Have a gate hold everybody until it is lifted. The volunteer there can still let people through.

    Exit code 0: it does; 1: it refuses; 3: no answer within 15 seconds; it still may for 10 minutes.
    """
    _command(gate, config, (reason, by), language, "lock-out", as_json=as_json)


def lift(
    gate: Gate,
    config: CollectorConfig,
    reason: Reason,
    language: MessageLanguage,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """End a lock-out. Exit codes as of gatepost gate lock-out."""
    _command(gate, config, (reason, by), language, "lift", as_json=as_json)


def remeasure(
    gate: Gate,
    config: CollectorConfig,
    reason: Reason,
    language: MessageLanguage,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Have a gate take the temperature of whoever was held last once more. Exit codes as of lock-out."""
    _command(gate, config, (reason, by), language, "remeasure", as_json=as_json)


def restart(
    gate: Gate,
    config: CollectorConfig,
    reason: Reason,
    language: MessageLanguage,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Have a gate's program end in order, with the lock shut, and start again. Exit codes as of lock-out."""
    _command(gate, config, (reason, by), language, "restart", as_json=as_json)


def _command(
    gate: str,
    config: Path,
    terms: tuple[str, str | None],
    language: LanguageName,
    kind: str,
    *,
    as_json: bool,
) -> None:
    from checkpoint.ids import GateId
    from checkpoint.records import CommandKind
    from collector.actions.admin_actions import command_gate
    from collector.actions.compound_lookup import of_gate
    from collector.store.outcomes import newest_record
    from config.settings.load import load_collector

    reason, by = terms
    settings = load_collector(config)
    with admin_action(config, by, reason) as (connection, done):
        where = of_gate(connection, gate)
        newest = newest_record(connection)
        command = command_gate(connection, done, where, GateId(gate), CommandKind(kind))
    with explained(settings, config), database(settings, config, writes=False) as engine:
        outcome = _wait_for(engine, command, newest, language.catalogue)
    _say(command, outcome, as_json=as_json)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a command, and why not more."""

    exit_code: int
    what: str
    why: str = ""


def _wait_for(engine: "Engine", command: "Command", after: int, language: "Language") -> _Outcome:
    from collector.store.outcomes import outcome_of, refused_command
    from ui.words import word

    until_s = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < until_s:
        with engine.begin() as connection:
            answer = outcome_of(connection, command, after)
        if answer is not None and answer.not_done is not None:
            return _Outcome(1, "refused", word(answer.not_done, language))
        if answer is not None:
            return _Outcome(0, "done")
        time.sleep(_LOOK_S)
    with engine.begin() as connection:
        if (why := refused_command(connection, command.gate, after)) is not None:
            return _Outcome(1, "refused", why)
    online = "it says that it is online" if _is_online(engine, command.gate) else "it is offline"
    return _Outcome(3, "no answer", f"{ANSWER_WITHIN_S:.0f} s; {online}")


def _is_online(engine: "Engine", gate: str) -> bool:
    from collector.store.queries import gates

    with engine.begin() as connection:
        return any(each.gate == gate and each.online for each in gates(connection))


def _say(command: "Command", outcome: _Outcome, *, as_json: bool) -> None:
    if as_json:
        facts = {"gate": command.gate, "command": command.kind.value, "id": command.id}
        print(json.dumps({**facts, "outcome": outcome.what, "why": outcome.why}))
        return
    line = f"{command.gate} {command.kind.value}: {outcome.what}"
    line += f": {outcome.why}" if outcome.why else ""
    print(line, file=sys.stderr if outcome.exit_code else sys.stdout)
