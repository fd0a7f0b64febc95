"""Some days of a compound under each preset, told as one table.

The same people want the same things; a column says what the gates answer under that preset. "-": they do not come,
because under this preset they are not where the row needs them. What follows a "+" is a flag to the centre. Whoever
is admitted goes through, and later rows know of it.

Wang and Li live in 7-301. In 7-302 live Nurse (medical), Guard (nights, 20:00 to 08:00), Student (may pass on
weekdays from 8 to 17) and Newcomer. Abroad isolates, Contact's home is red. Cleaner works here from outside, weekdays
8 to 17. Guest's pass was for the weekend.
"""

from pathlib import Path

import pytest

from tests.journeys.compound import Answer, explain, passage

STORY = """
when         who      way  °C   | ordinary       | once a day     | two days, 3 h  | two days, 1 h  | sealed
Mon 06:30    wang     out  36.5 | OK             | OK             | OK             | OK             | OUTSIDE_HOURS
Mon 06:40    li       out  36.4 | OK             | HOUSEMATE_OUT  | HOUSEMATE_OUT  | HOUSEMATE_OUT  | OUTSIDE_HOURS
Mon 07:20    wang     in   36.6 | OK             | OK             | OK             | OK             | -
Mon 07:21    li       in   36.6 | OK             | -              | -              | -              | -
Mon 07:30    li       out  36.4 | OK             | OUTING_USED    | OUTING_USED    | OUTING_USED    | OUTSIDE_HOURS
Mon 07:45    cleaner  in   36.2 | OK +FIRST      | OK +FIRST      | OK +FIRST      | OK +FIRST      | OK +FIRST
Mon 08:15    guard    in   36.3 | OK             | OK             | OK             | OK             | OK
Mon 08:20    nurse    out  36.7 | OK             | OK             | OK             | OK             | OK
Mon 09:00    student  out  36.7 | OK             | OK             | OK             | OK             | OUTSIDE_HOURS
Mon 09:05    newcomer out  36.7 | OK             | HOUSEMATE_OUT  | HOUSEMATE_OUT  | HOUSEMATE_OUT  | OUTSIDE_HOURS
Mon 09:20    newcomer in   36.7 | OK             | -              | -              | -              | -
Mon 10:30    student  in   36.8 | OK             | OK             | OK             | OK +LATE       | -
Mon 11:00    abroad   out  36.8 | ISOLATING +B   | ISOLATING +B   | ISOLATING +B   | ISOLATING +B   | ISOLATING +B
Mon 11:10    abroad   in   38.1 | FEVER +B +F    | FEVER +B +F    | FEVER +B +F    | FEVER +B +F    | FEVER +B +F
Mon 12:00    guest    in   36.5 | EXPIRED +EXP+S | EXPIRED +EXP+S | EXPIRED +EXP+S | EXPIRED +EXP+S | EXPIRED +EXP+S
Mon 12:10    guest    out  36.5 | OK +EXP        | OK +EXP        | OK +EXP        | OK +EXP        | OK +EXP
Mon 13:00    contact  in   36.5 | UNDER_WATCH +B | UNDER_WATCH +B | UNDER_WATCH +B | UNDER_WATCH +B | UNDER_WATCH +B
Mon 14:00    guard    out  36.3 | OK             | OUTING_USED    | OUTING_USED    | OUTING_USED    | OUTSIDE_HOURS
Mon 14:30    guard    in   36.3 | OK             | -              | -              | -              | -
Mon 17:40    cleaner  out  36.3 | OK             | OK             | OK             | OK             | OK
Mon 18:00    student  out  36.7 | OUTSIDE_HOURS  | OUTSIDE_HOURS  | OUTSIDE_HOURS  | OUTSIDE_HOURS  | OUTSIDE_HOURS
Mon 19:29    guard    out  36.3 | OK             | OUTING_USED    | OUTING_USED    | OUTING_USED    | OUTSIDE_HOURS
Mon 19:30    guard    out  36.3 | ALREADY_OUT +S | OK             | OK             | OK             | OK
Mon 21:00    cleaner  in   36.3 | OUTSIDE_SHIFT  | OUTSIDE_SHIFT  | OUTSIDE_SHIFT  | OUTSIDE_SHIFT  | OUTSIDE_SHIFT
Tue 08:10    guard    in   36.3 | OK             | OK             | OK             | OK             | OK
Tue 08:11    nurse    in   36.3 | OK             | OK             | OK             | OK             | OK
Tue 09:00    wang     out  36.5 | OK             | OK             | OUTING_USED    | OUTING_USED    | OUTSIDE_HOURS
Tue 11:30    wang     in   37.2 | OK             | OK +LATE       | -              | -              | -
Tue 11:33    wang     in   36.5 | ALREADY_IN +S  | ALREADY_IN +S  | -              | -              | -
Wed 09:00    li       out  36.5 | OK             | OK             | OK             | OK             | OUTSIDE_HOURS
Wed 11:30    li       in   36.5 | OK             | OK +LATE       | OK             | OK +LATE       | -
Wed 23:50    newcomer out  36.5 | OK             | OK             | OK             | OK             | OUTSIDE_HOURS
Thu 00:40    newcomer in   36.5 | OK             | OK             | OK             | OK             | -
Thu 00:50    newcomer out  36.5 | OK             | OK             | OUTING_USED    | OUTING_USED    | OUTSIDE_HOURS
Thu 00:55    newcomer in   37.3 | FEVER +F       | FEVER +F       | -              | -              | -
"""
PRESETS = ["ordinary", "one-outing-a-day", "every-two-days-3h", "every-two-days-1h", "sealed"]
DAYS = {"Sun": "17", "Mon": "18", "Tue": "19", "Wed": "20", "Thu": "21"}
FLAGS = {
    "+B": "BREACH",
    "+F": "FEVER",
    "+S": "PASS_SHARED",
    "+EXP": "EXPIRED",
    "+LATE": "LATE_RETURN",
    "+FIRST": "FIRST_ENTRY",
}
REASONS = {"ALREADY_OUT": "ALREADY_OUTSIDE", "ALREADY_IN": "ALREADY_INSIDE"}
BEFORE = [
    ("wang", "in", "Sun 18:00"),
    ("guard", "out", "Sun 19:40"),
    ("newcomer", "in", "Sun 12:00"),
    ("guest", "in", "Sun 12:00"),
]


