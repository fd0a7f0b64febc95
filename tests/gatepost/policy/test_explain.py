"""gatepost explain: the answer of the rules to somebody who comes, as a command."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from checkpoint.people import RosterDocument
from checkpoint.rules.facts import Facts
from checkpoint.verdict import Reason
from gatepost.command_line import command_line
from gatepost.policy.suppose import names
from tests.journeys.compound import ROSTER, Answer, explain, passage, write_roster
from tests.programs import gatepost
from ui.words import next_step

ARRIVALS: list[tuple[str, str, str, str, list[str], list[str], Answer]] = [
    (
        "a healthy resident",
        "wang", "in", "2030-03-17T09:00", [], [],
        Answer("admit", "OK"),
    ),
    (
        "an isolating resident with fever coming home",
        "abroad", "in", "2030-03-17T09:00", ["--celsius", "38.1"], [],
        Answer("hold", "FEVER", ("BREACH", "FEVER")),
    ),
    (
        "an isolating resident coming home",
        "back", "in", "2030-03-17T09:00", [], [],
        Answer("admit", "OK", ("BREACH",)),
    ),
    (
        "an isolating resident going out with fever",
        "abroad", "out", "2030-03-17T09:00", ["--celsius", "38.1"], [],
        Answer("refuse", "ISOLATING", ("BREACH", "FEVER")),
    ),
    (
        "the red household coming in",
        "contact", "in", "2030-03-17T09:00", [], [],
        Answer("hold", "UNDER_WATCH", ("BREACH",)),
    ),
    (
        "somebody of a vacant household",
        "squatter", "in", "2030-03-17T09:00", [], [],
        Answer("hold", "VACANT_HOUSEHOLD", ("VACANT_HOUSEHOLD",)),
    ),
    (
        "a person who is not in the roster",
        "nobody", "in", "2030-03-17T09:00", [], [],
        Answer("hold", "UNKNOWN_PERSON", ("UNKNOWN_VISITOR",)),
    ),
    (
        "a person who is not in the roster going out",
        "nobody", "out", "2030-03-17T09:00", [], [],
        Answer("admit", "OK", ("UNKNOWN_VISITOR",)),
    ),
    (
        "somebody whose passes are revoked up to the one before the current",
        "lost", "in", "2030-03-17T09:00", [], [],
        Answer("admit", "OK"),
    ),
    (
        "a visitor on the first minute of the first day",
        "guest", "in", "2030-03-16T00:00", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "a visitor before the clocks' grace",
        "guest", "in", "2030-03-15T23:57", [], [],
        Answer("hold", "NOT_YET_VALID", ("FIRST_ENTRY", "NOT_YET_VALID")),
    ),
    (
        "a visitor on the last second of the grace",
        "guest", "in", "2030-03-18T00:01:59", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "a visitor with an expired pass coming in",
        "guest", "in", "2030-03-18T00:02", [], [],
        Answer("hold", "EXPIRED", ("EXPIRED", "FIRST_ENTRY")),
    ),
    (
        "a visitor with an expired pass going out",
        "guest", "out", "2030-03-18T10:00", [], [],
        Answer("admit", "OK", ("EXPIRED",)),
    ),
    (
        "a visitor's single entry used at another gate",
        "guest", "in", "2030-03-17T12:00", [],
        [passage("guest", "in", "2030-03-17T10:00", "west"), passage("guest", "out", "2030-03-17T11:00")],
        Answer("hold", "PASS_USED", ("PASS_SHARED",)),
    ),
    (
        "a visitor who was let in but did not go through",
        "guest", "in", "2030-03-17T12:00", [],
        [passage("guest", "in", "2030-03-17T10:00", "west", passed=False)],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "a worker from outside on shift",
        "cleaner", "in", "2030-03-18T07:31", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "a worker from outside before the grace",
        "cleaner", "in", "2030-03-18T07:29", [], [],
        Answer("hold", "OUTSIDE_SHIFT", ("FIRST_ENTRY",)),
    ),
    (
        "a worker from outside leaving after the shift",
        "cleaner", "out", "2030-03-18T21:00", [], [],
        Answer("admit", "OK"),
    ),
    (
        "a worker on a day of the rotation",
        "fitter", "in", "2030-03-17T09:00", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "a worker on a day off",
        "fitter", "in", "2030-03-18T09:00", [], [],
        Answer("hold", "OUTSIDE_SHIFT", ("FIRST_ENTRY",)),
    ),
    (
        "a worker on a day off where the clock knows no days",
        "fitter", "in", "2030-03-18T09:00", ["--clock-untrusted"], [],
        Answer("admit", "OK", ("DEGRADED", "FIRST_ENTRY")),
    ),
    (
        "a resident outside the own hours",
        "student", "out", "2030-03-17T09:00", [], [],
        Answer("hold", "OUTSIDE_HOURS"),
    ),
    (
        "a resident within the own hours",
        "student", "out", "2030-03-18T09:00", [], [],
        Answer("admit", "OK"),
    ),
    (
        "a resident with a young pass who was never seen",
        "newcomer", "in", "2030-03-17T09:00", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "a resident who left unseen and comes back",
        "wang", "in", "2030-03-17T18:00", [], [passage("wang", "in", "2030-03-16T18:00")],
        Answer("admit", "OK"),
    ),
    (
        "a copied pass at two gates within minutes",
        "wang", "in", "2030-03-17T18:04", [], [passage("wang", "in", "2030-03-17T18:00", "west")],
        Answer("hold", "ALREADY_INSIDE", ("PASS_SHARED",)),
    ),
    (
        "the same going out",
        "wang", "out", "2030-03-17T18:04", [], [passage("wang", "out", "2030-03-17T18:00", "west")],
        Answer("hold", "ALREADY_OUTSIDE", ("PASS_SHARED",)),
    ),
    (
        "a passage that is still to come",
        "wang", "in", "2030-03-17T18:00", [], [passage("wang", "in", "2030-03-17T18:01", "west")],
        Answer("admit", "OK"),
    ),
    (
        "no reading",
        "wang", "in", "2030-03-17T18:00", ["--no-reading"], [],
        Answer("hold", "NO_READING"),
    ),
    (
        "just no fever",
        "wang", "in", "2030-03-17T18:00", ["--celsius", "37.29"], [],
        Answer("admit", "OK"),
    ),
    (
        "just a fever",
        "wang", "in", "2030-03-17T18:00", ["--celsius", "37.3"], [],
        Answer("hold", "FEVER", ("FEVER",)),
    ),
    (
        "the highest fever",
        "wang", "in", "2030-03-17T18:00", ["--celsius", "42.5"], [],
        Answer("hold", "FEVER", ("FEVER",)),
    ),
    (
        "hotter than a person",
        "wang", "in", "2030-03-17T18:00", ["--celsius", "42.51"], [],
        Answer("hold", "UNSURE"),
    ),
    (
        "colder than a forehead",
        "wang", "in", "2030-03-17T18:00", ["--celsius", "33.99"], [],
        Answer("hold", "TOO_LOW"),
    ),
    (
        "a vehicle for the first time",
        "van", "in", "2030-03-17T18:00", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
    (
        "an untrusted clock",
        "wang", "out", "2030-03-17T18:00", ["--clock-untrusted"], [],
        Answer("admit", "OK", ("DEGRADED",)),
    ),
    (
        "a gate that the centre has told to hold everybody",
        "wang", "out", "2030-03-17T18:00", ["--suppose", "locked_out=true"], [],
        Answer("hold", "LOCKED_OUT"),
    ),
    (
        "a lock that does not answer",
        "wang", "in", "2030-03-17T18:00", ["--suppose", "lock_ready=false"], [],
        Answer("hold", "LOCK_DOWN", ("DEGRADED",)),
    ),
    (
        "a full disk and no room left in memory",
        "wang", "in", "2030-03-17T18:00",
        ["--suppose", "journal.writable=false", "--suppose", "journal.unwritten_admissions=200"], [],
        Answer("hold", "JOURNAL_DOWN", ("DEGRADED",)),
    ),
    (
        "a roster of three days ago",
        "wang", "in", "2030-03-17T18:00", ["--roster-age-hours", "72"], [],
        Answer("admit", "OK", ("DEGRADED",)),
    ),
    (
        "a time that names its zone",
        "guest", "in", "2030-03-15T16:00Z", [], [],
        Answer("admit", "OK", ("FIRST_ENTRY",)),
    ),
]  # fmt: skip


@pytest.mark.parametrize("arrival", ARRIVALS, ids=[each[0] for each in ARRIVALS])
def test_the_command_answers_as_the_rules_say(
    tmp_path: Path, arrival: tuple[str, str, str, str, list[str], list[str], Answer]
) -> None:
    _, person, direction, at, options, earlier, answer = arrival
    who = ["--person", person, "--direction", direction, "--at", at, "--policy", "ordinary"]
    assert explain(tmp_path, *who, *options, earlier=earlier) == answer


def ask(roster: Path, *more: str) -> Any:
    options = {
        "--policy": "ordinary",
        "--person": "wang",
        "--direction": "in",
        "--at": "2030-03-17",
    }
    options |= dict(zip(more[::2], more[1::2], strict=True))
    arguments = [part for pair in options.items() for part in pair]
    return CliRunner().invoke(command_line(), ["explain", "--roster", str(roster), *arguments])


def test_what_to_do_next_is_said_in_both_languages(tmp_path: Path) -> None:
    said = json.loads(ask(write_roster(tmp_path), "--celsius", "38").stdout)
    assert said["next_step"] == {
        "zh": next_step(Reason.FEVER, "zh_CN"),
        "en": next_step(Reason.FEVER, "en"),
    }


def test_a_signed_roster_is_read_too(tmp_path: Path) -> None:
    keys, roster, signed = tmp_path / "keys", write_roster(tmp_path), tmp_path / "signed.json"
    for command in (
        ["keys", "init", str(keys)],
        ["roster", "sign", "--keys", str(keys), str(roster), "--out", str(signed)],
    ):
        assert CliRunner().invoke(command_line(), command).exit_code == 0
    assert json.loads(ask(signed, "--person", "abroad", "--direction", "out").stdout)["reason"] == (
        "ISOLATING"
    )


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_a_spreadsheet_is_read_as_it_is(tmp_path: Path, name: str) -> None:
    table = str(tmp_path / name)
    export = ["roster", "export", str(write_roster(tmp_path)), "--out", table]
    assert CliRunner().invoke(command_line(), export).exit_code == 0
    said = json.loads(ask(Path(table), "--person", "abroad", "--direction", "out").stdout)
    assert said["reason"] == "ISOLATING"


def test_every_mistake_of_a_spreadsheet_is_told(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("id,name,compound,household\nP 1,Wang,1,7\nP2,,1,7\n", encoding="utf-8")
    run = ask(table)
    assert run.exit_code == 2
    told = plain(run.stderr)
    assert "P 1 is no id" in told
    assert "is empty" in told


def test_a_policy_of_ones_own_sets_the_limits_and_the_zone(tmp_path: Path) -> None:
    policy = tmp_path / "ours.toml"
    policy.write_text('timezone = "Europe/Berlin"\nfever_celsius = 37.5\nmeasured = ["in"]')
    roster = write_roster(tmp_path)
    ours = ["--policy", str(policy)]
    assert json.loads(ask(roster, *ours, "--celsius", "37.4").stdout)["outcome"] == "admit"
    assert json.loads(ask(roster, *ours, "--celsius", "37.5").stdout)["reason"] == "FEVER"
    out = ask(roster, *ours, "--celsius", "39", "--direction", "out")
    assert json.loads(out.stdout)["outcome"] == "admit"
    # Midnight in Berlin is seven hours later than in Shanghai.
    guest = ["--person", "guest"]
    assert "NOT_YET" in ask(roster, *ours, *guest, "--at", "2030-03-15T17:00Z").stdout
    assert "NOT_YET" not in ask(roster, *guest, "--at", "2030-03-15T17:00Z").stdout


BAD = [
    ("--at", "yesterday", "'yesterday' is no time; write such as 2030-01-31T07:30"),
    ("--at", "9999-12-31T23:59-23:00", "is no time"),
    ("--at", "0001-01-01", "is no time"),
    ("--direction", "up", "'up' is not one of"),
    ("--celsius", "warm", "--celsius"),
    ("--celsius", "nan", "from -50 to 100"),
    ("--celsius", "366", "from -50 to 100"),
    ("--passages", "none.jsonl", "none.jsonl"),
]


@pytest.mark.parametrize(("option", "value", "said"), BAD)
def test_bad_input_is_told_with_its_option_and_exit_code_2(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    run = ask(write_roster(tmp_path), option, value)
    assert (run.exit_code, run.stdout) == (2, "")
    assert said in plain(run.stderr)


def plain(text: str) -> str:
    """Without the frame that is drawn around an error."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("weather=bad", "locked_out"),
        ("lock_ready", "FACT=VALUE"),
        ("lock_ready=perhaps", "lock_ready"),
        ("journal.unwritten_admissions=many", "unwritten_admissions"),
        ("journal=false", "journal.writable"),
    ],
)
def test_a_condition_that_no_gate_has_is_told_with_those_that_there_are(
    tmp_path: Path, said: str, complaint: str
) -> None:
    answer = ask(write_roster(tmp_path), "--suppose", said)
    assert answer.exit_code == 2
    assert complaint in plain(answer.output)


