"""What tests of several rooms share."""

from collections.abc import Iterator
from typing import Final

import hypothesis
import pytest

from tests.broker import Broker

# A slow machine is no failure: nothing here asserts by a timer.
hypothesis.settings.register_profile("gatepost", deadline=None)
hypothesis.settings.load_profile("gatepost")

LONGEST: Final = (
    "tests/gatepost/demo/test_demo.py",
    "tests/browser/test_gate_browser.py",
    "tests/journeys/test_neighbours.py",
    "tests/gatepost/test_centre_commands.py",
    "tests/checkpoint/gate/test_gate_walk.py",
    "tests/gatepost/roster/test_files.py",
    "tests/gatepost/roster/test_apply.py",
    "tests/faults/test_sync_troubles.py",
    "tests/collector/processes/test_collector_processes.py",
    "tests/gatepost/doctor/test_doctor.py",
    "tests/faults/test_restored_collector.py",
    "tests/faults/test_bad_link.py",
    "tests/browser/test_screen_command.py",
    "tests/gatepost/test_thermometer_command.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker is still at one when the others have nothing left."""
    place = {file: number for number, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A running mosquitto on a free loopback port."""
    broker = Broker()
    broker.start()
    yield broker
    broker.close()
