"""gatepost policy preview: how many people a change of policy affects, and who."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gatepost.command_line import command_line
from tests.journeys.compound import write_roster

RESIDENTS = {
    "wang", "li", "guard", "student", "newcomer", "back", "abroad", "contact", "squatter", "lost",
}  # fmt: skip
"""All who live here but the nurse, whose mark exempts her."""
NIGHT, MORNING = "2030-03-18T21:00", "2030-03-18T09:00"


def preview(folder: Path, *arguments: str) -> Any:
    command = ["policy", "preview", "--roster", str(write_roster(folder)), *arguments]
    return CliRunner().invoke(command_line(), command)


def who(folder: Path, *arguments: str) -> dict[str, Any]:
    run = preview(folder, "--json", *arguments)
    assert run.exit_code == 0, run.output
    said = json.loads(run.stdout)
    assert said["people"] == 15
    assert said["affected"] == len(said["who"])
    return {each["id"]: each["changes"] for each in said["who"]}


@pytest.mark.parametrize("name", ["ordinary", "sealed"])
def test_no_change_affects_nobody(tmp_path: Path, name: str) -> None:
    assert who(tmp_path, "--policy", name, "--against", name, "--at", NIGHT) == {}


def test_sealing_stops_all_who_live_here_but_those_on_shift_and_those_exempt(
    tmp_path: Path,
) -> None:
    found = who(tmp_path, "--policy", "sealed", "--at", NIGHT)
    assert found.keys() == RESIDENTS
    stopped = {person for person, changes in found.items() if "going_out" in changes}
    # Guard is on shift; the others are stopped anyway: by their own hours or by their home's colour.
    assert stopped == RESIDENTS - {"guard", "student", "back", "abroad", "contact"}
    assert found["wang"] == {
        "going_out": ["OK", "OUTSIDE_HOURS"],
        "curfew": [None, {"directions": ["out"], "hours": None}],
    }


def test_a_quota_binds_at_every_hour(tmp_path: Path) -> None:
    once = {"every_days": 1, "max_minutes_out": 120, "allowed_hours": None}
    for at in (MORNING, NIGHT):
        found = who(tmp_path, "--policy", "one-outing-a-day", "--at", at)
        assert found == {person: {"outings": [None, once]} for person in RESIDENTS}


def test_a_curfew_by_night_affects_people_by_day_too(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text(
        'timezone = "Asia/Shanghai"\nexempt_marks = ["medical"]\n'
        '[curfew]\ndirections = ["in"]\nhours = "daily 22:00-05:00"'
    )
    by_day = who(tmp_path, "--policy", str(ours), "--at", MORNING)
    outsiders = {"cleaner", "fitter", "guest", "van"}
    assert by_day.keys() == RESIDENTS | outsiders
    hours = {"directions": ["in"], "hours": "daily 22:00-05:00"}
    assert by_day["van"] == {"curfew": [None, hours]}
    by_night = who(tmp_path, "--policy", str(ours), "--at", "2030-03-18T23:00")
    assert by_night["van"] == {"coming_in": ["OK", "OUTSIDE_HOURS"], "curfew": [None, hours]}


def test_what_changes_for_everybody_is_told_once(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text(
        'timezone = "Asia/Shanghai"\nexempt_marks = ["medical"]\nfever_celsius = 37.5\npassback_minutes = 3'
    )
    run = preview(tmp_path, "--json", "--policy", str(ours), "--at", MORNING)
    said = json.loads(run.stdout)
    assert said["who"] == []
    assert said["for_everybody"].keys() == {"temperature", "passback_minutes"}
    assert said["for_everybody"]["passback_minutes"] == [5, 3]


def test_an_exempt_mark_that_goes_affects_those_who_have_it(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('timezone = "Asia/Shanghai"\n[curfew]\ndirections = ["out"]')
    found = who(tmp_path, "--policy", str(ours), "--against", "sealed", "--at", MORNING)
    assert found.keys() == {"nurse"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["10 of 15 people are affected, in 6 households", "5  going out: Admitted -> "]),
        ("zh", ["共 15 人，其中 10 人受影响，涉及 6 户", "5  出门：放行 → "]),
    ],
)
def test_in_words_the_numbers_come_first_and_then_the_people(
    tmp_path: Path, language: str, said: list[str]
) -> None:
    run = preview(tmp_path, "--policy", "sealed", "--at", NIGHT, "--language", language)
    assert run.exit_code == 0
    assert [part for part in said if part not in run.stdout] == []
    people = [line.split("\t")[0] for line in run.stdout.splitlines() if "\t" in line]
    assert people == sorted(RESIDENTS)


@pytest.mark.parametrize(("option", "value"), [("--at", "soon"), ("--roster", "none.json")])
def test_bad_input_ends_with_exit_code_2(tmp_path: Path, option: str, value: str) -> None:
    run = preview(tmp_path, "--policy", "sealed", option, value)
    assert run.exit_code == 2
    assert option in run.stderr
