"""docs/ says what the code does: the tables are the code's, the quoted vectors are the golden ones."""

import re
from pathlib import Path

import pytest

from checkpoint.gate import table as gate
from checkpoint.policy import Direction
from checkpoint.rules import table as rules
from checkpoint.rules.facts import Finding
from checkpoint.verdict import Flag, Reason
from tests.checkpoint.examples import facts
from tests.checkpoint.rules.test_rules import ROWS
from tests.golden.read import FOLDER, vectors

DOCS = Path(__file__).parents[2] / "docs"
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
RULES_DOCUMENT = (DOCS / "rules.md").read_text(encoding="utf-8")
PROTOCOL = (DOCS / "protocol.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"<!-- golden (\w+) ([\w.]+) -->\n```text\n(.*)\n```", PROTOCOL)


def table(document: str, header: str) -> list[list[str]]:
    """The cells under this header line of a document."""
    rows = document.split(header, 1)[1].split("\n\n", 1)[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_state_table_is_the_gates() -> None:
    assert table(ARCHITECTURE, "| phase | event | what happens | leads to |") == [
        [
            phase.__name__,
            event.__name__,
            row.does,
            ", ".join(next_phase.__name__ for next_phase in row.leads_to),
        ]
        for (phase, event), row in gate.TABLE.items()
    ]


def test_what_means_the_same_in_every_phase_is_the_gates() -> None:
    assert table(ARCHITECTURE, "| event | what happens | may lead to |") == [
        [event.__name__, row.does, ", ".join(phase.__name__ for phase in row.leads_to)]
        for event, row in gate.EVERYWHERE.items()
    ]


OUTCOMES = ["flag", "hold", "refuse"]
RULES = table(RULES_DOCUMENT, "| # | row | reason | coming in | going out | flag |")


def test_the_rules_table_has_the_rows_of_the_rules() -> None:
    documented = list(dict.fromkeys((int(row[0]), row[1]) for row in RULES))
    assert documented == [(place, rule.__name__) for place, rule in enumerate(rules.TABLE, 1)]
    assert {row[2] for row in RULES} == set(Reason)


def findings(name: str, reason: Reason) -> list[tuple[Finding | None, ...]]:
    """What this row says, coming in and going out, of every case that it answers with the reason."""
    rule = next(rule for rule in rules.TABLE if rule.__name__ == name)
    cases = (changes for row, _, changes, *_ in ROWS if row == name)
    said = [
        tuple(rule(facts(**changes, direction=direction)) for direction in Direction)
        for changes in cases
    ]
    return [ways for ways in said if any(each and each.reason is reason for each in ways)]


@pytest.mark.parametrize("documented", RULES, ids=lambda row: row[2])
def test_each_rule_does_what_the_table_says(documented: list[str]) -> None:
    _, name, reason, coming_in, going_out, flag = documented
    said = findings(name, Reason(reason))
    gravest = [
        max((each.outcome.name.lower() for each in way if each), key=OUTCOMES.index, default="")
        for way in zip(*said, strict=True)
    ]
    assert gravest == [coming_in, going_out]
    flags = {each.flag for ways in said for each in ways if each and each.reason == reason}
    assert flags == {Flag(flag) if flag else None}


@pytest.mark.parametrize(("name", "path", "quoted"), QUOTED)
def test_a_vector_quoted_in_the_protocol_is_the_golden_one(
    name: str, path: str, quoted: str
) -> None:
    value = vectors(name)
    for key in path.split("."):
        value = value[int(key)] if key.isdigit() else value[key]
    assert quoted == value


def test_every_golden_file_is_quoted() -> None:
    assert {name for name, _, _ in QUOTED} == {path.stem for path in FOLDER.glob("*.json")}
    assert PROTOCOL.count("<!-- golden") == len(QUOTED)