def test_every_fact_that_the_rules_may_look_at_can_be_put_to_explain() -> None:
    """A fact that is missing here is one about which explain cannot be asked."""
    told_by = {
        "shown": "--person",
        "standing": "--roster",
        "history": "--passages",
        "direction": "--direction",
        "now_s": "--at",
        "zone": "--policy",
        "compound": "--roster",
        "policy": "--policy",
        "clock_trusted": "--clock-untrusted",
        "roster_age_s": "--roster-age-hours",
        "reading": "--celsius",
        "gate": "--suppose",
    }
    assert set(told_by) == {field.name for field in dataclasses.fields(Facts)}
    help_ = plain(CliRunner().invoke(command_line(), ["explain", "--help"]).output)
    assert [option for option in told_by.values() if option not in help_] == []
    assert [name for name in names() if name not in help_] == []


def test_a_temperature_and_none_at_all_contradict_each_other(tmp_path: Path) -> None:
    options = ["--celsius", "36.6", "--no-reading", "--policy", "ordinary", "--person", "wang"]
    roster = str(write_roster(tmp_path))
    when = ["--direction", "in", "--at", "2030-03-17"]
    run = CliRunner().invoke(command_line(), ["explain", "--roster", roster, *options, *when])
    assert run.exit_code == 2
    assert "--no-reading" in run.stderr