def at(when: str) -> str:
    day, hour = when.split()
    return f"2030-03-{DAYS[day]}T{hour}"


def expected(cell: str) -> Answer:
    reason, *flags = cell.replace("+", " +").split()
    outcome = {"OK": "admit", "ISOLATING": "refuse"}.get(reason, "hold")
    return Answer(outcome, REASONS.get(reason, reason), tuple(sorted(FLAGS[f] for f in flags)))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_days_of_a_compound(tmp_path: Path, preset: str) -> None:
    earlier = [passage(who, way, at(when)) for who, way, when in BEFORE]
    told: dict[str, Answer] = {}
    answered: dict[str, Answer] = {}
    for line in STORY.strip().splitlines()[1:]:
        scene, *cells = (part.strip() for part in line.split("|"))
        day, hour, who, way, celsius = scene.split()
        cell = cells[PRESETS.index(preset)]
        if cell == "-":
            continue
        when = at(f"{day} {hour}")
        asked = ["--person", who, "--direction", way, "--at", when, "--celsius", celsius]
        answer = explain(tmp_path, "--policy", preset, *asked, earlier=earlier)
        told[scene], answered[scene] = expected(cell), answer
        if answer.outcome == "admit":
            earlier.append(passage(who, way, when, gate="west" if way == "in" else "east"))
    assert answered == told
