"""The shipped presets are read as policies; a name that is none is told with those that are."""

import pytest

from checkpoint.policy import Direction
from config.load import ConfigError
from config.policies import load_policy, preset_names


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_measures_both_ways(name: str) -> None:
    policy = load_policy(name)
    assert policy.name == name
    assert policy.measured == frozenset(Direction)
    assert policy.timezone == "Asia/Shanghai"


def test_the_ordinary_preset_has_the_figures_of_the_rules() -> None:
    policy = load_policy("ordinary")
    assert policy.temperature.fever_centicelsius == 3730
    assert policy.temperature.lowest_centicelsius == 3400
    assert policy.temperature.highest_centicelsius == 4250
    assert policy.validity_grace_s == 120
    assert policy.roster_stale_after_s == 48 * 3600
    assert (policy.untrusted_clock_holds, policy.stale_roster_holds) == (False, False)
    assert policy.admit_without_journal == 200


@pytest.mark.parametrize("name", ["", "ordinry", "../policies/ordinary", "ordinary.toml"])
def test_a_name_that_is_no_preset_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(ConfigError, match="ordinary"):
        load_policy(name)
