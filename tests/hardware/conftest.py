"""The hardware bench: tests marked ``hardware`` need a virtual machine and run by ``./run test-hardware`` only.

Elsewhere they are skipped with that reason. Where the bench was asked for and something is missing, each is skipped
with the name of what is missing, and the run does not end with 0.
"""

import os
from collections.abc import Iterator

import pytest

from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import GateOnBench
from tests.hardware.machine.kernel import missing_tools
from tests.hardware.stand import Stand

WANTED = "GATEPOST_TEST_HARDWARE"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    bench = [item for item in items if item.get_closest_marker("hardware")]
    if not bench:
        return
    why = "" if os.environ.get(WANTED) else "needs a virtual machine: ./run test-hardware"
    if not why and (missing := missing_tools()):
        why = "; ".join(missing)
        config.stash[_MISSING] = why
    for item in bench:
        item.add_marker(pytest.mark.timeout(1200))
        if why:
            item.add_marker(pytest.mark.skip(reason=why))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _MISSING in session.config.stash:
        print(f"\nthe hardware bench has not run: {session.config.stash[_MISSING]}")
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


_MISSING = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The place for one machine at a time."""
    stand = Stand(tmp_path_factory.mktemp("bench"))
    yield stand
    stand.close()


@pytest.fixture
def gate(stand: Stand) -> GateOnBench:
    """A gate at work on whole devices, the same for one test after the other."""
    return stand.gate_at_work()


@pytest.fixture
def centre(stand: Stand) -> Centre:
    """Keys, broker and collector, outside the machine."""
    return stand.centre
