"""What tests of several rooms share."""

import signal
from collections.abc import Iterator

import hypothesis
import pytest

from tests.broker import Broker

# A slow machine is no failure: nothing here asserts by a timer.
hypothesis.settings.register_profile("gatepost", deadline=None)
hypothesis.settings.load_profile("gatepost")

# What a shell runs in its background ignores Ctrl+C and hands that on; several tests end a command by it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A running mosquitto on a free loopback port."""
    broker = Broker()
    broker.start()
    yield broker
    broker.close()
