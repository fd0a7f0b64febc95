"""docs/policies.md says of the presets what they are, and its example is one."""

import re
from pathlib import Path

import pytest

from config.policies import load_policy, preset_names

TEXT = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \|$", TEXT, re.MULTILINE))


@pytest.mark.parametrize("name", preset_names())
def test_a_presets_row_tells_how_long_people_may_be_out(name: str) -> None:
    outings = load_policy(name).outings
    minutes = re.match(r"\d+", ROWS[name])
    assert (minutes and int(minutes[0])) == (outings and outings.max_minutes_out)


def test_the_example_is_a_policy(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert example is not None
    path = tmp_path / "ours.toml"
    path.write_text(example[1], encoding="utf-8")
    policy = load_policy(path)
    assert policy.curfew is not None
    assert policy.outings is not None
    assert policy.outings.allowed_hours
