"""A few of the many faults that tests/faults/many_faults.py brings about: nothing is lost, doubled or invented."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.many_faults import Troubled, differences
from tests.patience import PATIENCE_S

FAULTS = 20


pytestmark = pytest.mark.timeout(300)
"""Processes that start and links that are slow, on a machine that may be busy."""


@pytest.fixture
def troubled(tmp_path: Path) -> Iterator[Troubled]:
    troubled = Troubled(tmp_path, random.randrange(10**6))
    yield troubled
    troubled.close()


def test_faults_42_43_45_46_whatever_breaks_the_collectors_set_is_the_journals(
    troubled: Troubled,
) -> None:
    for _ in range(FAULTS):
        troubled.trouble()
    # The faults may have taught sync to wait for a minute for an acknowledgement.
    troubled.chain.wait(troubled.is_drained, 2 * PATIENCE_S)
    assert differences(troubled) == [], f"seed {troubled.seed}"
