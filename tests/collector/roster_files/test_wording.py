"""Everything that can be wrong is said in both languages, with its places filled; previews are short and complete."""

import json
import re
import string
from pathlib import Path
from typing import Any

import pytest

from collector.domain.people import People
from collector.roster_files.mistakes import Mistake, Problem
from collector.roster_files.preview import preview
from collector.roster_files.preview_json import MOST_PROBLEMS, as_json
from collector.roster_files.wording import (
    MOST_LISTED,
    ending_line,
    mend,
    preview_lines,
    problem_line,
    what,
)
from tests.collector.roster_files.tables import SOUND, people_of
from ui.words import LANGUAGES, Language, phrases

SOURCE = (Path(__file__).parents[3] / "collector/roster_files/mistakes.py").read_text()
PLACES = {
    name: set(places.split(":")[0].replace(",", " ").split())
    for name, places in re.findall(
        r"^    ([A-Z0-9_]+) = enum\.auto\(\)(?:  # (.*))?$", SOURCE, re.MULTILINE
    )
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mistake", Mistake)
def test_every_mistake_has_words_that_fill_the_places_it_names(
    mistake: Mistake, language: Language
) -> None:
    values = dict.fromkeys(PLACES[mistake.name], "⌂")
    problem = Problem(3, "name", mistake, values)
    assert what(problem, language)
    assert mend(problem, language)
    texts = (phrases(context, language)[mistake.name] for context in ("Mistake", "Mistake.mend"))
    used = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    assert used == PLACES[mistake.name]


SAID = [
    (Problem(0, "", Mistake.OLD_EXCEL), "the file is an old .xls", "文件是旧的 .xls"),
    (Problem(5, "", Mistake.QUOTES), "line 5: has a quotation", "第 5 行：引号"),
    (Problem(5, "姓名", Mistake.FORMULA), "line 5, 姓名: is a formula", "第 5 行，姓名：是公式"),
]


@pytest.mark.parametrize(("problem", "english", "chinese"), SAID)
def test_a_problem_says_where_it_is(problem: Problem, english: str, chinese: str) -> None:
    assert problem_line(problem, "en").startswith(english)
    assert problem_line(problem, "zh_CN").startswith(chinese)


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [{**SOUND, "id": f"P{n}", "phone": str(1000 + n), **changes} for n in range(count)]


def test_long_lists_are_cut_and_counted() -> None:
    findings = people_of(*rows(60, kind="cat"))
    lines = list(preview_lines(preview(findings, None), "en"))
    assert "60 to mend" in lines
    assert sum("cat is unknown" in line for line in lines) == MOST_LISTED
    assert lines[-1] == f"  and {60 - MOST_LISTED} more"


def test_counts_and_changes_are_told() -> None:
    old = people_of(*rows(3), {**SOUND, "id": "Q1", "phone": "", "unit": "302"}).people
    new = people_of(*rows(2, marks="medical"), *rows(1, id="N1", phone="", colour="red"))
    assert list(preview_lines(preview(new, old), "en")) == [
        "compound 1: 1 households, 3 people",
        "households: Red 1",
        "people by colour: Red 3",
        "people by kind: Resident 3",
        "people: 1 added, 2 changed, 2 removed",
        "  + N1 张小三",
        "  ~ P0 张小三: marks",
        "  ~ P1 张小三: marks",
        "  - P2 张小三",
        "  - Q1 张小三",
        "households: 0 added, 1 changed, 1 removed",
        "  ~ 7-301: colour",
        "  - 7-302",
    ]


def test_json_counts_all_problems_and_lists_the_first() -> None:
    told = as_json(preview(people_of(*rows(MOST_PROBLEMS + 5, kind="cat")), None))
    assert (told["problem_count"], len(told["problems"])) == (MOST_PROBLEMS + 5, MOST_PROBLEMS)
    assert told["problems"][0] == {
        "line": 2,
        "column": "kind",
        "code": "UNKNOWN_WORD",
        "what": "cat is unknown",
        "mend": "write one of resident 居民, duty 值守, worker 工作人员, visitor 访客, vehicle 车辆",
    }
    assert json.loads(json.dumps(told)) is not None


def test_a_terminal_obeys_nothing_that_a_file_says() -> None:
    findings = people_of({**SOUND, "kind": "\u2028cat"}, {**SOUND, "id": "\x9b2J"})
    lines = [*preview_lines(preview(findings, None), "en"), ending_line(None, "en")]
    assert all(line.isprintable() for line in lines)


def test_nothing_of_an_empty_preview_is_missing() -> None:
    people = People(compound=people_of(SOUND).people.compound, households=(), residents=())
    view = preview(people_of(SOUND), people)
    assert "people: 1 added, 0 changed, 0 removed" in list(preview_lines(view, "en"))