def test_every_wrong_line_of_the_passages_is_told(tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    lines = [
        passage("wang", "in", "2030-03-16T18:00"),
        "",
        '{"person": "wang", "gate": "east", "direction": "sideways", "at": "2030-03-16", "passed": true}',
        passage("wang", "in", "soon"),
        "{",
        '{"person": "wang", "gate": "east", "direction": "in", "at": "2030-03-16"}',
    ]
    path.write_text("\n".join(lines))
    run = ask(write_roster(tmp_path), "--passages", str(path))
    assert run.exit_code == 2
    told = plain(run.stderr)
    assert [n for n in range(1, 7) if f"line {n}:" in told] == [3, 4, 5, 6]
    assert "$.direction" in told
    assert "'soon' is no time" in told
    assert "`passed`" in told


ROSTERS = {
    "neither JSON nor a table": "compound",
    "nothing": "",
    "a list": "[]",
    "no residents": '{"compound": 1, "households": []}',
    "a colour that is none": json.dumps(
        {**ROSTER, "households": [{"id": "7-301", "building": "7", "unit": "1", "colour": "blue"}]}
    ),
    "a resident without a home": json.dumps({**ROSTER, "households": []}),
    "nested without end": "[" * 100_000,
    "signed nothing": '{"kid": "00", "body": "", "signature": ""}',
}


@pytest.mark.parametrize("text", ROSTERS.values(), ids=ROSTERS)
def test_a_roster_that_is_none_is_bad_input(tmp_path: Path, text: str) -> None:
    roster = tmp_path / "roster.json"
    roster.write_text(text)
    run = ask(roster)
    assert run.exit_code == 2
    assert "--roster" in run.stderr
    assert run.exception is None or isinstance(run.exception, SystemExit)


def test_as_a_process_an_unknown_preset_ends_with_2_and_names_those_that_are() -> None:
    more = ("--person", "wang", "--direction", "in", "--at", "2030-03-17")
    run = gatepost("explain", "--policy", "ordinry", "--roster", "x", *more)
    assert (run.returncode, run.stdout) == (2, "")
    assert "one-outing-a-day" in run.stderr


def test_the_example_compound_is_a_roster() -> None:
    assert set(ROSTER) | {"revision"} == set(RosterDocument.__struct_fields__)
