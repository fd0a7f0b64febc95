"""The shipped presets and files of one's own are read as policies; every mistake is told with its key and a mend."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from checkpoint.hours import Weekly
from checkpoint.policy import Curfew, Direction, OutingQuota, Policy
from config.policies import load_policy, preset_names
from config.settings.error import ConfigError
from config.settings.load import load_gate
from config.settings.policy import PolicyFile
from tests.config.test_load_config import GATE

IN, OUT = Direction
ORDINARY = Path(__file__).parents[2] / "config" / "policies" / "ordinary.toml"

PRESETS: dict[str, tuple[Curfew | None, OutingQuota | None]] = {
    "ordinary": (None, None),
    "one-outing-a-day": (None, OutingQuota(every_days=1, max_minutes_out=120)),
    "every-two-days-3h": (None, OutingQuota(every_days=2, max_minutes_out=180)),
    "every-two-days-1h": (None, OutingQuota(every_days=2, max_minutes_out=60)),
    "sealed": (Curfew(directions=frozenset({OUT})), None),
}


def write(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_differs_from_the_rules_figures_only_in_curfew_and_quota(name: str) -> None:
    curfew, outings = PRESETS[name]
    medical = frozenset({"medical"})
    assert load_policy(name) == Policy(
        name=name, exempt_marks=medical, curfew=curfew, outings=outings
    )


def test_these_are_the_presets() -> None:
    assert preset_names() == sorted(PRESETS)


def test_a_policy_without_further_words_has_the_rules_figures() -> None:
    policy = Policy(name="")
    assert policy.timezone == "Asia/Shanghai"
    assert policy.measured == frozenset(Direction)
    assert policy.temperature.fever_centicelsius == 3730
    assert policy.temperature.lowest_centicelsius == 3400
    assert policy.temperature.highest_centicelsius == 4250
    assert policy.validity_grace_s == 120
    assert (policy.untrusted_clock_holds, policy.stale_roster_holds) == (False, False)
    assert policy.admit_without_journal == 200
    assert (policy.passback_minutes, policy.first_entry_days) == (5, 14)


def test_a_file_may_say_everything(tmp_path: Path) -> None:
    everything = re.sub(
        r"^#(?=[\w\[])", "", ORDINARY.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    said = tomllib.loads(everything)
    assert said.keys() == PolicyFile.model_fields.keys()
    policy = load_policy(write(tmp_path, everything))
    assert policy.name == "ours"
    daily = frozenset(range(7))
    assert policy.curfew == Curfew(
        directions=frozenset({OUT}),
        hours=(Weekly(days=daily, start_minute=22 * 60, end_minute=5 * 60),),
    )
    assert policy.outings == OutingQuota(
        every_days=1,
        max_minutes_out=120,
        allowed_hours=(Weekly(days=daily, start_minute=6 * 60, end_minute=20 * 60),),
    )


def test_a_file_may_leave_out_all_but_the_zone(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, 'timezone = "Europe/Berlin"'))
    assert policy == Policy(name="ours", timezone="Europe/Berlin")


def test_what_a_file_says_arrives_in_the_policys_units(tmp_path: Path) -> None:
    text = """
timezone = "Asia/Shanghai"
revision = 1893456000000000
measured = []
fever_celsius = 37.5
roster_stale_after_hours = 1
untrusted_clock = "hold"
stale_roster = "hold"
shift_grace_minutes = 0
watched_plates = ["鄂"]
"""
    policy = load_policy(write(tmp_path, text))
    assert policy == msgspec.structs.replace(
        Policy(name="ours"),
        revision=1893456000000000,
        measured=frozenset(),
        temperature=msgspec.structs.replace(Policy(name="").temperature, fever_centicelsius=3750),
        roster_stale_after_s=3600,
        untrusted_clock_holds=True,
        stale_roster_holds=True,
        shift_grace_minutes=0,
        watched_plates=("鄂",),
    )


def test_every_mistake_is_told_at_once_with_its_key_and_a_mend(tmp_path: Path) -> None:
    text = """
timezone = "Shanghai"
mesured = ["in"]
fever_celsius = 50
passback_minutes = 2.5
exempt_marks = [""]
[curfew]
directions = ["outwards"]
hours = "Mun 22:00-05:00"
[outings]
every_days = 0
allowed_hours = "2030-01-01 07:00-09:00"
"""
    with pytest.raises(ConfigError) as caught:
        load_policy(write(tmp_path, text))
    told = {line.split(":")[0]: line for line in caught.value.problems}
    assert {key: part in told.get(key, "") for key, part in MENDS.items()} == dict.fromkeys(
        MENDS, True
    )
    assert told.keys() == MENDS.keys()


MENDS = {
    "timezone": "write such as Asia/Shanghai",
    "mesured": "did you mean measured?",
    "fever_celsius": "less than or equal to 40",
    "passback_minutes": "integer",
    "exempt_marks.0": "at least 1 character",
    "curfew.directions.0": "'in' or 'out'",
    "curfew.hours": "'Mun' is no day; write Mon to Sun",
    "outings.every_days": "greater than or equal to 1",
    "outings.max_minutes_out": "is missing; add it",
    "outings.allowed_hours": "dates are for shifts; write days of the week",
}


@pytest.mark.parametrize("hours", ['""', '" ; "', "7"])
def test_a_curfew_whose_hours_say_nothing_is_not_taken_for_one_at_all_hours(
    tmp_path: Path, hours: str
) -> None:
    text = f'timezone = "Asia/Shanghai"\n[curfew]\ndirections = ["out"]\nhours = {hours}'
    with pytest.raises(ConfigError, match=r"curfew.hours: write days and hours.*or leave it out"):
        load_policy(write(tmp_path, text))


@pytest.mark.parametrize("name", ["", "ordinry", "../policies/ordinary", "ordinary.toml"])
def test_a_name_that_is_no_preset_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(ConfigError, match="ordinary, sealed, or a file"):
        load_policy(name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_policy(tmp_path / "none.toml")


def test_a_gate_may_name_a_file_beside_its_own(tmp_path: Path) -> None:
    write(tmp_path, 'timezone = "Europe/Berlin"')
    config = tmp_path / "gate.toml"
    config.write_text(GATE.replace("compound", 'policy = "./ours.toml"\ncompound', 1))
    assert load_policy(load_gate(config).gate.policy).timezone == "Europe/Berlin"
    config.write_text(GATE.replace("compound", 'policy = "sealed"\ncompound', 1))
    assert load_policy(load_gate(config).gate.policy).name == "sealed"
