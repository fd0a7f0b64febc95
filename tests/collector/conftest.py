"""Fixtures of the collector's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.collector.centre import Centre
from tests.collector.gate_end import GateEnd
from tests.collector.site import Site


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A new collector database."""
    centre = Centre(tmp_path)
    yield centre
    centre.close()


@pytest.fixture
def site(tmp_path: Path, broker: Broker) -> Iterator[Site]:
    """A collector's config; nothing runs yet."""
    site = Site(tmp_path, broker)
    yield site
    site.close()


@pytest.fixture
def gate(site: Site) -> Iterator[GateEnd]:
    """A gate that is connected to the same broker."""
    gate = GateEnd(site.broker.port, site.key)
    yield gate
    gate.close()
