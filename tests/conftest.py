"""What tests of several rooms share."""

from collections.abc import Iterator

import pytest

from tests.broker import Broker


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A running mosquitto on a free loopback port."""
    broker = Broker()
    broker.start()
    yield broker
    broker.close()
