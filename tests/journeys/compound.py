"""A compound for stories: a few households in every state, people who work, visit and drive.

March 2030; the 17th is a Sunday.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gatepost.command_line import command_line

_MON_TO_FRI = {"every": "weekly", "days": [0, 1, 2, 3, 4], "start_minute": 480, "end_minute": 1020}
_NIGHTS = {
    "every": "weekly",
    "days": [0, 1, 2, 3, 4, 5, 6],
    "start_minute": 1200,
    "end_minute": 480,
}
_ROTATION = {
    "every": "dates",
    "first": "2030-03-01",
    "last": "2030-03-31",
    "every_days": 4,
    "start_minute": 480,
    "end_minute": 1200,
}
ROSTER: dict[str, Any] = {
    "compound": 1,
    "households": [
        {"id": "7-301", "building": "7", "unit": "301"},
        {"id": "7-302", "building": "7", "unit": "302"},
        {"id": "8-101", "building": "8", "unit": "101", "colour": "yellow"},
        {"id": "8-102", "building": "8", "unit": "102", "colour": "orange"},
        {"id": "8-103", "building": "8", "unit": "103", "colour": "red"},
        {"id": "8-104", "building": "8", "unit": "104", "colour": "white"},
    ],
    "residents": [
        {"id": "wang", "name": "王桂芳", "household": "7-301"},
        {"id": "li", "name": "李建国", "household": "7-301"},
        {"id": "nurse", "name": "张敏", "household": "7-302", "marks": ["medical"]},
        {
            "id": "guard",
            "name": "刘洋",
            "household": "7-302",
            "shifts": [{"employer": "Port", "post": "Watch", "windows": [_NIGHTS]}],
        },
        {"id": "student", "name": "陈秀英", "household": "7-302", "hours": [_MON_TO_FRI]},
        {"id": "newcomer", "name": "何静", "household": "7-302", "valid_from": "2030-03-10"},
        {"id": "back", "name": "杨帆", "household": "8-101"},
        {"id": "abroad", "name": "赵磊", "household": "8-102"},
        {"id": "contact", "name": "黄丽华", "household": "8-103"},
        {"id": "squatter", "name": "周强", "household": "8-104"},
        {
            "id": "cleaner",
            "name": "吴秀兰",
            "kind": "worker",
            "shifts": [{"employer": "Estate", "windows": [_MON_TO_FRI]}],
        },
        {
            "id": "fitter",
            "name": "徐静",
            "kind": "worker",
            "shifts": [{"employer": "Lifts", "windows": [_ROTATION]}],
        },
        {
            "id": "guest",
            "name": "孙浩",
            "kind": "visitor",
            "household": "7-301",
            "entries": "one",
            "valid_from": "2030-03-16",
            "valid_until": "2030-03-17",
        },
        {"id": "van", "name": "鄂A12345", "kind": "vehicle"},
        {"id": "lost", "name": "马丽", "household": "7-302", "lowest_serial": 2},
    ],
    "revoked": [["lost", 2]],
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What gatepost explain said."""

    outcome: str
    reason: str
    flags: tuple[str, ...] = ()


def write_roster(folder: Path, **changes: Any) -> Path:
    path = folder / "roster.json"
    path.write_text(json.dumps({**ROSTER, **changes}, ensure_ascii=False), encoding="utf-8")
    return path


def passage(
    person: str, direction: str, at: str, gate: str = "east", *, passed: bool = True
) -> str:
    """One line of earlier passages."""
    return json.dumps(
        {"person": person, "gate": gate, "direction": direction, "at": at, "passed": passed}
    )


def explain(folder: Path, *arguments: str, earlier: list[str] | None = None) -> Answer:
    """Ask the command; --roster is the compound's unless the folder holds another."""
    roster = folder / "roster.json"
    if not roster.exists():
        write_roster(folder)
    passages: list[str] = []
    if earlier is not None:
        path = folder / "passages.jsonl"
        path.write_text("\n".join(earlier), encoding="utf-8")
        passages = ["--passages", str(path)]
    run = CliRunner().invoke(
        command_line(), ["explain", "--roster", str(roster), *arguments, *passages]
    )
    assert run.exit_code == 0, run.output
    said = json.loads(run.stdout)
    assert said.keys() == {"outcome", "reason", "flags", "next_step"}
    assert (said["next_step"] is None) == (said["outcome"] == "admit")
    return Answer(said["outcome"], said["reason"], tuple(said["flags"]))
