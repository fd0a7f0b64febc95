"""docs/roster.md is true: its examples are imported, its tables are the code's."""

import re
from pathlib import Path

import pytest

from checkpoint.hours_text import parse_hours
from collector.roster_files.csv_text import read_csv
from collector.roster_files.headings import CHINESE, Column, known_headings
from collector.roster_files.people import read_people
from collector.roster_files.vocabulary import COLOURS, ENTRIES, KINDS, mark_of
from collector.roster_files.wording import problem_line
from tests.collector.roster_files.tables import SOUND, people_of

DOCS = (Path(__file__).parents[3] / "docs" / "roster.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```csv\n(.*?)```", DOCS, re.DOTALL)


def table(header: str) -> list[list[str]]:
    rows = DOCS.split(header, 1)[1].split("\n\n", 1)[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


COLUMNS = table("| column | 标题 | also | what stands in it |")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_imported(example: str, encoding: str) -> None:
    findings = read_people(read_csv(example.encode(encoding)))
    assert findings.problems == ()
    assert findings.usable
    assert (len(findings.people.households), len(findings.people.residents)) == (3, 6)


def test_both_examples_say_the_same() -> None:
    english, chinese = (read_people(read_csv(each.encode())).people for each in EXAMPLES)
    assert english == chinese


def test_every_column_is_documented_in_order_with_both_headings() -> None:
    assert [row[:2] for row in COLUMNS] == [[column.value, CHINESE[column]] for column in Column]


@pytest.mark.parametrize("row", COLUMNS, ids=lambda row: row[0])
def test_what_is_documented_as_another_heading_is_known(row: list[str]) -> None:
    others = row[2].split(", ")
    assert known_headings(others) == len(others)


WORDS = {row[0]: re.findall(r"([a-z-]+) ([\u4e00-\u9fff]+)", row[3]) for row in COLUMNS}


def test_the_words_are_known_and_mean_the_same_in_both_languages() -> None:
    for column, vocabulary in (("colour", COLOURS), ("kind", KINDS), ("entries", ENTRIES)):
        assert len(WORDS[column]) >= 2
        for english, chinese in WORDS[column]:
            assert vocabulary.code(english) == vocabulary.code(chinese)
    assert len(WORDS["marks"]) == 5
    assert all(mark_of(chinese) == english for english, chinese in WORDS["marks"])


@pytest.mark.parametrize("row", table("| text | when |"), ids=lambda row: row[0])
def test_the_windows_are_read(row: list[str]) -> None:
    assert len(parse_hours(row[0].strip("`"))) == 1
    for other in re.findall("`([^`]*[0-9]{2}:[0-9]{2}[^`]*)`", row[1]):
        assert parse_hours(other) == parse_hours(row[0].strip("`"))


@pytest.mark.parametrize(
    "row", table("| column | cell | what import says |"), ids=lambda row: row[1]
)
def test_a_common_mistake_is_answered_as_documented(row: list[str]) -> None:
    column, cell, said = row
    findings = people_of({**SOUND, column: cell.strip("`")})
    assert [problem_line(each, "en") for each in findings.problems] == [f"line 2, {column}: {said}"]
