"""What tests of several rooms share."""

from collections.abc import Iterator

import hypothesis
import pytest

from tests.broker import Broker

# A slow machine is no failure: nothing here asserts by a timer.
hypothesis.settings.register_profile("gatepost", deadline=None)
hypothesis.settings.load_profile("gatepost")


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A running mosquitto on a free loopback port."""
    broker = Broker()
    broker.start()
    yield broker
    broker.close()
